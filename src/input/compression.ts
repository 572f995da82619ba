/** Detects compression by the first bytes, never by the name. */
import type { Compression } from "./input.js";

/** Bytes needed to detect compression. */
export const MAGIC_BYTES = 4;

/**
 * Detects compression.
 * @param head the first four bytes, or all if there are fewer. No JSON or CSV text in UTF-8 begins with any of the magic
 * numbers, so truncated ones are recognised too, as far as they are distinct.
 */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && (b === 0x8b || b === undefined)) return "gzip";
  if (a === 0x28 && b === 0xb5 && (c === 0x2f || c === undefined) && (d === 0xfd || d === undefined)) return "zstd";
  if ((a! & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  if (a === 0x50 && b === 0x41 && c === 0x52 && d === 0x31) return "parquet";
  // An archive without members begins with its end.
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return "zip";
  if ((a === 0xff && b === 0xfe && !(c === 0 && d === 0)) || (a === 0xfe && b === 0xff)) return "utf-16";
  return "none";
}
