/**
 * The way to the array of records, and what is too long to be looked at whole. A wrapper object is entered once it is
 * known to be one; an object that goes on past the longest record may be a wrapper or a record that is too long, which
 * only its end tells.
 */
import type { Excerpt } from "./context.js";
import { explain } from "./explain.js";
import { TIMESTAMP, VALUE } from "./fields.js";
import { EVERY, type Frame, JsonFrames } from "./json-frames.js";
import { LongValue } from "./json-long.js";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT } from "./json-reading.js";
import type { RecordSearch } from "./json-search.js";
import { INCOMPLETE, SYNTAX } from "./json-value.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";

/** Names that a message lists. */
const MOST_NAMES = 12;
/** Bytes after a place that a message about it may show. */
export const SHOWN = 256;

/** A top-level object that goes on past the longest record. */
interface Large {
  kept: Excerpt;
  /** It has a field that makes it a record. */
  record: boolean;
  /** Names of its empty arrays: if it has no other, it is a wrapper of no records, or somewhere else are some. */
  empty: string[];
  search: RecordSearch;
}

export abstract class JsonWrapper extends JsonFrames {
  private large: Large | undefined;
  private long: LongValue | undefined;

  /** Enters the top-level object at `p`, which is longer than a record may be. */
  protected enterLarge(p: number): number {
    const kept = this.context.keep(p, p + MAX_RECORD + 1);
    this.large = { kept, record: false, empty: [], search: this.newSearch() };
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
      frame.source?.passed(json, name, start, false);
      frame.index++;
      return entered;
    }
    const next = json.value(start);
    if (next === SYNTAX) return this.outerError(p, json.errorAt, end, final, json.error);
    if (next === INCOMPLETE) {
      if (end - p <= MAX_RECORD) return this.outerWait(p, end, final);
      this.pass(frame, name, start);
      frame.source?.passed(json, name, start, true);
      this.large?.search.begin([name]);
      return this.startLong(new LongValue(this.context.keep(start, start + MAX_RECORD + 1), "outerComma", 0), start);
    }
    this.pass(frame, name, start);
    frame.source?.member(json, name, start, next);
    if (this.mayBeRecord()) {
      this.large?.search.begin([name]);
      this.large?.search.feed(json.bytes, start, next);
    }
    this.state = "outerComma";
    return next;
  }

  /** The member whose value is at `start` is not entered. */
  private pass(frame: Frame, name: string, start: number): void {
    if (this.context.plan.records?.[frame.matched] === EVERY && frame.open === OPEN_ARRAY)
      throw this.noArray(start, this.frames.length);
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
    if (large !== undefined && json.bytes[first] === CLOSE_ARRAY && large.empty.length <= MOST_NAMES)
      large.empty.push(name);
    if (json.bytes[first] !== OPEN_OBJECT) return undefined;
    if (this.target !== undefined) throw context.fail(start, "two_arrays", explain.twoArrays([this.target, name]));
    this.target = name;
    return this.enter(start, [name]);
  }

  /** The same where a pointer says where they lie. */
  private follow(frame: Frame, pointer: readonly string[], name: string, start: number): number | undefined {
    const c = this.json.bytes[start];
    const token = pointer[frame.matched];
    if (token !== name && !(token === EVERY && frame.open === OPEN_ARRAY)) return undefined;
    const matched = frame.matched + 1;
    if (matched === pointer.length && c === OPEN_ARRAY) return this.enter(start, pointer);
    if (matched < pointer.length && (c === OPEN_OBJECT || c === OPEN_ARRAY)) return this.descend(start, matched, name);
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
    const { context, large, frames } = this;
    const pointer = context.plan.records;
    const frame = frames[frames.length - 1];
    if (pointer !== undefined && !frame.found) {
      const around = frames[frames.length - 2];
      if (around === undefined || (around.open === OPEN_ARRAY && pointer[around.matched] === EVERY))
        throw this.noArray(p, frames.length - 1);
    }
    frames.pop();
    if (frame.found && frames.length > 0) frames[frames.length - 1].found = true;
    if (frame.source !== undefined) this.settle(frame.source);
    this.state = "outerComma";
    if (frames.length > 0) return p + 1;
    this.state = "top";
    if (large === undefined) return p + 1;
    if (this.target === undefined && (large.record || large.empty.length === 0)) return this.endLarge(p + 1);
    if (large.record) throw context.fail(p, "two_kinds", explain.recordOrWrapper(this.target as string));
    if (this.target === undefined && large.search.found.length > 0)
      throw context.failAt(large.kept, "array_elsewhere", explain.arrayElsewhere(large.empty, large.search.found));
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
    const { kept, record, search } = this.large as Large;
    this.large = undefined;
    this.long = undefined;
    this.frames.length = 0;
    this.state = "top";
    context.slow++;
    const message = explain.tooLong(kept.text, record ? [] : search.found);
    context.rejectKept("too_long", message, kept, context.offsetOf(p) - kept.offset);
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
    if (long.then === "outerComma" && this.mayBeRecord()) this.large?.search.feed(this.json.bytes, p, next);
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
