const NEWLINE = 10;

/** The position of the newline that ends the line at `p`; `end` if there is none in `bytes[p, end)`. */
export function lineEnd(bytes: Uint8Array, p: number, end: number): number {
  const to = bytes.subarray(p, end).indexOf(NEWLINE);
  return to < 0 ? end : p + to;
}

/** Line ends do not count as blanks: a line end in a cell is probably a quoting error. */
export function isBlank(c: number): boolean {
  return c === 32 || c === 9;
}
