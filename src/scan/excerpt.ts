/** Excerpts of the user's data for messages: short, and on one line. */

/** Characters of an excerpt. */
const LENGTH = 60;
/** Bytes shown before the position that a message is about. */
const BEFORE = 24;
/** The most bytes that a UTF-8 character takes. */
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

/** The beginning of some bytes, as text. */
export function beginning(bytes: Uint8Array): string {
  return cut(oneLine(bytes.subarray(0, WIDEST * (LENGTH + 1))));
}

/** The bytes around `at` in [from, to), as text: from a little before it on, or the last ones. */
export function around(bytes: Uint8Array, from: number, at: number, to: number): string {
  let start = Math.max(from, Math.min(at - BEFORE, to - LENGTH));
  // Do not begin within a character.
  for (let back = 1; back < WIDEST && start > from && (bytes[start] & 0xc0) === 0x80; back++) start--;
  const text = cut(oneLine(bytes.subarray(start, Math.min(to, start + WIDEST * (LENGTH + 1)))));
  return start > from ? `…${text}` : text;
}

function oneLine(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8").replace(/\s+/g, " ").trim();
}
