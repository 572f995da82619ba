/** What a dataset is written in, told from its first bytes. */
import type { Context, Format } from "./context.js";
import { CsvFormat, readHeader } from "./csv.js";
import { JsonFormat } from "./json.js";
import type { Layouts } from "./layouts.js";
import { MAX_RECORD } from "./plan.js";

const NEWLINE = 10;
/** A byte-order mark of UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

export interface Detected {
  /** `undefined` for a dataset without anything in it. */
  format: Format | undefined;
  /** Where the format's part begins. */
  start: number;
}

/** @returns `undefined` where more bytes are needed to tell */
export function detect(
  context: Context,
  layouts: Layouts,
  start: number,
  end: number,
  final: boolean,
): Detected | undefined {
  const { bytes } = context.kernel;
  if (end - start < 3 && !final) return undefined;
  let p = start;
  if (MARK.every((byte, i) => p + i < end && bytes[p + i] === byte)) p += 3;
  if ((bytes[p] === 0xff && bytes[p + 1] === 0xfe) || (bytes[p] === 0xfe && bytes[p + 1] === 0xff))
    throw context.fail(p, "utf16", "the text is UTF-16; convert it to UTF-8");
  const first = skipBlanks(bytes, p, end);
  if (first === end) return final ? { format: undefined, start: end } : undefined;
  const c = bytes[first];
  if (c === 123 || c === 91) return { format: new JsonFormat(context, layouts), start: first };

  let lineEnd = bytes.indexOf(NEWLINE, first);
  if (lineEnd < 0 || lineEnd >= end) {
    if (!final && end - first <= MAX_RECORD) return undefined;
    lineEnd = end;
  }
  const stop = lineEnd > first && bytes[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
  const found = readHeader(context, first, stop);
  if ("header" in found)
    return { format: new CsvFormat(context, layouts, found.header), start: Math.min(lineEnd + 1, end) };
  if (found.code === "no_header" && !final && end - first <= MAX_RECORD && skipBlanks(bytes, lineEnd, end) === end)
    return undefined;
  // Records after a line of something else: JSON whose first record is bad.
  if (found.code === "no_header" && linesOfJson(bytes, lineEnd, end))
    return { format: new JsonFormat(context, layouts), start: first };
  throw context.fail(first, found.code, found.error);
}

/** Whether the next line that is not empty begins as a record does. */
function linesOfJson(bytes: Uint8Array, p: number, end: number): boolean {
  p = skipBlanks(bytes, p, end);
  return p < end && bytes[p] === 123;
}

function skipBlanks(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 10 || bytes[p] === 13)) p++;
  return p;
}
