/**
 * Looks through JSON for arrays of records that nobody found by themselves: arrays, at any depth, of objects with a
 * timestamp or a value. The JSON may come piece by piece and be of any length; what is not JSON is no error here.
 */

const QUOTE = 34;
const BACKSLASH = 92;
/** Arrays that are told; what follows is not looked at. */
const MOST_FOUND = 12;
/** Containers in one another; deeper ones are stepped over. */
const MOST_DEPTH = 1000;
/** Bytes of a key that are looked at. */
const LONGEST_KEY = 1024;

/** Where the search stands in a string. */
const Text = { none: 0, key: 1, value: 2 } as const;

export class RecordSearch {
  /** JSON pointers to the arrays, as tokens, in which `*` is every element. */
  readonly found: (readonly string[])[] = [];
  private readonly known = new Set<string>();
  private base: readonly string[] = [];
  /** Of each open container: whether it is an array, the token of the member that is open in it, and how many had been found before it. */
  private readonly isArray: boolean[] = [];
  private readonly token: string[] = [];
  private readonly before: number[] = [];
  /** Containers that are open deeper than is looked, or in an array that has been found. */
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

  /** Looks at the next bytes of the value, those in [p, end). */
  feed(bytes: Uint8Array, p: number, end: number): void {
    if (this.found.length === MOST_FOUND) return;
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
    if (this.hidden > 0 || this.isArray.length === MOST_DEPTH) {
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
    // A name with dots reaches from a record into the objects in it.
    let name = key;
    while (top > 0 && !isArray[--top]) name = `${token[top]}.${name}`;
    if (isArray[top] && this.names.includes(name)) this.add(top);
  }

  /** The array at a depth has a record: what was found in that is a part of it, and there is no use in looking on. */
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

/** The text of a key. */
function textOf(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return raw;
  }
}
