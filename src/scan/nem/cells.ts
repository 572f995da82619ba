/** The cells of a row of NEM12, which has no quotes: where they are, and what stands in them. */
import { daysFromCivil, daysInMonth, FIRST_YEAR, LAST_YEAR } from "../../time/instant.js";

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const [A, E, F, N, S, V] = [65, 69, 70, 78, 83, 86];

/** All of them, without the blanks around them. Only for rows that are few. */
export function cellsOf(row: Uint8Array): string[] {
  return Buffer.from(row)
    .toString("latin1")
    .split(",")
    .map((cell) => cell.trim());
}

/** Where the cell at `p` ends. */
export function cellEnd(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] !== COMMA) p++;
  return p;
}

/** The number of `count` digits at `p`, or -1. */
export function digitsAt(bytes: Uint8Array, p: number, count: number): number {
  let value = 0;
  for (const end = p + count; p < end; p++) {
    const digit = bytes[p] - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The letter of a quality method, `A` or `S14`, that fills the cell at `p`; 0 where there is none. */
export function qualityAt(bytes: Uint8Array, p: number, end: number): number {
  if (p >= end) return 0;
  const letter = bytes[p];
  const next = p + 1 < end ? bytes[p + 1] : COMMA;
  const ends = (at: number) => at >= end || bytes[at] === COMMA || bytes[at] === RETURN;
  const alone = letter === A || letter === N || letter === V;
  if (next === COMMA || next === RETURN) return alone ? letter : 0;
  if (!alone && letter !== E && letter !== F && letter !== S) return 0;
  return p + 2 < end && digitsAt(bytes, p + 1, 2) >= 0 && ends(p + 3) ? letter : 0;
}

/** Days since 1970 of the eight digits at `p`. */
export function dayAt(bytes: Uint8Array, p: number): number | undefined {
  const year = digitsAt(bytes, p, 4);
  const month = digitsAt(bytes, p + 4, 2);
  const day = digitsAt(bytes, p + 6, 2);
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return undefined;
  if (day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysFromCivil(year, month, day);
}

/** The number of one to four digits in [p, end), or -1. */
export function numberIn(bytes: Uint8Array, p: number, end: number): number {
  return p < end && end - p <= 4 ? digitsAt(bytes, p, end - p) : -1;
}

/** Where the line at `p` ends. */
export function lineIn(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] !== NEWLINE) p++;
  return p;
}

/** For messages. */
export function textIn(bytes: Uint8Array, p: number, end: number): string {
  return JSON.stringify(
    Buffer.from(bytes.subarray(p, Math.min(end, p + 60)))
      .toString("latin1")
      .trim(),
  );
}
