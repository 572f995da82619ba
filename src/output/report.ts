/**
 * The report: the dashboard as one file of HTML that has its data in it. It loads nothing: its policy lets it run its own
 * script and style, known by their hashes, and nothing else. All texts of users are in the data, except for the title.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { constants, deflate } from "node:zlib";
import { option, say } from "../base/message.js";
import { readDashboard } from "./dashboard.js";
import { type NamedFile, openNamed } from "./named-file.js";

/** How each report begins: one may replace another. */
const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta name="generator" content="Electro report">
`;

/**
 * Opens a file for a report.
 * @param displayName its name in messages
 * @param force replace whatever file is there
 * @throws RunError if the disk fails, or the file is not a report
 */
export function openReport(path: string, displayName: string, force: boolean): NamedFile {
  return openNamed(path, displayName, {
    accepts: (head) => force || head.startsWith(HEAD),
    refusal: say`cannot write ${displayName}: the file exists and is not a report of Electro; name another file, move it away, or have it replaced with ${option("force", true)}`,
  });
}

/** The page. @param data from `extractBytes` */
export async function reportPage(title: string, data: Uint8Array): Promise<Buffer> {
  const dashboard = readDashboard();
  const script = inline(dashboard.script);
  const style = inline(dashboard.style);
  const packed = await promisify(deflate)(data, { level: constants.Z_BEST_COMPRESSION });
  const policy = [
    ...["default-src 'none'", `script-src '${hashOf(script)}'`, `style-src '${hashOf(style)}'`],
    ...["img-src data: blob:", "base-uri 'none'", "form-action 'none'"],
  ].join("; ");
  return Buffer.from(`${HEAD}<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This report draws its charts with JavaScript, which is switched off here.</noscript></div>
<script type="text/plain" id="electro-data">${packed.toString("base64")}</script>
<script type="module">${script}</script>
</body>
</html>
`);
}

/** What a script or a style cannot hold, since the browser would take it for the end, or the beginning of a comment. */
const NOT_INLINE = /<!--|<\/?(script|style)/i;

/** @throws Error if the dashboard was built so that it cannot be put into a page */
function inline(text: string): string {
  const found = NOT_INLINE.exec(text)?.[0];
  if (found !== undefined) throw new Error(`the dashboard has ${JSON.stringify(found)}, and cannot be put into a page`);
  return text;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}
