import { isUtf8 } from "node:buffer";

/**
 * Bytes → text. A byte that is not UTF-8 becomes a lone surrogate (U+DC80 to U+DCFF), which no valid UTF-8 gives: so
 * text that is not `isUnicode` is text that was not UTF-8. A byte-order mark at the start is dropped.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return isUtf8(bytes) ? new TextDecoder().decode(bytes) : decodeMarking(bytes);
}

/** Whether there is no lone surrogate in the text. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function decodeMarking(bytes: Uint8Array): string {
  const parts: string[] = [];
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    const length = lengthAt(bytes, at);
    if (length === 0) parts.push(String.fromCharCode(0xdc00 + bytes[at]!));
    else parts.push(String.fromCodePoint(codePoint(bytes.subarray(at, at + length))));
    at += Math.max(length, 1);
  }
  return parts.join("");
}

/** How many bytes the character at `at` has; 0 where there is none. Table 3-7 of the Unicode standard. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0; // could be shorter
  if (first === 0xed && second > 0x9f) return 0; // a surrogate
  if (first === 0xf0 && second < 0x90) return 0; // could be shorter
  if (first === 0xf4 && second > 0x8f) return 0; // past U+10FFFF
  return length;
}

function codePoint(bytes: Uint8Array): number {
  if (bytes.length === 1) return bytes[0]!;
  let point = bytes[0]! & (0xff >> (bytes.length + 1));
  for (const byte of bytes.subarray(1)) point = (point << 6) | (byte & 0x3f);
  return point;
}

/** Ascending order of UTF-8 bytes, which is the order of code points and not that of UTF-16. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}
