/**
 * Text of users (file names, source ids, excerpts of records) made safe to show: what could drive a terminal,
 * begin a new line or turn the direction of writing is written as an escape. Everything else stays as it is.
 */
const DRIVES_A_TERMINAL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** For people: `\n`, `\r`, `\t`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(DRIVES_A_TERMINAL, (char) => {
    const code = char.charCodeAt(0);
    return SHORT[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** A value as JSON on one line that is safe to show too, and still means the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(DRIVES_A_TERMINAL, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Columns on a terminal, if each character takes one. */
export function widthOf(text: string): number {
  return [...text].length;
}
