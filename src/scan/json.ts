/**
 * JSON in every form: records one after another (on lines or not), arrays of them, and wrapper objects with the array
 * somewhere inside. Read as a stream: only one record has to lie in the window at a time, and of a wrapper one member.
 */
import type { Message } from "../base/message.js";
import type { Context, Excerpt, Format, Shape } from "./context.js";
import { explain } from "./explain.js";
import { Kind, TIMESTAMP, VALUE } from "./fields.js";
import { CLOSE_ARRAY, COMMA, OPEN_ARRAY, OPEN_OBJECT, type State } from "./json-reading.js";
import { INCOMPLETE, SYNTAX } from "./json-value.js";
import { JsonWrapper, SHOWN } from "./json-wrapper.js";
import type { Layouts } from "./layouts.js";
import { lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";

const RETURN = 13;

/** Why the object at the top level that was last read is not JSON: after a value at `at`, or at the text's end. */
interface Broken {
  error: string;
  at: number;
}

/** A line that is one bad record, and too long to be looked at whole. */
interface BadLine {
  kept: Excerpt;
  code: string;
  message: Message;
}

export class JsonFormat extends JsonWrapper implements Format {
  protected state: State;
  /** Begun inside an array: there is nobody here to go on after its end. */
  private readonly partOfArray: boolean;
  /** Begun between records at the top level: an array or a wrapper after them is not for parts, whose ends do not tell it. */
  private readonly partOfTop: boolean;
  /** Whether a record has been seen at the top level, outside of arrays. */
  private recordsAtTop: boolean;
  private broken: Broken | undefined;
  private badLine: BadLine | undefined;

  constructor(context: Context, layouts: Layouts, shape?: Shape & { format: "json" }) {
    const partOfArray = shape !== undefined && shape.state !== "top";
    super(context, layouts, partOfArray);
    this.state = shape?.state ?? "top";
    if (partOfArray) this.at = [...shape.pointer, "*"];
    this.partOfArray = partOfArray;
    this.partOfTop = shape?.state === "top";
    this.recordsAtTop = shape?.state === "top";
  }

  shape(): Shape | undefined {
    const { state, separator, layouts } = this;
    if (state !== "top" && state !== "first" && state !== "comma" && state !== "value") return undefined;
    // Where one array has ended others are likely to follow, and each would end a part.
    if (this.arrays > (state === "top" ? 0 : 1)) return undefined;
    // A part at the top level takes for granted what the first record there tells: that no wrapper follows.
    if (state === "top" && !this.recordsAtTop) return undefined;
    const pointer = state === "top" || this.frames.length === 0 ? [] : this.at.slice(0, -1);
    // Where there are likely to be many arrays, each would end a part.
    if (pointer.includes("*")) return undefined;
    return { format: "json", state, separator, programs: layouts.programs, pointer };
  }

  recordEnded(): void {
    if (this.state === "first" || this.state === "value") this.state = "comma";
    this.countUnnamed();
  }

  scan(start: number, end: number, final: boolean, limit: number): number {
    this.learnFrom = -1;
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
    this.useLayouts(false);
    const c = this.json.bytes[p];
    const { records } = this.context.plan;
    if (records !== undefined) {
      if (c === OPEN_ARRAY && records.length === 0) return this.enter(p, []);
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) return this.descend(p, 0);
    } else {
      if (c === OPEN_ARRAY) return this.enter(p, []);
      if (c === OPEN_OBJECT) return this.topObject(p, end, final);
    }
    return this.lineOf(p, end, final, { error: "no { where a record was expected", at: p });
  }

  private topObject(p: number, end: number, final: boolean): number {
    const { json, context } = this;
    // It lies in an object that broke off, so it breaks off at the same place: not to be read to there once more.
    if (this.broken !== undefined && json.leftOpen(p)) return this.lineOf(p, end, final, this.broken);
    this.broken = undefined;
    const fast = this.fast(p, end);
    if (fast > p) {
      this.recordsAtTop = true;
      return fast;
    }
    const next = json.record(p);
    if (next >= 0 && next - p <= MAX_RECORD) {
      if (context.fields.kind[TIMESTAMP] === Kind.absent && context.fields.kind[VALUE] === Kind.absent) {
        const wrapper = this.openWrapper(p, next);
        if (wrapper >= 0) return wrapper;
      }
      this.recordsAtTop = true;
      return this.take(p, next);
    }
    if (next !== SYNTAX && (next >= 0 || end - p > MAX_RECORD)) return this.enterLarge(p);
    if (!final && (next === INCOMPLETE || (end - json.errorAt < SHOWN && end - p <= MAX_RECORD))) return INCOMPLETE;
    const broken =
      next === SYNTAX ? { error: json.error, at: json.errorAt } : { error: "the text ends inside the record", at: end };
    if (!this.recordsAtTop && json.breaksInArray(p)) {
      this.frames.push(this.frameAt(p, 0, ""));
      this.state = "outerFirst";
      throw next === SYNTAX ? this.brokenAt(p, broken.at, end, broken.error) : this.cutOff(end);
    }
    this.broken = broken;
    return this.lineOf(p, end, final, broken);
  }

  /** The rest of the line is one bad record, and reading goes on after it. */
  private lineOf(p: number, end: number, final: boolean, { error, at }: Broken): number {
    const { context, json } = this;
    const { bytes } = json;
    const to = lineEnd(bytes, p, end);
    if (to === end && !final && end - p <= MAX_RECORD) return INCOMPLETE;
    const stop = to > p && bytes[to - 1] === RETURN ? to - 1 : to;
    const { code, message } = explain.line(bytes, p, stop, end, error, at);
    if (to < end || final) {
      this.refuse(code, message, p, stop);
      return to;
    }
    this.badLine = { kept: context.keep(p, p + MAX_RECORD + 1), code, message };
    this.state = "line";
    return p;
  }

  private skipLine(p: number, end: number, final: boolean): number {
    const { context } = this;
    const { kept, code, message } = this.badLine as BadLine;
    const to = lineEnd(this.json.bytes, p, end);
    if (to === end && !final) return end;
    context.slow++;
    context.rejectKept(code, message, kept, context.offsetOf(to) - kept.offset);
    this.state = "top";
    return to;
  }

  /** If the object in [p, next) is a wrapper, enters it, or passes over it if it is empty; -1 if it is a record. */
  private openWrapper(p: number, next: number): number {
    const { json } = this;
    const full: string[] = [];
    const empty: string[] = [];
    json.members(p, (key, start) => {
      if (json.bytes[start] !== OPEN_ARRAY) return;
      const first = json.bytes[json.blanks(start + 1)];
      if (first === OPEN_OBJECT) full.push(key);
      else if (first === CLOSE_ARRAY) empty.push(key);
    });
    if (full.length > 1) throw this.context.fail(p, "two_arrays", explain.twoArrays(full));
    if (full.length === 1) return this.descend(p, 0);
    // Among records, a record without fields.
    if (empty.length === 0 || this.recordsAtTop) return -1;
    const { found } = this.search(p, next);
    if (found.length > 0) throw this.context.fail(p, "array_elsewhere", explain.arrayElsewhere(empty, found));
    // A dataset without readings.
    return next;
  }

  // ---- the array of records ------------------------------------------------------------------------------------

  private inside(p: number, end: number, final: boolean): number {
    const { json } = this;
    const c = json.bytes[p];
    if (c === CLOSE_ARRAY && this.state !== "value") {
      if (this.partOfArray && this.frames.length === 0) return this.stop(p);
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
      const fast = this.fast(p, end);
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
    if (c === OPEN_OBJECT) return this.take(p, next);
    return this.refuse("not_a_record", explain.notARecord(json.bytes.subarray(p, next)), p, next);
  }
}
