const NEWLINE = 10;

/** The newline that ends the line at `p`, or `end` where it is not in `bytes[p, end)`. What lies after `end` is not searched. */
export function lineEnd(bytes: Uint8Array, p: number, end: number): number {
  const to = bytes.subarray(p, end).indexOf(NEWLINE);
  return to < 0 ? end : p + to;
}
