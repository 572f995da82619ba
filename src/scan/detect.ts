/** Detects a dataset's format from its first bytes. */

import type { Context, Format } from "./context.js";
import { CsvFormat } from "./csv.js";
import { readHeader, SEPARATORS } from "./csv-header.js";
import { explain } from "./explain.js";
import { otherKind } from "./explain-file.js";
import { JsonFormat } from "./json.js";
import type { Layouts } from "./layouts.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";

const RETURN = 13;
/** A byte-order mark of UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface Detected {
  /** `undefined` if more bytes are needed, or none are left. */
  format: Format | undefined;
  /** Where the format's data begins, or where to look again with more bytes. */
  start: number;
}

/**
 * @param start address of the input's first byte, or of a later one with only blanks before it
 * @throws ScanFailure if the dataset is neither JSON nor CSV with a header row
 */
export function detect(context: Context, layouts: Layouts, start: number, end: number, final: boolean): Detected {
  const { bytes } = context.kernel;
  if (end - start < 4 && !final) return { format: undefined, start };
  if (context.offsetOf(start) === 0) {
    const other = otherEncoding(bytes.subarray(start, Math.min(end, start + 4)));
    if (other !== undefined) throw context.fail(start, "utf16", explain.encoding(other));
    // Stored in an archive as it is, a table would still be found.
    if (bytes[start] === 0x50 && bytes[start + 1] === 0x4b && bytes[start + 2] === 3 && bytes[start + 3] === 4)
      throw context.fail(
        start,
        "no_header",
        `this is neither JSON nor CSV: ${otherKind(bytes.slice(start, start + 4))}`,
      );
    if (BYTE_ORDER_MARK.every((byte, i) => start + i < end && bytes[start + i] === byte)) start += 3;
  }
  const first = skipBlanks(bytes, start, end);
  if (first === end) return { format: undefined, start: end };
  const c = bytes[first];
  if (c === 123 || c === 91) return { format: new JsonFormat(context, layouts), start: first };

  const more = { format: undefined, start: first };
  const to = headerEnd(bytes, first, end, final);
  if (to === end && !final && end - first <= MAX_RECORD) return more;
  if (to - first > MAX_RECORD)
    throw context.fail(first, "no_header", explain.longHeader(bytes.slice(first, first + 256)));
  const stop = to > first && bytes[to - 1] === RETURN ? to - 1 : to;
  const found = readHeader(context, first, stop);
  if ("header" in found) return { format: new CsvFormat(context, layouts, found.header), start: Math.min(to + 1, end) };
  if (found.code === "no_header") {
    // Any other line followed by records: JSON whose first record is bad.
    const next = skipBlanks(bytes, to, end);
    if (next === end && !final && end - first <= MAX_RECORD) return more;
    if (next < end && bytes[next] === 123) return { format: new JsonFormat(context, layouts), start: first };
  }
  throw context.fail(first, found.code, found.error);
}

const QUOTE = 34;
const NEWLINE = 10;

/** Bytes. Quoted cells in a header may hold line ends, but a longer header is unlikely. */
const LONGEST_HEADER = 1024 * 1024;

/** The end of the header that begins at `first`: of its first line, or of a later one if a quoted cell spans lines. */
function headerEnd(bytes: Uint8Array, first: number, end: number, final: boolean): number {
  let open = false;
  for (let p = first; p < Math.min(end, first + LONGEST_HEADER); p++) {
    const c = bytes[p];
    if (c === QUOTE && open && bytes[p + 1] === QUOTE) p++;
    else if (c === QUOTE && open) open = false;
    // In a cell that does not begin with a quote, a quote is an ordinary character.
    else if (c === QUOTE) open = p === first || SEPARATORS.includes(bytes[p - 1]);
    else if (c === NEWLINE && !open) return p;
  }
  // If a quote is never closed, the header is still one line.
  return end - first >= LONGEST_HEADER || (open && final) ? lineEnd(bytes, first, end) : end;
}

/** The name of the encoding if it is not UTF-8, judging by a byte-order mark, or by zeros in the first characters. */
function otherEncoding(head: Uint8Array): string | undefined {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "UTF-32" : "UTF-16";
  if (a === 0xfe && b === 0xff) return "UTF-16";
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "UTF-32";
  if (a !== 0 && b === 0 && c !== 0 && c !== undefined && d === 0) return "UTF-16";
  if (a === 0 && b !== 0 && b !== undefined && c === 0 && d !== 0 && d !== undefined) return "UTF-16";
  return undefined;
}

function skipBlanks(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 10 || bytes[p] === 13)) p++;
  return p;
}
