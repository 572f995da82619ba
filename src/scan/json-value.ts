/**
 * Parses one JSON value at a time, in bytes that may end anywhere: finds its end and checks every byte, against RFC 8259
 * and for UTF-8 and complete surrogate pairs. Nothing is converted here. There is no recursion, so any depth will do.
 *
 * Functions take the position of the first byte and return the position after the last, or one of the two outcomes below.
 */
import { hex } from "./unescape.js";

/** The value goes on past `end`. */
export const INCOMPLETE = -1;
/** The value is not JSON: `errorAt` and `error` say where and why. */
export const SYNTAX = -2;

export class JsonValues {
  bytes: Uint8Array = new Uint8Array(0);
  end = 0;
  errorAt = 0;
  error = "";
  /** The first byte that is not UTF-8, or first lone surrogate, since the caller set this to -1. Not a syntax error. */
  badTextAt = -1;
  badText = "";
  /** Whether the last string had escapes. */
  escaped = false;
  /** Positions of the containers that were open when the last value ended or broke off. */
  private open = new Int32Array(64);
  protected depth = 0;

  syntax(at: number, error: string): number {
    this.errorAt = at;
    this.error = error;
    return SYNTAX;
  }

  blanks(p: number): number {
    const { bytes, end } = this;
    while (p < end) {
      const c = bytes[p];
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break;
      p++;
    }
    return p;
  }

  /** @param p at the opening quote */
  string(p: number): number {
    const { bytes, end } = this;
    this.escaped = false;
    p++;
    for (;;) {
      while (p < end) {
        const c = bytes[p];
        if (c < 32 || c === 34 || c === 92 || c >= 128) break;
        p++;
      }
      if (p >= end) return INCOMPLETE;
      const c = bytes[p];
      if (c === 34) return p + 1;
      if (c < 32) return this.syntax(p, "a control character in a string");
      p = c === 92 ? this.escape(p) : this.wide(p);
      if (p < 0) return p;
    }
  }

  private escape(p: number): number {
    const { bytes, end } = this;
    this.escaped = true;
    if (p + 1 >= end) return INCOMPLETE;
    switch (bytes[p + 1]) {
      case 34:
      case 47:
      case 92:
      case 98:
      case 102:
      case 110:
      case 114:
      case 116:
        return p + 2;
      case 117:
        break;
      default:
        return this.syntax(p, "an unknown escape in a string");
    }
    if (p + 6 > end) return INCOMPLETE;
    const code = hex(bytes, p + 2);
    if (Number.isNaN(code)) return this.syntax(p, "an unknown escape in a string");
    if (code < 0xd800 || code > 0xdfff) return p + 6;
    if (code < 0xdc00) {
      const more = Math.min(end - p - 6, 2);
      const pairStarts = (more < 1 || bytes[p + 6] === 92) && (more < 2 || bytes[p + 7] === 117);
      if (pairStarts && p + 12 > end) return INCOMPLETE;
      const low = pairStarts ? hex(bytes, p + 8) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) return p + 12;
    }
    this.noteBadText(p, "a lone surrogate");
    return p + 6;
  }

  private noteBadText(at: number, what: string): void {
    if (this.badTextAt >= 0) return;
    this.badTextAt = at;
    this.badText = what;
  }

  /** One character of two to four bytes. A byte that is not UTF-8 is recorded and skipped. */
  private wide(p: number): number {
    const length = utf8Length(this.bytes, p, this.end);
    if (length === INCOMPLETE) return INCOMPLETE;
    if (length > 0) return p + length;
    this.noteBadText(p, "a byte that is not UTF-8");
    return p + 1;
  }

  /** @param p at `-` or a digit */
  number(p: number): number {
    const { bytes, end } = this;
    const from = p;
    let c = bytes[p];
    if (c === 45) c = ++p < end ? bytes[p] : 0;
    if (c === 48) c = ++p < end ? bytes[p] : 0;
    else if (c >= 49 && c <= 57) {
      do c = ++p < end ? bytes[p] : 0;
      while (c >= 48 && c <= 57);
    } else return p >= end ? INCOMPLETE : this.syntax(from, "not a number");
    if (c === 46) {
      c = ++p < end ? bytes[p] : 0;
      const first = p;
      while (c >= 48 && c <= 57) c = ++p < end ? bytes[p] : 0;
      if (p === first) return p >= end ? INCOMPLETE : this.syntax(from, "not a number");
    }
    if (c === 69 || c === 101) {
      c = ++p < end ? bytes[p] : 0;
      if (c === 43 || c === 45) c = ++p < end ? bytes[p] : 0;
      const first = p;
      while (c >= 48 && c <= 57) c = ++p < end ? bytes[p] : 0;
      if (p === first) return p >= end ? INCOMPLETE : this.syntax(from, "not a number");
    }
    // At the end of the bytes, the number may go on.
    return p >= end ? INCOMPLETE : p;
  }

  private word(p: number, text: string): number {
    for (let i = 0; i < text.length; i++) {
      if (p + i >= this.end) return INCOMPLETE;
      if (this.bytes[p + i] !== text.charCodeAt(i)) return this.syntax(p, "not a JSON value");
    }
    return p + text.length;
  }

  /** A value that is neither an object nor an array. */
  scalar(p: number): number {
    switch (this.bytes[p]) {
      case 34:
        return this.string(p);
      case 116:
        return this.word(p, "true");
      case 102:
        return this.word(p, "false");
      case 110:
        return this.word(p, "null");
      default: {
        const c = this.bytes[p];
        return c === 45 || (c >= 48 && c <= 57) ? this.number(p) : this.syntax(p, "not a JSON value");
      }
    }
  }

  /** Any value. There must be a byte at `p`. */
  value(p: number): number {
    const { bytes, end } = this;
    this.depth = 0;
    for (;;) {
      // A value begins here.
      const c = bytes[p];
      if (c === 123 || c === 91) {
        if (this.depth === this.open.length) {
          const bigger = new Int32Array(this.depth * 2);
          bigger.set(this.open);
          this.open = bigger;
        }
        this.open[this.depth++] = p;
        p = this.blanks(p + 1);
        if (p >= end) return INCOMPLETE;
        if (bytes[p] === (c === 123 ? 125 : 93)) {
          this.depth--;
          p++;
        } else {
          if (c === 123) {
            p = this.key(p);
            if (p < 0) return p;
          }
          continue;
        }
      } else {
        p = this.scalar(p);
        if (p < 0) return p;
      }
      // A value has ended here: close the containers that end with it, up to the next value.
      for (;;) {
        if (this.depth === 0) return p;
        p = this.blanks(p);
        if (p >= end) return INCOMPLETE;
        const open = bytes[this.open[this.depth - 1]];
        if (bytes[p] === 44) {
          p = this.blanks(p + 1);
          if (p >= end) return INCOMPLETE;
          if (open === 123) {
            p = this.key(p);
            if (p < 0) return p;
          }
          break;
        }
        if (bytes[p] !== (open === 123 ? 125 : 93))
          return this.syntax(p, open === 123 ? "neither , nor } after a value" : "neither , nor ] after a value");
        this.depth--;
        p++;
      }
    }
  }

  /** Whether the last value broke off inside a container that begins at `p`: then that container breaks off there too. */
  leftOpen(p: number): boolean {
    let low = 0;
    let high = this.depth;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.open[middle] < p) low = middle + 1;
      else high = middle;
    }
    return low < this.depth && this.open[low] === p;
  }

  /** A key, its colon, and the blanks around it. Returns where the value begins. */
  key(p: number): number {
    if (this.bytes[p] !== 34) return this.syntax(p, "no key where one was expected");
    p = this.string(p);
    if (p < 0) return p;
    p = this.blanks(p);
    if (p >= this.end) return INCOMPLETE;
    if (this.bytes[p] !== 58) return this.syntax(p, "no : after a key");
    p = this.blanks(p + 1);
    return p >= this.end ? INCOMPLETE : p;
  }
}

/**
 * The length of the UTF-8 character at `p` (RFC 3629): 1 to 4 bytes; 0 if it is not valid; INCOMPLETE if it may go on past
 * `end`.
 */
export function utf8Length(bytes: Uint8Array, p: number, end: number): number {
  const c = bytes[p];
  if (c < 0x80) return 1;
  const length = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) === 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
  if (length === 0) return 0;
  const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80;
  const high = c === 0xed ? 0x9f : c === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    if (p + i >= end) return INCOMPLETE;
    const next = bytes[p + i];
    if (next < (i === 1 ? low : 0x80) || next > (i === 1 ? high : 0xbf)) return 0;
  }
  return length;
}
