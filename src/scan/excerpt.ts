/** Parts of a user's data as messages show them: short, and on one line. */

/** Characters of an excerpt. */
const LENGTH = 60;
/** Bytes that are shown before the place that a message is about. */
const BEFORE = 24;
/** No character takes more bytes. */
const WIDEST = 4;

/** The beginning of a text. */
export function cut(text: string): string {
  const characters = [...text.slice(0, 2 * LENGTH + 2)];
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH).join("")}…` : text;
}

/** Text in quotes, as JSON writes it. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text));
}

/** The beginning of bytes, as they stand. */
export function beginning(bytes: Uint8Array): string {
  return cut(oneLine(bytes.subarray(0, WIDEST * (LENGTH + 1))));
}

/** The bytes around `at` in [from, to), as they stand: from a little before it on, or the last ones. */
export function around(bytes: Uint8Array, from: number, at: number, to: number): string {
  let start = Math.max(from, Math.min(at - BEFORE, to - LENGTH));
  // Not from within a character.
  for (let back = 1; back < WIDEST && start > from && (bytes[start] & 0xc0) === 0x80; back++) start--;
  const text = cut(oneLine(bytes.subarray(start, Math.min(to, start + WIDEST * (LENGTH + 1)))));
  return start > from ? `…${text}` : text;
}

function oneLine(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8").replace(/\s+/g, " ").trim();
}
