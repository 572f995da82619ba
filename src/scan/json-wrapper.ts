/**
 * The containers around an array of records, and what is too long to be looked at whole. A wrapper object is entered
 * once it is known to be one; an object that goes on past the longest record may be a wrapper or a record that is too
 * long, which only its end tells.
 */
import type { Kept } from "./context.js";
import { explain } from "./explain.js";
import { TIMESTAMP, VALUE } from "./fields.js";
import { LongValue } from "./json-long.js";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, JsonReading, OPEN_ARRAY, OPEN_OBJECT } from "./json-reading.js";
import { INCOMPLETE, SYNTAX } from "./json-value.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";

/** Names that a message lists. */
const MOST_NAMES = 12;
/** Bytes after a place that a message about it may show. */
export const SHOWN = 256;

/** A container around the array of records. */
interface Frame {
  open: typeof OPEN_OBJECT | typeof OPEN_ARRAY;
  /** How many tokens of the pointer lead here; -1 where it leads elsewhere. */
  matched: number;
  /** The next element's index, in an array. */
  index: number;
}

/** A top-level object that goes on past the longest record. */
interface Large {
  kept: Kept;
  /** It has a field that makes it a record. */
  record: boolean;
  /** It has an empty array, and so would be a wrapper of no records. */
  empty: boolean;
}

export abstract class JsonWrapper extends JsonReading {
  protected readonly frames: Frame[] = [];
  /** How many arrays of records have been entered. */
  protected arrays = 0;
  /** Name of the member that holds the records, once one was found in this wrapper. */
  private target: string | undefined;
  /** Names of members where the pointer leads no further, for saying so. */
  private passed: string[] = [];
  private large: Large | undefined;
  private long: LongValue | undefined;

  /** Enters the array of records at `p`. */
  protected enter(p: number): number {
    this.arrays++;
    this.state = "first";
    this.useLayouts(true);
    return p + 1;
  }

  /** Opens a container; `matched` tokens of the pointer lead to it, -1 if it lies off its way. */
  protected descend(p: number, matched: number): number {
    if (this.frames.length === 0) this.target = undefined;
    this.passed = [];
    this.frames.push({ open: this.json.bytes[p] as Frame["open"], matched, index: 0 });
    this.state = "outerFirst";
    return p + 1;
  }

  /** Enters the top-level object at `p`, which is longer than a record may be. */
  protected enterLarge(p: number): number {
    this.large = { kept: this.context.keep(p, p + MAX_RECORD + 1), record: false, empty: false };
    return this.descend(p, 0);
  }

  protected outer(p: number, end: number, final: boolean): number {
    const { json } = this;
    const frame = this.frames[this.frames.length - 1];
    const c = json.bytes[p];
    if (this.state !== "outerNext" && c === (frame.open === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY))
      return this.closeOuter(p);
    if (this.state === "outerComma") {
      if (c !== COMMA) return this.outerError(p, p, end, final, "neither , nor a closing bracket after a value");
      this.state = "outerNext";
      return p + 1;
    }
    let start = p;
    let name = String(frame.index);
    if (frame.open === OPEN_OBJECT) {
      start = json.key(p);
      if (start === SYNTAX) return this.outerError(p, json.errorAt, end, final, json.error);
      if (start === INCOMPLETE) return this.outerWait(p, end, final);
      name = json.nameAt(p);
    }
    const entered = this.enterMember(frame, name, start, end);
    if (entered !== undefined) {
      if (entered === INCOMPLETE) return this.outerWait(p, end, final);
      frame.index++;
      return entered;
    }
    const next = json.value(start);
    if (next === SYNTAX) return this.outerError(p, json.errorAt, end, final, json.error);
    if (next === INCOMPLETE) {
      if (end - p <= MAX_RECORD) return this.outerWait(p, end, final);
      this.pass(frame, name);
      return this.startLong(new LongValue(this.context.keep(start, start + MAX_RECORD + 1), "outerComma", 0), start);
    }
    this.pass(frame, name);
    this.state = "outerComma";
    return next;
  }

  /** A member that is not entered lies behind. */
  private pass(frame: Frame, name: string): void {
    frame.index++;
    const pointer = this.context.plan.records;
    const wanted = pointer !== undefined && frame.matched >= 0 && frame.open === OPEN_OBJECT;
    if (wanted && pointer[frame.matched] !== name && this.passed.length <= MOST_NAMES) this.passed.push(name);
  }

  /** Enters the value at `start` if the records lie there or below; `undefined` if they do not. */
  private enterMember(frame: Frame, name: string, start: number, end: number): number | undefined {
    const { json, context, large } = this;
    const pointer = context.plan.records;
    const c = json.bytes[start];
    if (pointer !== undefined) return this.follow(frame, pointer, name, start);
    const field = context.fields.names.indexOf(name);
    if (large !== undefined && (field === TIMESTAMP || field === VALUE)) large.record = true;
    if (c !== OPEN_ARRAY || large?.record) return undefined;
    const first = json.blanks(start + 1);
    if (first >= end) return INCOMPLETE;
    if (large !== undefined && json.bytes[first] === CLOSE_ARRAY) large.empty = true;
    if (json.bytes[first] !== OPEN_OBJECT) return undefined;
    if (this.target !== undefined) throw context.fail(start, "two_arrays", explain.twoArrays([this.target, name]));
    this.target = name;
    return this.enter(start);
  }

  /** The same where a pointer says where they lie. */
  private follow(frame: Frame, pointer: readonly string[], name: string, start: number): number | undefined {
    const c = this.json.bytes[start];
    if (frame.matched < 0) return undefined;
    if (pointer[frame.matched] !== name) return undefined;
    const matched = frame.matched + 1;
    if (matched === pointer.length && c === OPEN_ARRAY) {
      this.target = name;
      return this.enter(start);
    }
    if (matched < pointer.length && (c === OPEN_OBJECT || c === OPEN_ARRAY)) return this.descend(start, matched);
    return undefined;
  }

  /** The member at `p` goes on past `end`. */
  private outerWait(p: number, end: number, final: boolean): number {
    if (!final && end - p <= MAX_RECORD) return INCOMPLETE;
    if (this.mayBeRecord()) {
      if (final) return this.endLarge(end);
      // A name of more than 16 MiB: no wrapper that was meant as one.
      const { kept } = this.large as Large;
      this.target = undefined;
      return this.startLong(new LongValue(kept, "top", this.frames.length), p);
    }
    if (final) throw this.cutOff(end);
    throw this.context.fail(p, "too_long", "a name of more than 16 MiB in the wrapper object; is a quote missing?");
  }

  private closeOuter(p: number): number {
    const { context, large } = this;
    const pointer = context.plan.records;
    this.frames.pop();
    this.state = "outerComma";
    if (this.frames.length > 0) return p + 1;
    this.state = "top";
    if (pointer !== undefined && this.target === undefined)
      throw context.fail(p, "no_array", explain.noArray(pointer, this.passed, this.json.bytes[p] === CLOSE_ARRAY));
    if (large === undefined) return p + 1;
    if (this.target === undefined && !(large.empty && !large.record)) return this.endLarge(p + 1);
    if (large.record) throw context.fail(p, "two_kinds", explain.recordOrWrapper(this.target as string));
    this.large = undefined;
    return p + 1;
  }

  /** Whether the top-level object may still be a record that is too long. */
  protected mayBeRecord(): boolean {
    return this.large !== undefined && this.target === undefined;
  }

  /** The large top-level object was no wrapper: one record that is too long, which ends at `p`. */
  protected endLarge(p: number): number {
    const { context } = this;
    const { kept } = this.large as Large;
    this.large = undefined;
    this.long = undefined;
    this.frames.length = 0;
    this.state = "top";
    context.slow++;
    context.rejectKept("too_long", explain.tooLong(kept.text), kept, context.offsetOf(p) - kept.offset);
    return p;
  }

  private outerError(p: number, at: number, end: number, final: boolean, error: string): number {
    if (!this.mayBeRecord()) return this.notJson(p, at, end, final, error);
    const to = lineEnd(this.json.bytes, at, end);
    if (to === end && !final && end - at <= MAX_RECORD) return INCOMPLETE;
    return this.endLarge(to);
  }

  // ---- what is too long to be looked at whole ------------------------------------------------------------------

  /** The record at `p`, in the array, is too long. */
  protected startLongRecord(p: number): number {
    return this.startLong(new LongValue(this.context.keep(p, p + MAX_RECORD + 1), "comma", 0), p);
  }

  private startLong(long: LongValue, p: number): number {
    this.long = long;
    this.state = "long";
    return p;
  }

  protected skipLong(p: number, end: number, final: boolean): number {
    const { context } = this;
    const long = this.long as LongValue;
    const next = long.skip(this.json.bytes, p, end);
    if (long.ended) {
      if (long.then === "top") return this.endLarge(next);
      this.long = undefined;
      this.state = long.then;
      if (long.then === "outerComma") return next;
      context.slow++;
      context.rejectKept(
        "too_long",
        explain.tooLong(long.kept.text),
        long.kept,
        context.offsetOf(next) - long.kept.offset,
      );
      return next;
    }
    if (long.brokenOff) {
      if (this.mayBeRecord()) return this.endLarge(next);
      throw this.brokenAt(next, next, end, "a control character in a string");
    }
    if (!final) return end;
    if (this.mayBeRecord()) return this.endLarge(end);
    throw this.cutOff(end);
  }

  // ---- what cannot be trusted any more -------------------------------------------------------------------------

  protected cutOff(at: number) {
    const where =
      this.frames.length > 0 && this.state.startsWith("outer") ? "the wrapper object" : "the array of records";
    return this.context.fail(at, "cut_off", explain.cutOff(where));
  }

  /**
   * What began at `p` stops being JSON at `at`, so that the rest cannot be trusted.
   * @returns INCOMPLETE where what follows is not there yet for being shown
   * @throws ScanFailure
   */
  protected notJson(p: number, at: number, end: number, final: boolean, error: string): typeof INCOMPLETE {
    if (!final && end - at < SHOWN && end - p <= MAX_RECORD) return INCOMPLETE;
    throw this.brokenAt(p, at, end, error);
  }

  protected brokenAt(p: number, at: number, end: number, error: string) {
    return this.context.fail(at, "not_json", explain.structure(this.json.bytes, p, at, end, error));
  }
}
