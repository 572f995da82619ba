/** RFC 8259 by recursive descent. Numbers keep their text, objects keep every member in order, also repeated ones. */
export type Json =
  | { readonly type: "number"; readonly text: string }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "literal"; readonly value: boolean | null }
  | { readonly type: "array"; readonly items: readonly Placed[] }
  | { readonly type: "object"; readonly members: readonly Member[] };

/** A value and the stretch [start, end) of the text that it was read from. */
export interface Placed {
  readonly value: Json;
  readonly start: number;
  readonly end: number;
}

export interface Member extends Placed {
  readonly key: string;
}

/** Text that is not JSON, and where it stops being so. */
export class JsonError extends Error {
  constructor(readonly at: number) {
    super(`not JSON at ${at}`);
  }
}

/** The value at `at`, without the blanks around it. Throws JsonError. */
export function readJson(text: string, at: number): Placed {
  const first = text[at];
  if (first === "{") return readObject(text, at);
  if (first === "[") return readArray(text, at);
  if (first === '"') {
    const { value, end } = readString(text, at);
    return { value: { type: "string", value }, start: at, end };
  }
  for (const [word, value] of [
    ["true", true],
    ["false", false],
    ["null", null],
  ] as const) {
    if (text.startsWith(word, at)) return { value: { type: "literal", value }, start: at, end: at + word.length };
  }
  const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  number.lastIndex = at;
  const found = number.exec(text);
  if (found === null) throw new JsonError(at);
  return { value: { type: "number", text: found[0] }, start: at, end: at + found[0].length };
}

/** A text that holds one value and nothing else but blanks. Throws JsonError. */
export function parseJson(text: string): Json {
  const { value, end } = readJson(text, skipBlanks(text, 0));
  const rest = skipBlanks(text, end);
  if (rest < text.length) throw new JsonError(rest);
  return value;
}

export function skipBlanks(text: string, at: number): number {
  while (at < text.length && " \t\n\r".includes(text[at]!)) at++;
  return at;
}

/** The member that counts: the last of that key. */
export function memberOf(value: Json, key: string): Json | undefined {
  return value.type === "object" ? value.members.findLast((member) => member.key === key)?.value : undefined;
}

function readArray(text: string, start: number): Placed {
  const items: Placed[] = [];
  let at = skipBlanks(text, start + 1);
  if (text[at] === "]") return { value: { type: "array", items }, start, end: at + 1 };
  while (true) {
    const item = readJson(text, skipBlanks(text, at));
    items.push(item);
    at = skipBlanks(text, item.end);
    if (text[at] === "]") return { value: { type: "array", items }, start, end: at + 1 };
    if (text[at] !== ",") throw new JsonError(at);
    at++;
  }
}

function readObject(text: string, start: number): Placed {
  const members: Member[] = [];
  let at = skipBlanks(text, start + 1);
  if (text[at] === "}") return { value: { type: "object", members }, start, end: at + 1 };
  while (true) {
    const key = readString(text, skipBlanks(text, at));
    at = skipBlanks(text, key.end);
    if (text[at] !== ":") throw new JsonError(at);
    const placed = readJson(text, skipBlanks(text, at + 1));
    members.push({ key: key.value, ...placed });
    at = skipBlanks(text, placed.end);
    if (text[at] === "}") return { value: { type: "object", members }, start, end: at + 1 };
    if (text[at] !== ",") throw new JsonError(at);
    at++;
  }
}

const ESCAPES: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function readString(text: string, start: number): { value: string; end: number } {
  if (text[start] !== '"') throw new JsonError(start);
  const parts: string[] = [];
  let at = start + 1;
  while (text[at] !== '"') {
    if (at >= text.length || text[at]! < " ") throw new JsonError(at);
    if (text[at] !== "\\") {
      const plain = /[^"\\\u0000-\u001f]+/y;
      plain.lastIndex = at;
      parts.push(plain.exec(text)![0]);
      at = plain.lastIndex;
    } else if (text[at + 1] === "u") {
      const digits = text.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new JsonError(at);
      parts.push(String.fromCharCode(Number.parseInt(digits, 16)));
      at += 6;
    } else {
      const escaped = ESCAPES[text[at + 1] ?? ""];
      if (escaped === undefined) throw new JsonError(at);
      parts.push(escaped);
      at += 2;
    }
  }
  return { value: parts.join(""), end: at + 1 };
}
