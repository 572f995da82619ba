/** Guesses what a file is that is neither JSON nor CSV. */
import { isUtf8 } from "node:buffer";
import { readInstant } from "../time/read-instant.js";
import { cut } from "./excerpt.js";

/** The first bytes of other kinds of file, and what to do with them. */
const KINDS: readonly (readonly [start: string, kind: string])[] = [
  ["PK\x03\x04", "a zip archive in compressed data; decompress it, and read the archive"],
  ["\xd0\xcf\x11\xe0", "an Excel workbook of the old form; save it as .xlsx, or the sheet as CSV"],
  ["PAR1", "a Parquet file that was compressed as a whole; decompress it"],
  ["ARROW1", "an Arrow file; export it as CSV or JSON"],
  ["Obj\x01", "an Avro file; export it as CSV or JSON"],
  ["SQLite format 3", "an SQLite database; export the readings as CSV or JSON"],
  ["%PDF", "a PDF; take the readings from where it was made"],
  ["\x1f\x8b", "gzip data, so it was compressed twice; decompress it once"],
  ["\x28\xb5\x2f\xfd", "zstd data, so it was compressed twice; decompress it once"],
  ["BZh", "a bzip2 file; decompress it, or compress it with gzip or zstd"],
  ["\xfd7zXZ", "an xz file; decompress it, or compress it with gzip or zstd"],
  ["7z\xbc\xaf", "a 7-Zip archive; unpack it"],
  ["Rar!", "a RAR archive; unpack it"],
];

/** What a file with this first line looks like, and what to do; `undefined` if it may be text with a header. */
export function otherKind(line: Uint8Array): string | undefined {
  const head = Buffer.from(line.subarray(0, 1024)).toString("latin1").trimStart();
  const known = KINDS.find(([start]) => head.startsWith(start));
  if (known !== undefined) return `it looks like ${known[1]}`;
  if (/^<(!doctype html|html|head|body)\b/i.test(head))
    return "it looks like an HTML page: perhaps an error or a login page in place of the data";
  if (/^<[?!a-z]/i.test(head)) return "it looks like XML; convert it to JSON or CSV";
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(head) || (!/[,;\t|]/.test(head) && !isUtf8(line)))
    return "it looks like a binary file, not text";
  return undefined;
}

/** Why a line is not a header; `undefined` if unknown. @param where the line is @param cells of the line */
export function noHeaderBecause(line: string, where: string, cells: readonly string[]): string | undefined {
  if (cells.some(isInstant)) return `${where} is a reading already; CSV needs a header row that names the columns`;
  if (/[^\r]\r[^\r]/.test(line)) return "its lines end with a carriage return alone; they need a line feed (\\n)";
  return undefined;
}

function isInstant(text: string): boolean {
  const bytes = Buffer.from(text.trim());
  return readInstant(bytes, 0, bytes.length, { wall: 0, fraction: false, nanos: 0, offset: 0 });
}

/** A line of a table, as cells. */
export interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The first lines of a table that does not fit, as cells. */
export function firstLines(lines: readonly Line[]): string {
  const shown = lines.map(
    ({ line, cells }) => `line ${line}: ${cut(cells.map((cell) => cell || "(empty)").join(" | "))}`,
  );
  return `. The first lines, as cells: ${shown.join("; ")}`;
}
