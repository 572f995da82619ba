/** Reports as a browser reads them: the page is cut into its parts, and its data are unpacked. */
import { inflateSync } from "node:zlib";
import { expect } from "vitest";
import { Local } from "../../src/dashboard/data/local.js";
import { extractOf } from "../../src/profile/extract.js";

/** What the elements of a report have in them, as the HTML standard finds their ends. */
export function partsOf(html: string) {
  const inside = (begin: RegExp, end: RegExp) => {
    const from = begin.exec(html);
    expect(from, String(begin)).not.toBeNull();
    const at = from!.index + from![0].length;
    const length = html.slice(at).search(end);
    return html.slice(at, at + length);
  };
  return {
    title: inside(/<title>/i, /<\/title[\s/>]/i),
    style: inside(/<style>/i, /<\/style[\s/>]/i),
    data: inside(/<script type="text\/plain" id="electro-data">/i, /<\/script[\s/>]/i),
    script: inside(/<script type="module">/i, /<\/script[\s/>]/i),
    policy: inside(/<meta http-equiv="Content-Security-Policy" content="/i, /"/),
  };
}

/** A report's answers. */
export function localOf(html: string): Local {
  const { extract, about } = extractOf(inflateSync(Buffer.from(partsOf(html).data, "base64")));
  return new Local(extract, about);
}
