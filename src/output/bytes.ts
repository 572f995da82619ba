/** Small writes into a byte array: each takes a position and returns the one after what it wrote. */

const ZERO = 48;

/** The longest count, 2⁵³, in decimal digits. */
export const COUNT_BYTES = 16;

/** ASCII text, a character to a byte. */
export function writeText(into: Uint8Array, pos: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[pos + i] = text.charCodeAt(i);
  return pos + text.length;
}

/** `bytes[from…to-1]`; for a few dozen bytes this loop is faster than `set` with a view of them. */
export function writeBytes(into: Uint8Array, pos: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) into[pos++] = bytes[i];
  return pos;
}

/** A count, 0 … 2⁵³, in decimal. */
export function writeCount(into: Uint8Array, pos: number, count: number): number {
  let end = pos + 1;
  for (let power = 10; power <= count; power *= 10) end++;
  let left = count;
  for (let i = end - 1; i >= pos; i--) {
    const tens = Math.floor(left / 10);
    into[i] = ZERO + (left - 10 * tens);
    left = tens;
  }
  return end;
}
