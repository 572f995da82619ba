/**
 * JSON in every form: records one after another (on lines or not), arrays of them, and wrapper objects with the array
 * somewhere inside. Read as a stream: only one record has to lie in the window at a time, and of a wrapper one member.
 */
import type { Context, Format, Kept, Shape } from "./context.js";
import { explain } from "./explain.js";
import { Kind, TIMESTAMP, VALUE } from "./fields.js";
import { JsonRecords } from "./json-record.js";
import { INCOMPLETE, SYNTAX } from "./json-value.js";
import type { Layouts } from "./layouts.js";
import { MAX_RECORD } from "./plan.js";

const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const COMMA = 44;
const NEWLINE = 10;

/** Bytes that a message shows of where an array is broken. */
const SHOWN_BYTES = 40;
/** Bytes between two records that are worth remembering. */
const MAX_SEPARATOR = 64;

/** Where the scan stands: before a value at the top; in the array of records; in a container around it; in what is too long. */
type State = "top" | "first" | "comma" | "value" | "outerFirst" | "outerComma" | "outerNext" | "long";

/** A container around the array of records. */
interface Frame {
  open: typeof OPEN_OBJECT | typeof OPEN_ARRAY;
  /** How many tokens of the pointer lead here; -1 where it leads elsewhere. */
  matched: number;
  /** The next element's index, in an array. */
  index: number;
}

/** A value that is too long to be looked at whole, and how it goes on afterwards. */
interface Long {
  kept: Kept;
  reject: boolean;
  then: State;
  depth: number;
  inString: boolean;
  afterBackslash: boolean;
}

export class JsonFormat implements Format {
  private readonly json: JsonRecords;
  private state: State;
  stopped = false;
  private limit = Number.POSITIVE_INFINITY;
  /** Begun inside an array: there is nobody here to go on after its end. */
  private readonly partOfArray: boolean;
  /** The bytes between two records, as they were first seen. */
  private separator: Uint8Array | undefined;
  private readonly frames: Frame[] = [];
  /** Name of the member that holds the records, once one was found in this wrapper. */
  private target: string | undefined;
  /** The top-level object that goes on past the longest record: a wrapper, or a record that is too long. */
  private large: Kept | undefined;
  private largeIsRecord = false;
  private long: Long | undefined;
  /** Whether the layouts are of records in an array, with a comma after each, or of such at the top level. */
  private layoutsInArray: boolean;
  /** The last good record that the kernel did not take, with its fields still in place: from and to, or -1. */
  private learnFrom = -1;
  private learnTo = -1;

  constructor(
    private readonly context: Context,
    private readonly layouts: Layouts,
    shape?: Shape & { format: "json" },
  ) {
    this.json = new JsonRecords(context.fields);
    this.state = shape?.state ?? "top";
    this.partOfArray = shape !== undefined && shape.state !== "top";
    this.layoutsInArray = this.partOfArray;
  }

  shape(): Shape | undefined {
    const { state, separator, layouts } = this;
    if (state !== "top" && state !== "first" && state !== "comma" && state !== "value") return undefined;
    const programs = this.layoutsInArray === (state !== "top") ? layouts.programs : [];
    return { format: "json", state, separator, programs };
  }

  recordEnded(): void {
    if (this.state === "first" || this.state === "value") this.state = "comma";
  }

  scan(start: number, end: number, final: boolean, limit: number): number {
    this.learnFrom = -1;
    this.limit = limit;
    let p = start;
    while (p < end || final) {
      this.json.bytes = this.context.kernel.bytes;
      this.json.end = end;
      const next = this.step(p, end, final);
      if (next === INCOMPLETE) return p;
      p = next;
      if (this.stopped) break;
      if (p === end && (!final || this.state === "top")) break;
    }
    return p;
  }

  private step(p: number, end: number, final: boolean): number {
    if (this.state === "long") return this.skipLong(p, end, final);
    p = this.json.blanks(p);
    if (p >= end) {
      if (final && this.state !== "top") throw this.cutOff(end);
      return end;
    }
    switch (this.state) {
      case "top":
        return this.top(p, end, final);
      case "first":
      case "value":
      case "comma":
        return this.inArray(p, end, final);
      default:
        return this.outer(p, end, final);
    }
  }

  private stop(p: number): number {
    this.stopped = true;
    return p;
  }

  private cutOff(at: number) {
    const where =
      this.frames.length > 0 && this.state.startsWith("outer") ? "the wrapper object" : "the array of records";
    return this.context.fail(at, "cut_off", `the text ends inside ${where}: the file is cut off`);
  }

  // ---- records at the top level -------------------------------------------------------------------------------

  private top(p: number, end: number, final: boolean): number {
    if (p >= this.limit) return this.stop(p);
    const c = this.json.bytes[p];
    const { records } = this.context.plan;
    if (records !== undefined) {
      if (c === OPEN_ARRAY && records.length === 0) return this.enter(p);
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) return this.descend(p, 0);
    } else {
      if (c === OPEN_ARRAY) return this.enter(p);
      if (c === OPEN_OBJECT) return this.topObject(p, end, final);
    }
    return this.badLine(p, end, final, "a record is a JSON object");
  }

  private topObject(p: number, end: number, final: boolean): number {
    const fast = this.fast(p, end);
    if (fast > p) return fast;
    const { json, context } = this;
    const next = json.record(p);
    if (next >= 0 && next - p <= MAX_RECORD) {
      if (
        context.fields.kind[TIMESTAMP] === Kind.absent &&
        context.fields.kind[VALUE] === Kind.absent &&
        json.badTextAt < 0
      ) {
        const wrapper = this.openWrapper(p);
        if (wrapper >= 0) return wrapper;
      }
      return this.take(p, next);
    }
    if (next === SYNTAX) return this.badLine(p, end, final, json.error);
    if (next >= 0 || end - p > MAX_RECORD) {
      this.large = context.keep(p, p + MAX_RECORD + 1);
      this.largeIsRecord = false;
      return this.descend(p, 0);
    }
    return final ? this.badLine(p, end, final, "the text ends inside the record") : INCOMPLETE;
  }

  /** The rest of the line is one bad record, and reading goes on after it. */
  private badLine(p: number, end: number, final: boolean, error: string): number {
    let to = this.json.bytes.indexOf(NEWLINE, p);
    if (to < 0 || to >= end) {
      if (!final && end - p <= MAX_RECORD) return INCOMPLETE;
      to = end;
    }
    const stop = to > p && this.json.bytes[to - 1] === 13 ? to - 1 : to;
    this.context.slow++;
    const bytes = this.context.kernel.bytes.subarray(p, stop);
    this.context.reject("not_json", explain.notJson(bytes, error), p, stop);
    return to;
  }

  /** If the object at `p` is a wrapper, enters it; -1 if it is a record. */
  private openWrapper(p: number): number {
    const { json } = this;
    const full: string[] = [];
    const empty: string[] = [];
    json.members(p, (key, start) => {
      if (json.bytes[start] !== OPEN_ARRAY) return;
      const first = json.bytes[json.blanks(start + 1)];
      if (first === OPEN_OBJECT) full.push(key);
      else if (first === CLOSE_ARRAY) empty.push(key);
    });
    const names = full.length > 0 ? full : empty;
    if (names.length === 0) return -1;
    if (names.length > 1) throw this.context.fail(p, "two_arrays", explain.twoArrays(names));
    if (full.length === 0) {
      // Its array is empty, so it is a dataset without readings, which has been read whole.
      return json.value(p);
    }
    return this.descend(p, 0);
  }

  // ---- the array of records ------------------------------------------------------------------------------------

  private enter(p: number): number {
    this.state = "first";
    return p + 1;
  }

  private inArray(p: number, end: number, final: boolean): number {
    const { json, context } = this;
    const c = json.bytes[p];
    if (c === CLOSE_ARRAY && this.state !== "value") {
      if (this.partOfArray && this.frames.length === 0) return this.stop(p);
      this.state = this.frames.length > 0 ? "outerComma" : "top";
      return p + 1;
    }
    if (this.state === "comma") {
      if (c !== COMMA) return this.broken(p, end, final, "neither , nor ] after a record");
      this.state = "value";
      return p + 1;
    }
    if (p >= this.limit) return this.stop(p);
    if (c === OPEN_OBJECT) {
      const fast = this.fast(p, end);
      if (fast > p) {
        this.state = "value";
        return fast;
      }
    }
    json.badTextAt = -1;
    const next = c === OPEN_OBJECT ? json.record(p) : json.value(p);
    if (next === SYNTAX) return this.broken(json.errorAt, end, final, json.error);
    if (next === INCOMPLETE && end - p <= MAX_RECORD) {
      if (final) throw this.cutOff(end);
      return INCOMPLETE;
    }
    if (next === INCOMPLETE || next - p > MAX_RECORD) return this.startLong(p, true, "comma");
    this.state = "comma";
    if (c === OPEN_OBJECT) return this.take(p, next);
    context.slow++;
    context.reject("not_a_record", explain.notARecord(json.bytes.subarray(p, next)), p, next);
    return next;
  }

  /** Inside an array the rest cannot be trusted. Waits for what the message shows of it. */
  private broken(at: number, end: number, final: boolean, error: string): number {
    if (!final && end - at < SHOWN_BYTES) return INCOMPLETE;
    throw this.context.fail(
      at,
      "not_json",
      explain.structure(this.json.bytes.slice(at, Math.min(end, at + SHOWN_BYTES)), error),
    );
  }

  /** Judges the record in [p, next), whose fields are set. */
  private take(p: number, next: number): number {
    const { json, context } = this;
    context.slow++;
    if (json.badTextAt >= 0) {
      context.reject("bad_text", explain.badText(json.badText, json.badTextAt - p), p, next);
      return next;
    }
    const code = context.take(p);
    if (code !== undefined) {
      const found: string[] = [];
      if (code.startsWith("missing")) {
        json.bytes = context.kernel.bytes;
        json.members(p, (key) => found.push(key));
      }
      context.reject(code, explain.field(code, context, found), p, next);
    } else {
      this.learnFrom = p;
      this.learnTo = next;
    }
    return next;
  }

  /** Lets the kernel take what fits a layout; a record that it did not know is learnt first. */
  private fast(p: number, end: number): number {
    const { layouts } = this;
    const inArray = this.state !== "top";
    if (inArray !== this.layoutsInArray) layouts.forget();
    this.layoutsInArray = inArray;
    if (this.learnFrom >= 0 && this.isSeparator(this.learnTo, p, inArray)) {
      if (this.separator === undefined && p - this.learnTo <= MAX_SEPARATOR)
        this.separator = this.context.kernel.bytes.slice(this.learnTo, p);
      layouts.learnJson(this.context, this.learnFrom, this.learnTo, p);
    }
    this.learnFrom = -1;
    return layouts.run(this.context, p, end, this.limit);
  }

  /** Whether nothing stands in [from, to) but what separates two records: blanks, and one comma if in an array. */
  private isSeparator(from: number, to: number, inArray: boolean): boolean {
    const { json } = this;
    const p = json.blanks(from);
    if (!inArray) return p === to;
    return json.bytes[p] === COMMA && json.blanks(p + 1) === to;
  }

  // ---- containers around the array -----------------------------------------------------------------------------

  /** Opens a container; `matched` tokens of the pointer lead to it, -1 if it lies off its way. */
  private descend(p: number, matched: number): number {
    if (this.frames.length === 0) this.target = undefined;
    this.frames.push({ open: this.json.bytes[p] as Frame["open"], matched, index: 0 });
    this.state = "outerFirst";
    return p + 1;
  }

  private outer(p: number, end: number, final: boolean): number {
    const { json } = this;
    const frame = this.frames[this.frames.length - 1];
    const c = json.bytes[p];
    if (this.state !== "outerNext" && c === (frame.open === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY))
      return this.closeOuter(p);
    if (this.state === "outerComma") {
      if (c !== COMMA) return this.outerError(p, end, final, "neither , nor the end after a value");
      this.state = "outerNext";
      return p + 1;
    }
    let start = p;
    let name = String(frame.index);
    json.badTextAt = -1;
    if (frame.open === OPEN_OBJECT) {
      start = json.key(p);
      if (start === SYNTAX) return this.outerError(json.errorAt, end, final, json.error);
      if (start === INCOMPLETE) return this.outerWait(p, end, final);
      name = json.nameAt(p);
    }
    const entered = this.enterMember(frame, name, start, end);
    if (entered !== undefined) {
      if (entered >= 0) frame.index++;
      return entered === INCOMPLETE ? this.outerWait(p, end, final) : entered;
    }
    const next = json.value(start);
    if (next === SYNTAX) return this.outerError(json.errorAt, end, final, json.error);
    if (next === INCOMPLETE) {
      if (end - start <= MAX_RECORD) return this.outerWait(p, end, final);
      frame.index++;
      return this.startLong(start, false, "outerComma");
    }
    frame.index++;
    this.state = "outerComma";
    return next;
  }

  /** Enters the value at `start` if the records lie there or below; `undefined` if they do not. */
  private enterMember(frame: Frame, name: string, start: number, end: number): number | undefined {
    const { json, context } = this;
    const pointer = context.plan.records;
    const c = json.bytes[start];
    if (pointer !== undefined) {
      if (frame.matched < 0 || pointer[frame.matched] !== name) return undefined;
      const matched = frame.matched + 1;
      if (matched === pointer.length && c === OPEN_ARRAY) {
        this.target = name;
        return this.enter(start);
      }
      if (matched < pointer.length && (c === OPEN_OBJECT || c === OPEN_ARRAY)) return this.descend(start, matched);
      return undefined;
    }
    if (context.fields.names.indexOf(name) === TIMESTAMP || context.fields.names.indexOf(name) === VALUE)
      this.largeIsRecord = true;
    if (c !== OPEN_ARRAY) return undefined;
    const first = json.blanks(start + 1);
    if (first >= end) return INCOMPLETE;
    if (json.bytes[first] !== OPEN_OBJECT) return undefined;
    if (this.target !== undefined) throw context.fail(start, "two_arrays", explain.twoArrays([this.target, name]));
    this.target = name;
    return this.enter(start);
  }

  private outerWait(p: number, end: number, final: boolean): number {
    if (!final && end - p <= 2 * MAX_RECORD) return INCOMPLETE;
    if (this.large !== undefined && this.target === undefined) return this.endLarge(end);
    throw this.cutOff(end);
  }

  private closeOuter(p: number): number {
    const { context } = this;
    const pointer = context.plan.records;
    this.frames.pop();
    this.state = "outerComma";
    if (this.frames.length > 0) return p + 1;
    this.state = "top";
    if (pointer !== undefined && this.target === undefined) throw context.fail(p, "no_array", explain.noArray(pointer));
    if (this.large !== undefined) {
      if (this.target === undefined) return this.endLarge(p + 1);
      if (this.largeIsRecord) throw context.fail(p, "two_kinds", explain.recordOrWrapper(this.target));
      this.large = undefined;
    }
    return p + 1;
  }

  /** The large top-level object was no wrapper: one record that is too long. */
  private endLarge(p: number): number {
    const { context } = this;
    const kept = this.large as Kept;
    this.large = undefined;
    this.frames.length = 0;
    this.state = "top";
    context.slow++;
    context.rejectKept("too_long", explain.tooLong, kept, context.offsetOf(p) - kept.offset);
    return p;
  }

  private outerError(at: number, end: number, final: boolean, error: string): number {
    const { context, json } = this;
    if (this.large === undefined || this.target !== undefined) return this.broken(at, end, final, error);
    const to = json.bytes.indexOf(NEWLINE, at);
    if ((to < 0 || to >= end) && !final && end - at <= MAX_RECORD) return INCOMPLETE;
    return this.endLarge(to < 0 || to > end ? end : to);
  }

  // ---- what is too long to be looked at whole ------------------------------------------------------------------

  private startLong(p: number, reject: boolean, then: State): number {
    const kept = this.context.keep(p, p + MAX_RECORD + 1);
    this.long = { kept, reject, then, depth: 0, inString: false, afterBackslash: false };
    this.state = "long";
    return p;
  }

  /** Steps over a long value: only strings and brackets are told apart. */
  private skipLong(p: number, end: number, final: boolean): number {
    const long = this.long as Long;
    const { bytes } = this.json;
    const unbounded = this.large !== undefined && this.target === undefined;
    while (p < end) {
      const c = bytes[p++];
      if (long.afterBackslash) long.afterBackslash = false;
      else if (long.inString) {
        if (c === 92) long.afterBackslash = true;
        else if (c === NEWLINE && unbounded) return this.endLarge(p - 1);
        else if (c === 34) {
          long.inString = false;
          if (long.depth === 0) return this.endLong(p);
        }
      } else if (c === 34) long.inString = true;
      else if (c === OPEN_OBJECT || c === OPEN_ARRAY) long.depth++;
      else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
        long.depth--;
        if (long.depth <= 0) return this.endLong(long.depth === 0 ? p : p - 1);
      } else if (c === COMMA && long.depth === 0) return this.endLong(p - 1);
    }
    if (!final) return end;
    if (unbounded) return this.endLarge(end);
    throw this.cutOff(end);
  }

  private endLong(p: number): number {
    const { context } = this;
    const long = this.long as Long;
    this.long = undefined;
    this.state = long.then;
    if (long.reject) {
      context.slow++;
      context.rejectKept("too_long", explain.tooLong, long.kept, context.offsetOf(p) - long.kept.offset);
    }
    return p;
  }
}
