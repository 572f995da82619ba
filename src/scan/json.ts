/**
 * JSON in every form: records one after another (on lines or not), arrays of them, and wrapper objects with the array
 * somewhere inside. It is read as a stream: the window holds one record at a time, or one member of a wrapper. A wrapper
 * is entered once it is known to be one. An object longer than the longest record may be a wrapper or a record that is too
 * long; only its end tells.
 */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: it is one state machine, easier to follow in one piece.

import type { Message } from "../base/message.js";
import type { Context, Excerpt, Format } from "./context.js";
import { explain } from "./explain.js";
import { Kind, TIMESTAMP } from "./fields.js";
import { Enclosing, EVERY, type Frame, OPEN_ARRAY, OPEN_OBJECT } from "./json-enclosing.js";
import { RecordIntake, type UndecidedRecord } from "./json-intake.js";
import { LongValue } from "./json-long.js";
import type { JsonRecords } from "./json-record.js";
import type { RecordSearch } from "./json-search.js";
import { INCOMPLETE, SYNTAX } from "./json-value.js";
import type { Layouts } from "./layouts.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";
import type { Reason } from "./reasons.js";
import type { ResumePoint } from "./resume-point.js";

const CLOSE_OBJECT = 125;
const CLOSE_ARRAY = 93;
const COMMA = 44;
const RETURN = 13;
/** Bytes of objects that may be empty wrappers or bad records, past which they are taken for records; of one, beside its text. */
const MOST_UNDECIDED = 1 << 22;
const UNDECIDED_BYTES = 500;
/** Names that a message lists. */
const MAX_NAMES = 12;
/** Bytes after an error that its message may show. */
const SHOWN = 256;

/** A top-level object longer than the longest record. */
interface Large {
  excerpt: Excerpt;
  /** Whether it has a field that makes it a record. */
  record: boolean;
  /** Names of its empty arrays: if it has no others, it is a wrapper without records, or they are elsewhere. */
  empty: string[];
  search: RecordSearch;
}

/**
 * Where the scan is: before a value at the top level; in the array of records; in a container that encloses it; in a
 * value too long for the window; in a line that is not JSON.
 */
type State = "top" | InArray | "outerFirst" | "outerComma" | "outerNext" | "long" | "line";
type InArray = "first" | "comma" | "value";

/** Why the last top-level object is not JSON, and where. */
interface Broken {
  error: string;
  at: number;
}

/** A line that is one bad record, and too long for the window. */
interface BadLine {
  excerpt: Excerpt;
  code: Reason;
  message: Message;
}

export class JsonFormat implements Format {
  stopped = false;
  private state: State;
  private readonly json: JsonRecords;
  private readonly intake: RecordIntake;
  private readonly enclosing: Enclosing;
  private limit = Number.POSITIVE_INFINITY;
  /** The number of arrays of records entered. */
  private arrays = 0;
  /** Name of the member that holds the records, once found in this wrapper. */
  private target: string | undefined;
  /** The scan began inside an array, and stops at its end. */
  private readonly partOfArray: boolean;
  /** The scan began between records at the top level, and stops at an array or a wrapper: those cannot be read in parts. */
  private readonly partOfTop: boolean;
  /** Whether there has been a record at the top level, outside arrays. */
  private recordsAtTop: boolean;
  /** Objects at the top level without a field of a record, whose only arrays are empty; their bytes. */
  private undecided: UndecidedRecord[] = [];
  private undecidedBytes = 0;
  private broken: Broken | undefined;
  private badLine: BadLine | undefined;
  private large: Large | undefined;
  private long: LongValue | undefined;

  constructor(
    private readonly context: Context,
    layouts: Layouts,
    resumePoint?: ResumePoint & { format: "json" },
  ) {
    const partOfArray = resumePoint !== undefined && resumePoint.state !== "top";
    this.intake = new RecordIntake(context, layouts, partOfArray);
    this.json = this.intake.json;
    this.enclosing = new Enclosing(context, this.json);
    this.state = resumePoint?.state ?? "top";
    if (partOfArray) this.intake.at = [...resumePoint.pointer, "*"];
    this.partOfArray = partOfArray;
    this.partOfTop = resumePoint?.state === "top";
    this.recordsAtTop = resumePoint?.state === "top";
  }

  resumePoint(): ResumePoint | undefined {
    const { state, intake } = this;
    const { separator, programs } = intake;
    if (state !== "top" && state !== "first" && state !== "comma" && state !== "value") return undefined;
    // After one array, others are likely to follow, and each would end a part.
    if (this.arrays > (state === "top" ? 0 : 1)) return undefined;
    // A part at the top level relies on a record having been seen there: then no wrapper is expected to follow.
    if (state === "top" && !this.recordsAtTop) return undefined;
    const pointer = state === "top" || this.enclosing.frames.length === 0 ? [] : this.intake.at.slice(0, -1);
    // Each column has a provisional source of its own, which only this thread knows.
    if (this.context.plan.several && this.enclosing.frames.length > 0) return undefined;
    // There are likely to be many arrays, and each would end a part.
    if (pointer.includes("*")) return undefined;
    return { format: "json", state, separator, programs, pointer };
  }

  recordEnded(): void {
    if (this.state === "first" || this.state === "value") this.state = "comma";
    this.enclosing.countUnnamed();
  }

  scan(start: number, end: number, final: boolean, limit: number): number {
    this.intake.forget();
    this.broken = undefined;
    this.limit = limit;
    let p = start;
    while (p < end || final) {
      this.json.bytes = this.context.kernel.bytes;
      this.json.end = end;
      const next = this.step(p, end, final);
      if (next === INCOMPLETE) return p;
      if (this.partOfTop && this.state !== "top" && this.state !== "line") return this.stop(p);
      p = next;
      if (this.stopped) break;
      if (p === end && (!final || this.state === "top")) break;
    }
    return p;
  }

  private step(p: number, end: number, final: boolean): number {
    if (this.state === "long") return this.skipLong(p, end, final);
    if (this.state === "line") return this.skipLine(p, end, final);
    p = this.json.blanks(p);
    if (p >= end) {
      if (!final || this.state === "top") return end;
      if (this.mayBeRecord()) return this.endLarge(end);
      throw this.cutOff(end);
    }
    switch (this.state) {
      case "top":
        return this.top(p, end, final);
      case "first":
      case "value":
      case "comma":
        return this.inside(p, end, final);
      default:
        return this.outer(p, end, final);
    }
  }

  private stop(p: number): number {
    this.stopped = true;
    return p;
  }

  // ---- records at the top level -------------------------------------------------------------------------------

  private top(p: number, end: number, final: boolean): number {
    if (p >= this.limit) return this.stop(p);
    this.intake.useLayouts(false);
    const c = this.json.bytes[p];
    const { records } = this.context.plan;
    if (records !== undefined) {
      if (c === OPEN_ARRAY && records.length === 0) return this.enter(p, []);
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) return this.descend(p, 0);
    } else {
      if (c === OPEN_ARRAY) {
        // Beside an array of records they were pages without any, as beside a wrapper.
        this.undecided = [];
        return this.enter(p, []);
      }
      if (c === OPEN_OBJECT) return this.topObject(p, end, final);
    }
    return this.lineOf(p, end, final, { error: "no { where a record was expected", at: p });
  }

  private topObject(p: number, end: number, final: boolean): number {
    const { json, context } = this;
    // This object is inside one that broke off, so it breaks off at the same position: do not parse it again.
    if (this.broken !== undefined && json.leftOpen(p)) return this.lineOf(p, end, final, this.broken);
    this.broken = undefined;
    const fast = this.intake.fast(p, end, this.limit);
    if (fast > p) {
      this.hasRecordsAtTop();
      return fast;
    }
    const next = json.record(p);
    if (next >= 0 && next - p <= MAX_RECORD) {
      if (context.fields.kind[TIMESTAMP] === Kind.absent && !context.fields.hasNamedValue) {
        const wrapper = this.openWrapper(p, next);
        if (wrapper >= 0) return wrapper;
      }
      this.hasRecordsAtTop();
      return this.intake.take(p, next);
    }
    if (next !== SYNTAX && (next >= 0 || end - p > MAX_RECORD)) return this.enterLarge(p);
    if (!final && (next === INCOMPLETE || (end - json.errorAt < SHOWN && end - p <= MAX_RECORD))) return INCOMPLETE;
    const broken =
      next === SYNTAX ? { error: json.error, at: json.errorAt } : { error: "the text ends inside the record", at: end };
    if (!this.recordsAtTop && json.breaksInArray(p)) {
      this.enclosing.frames.push(this.enclosing.frameAt(p, 0, ""));
      this.state = "outerFirst";
      throw next === SYNTAX ? this.brokenAt(p, broken.at, end, broken.error) : this.cutOff(end);
    }
    this.broken = broken;
    return this.lineOf(p, end, final, broken);
  }

  /** Rejects the rest of the line as one bad record, and continues after it. */
  private lineOf(p: number, end: number, final: boolean, { error, at }: Broken): number {
    const { context, json } = this;
    if (this.undecided.length > 0) this.hasRecordsAtTop();
    const { bytes } = json;
    const to = lineEnd(bytes, p, end);
    if (to === end && !final && end - p <= MAX_RECORD) return INCOMPLETE;
    const stop = to > p && bytes[to - 1] === RETURN ? to - 1 : to;
    const { code, message } = explain.line(bytes, p, stop, end, error, at);
    if (to < end || final) {
      this.intake.refuse(code, message, p, stop);
      return to;
    }
    this.badLine = { excerpt: context.excerptOf(p, p + MAX_RECORD + 1), code, message: message() };
    this.state = "line";
    return p;
  }

  private skipLine(p: number, end: number, final: boolean): number {
    const { context } = this;
    const { excerpt, code, message } = this.badLine as BadLine;
    const to = lineEnd(this.json.bytes, p, end);
    if (to === end && !final) return end;
    context.slow++;
    context.rejectExcerpt(code, message, excerpt, context.offsetOf(to) - excerpt.offset);
    this.state = "top";
    return to;
  }

  /** If the object in [p, next) is a wrapper, enters it, or skips it if it is empty. Returns -1 if it is a record. */
  private openWrapper(p: number, next: number): number {
    const { json } = this;
    const full: string[] = [];
    const empty: string[] = [];
    /** The first whose first object has a timestamp. */
    let likely: string | undefined;
    json.members(p, (key, start) => {
      if (json.bytes[start] !== OPEN_ARRAY) return;
      const first = json.bytes[json.blanks(start + 1)];
      if (first === OPEN_OBJECT) {
        full.push(key);
        json.members(json.blanks(start + 1), (name) => {
          if (name === this.context.plan.timestampField) likely ??= key;
        });
      }
      if (first === CLOSE_ARRAY) empty.push(key);
    });
    if (full.length > 1) throw this.context.fail(p, "two_arrays", explain.twoArrays(full, likely ?? full[0]));
    if (full.length === 1) {
      this.undecided = [];
      return this.descend(p, 0);
    }
    // Among records, this is a record without the needed fields.
    if (empty.length === 0 || this.recordsAtTop) return -1;
    const { found } = this.intake.search(p, next);
    if (found.length > 0) throw this.context.fail(p, "array_elsewhere", explain.arrayElsewhere(empty, found));
    // A dataset without readings, or a page of one; unless a record follows, which makes this one, too.
    this.undecided.push(this.intake.asBad(p, next));
    this.undecidedBytes += next - p + UNDECIDED_BYTES;
    if (this.undecidedBytes > MOST_UNDECIDED) this.hasRecordsAtTop();
    return next;
  }

  /** There is a record at the top level: so what came there before, and seemed to be an empty wrapper, was a bad one. */
  private hasRecordsAtTop(): void {
    this.recordsAtTop = true;
    const { context, undecided } = this;
    if (undecided.length === 0) return;
    const first = undecided[0]!.excerpt.record;
    undecided.forEach(({ code, message, excerpt, bytes, field }, n) => {
      context.slow++;
      context.rejectExcerpt(code, message, { ...excerpt, record: first + n }, bytes, field);
    });
    this.undecided = [];
  }

  // ---- the array of records ------------------------------------------------------------------------------------

  private inside(p: number, end: number, final: boolean): number {
    const { json } = this;
    const c = json.bytes[p];
    if (c === CLOSE_ARRAY && this.state !== "value") {
      if (this.partOfArray && this.enclosing.frames.length === 0) return this.stop(p);
      this.leave();
      return p + 1;
    }
    if (this.state === "comma") {
      if (c !== COMMA) return this.notJson(p, p, end, final, "neither , nor ] after a record");
      this.state = "value";
      return p + 1;
    }
    if (c === CLOSE_ARRAY) return this.notJson(p, p, end, final, "a comma before the closing bracket");
    if (p >= this.limit) return this.stop(p);
    if (c === OPEN_OBJECT) {
      const fast = this.intake.fast(p, end, this.limit);
      if (fast > p) {
        this.state = "value";
        return fast;
      }
    }
    const next = c === OPEN_OBJECT ? json.record(p) : json.value(p);
    if (next === SYNTAX) return this.notJson(p, json.errorAt, end, final, json.error);
    if (next === INCOMPLETE && end - p <= MAX_RECORD) {
      if (final) throw this.cutOff(end);
      return INCOMPLETE;
    }
    if (next === INCOMPLETE || next - p > MAX_RECORD) return this.startLongRecord(p);
    this.state = "comma";
    if (c === OPEN_OBJECT) return this.intake.take(p, next);
    return this.intake.refuse("not_a_record", () => explain.notARecord(json.bytes.subarray(p, next)), p, next);
  }

  // ---- the containers that enclose the array of records --------------------------------------------------------

  /** Enters the array of records at `p`. @param pointer the tokens that lead to it */
  private enter(p: number, pointer: readonly string[]): number {
    this.arrays++;
    this.state = "first";
    this.intake.at = [...pointer, "*"];
    if (this.enclosing.frames.length > 0) this.enclosing.frames[this.enclosing.frames.length - 1].found = true;
    this.intake.useLayouts(true);
    this.enclosing.countUnnamed();
    return p + 1;
  }

  /** Leaves the array of records at its end. */
  private leave(): void {
    this.context.kernel.unnamed = 0;
    this.intake.at = [];
    this.state = this.enclosing.frames.length > 0 ? "outerComma" : "top";
  }

  /** Enters a container, the member `name` of the current one. @param matched how many tokens of the pointer lead to it */
  private descend(p: number, matched: number, name = ""): number {
    if (this.enclosing.frames.length === 0) this.target = undefined;
    this.enclosing.otherNames = [];
    this.enclosing.frames.push(this.enclosing.frameAt(p, matched, name));
    this.state = "outerFirst";
    return p + 1;
  }

  /** Enters the top-level object at `p`, which is longer than a record may be. */
  private enterLarge(p: number): number {
    const excerpt = this.context.excerptOf(p, p + MAX_RECORD + 1);
    this.large = { excerpt, record: false, empty: [], search: this.intake.newSearch() };
    return this.descend(p, 0);
  }

  private outer(p: number, end: number, final: boolean): number {
    const { json } = this;
    const frame = this.enclosing.frames[this.enclosing.frames.length - 1];
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
      frame.source?.skipped(json, name, start, false);
      frame.index++;
      return entered;
    }
    const next = json.value(start);
    if (next === SYNTAX) return this.outerError(p, json.errorAt, end, final, json.error);
    if (next === INCOMPLETE) {
      if (end - p <= MAX_RECORD) return this.outerWait(p, end, final);
      this.skipMember(frame, name, start);
      frame.source?.skipped(json, name, start, true);
      this.large?.search.begin([name]);
      return this.startLong(
        new LongValue(this.context.excerptOf(start, start + MAX_RECORD + 1), "outerComma", 0),
        start,
      );
    }
    this.skipMember(frame, name, start);
    frame.source?.member(json, name, start, next);
    if (this.mayBeRecord()) {
      this.large?.search.begin([name]);
      this.large?.search.feed(json.bytes, start, next);
    }
    this.state = "outerComma";
    return next;
  }

  /** Skips the member whose value is at `start`. */
  private skipMember(frame: Frame, name: string, start: number): void {
    if (this.context.plan.records?.[frame.matched] === EVERY && frame.open === OPEN_ARRAY)
      throw this.enclosing.noArray(start, this.enclosing.frames.length);
    frame.index++;
    const pointer = this.context.plan.records;
    const wanted = pointer !== undefined && frame.matched >= 0 && frame.open === OPEN_OBJECT;
    if (wanted && pointer[frame.matched] !== name && this.enclosing.otherNames.length <= MAX_NAMES)
      this.enclosing.otherNames.push(name);
  }

  /** Enters the value at `start` if the records are there or below; returns `undefined` if they are not. */
  private enterMember(frame: Frame, name: string, start: number, end: number): number | undefined {
    const { json, context, large } = this;
    const pointer = context.plan.records;
    const c = json.bytes[start];
    if (pointer !== undefined) return this.follow(frame, pointer, name, start);
    if (large !== undefined && context.fields.needed.includes(name)) large.record = true;
    if (c !== OPEN_ARRAY || large?.record) return undefined;
    const first = json.blanks(start + 1);
    if (first >= end) return INCOMPLETE;
    if (large !== undefined && json.bytes[first] === CLOSE_ARRAY && large.empty.length <= MAX_NAMES)
      large.empty.push(name);
    if (json.bytes[first] !== OPEN_OBJECT) return undefined;
    if (this.target !== undefined)
      throw context.fail(start, "two_arrays", explain.twoArrays([this.target, name], this.target));
    this.target = name;
    return this.enter(start, [name]);
  }

  /** The same if a pointer says where the records are. */
  private follow(frame: Frame, pointer: readonly string[], name: string, start: number): number | undefined {
    const c = this.json.bytes[start];
    const token = pointer[frame.matched];
    if (token !== name && !(token === EVERY && frame.open === OPEN_ARRAY)) return undefined;
    const matched = frame.matched + 1;
    if (matched === pointer.length && c === OPEN_ARRAY) return this.enter(start, pointer);
    if (matched < pointer.length && (c === OPEN_OBJECT || c === OPEN_ARRAY)) return this.descend(start, matched, name);
    return undefined;
  }

  /** Handles a member at `p` that goes on past `end`. */
  private outerWait(p: number, end: number, final: boolean): number {
    if (!final && end - p <= MAX_RECORD) return INCOMPLETE;
    if (this.mayBeRecord()) {
      if (final) return this.endLarge(end);
      // With a name of more than 16 MiB, it is hardly meant as a wrapper.
      const { excerpt } = this.large as Large;
      this.target = undefined;
      return this.startLong(new LongValue(excerpt, "top", this.enclosing.frames.length), p);
    }
    if (final) throw this.cutOff(end);
    throw this.context.fail(p, "too_long", "a name of more than 16 MiB in the wrapper object; is a quote missing?");
  }

  private closeOuter(p: number): number {
    const { context, large } = this;
    const { frames } = this.enclosing;
    const pointer = context.plan.records;
    const frame = frames[frames.length - 1];
    if (pointer !== undefined && !frame.found) {
      const around = frames[frames.length - 2];
      if (around === undefined || (around.open === OPEN_ARRAY && pointer[around.matched] === EVERY))
        throw this.enclosing.noArray(p, frames.length - 1);
    }
    frames.pop();
    if (frame.found && frames.length > 0) frames[frames.length - 1].found = true;
    if (frame.source !== undefined) this.enclosing.settle(frame.source);
    this.state = "outerComma";
    if (frames.length > 0) return p + 1;
    this.state = "top";
    if (large === undefined) return p + 1;
    if (this.target === undefined && (large.record || large.empty.length === 0)) return this.endLarge(p + 1);
    if (large.record) throw context.fail(p, "two_kinds", explain.recordOrWrapper(this.target as string));
    if (this.target === undefined && large.search.found.length > 0)
      throw context.failAt(large.excerpt, "array_elsewhere", explain.arrayElsewhere(large.empty, large.search.found));
    this.large = undefined;
    return p + 1;
  }

  /** Whether the top-level object may still be a record that is too long. */
  private mayBeRecord(): boolean {
    return this.large !== undefined && this.target === undefined;
  }

  /** Rejects the large top-level object, which ends at `p`: it was not a wrapper, but a record that is too long. */
  private endLarge(p: number): number {
    const { context } = this;
    const { excerpt, record, search } = this.large as Large;
    this.hasRecordsAtTop();
    excerpt.record = context.records;
    this.large = undefined;
    this.long = undefined;
    this.enclosing.frames.length = 0;
    this.state = "top";
    context.slow++;
    const message = explain.tooLong(excerpt.text, record ? [] : search.found);
    context.rejectExcerpt("too_long", message, excerpt, context.offsetOf(p) - excerpt.offset);
    return p;
  }

  private outerError(p: number, at: number, end: number, final: boolean, error: string): number {
    if (!this.mayBeRecord()) return this.notJson(p, at, end, final, error);
    const to = lineEnd(this.json.bytes, at, end);
    if (to === end && !final && end - at <= MAX_RECORD) return INCOMPLETE;
    return this.endLarge(to);
  }

  // ---- values too long for the window --------------------------------------------------------------------------

  /** Skips the record at `p`, in the array, which is too long. */
  private startLongRecord(p: number): number {
    return this.startLong(new LongValue(this.context.excerptOf(p, p + MAX_RECORD + 1), "comma", 0), p);
  }

  private startLong(long: LongValue, p: number): number {
    this.long = long;
    this.state = "long";
    return p;
  }

  private skipLong(p: number, end: number, final: boolean): number {
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
      context.rejectExcerpt(
        "too_long",
        explain.tooLong(long.excerpt.text),
        long.excerpt,
        context.offsetOf(next) - long.excerpt.offset,
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

  // ---- errors that end the scan --------------------------------------------------------------------------------

  private cutOff(at: number) {
    const where =
      this.enclosing.frames.length > 0 && this.state.startsWith("outer")
        ? "the wrapper object"
        : "the array of records";
    return this.context.fail(at, "cut_off", explain.cutOff(where));
  }

  /**
   * Fails because the value at `p` stops being JSON at `at`: nothing after that can be trusted.
   * @returns INCOMPLETE if the bytes that the message would show have not arrived yet
   * @throws ScanFailure
   */
  private notJson(p: number, at: number, end: number, final: boolean, error: string): typeof INCOMPLETE {
    if (!final && end - at < SHOWN && end - p <= MAX_RECORD) return INCOMPLETE;
    throw this.brokenAt(p, at, end, error);
  }

  private brokenAt(p: number, at: number, end: number, error: string) {
    return this.context.fail(at, "not_json", explain.structure(this.json.bytes, p, at, end, error));
  }
}
