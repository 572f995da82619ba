/**
 * NEM12, and what of NEM13 can be told: rows of a meter's data, `200` for a stream of values, `300` for a day of it, `400`
 * for the quality of some of that day's intervals. All inputs of a run are read twice: to learn which row counts for each
 * source and day, then to count it.
 */
import { dayText } from "../../time/period.js";
import type { Context, Excerpt, Format } from "../context.js";
import type { Deliveries, Pass } from "../deliveries.js";
import { explain } from "../explain.js";
import { explainNothing } from "../explain-delivered.js";
import { INCOMPLETE } from "../json-value.js";
import { MAX_RECORD } from "../plan.js";
import type { Reason } from "../reasons.js";
import { DayCounter } from "./day-counter.js";
import { DayRow } from "./day-row.js";
import { type DataStream, streamOf } from "./stream-row.js";

const COMMA = 44;
const RETURN = 13;
/** Bytes that tell what a row is. */
const INDICATOR = 4;

export class NemFormat implements Format {
  readonly stopped = false;
  /** The stream of the last 200 row; a text: why that cannot be read. */
  private stream: DataStream | string = "there is no 200 row above it";
  private source = 0;
  private readonly row: DayRow;
  private readonly counter: DayCounter;
  /** The current line, if it is longer than a record may be. */
  private longLine: Excerpt | undefined;
  /** Rows of energy, good or bad. */
  private rows = 0;

  constructor(
    private readonly context: Context,
    private readonly deliveries: Deliveries,
    private readonly pass: Pass,
  ) {
    this.row = new DayRow(context.kernel);
    this.counter = new DayCounter(context);
  }

  resumePoint(): undefined {
    return undefined;
  }

  recordEnded(): void {}

  scan(start: number, end: number, final: boolean): number {
    let p = start;
    while (p < end) {
      const next = this.longLine === undefined ? this.line(p, end, final) : this.skipLine(this.longLine, p, end, final);
      if (next === INCOMPLETE) return p;
      p = next;
    }
    if (final && this.pass === "count") this.finish(p);
    return p;
  }

  private line(p: number, end: number, final: boolean): number {
    const { kernel } = this.context;
    const { bytes } = kernel;
    const to = kernel.exports.lineEnd(p, end);
    if (to === end && !final) {
      if (end - p <= MAX_RECORD) return INCOMPLETE;
      this.longLine = this.context.excerptOf(p, p + MAX_RECORD + 1);
      return p;
    }
    const stop = withoutPadding(bytes, p, to);
    const next = Math.min(to + 1, end);
    if (stop === p) return next;
    const kind = stop - p === 3 || (stop - p > 3 && bytes[p + 3] === COMMA) ? indicatorAt(bytes, p) : 0;
    if (kind === 300) {
      const blockEnd = this.blockEnd(next, end, final);
      if (blockEnd === INCOMPLETE) return end - p <= MAX_RECORD ? INCOMPLETE : this.tooLong(p, next);
      this.day(p, stop, blockEnd);
      return blockEnd;
    }
    if (kind === 200) this.begin(p, stop);
    else if (kind === 250) this.leaveOut("register", 1);
    else if (kind === 100 || kind === 900) this.stream = "there is no 200 row above it";
    else if (kind === 400) this.reject("bad_row", "the 400 row does not follow a 300 row", p, stop);
    else if (kind !== 500 && kind !== 550)
      this.reject("bad_row", "this is no row of NEM12, which begins with 100, 200, 300, 400, 500 or 900", p, stop);
    return next;
  }

  /** Where the 400 rows that follow end. */
  private blockEnd(p: number, end: number, final: boolean): number {
    const { kernel } = this.context;
    const { bytes } = kernel;
    let blockEnd = p;
    for (let at = p; at < end; ) {
      if (bytes[at] === 10 || bytes[at] === RETURN) {
        at++;
        continue;
      }
      if (end - at < INDICATOR && !final) return INCOMPLETE;
      if (end - at < 3 || indicatorAt(bytes, at) !== 400) return blockEnd;
      const to = kernel.exports.lineEnd(at, end);
      if (to === end && !final) return INCOMPLETE;
      at = Math.min(to + 1, end);
      blockEnd = at;
    }
    return final ? blockEnd : INCOMPLETE;
  }

  private begin(p: number, stop: number): void {
    const { kernel } = this.context;
    this.stream = streamOf(kernel.bytes.subarray(p, stop));
    if (typeof this.stream === "string") {
      this.reject("bad_row", this.stream, p, stop);
      this.stream = "the 200 row above it cannot be read";
    } else if (this.stream.unitPower !== undefined) {
      this.source = kernel.sourceOf(Buffer.from(this.stream.id, "latin1"));
    }
  }

  private day(p: number, stop: number, blockEnd: number): void {
    const { stream, row, pass, deliveries } = this;
    const { bytes } = this.context.kernel;
    if (typeof stream === "string") {
      this.rows++;
      this.reject("bad_row", `the 300 row cannot be read, since ${stream}`, p, stop);
      return;
    }
    if (stream.unitPower === undefined) {
      this.leaveOut(stream.kind, stream.intervals);
      return;
    }
    this.rows++;
    const code = row.read(bytes, p, stop, blockEnd, stream);
    if (code !== undefined) {
      this.reject(code, row.error, p, withoutPadding(bytes, p, blockEnd));
      return;
    }
    row.source = this.source;
    if (pass === "note") {
      row.digest();
      deliveries.noteDirection(stream.isExport);
      deliveries.days.note(row);
      return;
    }
    const verdict = deliveries.days.verdict(row);
    if (verdict === "counts") this.counter.count(row, stream);
    else if (verdict === "conflict")
      this.reject(
        "conflict",
        `${stream.id} has several contents for ${dayText(row.day)}, and nothing tells which is later`,
        p,
        stop,
      );
    else this.leaveOut(verdict, stream.intervals);
  }

  private leaveOut(kind: string, count: number): void {
    if (this.pass === "count") this.context.leaveOut(kind, count);
  }

  private reject(code: Reason, message: string, start: number, end: number): void {
    if (this.pass === "count") this.context.reject(code, () => message, start, end);
  }

  /** @throws ScanFailure where there is nothing but what is left out */
  private finish(p: number): void {
    const { context } = this;
    const kinds = Object.keys(context.kinds);
    if (this.rows > 0 || kinds.length === 0) return;
    throw context.fail(p, ...explainNothing(context.kinds));
  }

  /** Passes over a 300 row with more 400 rows than fit. */
  private tooLong(p: number, next: number): number {
    const { bytes } = this.context.kernel;
    this.reject("too_long", explain.tooLong(bytes.slice(p, p + 256)) as string, p, next);
    return next;
  }

  private skipLine(line: Excerpt, p: number, end: number, final: boolean): number {
    const { context } = this;
    const to = context.kernel.exports.lineEnd(p, end);
    if (to === end && !final) return end;
    this.longLine = undefined;
    const bytes = context.offsetOf(to) - line.offset;
    if (this.pass === "count") context.rejectExcerpt("too_long", explain.tooLong(line.text), line, bytes);
    return to < end ? to + 1 : to;
  }
}

/** The number of three digits at `p`. */
function indicatorAt(bytes: Uint8Array, p: number): number {
  return (bytes[p] - 48) * 100 + (bytes[p + 1] - 48) * 10 + bytes[p + 2] - 48;
}

/** Where a row's text ends: empty cells after it are padding. */
function withoutPadding(bytes: Uint8Array, p: number, end: number): number {
  for (; end > p; end--) {
    const c = bytes[end - 1];
    if (c !== COMMA && c !== RETURN && c !== 32 && c !== 9 && c !== 10) break;
  }
  return end;
}
