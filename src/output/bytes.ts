/** Writes ASCII text at a position. @returns the position after it */
export function writeText(into: Uint8Array, pos: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[pos + i] = text.charCodeAt(i);
  return pos + text.length;
}
