/**
 * Searches JSON for arrays of records, to suggest them in messages: arrays, at any depth, of objects with a timestamp or a
 * value. The JSON may arrive piece by piece and be of any length; invalid JSON is not an error here.
 */

const QUOTE = 34;
const BACKSLASH = 92;
/** The search ends after so many arrays. */
const MAX_FOUND = 12;
/** Nesting depth; deeper containers are skipped. */
const MAX_DEPTH = 1000;
/** Bytes of a key that are compared. */
const LONGEST_KEY = 1024;

/** The kind of string that the search is in. */
const Text = { none: 0, key: 1, value: 2 } as const;

export class RecordSearch {
  /** JSON pointers to the arrays, as tokens; `*` stands for every element. */
  readonly found: (readonly string[])[] = [];
  private readonly known = new Set<string>();
  private base: readonly string[] = [];
  /** Of each open container: whether it is an array. */
  private readonly isArray: boolean[] = [];
  /** Of each open container: the token of its open member. */
  private readonly token: string[] = [];
  /** Of each open container: how many arrays had been found before it. */
  private readonly before: number[] = [];
  /** Open containers that are not searched: too deep, or inside an array already found. */
  private hidden = 0;
  private text: number = Text.none;
  private afterBackslash = false;
  private keyExpected = false;
  private readonly key = Buffer.alloc(LONGEST_KEY);
  private keyLength = 0;
  private readonly dotted: boolean;

  /** @param names of the timestamp and the value */
  constructor(private readonly names: readonly string[]) {
    this.dotted = names.some((name) => name.includes("."));
  }

  /** Begins a value. @param base tokens of the pointer to it */
  begin(base: readonly string[]): void {
    this.base = base;
    this.isArray.length = 0;
    this.token.length = 0;
    this.before.length = 0;
    this.hidden = 0;
    this.text = Text.none;
    this.keyExpected = false;
  }

  /** Searches the next bytes of the value, those in [p, end). */
  feed(bytes: Uint8Array, p: number, end: number): void {
    if (this.found.length === MAX_FOUND) return;
    while (p < end) {
      const c = bytes[p++];
      if (this.text !== Text.none) {
        if (this.afterBackslash) this.afterBackslash = false;
        else if (c === BACKSLASH) this.afterBackslash = true;
        else if (c === QUOTE) {
          if (this.text === Text.key) this.keyEnded();
          this.text = Text.none;
          continue;
        }
        if (this.text === Text.key && this.keyLength < LONGEST_KEY) this.key[this.keyLength++] = c;
      } else if (c === QUOTE) {
        this.text = this.keyExpected ? Text.key : Text.value;
        this.keyLength = 0;
      } else if (c === 123 || c === 91) this.open(c === 91);
      else if (c === 125 || c === 93) this.close();
      else if (c === 44) this.keyExpected = this.hidden === 0 && this.isArray[this.isArray.length - 1] === false;
    }
  }

  private open(array: boolean): void {
    if (this.hidden > 0 || this.isArray.length === MAX_DEPTH) {
      this.hidden++;
      return;
    }
    this.isArray.push(array);
    this.token.push("*");
    this.before.push(this.found.length);
    this.keyExpected = !array;
  }

  private close(): void {
    this.keyExpected = false;
    if (this.hidden > 0) this.hidden--;
    else {
      this.isArray.pop();
      this.token.pop();
      this.before.pop();
    }
  }

  private keyEnded(): void {
    const { isArray, token } = this;
    this.keyExpected = false;
    let top = isArray.length - 1;
    const key = textOf(this.key.toString("utf8", 0, this.keyLength));
    token[top] = key;
    if (!this.dotted) {
      if (isArray[top - 1] && this.names.includes(key)) this.add(top - 1);
      return;
    }
    // A name with dots is a path from a record into nested objects.
    let name = key;
    while (top > 0 && !isArray[--top]) name = `${token[top]}.${name}`;
    if (isArray[top] && this.names.includes(name)) this.add(top);
  }

  /** The array at a depth has a record. It replaces any arrays found inside it, and the rest of it is not searched. */
  private add(depth: number): void {
    const { found, known, isArray, token, before } = this;
    for (const gone of found.splice(before[depth + 1])) known.delete(JSON.stringify(gone));
    const pointer = [...this.base, ...token.slice(0, depth)];
    const text = JSON.stringify(pointer);
    if (!known.has(text)) found.push(pointer);
    known.add(text);
    this.hidden = isArray.length - depth;
    isArray.length = depth;
    token.length = depth;
    before.length = depth;
  }
}

function textOf(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return raw;
  }
}
