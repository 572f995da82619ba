/** The cells of a row of NEM12, which has no quotes. */
const COMMA = 44;

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
