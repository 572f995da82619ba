/** Small writes into a byte array: each takes a position and returns the one after what it wrote. */

/** ASCII text, a character to a byte. */
export function writeText(into: Uint8Array, pos: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[pos + i] = text.charCodeAt(i);
  return pos + text.length;
}
