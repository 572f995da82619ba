/** Detects a dataset's format from its first bytes. */

import type { Context, Format } from "./context.js";
import { CsvFormat } from "./csv.js";
import { findHeader, isHeader } from "./csv-header.js";
import { headerEnd } from "./csv-rows.js";
import type { Delivered } from "./deliveries.js";
import { explain } from "./explain.js";
import { otherKind } from "./explain-file.js";
import { JsonFormat } from "./json.js";
import type { Layouts } from "./layouts.js";
import { isNem } from "./nem/stream-row.js";
import { MAX_RECORD } from "./plan.js";

/** A byte-order mark of UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Bytes of the first line that tell such a format. */
const HEAD_BYTES = 256;

export interface Detected {
  /** `undefined` if more bytes are needed, or none are left. */
  format: Format | undefined;
  /** Where the format's data begins, or where to look again with more bytes. */
  start: number;
  /** Instead of a format: the input is to be read again, after all others. */
  delivered?: Delivered;
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
    start = afterMark(bytes, start, end);
  }
  const first = skipBlanks(bytes, start, end);
  if (first === end) return { format: undefined, start: end };
  const c = bytes[first];
  if (c === 123 || c === 91) return { format: new JsonFormat(context, layouts), start: first };

  const delivered = context.plan.header ? deliveredAt(bytes, first, end) : undefined;
  if (delivered !== undefined) return { format: undefined, start: first, delivered };

  if (isTelegram(bytes, first, end)) throw context.fail(first, ...TELEGRAMS);

  // In a table, blanks may be cells, or separate them.
  const line = lineStart(bytes, start, first);
  const more = { format: undefined, start: line };
  const to = headerEnd(bytes, line, end, final);
  if (to === end && !final && end - line <= MAX_RECORD) return more;
  if (to - line > MAX_RECORD) throw context.fail(line, "no_header", explain.longHeader(bytes.slice(line, line + 256)));
  const next = Math.min(to + 1, end);
  if (!isHeader(context, line, next)) {
    // Any other line followed by records: JSON whose first record is bad.
    const second = skipBlanks(bytes, next, end);
    if (second === end && !final && end - line <= MAX_RECORD) return more;
    if (second < end && bytes[second] === 123) return { format: new JsonFormat(context, layouts), start: first };
  }
  const found = findHeader(context, line, next, end, final);
  if (found === undefined) return more;
  if ("header" in found) return { format: new CsvFormat(context, layouts, found.header), start: found.next };
  throw context.fail(found.at === line ? first : found.at, found.code, found.error);
}

const TELEGRAMS = [
  "only_registers",
  "these are DSMR telegrams of a meter, whose cumulative meter readings are not read yet",
] as const;

/** Whether a telegram of a Dutch or Belgian meter begins here: its name, and then registers by their OBIS codes. */
function isTelegram(bytes: Uint8Array, first: number, end: number): boolean {
  if (bytes[first] !== 47) return false;
  const head = Buffer.from(bytes.subarray(first, Math.min(end, first + HEAD_BYTES))).toString("latin1");
  return /^\/[a-z]{3}\d[^\r\n]*\s+\d-\d:\d+\.\d+\.\d+\(/i.test(head);
}

/** Whether it is XML that may be Green Button; the parser tells what else it is. */
function isGreenButton(head: string): boolean {
  if (/^<\?xml\s/i.test(head)) return true;
  if (/^<(!--|!doctype\s+(?!html\b)[\w.:-]+[\s>[])/i.test(head)) return true;
  return /^<([\w.-]+:)?(feed|entry|IntervalBlock|UsagePoint|MeterReading|ReadingType|content)[\s/>]/i.test(head);
}

/** Which of the formats that are delivered again begins here. */
function deliveredAt(bytes: Uint8Array, first: number, end: number): Delivered | undefined {
  const head = Buffer.from(bytes.subarray(first, Math.min(end, first + HEAD_BYTES))).toString("latin1");
  if (isGreenButton(head)) return "green_button";
  return isNem(head) ? "nem12" : undefined;
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

/** Where the line begins that `at` is in; `start` if that is later. */
function lineStart(bytes: Uint8Array, start: number, at: number): number {
  while (at > start && bytes[at - 1] !== 10) at--;
  return at;
}

/** The address after a byte-order mark of UTF-8, if there is one. */
export function afterMark(bytes: Uint8Array, start: number, end: number): number {
  return BYTE_ORDER_MARK.every((byte, i) => start + i < end && bytes[start + i] === byte) ? start + 3 : start;
}

function skipBlanks(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 10 || bytes[p] === 13)) p++;
  return p;
}
