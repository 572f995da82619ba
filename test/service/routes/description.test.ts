/** What the service says of itself: the document is served, has all of its addresses and no others, and so has the page. */
import { describe, expect, test } from "vitest";
import { createApp } from "../../../dist/service/app.js";
import { withoutTokens } from "../../../dist/service/auth/access.js";
import { docsPage } from "../../../dist/service/docs/page.js";
import { PROBLEMS } from "../../../dist/service/http/problem.js";
import { openapiDocument } from "../../../dist/service/openapi/document.js";
import type { Store } from "../../../dist/store/store.js";
import { conformance } from "../conforms.js";
import { send, withService } from "../support.js";

const document = openapiDocument("1.2.3");

/** `GET /v1/batches/{id}`, … of what the framework draws as a tree. */
function routesOf(tree: string): string[] {
  const path: string[] = [];
  return tree
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", part = "", methods = ""] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
      path.splice(indent.length / 4, path.length, part);
      const names = methods.split(", ").filter((method) => method !== "" && method !== "HEAD");
      return names.map((method) => `${method} ${path.join("").replace(/:(\w+)/g, "{$1}")}`);
    });
}

test("the document has every address and method of the application, and the application those of the document", async () => {
  const store = {} as Store;
  const app = createApp({ store, access: withoutTokens, log: () => {}, threads: 1 });
  const routes = routesOf(app.printRoutes({ commonPrefix: false }));
  await app.close();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.length).toBeGreaterThan(10);
  expect(described.sort()).toEqual(routes.sort());
});

test("it is served, and its page at /docs", () =>
  withService({}, async (service) => {
    const served = await send(service, "GET", "/openapi.json");
    const { version } = served.json.info;
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(served.json).toEqual(JSON.parse(JSON.stringify(openapiDocument(version))));
    const { status, headers, text } = await send(service, "GET", "/docs");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    expect(text).toBe(docsPage(openapiDocument(version)).html);
  }));

describe("the page", () => {
  const { html, policy } = docsPage(document);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);

  test("asks for nothing from anywhere, and runs nothing", () => {
    expect(html).not.toMatch(/<(script|link|img|iframe|object|form)\b| style=| on\w+=|@import|url\(/i);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html.match(/<style>/g)).toHaveLength(1);
  });

  test("has a place for each code of a problem, each call and each form, and no link leads nowhere", () => {
    expect(new Set(ids).size).toBe(ids.length);
    const calls = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const forms = Object.keys(document.components.schemas).map((name) => `schema-${name}`);
    expect(ids).toEqual(expect.arrayContaining([...Object.keys(PROBLEMS), ...calls, ...forms]));
    const targets = [...html.matchAll(/ href="([^"]+)"/g)].map(([, target]) => target!);
    for (const target of targets) expect(["/openapi.json", ...ids.map((id) => `#${id}`)]).toContain(target);
  });

  test("tells what each type of body is", () => {
    const article = html.slice(html.indexOf('id="ingest"'), html.indexOf("</article>", html.indexOf('id="ingest"')));
    for (const [type, form] of [
      ["application/json", "Dataset"],
      ["application/x-ndjson", "Lines"],
      ["text/csv", "Table"],
    ])
      expect(article).toContain(`<li>${type}: <a href="#schema-${form}">${form}</a></li>`);
  });

  test("is well-formed, and shows what looks like markup as text", () => {
    const open: string[] = [];
    for (const [, end, name] of html.matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
      if (name === "meta") continue;
      if (end) expect(open.pop(), `what </${name}> closes`).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
    const title = "<b>&\"'</b>";
    const odd = docsPage({ ...document, info: { ...document.info, title } }).html;
    expect(odd).toContain("<title>&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;</title>");
  });
});

describe("the check of answers against the document", () => {
  const conforms = conformance(document);
  const seen = {
    method: "GET",
    path: "/healthz",
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", "x-request-id": "1" },
    body: '{"status":"ok"}',
  };

  test("lets pass what is described", () => {
    expect(() => conforms(seen)).not.toThrow();
    expect(() => conforms({ ...seen, method: "HEAD", body: "" })).not.toThrow();
  });

  test.each([
    ["a status", { status: 202 }, "the status is not described"],
    ["a body", { body: '{"status":"well"}' }, "/status must be equal to one of the allowed values"],
    ["a member", { body: '{"status":"ok","at":1}' }, "must NOT have additional properties"],
    [
      "a type",
      { headers: { ...seen.headers, "content-type": "text/plain" } },
      'the type "text/plain" is not described',
    ],
    ["a header", { headers: { ...seen.headers, "x-powered-by": "x" } }, "the header x-powered-by is not described"],
    [
      "a header that is missing",
      { headers: { "content-type": "application/json" } },
      "the header X-Request-Id is missing",
    ],
    ["a call", { path: "/v1/secret" }, "the call is not described"],
    ["a method", { method: "PUT" }, "the call is not described"],
    [
      "the code of a problem of another call",
      {
        status: 400,
        headers: { ...seen.headers, "content-type": "application/problem+json" },
        body: JSON.stringify({
          type: "/docs#bad_records",
          title: "x",
          status: 400,
          detail: "x",
          code: "bad_records",
          request_id: "1",
        }),
      },
      "/code must be equal to one of the allowed values",
    ],
  ])("does not let pass %s that is not", (_, other, fault) => {
    expect(() => conforms({ ...seen, ...other })).toThrow(fault);
  });
});
