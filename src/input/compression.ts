/** What data is packed with, told by its first bytes, never by a name. */
import type { Compression } from "./input.js";

/** How many bytes it takes to tell. */
export const MAGIC_BYTES = 4;

/**
 * What data is packed with, by its first four bytes, or all of it if it is shorter. None of these beginnings can be one
 * of a JSON or CSV text in UTF-8; so one that is cut off within the four is told too, from where that holds.
 */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && (b === 0x8b || b === undefined)) return "gzip";
  if (a === 0x28 && b === 0xb5 && (c === 0x2f || c === undefined) && (d === 0xfd || d === undefined)) return "zstd";
  if ((a! & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  return "none";
}
