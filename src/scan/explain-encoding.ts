/** Messages about text that is not UTF-8. */
import { type Message, option, say } from "../base/message.js";
import { around } from "./excerpt.js";

/** @param encoding that the text was in, if not UTF-8 */
export function badText(
  bytes: Uint8Array,
  p: number,
  next: number,
  at: number,
  what: string,
  encoding: string | undefined,
): Message {
  const place = `at byte ${at - p + 1} of the record: ${around(bytes, p, at, next)}`;
  if (what === "a lone surrogate") return `half a character (a lone surrogate) ${place}; was the text cut there?`;
  if (encoding !== undefined) return `not ${encoding} ${place}`;
  return say`not UTF-8 (0x${bytes[at].toString(16)}) ${place}; if the text has another encoding, name it: ${option("encoding", "windows-1252")}`;
}

/** @param name of the encoding of the whole text */
export function otherEncoding(name: string): Message {
  return name === "UTF-16"
    ? say`the text is UTF-16 without a byte-order mark; say ${option("encoding", "utf-16le")}, or utf-16be`
    : `the text is ${name}; convert it to UTF-8`;
}
