/**
 * Makes users' text (file names, source ids, excerpts of records) safe to show: characters that could control a terminal,
 * begin a new line or change the writing direction are escaped.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text for people, with escapes such as `\n`, `\r`, `\t`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    return SHORT[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** A value as one line of JSON that is also safe to show, with the same meaning. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Width on a terminal, assuming one column per character. */
export function widthOf(text: string): number {
  return [...text].length;
}
