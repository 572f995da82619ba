/** What a dataset is written in, told from its first bytes. */
import type { Context, Format } from "./context.js";
import { CsvFormat, readHeader } from "./csv.js";
import { explain } from "./explain.js";
import { JsonFormat } from "./json.js";
import type { Layouts } from "./layouts.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";

const RETURN = 13;
/** A byte-order mark of UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

export interface Detected {
  /** `undefined` where more bytes are needed to tell, or none are left. */
  format: Format | undefined;
  /** Where the format's part begins, or what is to be looked at again with more bytes. */
  start: number;
}

/** @param start address of the input's first byte, or of a later one where only blanks are before it */
export function detect(context: Context, layouts: Layouts, start: number, end: number, final: boolean): Detected {
  const { bytes } = context.kernel;
  if (end - start < 4 && !final) return { format: undefined, start };
  if (context.offsetOf(start) === 0) {
    const other = otherEncoding(bytes.subarray(start, Math.min(end, start + 4)));
    if (other !== undefined) throw context.fail(start, "utf16", explain.encoding(other));
    if (MARK.every((byte, i) => start + i < end && bytes[start + i] === byte)) start += 3;
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
    // Records after a line of something else: JSON whose first record is bad.
    const next = skipBlanks(bytes, to, end);
    if (next === end && !final && end - first <= MAX_RECORD) return more;
    if (next < end && bytes[next] === 123) return { format: new JsonFormat(context, layouts), start: first };
  }
  throw context.fail(first, found.code, found.error);
}

const QUOTE = 34;
const NEWLINE = 10;
/** Comma, semicolon, tab. */
const SEPARATORS = [44, 59, 9];

/** A header's cells in quotes may hold line ends, but hardly goes on for longer. */
const LONGEST_HEADER = 1024 * 1024;

/** The end of the line at `first`, or of a later one where quotes that were opened before are closed; else of the first. */
function headerEnd(bytes: Uint8Array, first: number, end: number, final: boolean): number {
  let open = false;
  for (let p = first; p < Math.min(end, first + LONGEST_HEADER); p++) {
    const c = bytes[p];
    if (c === QUOTE && open && bytes[p + 1] === QUOTE) p++;
    else if (c === QUOTE && open) open = false;
    // In a cell that does not begin with one a quote is a quote.
    else if (c === QUOTE) open = p === first || SEPARATORS.includes(bytes[p - 1]);
    else if (c === NEWLINE && !open) return p;
  }
  // A quote that is never closed is no reason to take all that follows for the header.
  return end - first >= LONGEST_HEADER || (open && final) ? lineEnd(bytes, first, end) : end;
}

/** The encoding of a text that is not UTF-8 by its byte-order mark, or by the zeros in its first characters. */
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
