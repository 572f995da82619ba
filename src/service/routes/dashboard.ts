/** `GET /`: the dashboard, and its script and style. They hold no readings: what the page asks for needs a token, as anywhere. */
import { createHash } from "node:crypto";
import { readDashboard } from "../../output/dashboard.js";
import { matches } from "../http/etag.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";

/** Its own script, style and calls, pictures of its charts, and nothing else. */
const POLICY = [
  ...[
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
  ],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

export const dashboard: Resource = (app) => {
  const { html, script, style } = readDashboard();
  const files = [
    ["/", "text/html", html],
    ["/dashboard.js", "text/javascript", script],
    ["/dashboard.css", "text/css", style],
  ] as const;
  for (const [path, type, text] of files) {
    const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
    app.get(path, async (request, reply) => {
      readQuery(queryOf(request), {});
      // Another version of Electro has other files.
      reply.headers({ etag, "cache-control": "no-cache", "content-security-policy": POLICY });
      if (matches(request.headers["if-none-match"], etag)) return reply.code(304).send();
      return reply.type(`${type}; charset=utf-8`).send(text);
    });
  }
};
