/** CRC-32, as zip archives have it. */
import zlib from "node:zlib";

let table: Int32Array | undefined;

function slow(bytes: Uint8Array, before: number): number {
  table ??= Int32Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let value = ~before;
  for (let at = 0; at < bytes.length; at++)
    value = (table[(value ^ (bytes[at] as number)) & 255] as number) ^ (value >>> 8);
  return ~value >>> 0;
}

/** Continues a checksum, which begins with 0. Node has had it since 20.15. */
export const crc32: (bytes: Uint8Array, before: number) => number =
  (zlib as { crc32?: (bytes: Uint8Array, before: number) => number }).crc32 ?? slow;
