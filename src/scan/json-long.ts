/** Skips a JSON value that is too long for the window, looking only at strings and brackets. */
import type { Excerpt } from "./context.js";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const NEWLINE = 10;

export class LongValue {
  private inString = false;
  private afterBackslash = false;

  ended = false;
  /** Whether a line ended inside a string, which is not JSON. */
  brokenOff = false;

  constructor(
    readonly excerpt: Excerpt,
    /** The state to return to after it. */
    readonly then: "top" | "comma" | "outerComma",
    /** How many containers are open: if any are, the value ends with the outermost of them. */
    private depth: number,
  ) {}

  /** @returns the position after the value; of the line end that interrupts it; or `end` if the value goes on */
  skip(bytes: Uint8Array, p: number, end: number): number {
    while (p < end) {
      const c = bytes[p++];
      if (this.inString) {
        if (this.afterBackslash) this.afterBackslash = false;
        else if (c === BACKSLASH) this.afterBackslash = true;
        else if (c === QUOTE) {
          this.inString = false;
          if (this.depth === 0) return this.endAt(p);
        } else if (c === NEWLINE) {
          this.brokenOff = true;
          return p - 1;
        }
      } else if (c === QUOTE) this.inString = true;
      else if (c === 123 || c === 91) this.depth++;
      else if (c === 125 || c === 93) {
        this.depth--;
        if (this.depth <= 0) return this.endAt(this.depth === 0 ? p : p - 1);
      } else if (c === COMMA && this.depth === 0) return this.endAt(p - 1);
    }
    return end;
  }

  private endAt(p: number): number {
    this.ended = true;
    return p;
  }
}
