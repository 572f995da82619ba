/**
 * The slow path: validates one record, whose fields were found, and counts it if it is good. What is valid is decided
 * here, and in `time/` and `tally/`, for every format; the kernel only repeats what has passed here before.
 */

import { DECIMAL_OK, DECIMAL_TOO_LARGE } from "../tally/decimal.js";
import { DEFERRED, Plane } from "../tally/tally.js";
import type { Stamp } from "../time/instant.js";
import { StampReader } from "../time/stamp-reader.js";
import { FieldText, isText } from "./field-text.js";
import { type Fields, Kind, SOURCE, TIMESTAMP, VALUE } from "./fields.js";
import { IntervalReader } from "./interval-reader.js";
import type { Kernel } from "./kernel.js";
import { LEFT_OUT } from "./left-out.js";
import type { ScanPlan, Sought } from "./plan.js";
import type { Reason } from "./reasons.js";
import type { RowOrder } from "./row-order.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";
import { isSlow } from "./slow-days.js";
import { ValueReader } from "./value-reader.js";

const SLASH = 47;
/** Bytes of the ids of a row's sources, which all repeat the row's own. */
const MAX_ROW_IDS = 1024 * 1024;

export class RecordValidator {
  /** Readings changed by rounding at the 18th decimal place. */
  rounded = 0;
  /** What was left out, counted by why. */
  leftOut: Record<string, number> = {};
  /** Index of the field that named the source of the last good record; -1 for the unnamed source. */
  sourceField = -1;
  /** The provisional source of a column's values, where the object around the records is yet to tell whose they are. */
  unnamedColumn: (name: string) => number = () => 0;
  /** Whether the source that was read last is provisional. */
  private isProvisional = false;
  /** Whether the kernel could count a record like the last good one. */
  teaches = true;
  private readonly stamp: Stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };

  private readonly stamps: StampReader;
  /** `undefined`: readings do not cover time. */
  private readonly intervals: IntervalReader | undefined;
  private readonly text: FieldText;
  readonly value: ValueReader;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly fields: Fields,
    readonly order: RowOrder,
  ) {
    const { timestampFormat, interval } = plan;
    this.text = new FieldText(kernel, fields);
    this.value = new ValueReader(kernel, plan, fields, this.text);
    this.stamps = new StampReader(timestampFormat, interval !== undefined);
    if (interval !== undefined)
      this.intervals = new IntervalReader(kernel, plan, fields, order, this.stamps, this.text);
  }

  /** Validates what a record's values have in common. */
  begin(): Reason | undefined {
    const { fields, plan } = this;
    if (fields.kind[TIMESTAMP] === Kind.absent) return "missing_timestamp";
    if (fields.time >= 0 && fields.kind[fields.time] === Kind.absent) return "missing_timestamp";
    if (!this.readTimestamp()) return "bad_timestamp";
    if (plan.repeatedHour === "fail" && this.isRepeated()) return "repeated_wall_time";
    return this.intervals?.read(this.stamp);
  }

  /** Counts the value, or returns why the record is bad, or that there is no reading. Call `begin` before. */
  takeValue(): Reason | typeof LEFT_OUT | undefined {
    const { fields, value } = this;
    if (fields.kind[VALUE] === Kind.absent) return "missing_value";
    if (value.isMissing()) return this.passOver();
    const read = value.read();
    if (read !== DECIMAL_OK) return read === DECIMAL_TOO_LARGE ? "value_too_large" : "bad_value";

    const source = this.readSource();
    if (source < 0) return "bad_source";
    if (this.intervals !== undefined) {
      const code = this.intervals.count(source, this.stamp, value.decimal, () => value.text(), this.isProvisional);
      if (code !== undefined) return code;
      this.teaches = false;
    } else this.count(source);
    if (value.decimal.rounded) this.rounded++;
    const { lookFor } = this.plan;
    if (lookFor !== undefined) this.found = this.isSought(lookFor);
    return undefined;
  }

  /** Reads the timestamp, or date and time joined by a blank, into `stamp`; false if it is not valid. */
  private readTimestamp(): boolean {
    const { fields, kernel, stamp, stamps, text } = this;
    const kind = fields.kind[TIMESTAMP];
    // Digits that are a number have lost their zeros: 0045 is 45. Only an epoch is a number.
    const isEpoch = kind === Kind.number && fields.time < 0 && stamps.of?.epoch !== undefined;
    if (!isText(kind) && !isEpoch) return false;
    if (fields.time >= 0 && !isText(fields.kind[fields.time])) return false;
    if (fields.time < 0) text.locate(TIMESTAMP);
    else text.join(TIMESTAMP, fields.time);
    return stamps.read(kernel.bytes, text.start, text.end, stamp);
  }

  /** Counts the record as one without a reading. Its place in the order of rows still tells about repeated times. */
  private passOver(): Reason | typeof LEFT_OUT {
    const { stamp, order, plan } = this;
    const source = this.readSource();
    if (source < 0) return "bad_source";
    const change = Number.isNaN(stamp.offset) && plan.repeatedHour === "order" ? order.changeAt(stamp) : -1;
    if (change >= 0) order.addRow(source, change, stamp, 0, this.isProvisional);
    this.leaveOut("missing");
    return LEFT_OUT;
  }

  private leaveOut(why: string): void {
    this.leftOut[why] = (this.leftOut[why] ?? 0) + 1;
  }

  /** Whether the id of a record with several values is good. */
  checkSource(): Reason | undefined {
    const located = this.locateSource();
    return located < 0 || (located > 0 && this.isTooLong(this.sourceField)) ? "bad_source" : undefined;
  }

  /** Whether the id in a field is too long to be repeated for each of the record's values. */
  isTooLong(field: number): boolean {
    this.text.locate(field);
    return (this.text.end - this.text.start) * this.fields.values.length > MAX_ROW_IDS;
  }

  /** Locates the id of the record's source: 1; 0 if it has none; -1 if that is bad. */
  private locateSource(): number {
    const { kind } = this.fields;
    this.sourceField = -1;
    for (let f = SOURCE; f < this.fields.sourcesEnd; f++) {
      if (kind[f] === Kind.absent) continue;
      const located = this.locateId(f);
      if (located === 0) continue;
      this.sourceField = f;
      return located;
    }
    return 0;
  }

  /** The number of the record's source, or -1 if its id is bad. */
  private readSource(): number {
    const { kernel, fields, text } = this;
    const located = this.locateSource();
    if (located < 0) return -1;
    if (fields.isSeveral) return this.columnSource(located > 0);
    this.isProvisional = located === 0 && kernel.unnamed > 0;
    return located > 0 ? kernel.source(text.start, text.end) : kernel.unnamed;
  }

  /** The number of the source that one of several values has: `SOURCE/COLUMN`. @param own whether the record has a source */
  private columnSource(own: boolean): number {
    const { kernel, fields, text } = this;
    const { valueName } = fields;
    for (const c of valueName) if (c === 0) return -1;
    this.isProvisional = !own && kernel.unnamed > 0;
    if (this.isProvisional) return this.unnamedColumn(fields.names[VALUE]);
    const length = own ? text.end - text.start + 1 : 0;
    const to = kernel.scratch(length + valueName.length);
    if (own) {
      kernel.bytes.copyWithin(to, text.start, text.end);
      kernel.bytes[to + length - 1] = SLASH;
    }
    kernel.bytes.set(valueName, to + length);
    return kernel.source(to, to + length + valueName.length);
  }

  /** The number of the source whose id is in a field; 0 for `null` and `""`; -1 if the id is bad. */
  idIn(f: number): number {
    const { kernel, text } = this;
    const located = this.locateId(f);
    return located > 0 ? kernel.source(text.start, text.end) : located;
  }

  /** Locates the id in a field: 1; 0 for `null` and `""`; -1 if the id is bad. */
  private locateId(f: number): number {
    const { fields, kernel, text } = this;
    const kind = fields.kind[f];
    if (kind === Kind.null) return 0;
    if (kind !== Kind.number && !isText(kind)) return -1;
    text.locate(f);
    const { start, end } = text;
    if (kind !== Kind.number) {
      if (start === end) return 0;
      for (let p = start; p < end; p++) if (kernel.bytes[p] === 0) return -1;
      return 1;
    }
    for (let p = start; p < end; p++) {
      const c = kernel.bytes[p];
      if ((c < 48 || c > 57) && !(c === 45 && p === start)) return -1;
    }
    // The integer -0 is 0.
    if (end - start === 2 && kernel.bytes[start] === 45 && kernel.bytes[start + 1] === 48) text.start++;
    return 1;
  }

  /** Whether the last good record was the one that the plan looks for. */
  found = false;

  private isRepeated(): boolean {
    const { order, stamp } = this;
    if (!Number.isNaN(stamp.offset)) return false;
    const change = order.changeAt(stamp);
    return change >= 0 && order.isRepeated(change, stamp);
  }

  private count(source: number): void {
    const { stamp, plan, order } = this;
    const wall = Number.isNaN(stamp.offset);
    this.teaches = !isSlow(this.kernel.bytes, wall, wall ? stamp.wall : stamp.wall - stamp.offset);
    // On days when a clock is put back, the order of all rows matters.
    const change = wall ? order.changeAt(stamp) : -1;
    if (change < 0) this.countAt(source, wall, wall ? stamp.wall : stamp.wall - stamp.offset);
    else if (plan.repeatedHour !== "order") {
      if (order.isRepeated(change, stamp)) this.countAt(source, false, order.instantOf(change, stamp));
      else this.countAt(source, true, stamp.wall);
    } else {
      if (order.mustWait(change, stamp)) this.add(source, DEFERRED, 0, stamp.wall);
      else this.countAt(source, true, stamp.wall);
      order.addRow(source, change, stamp, 1, this.isProvisional);
    }
  }

  private isSought({ wall, instant }: Sought): boolean {
    const { stamp } = this;
    return stamp.wall - (stamp.offset || 0) === (Number.isNaN(stamp.offset) ? wall : instant);
  }

  /** Counts a reading in the slot of its second. @param second wall second if `wall`, else epoch second */
  private countAt(source: number, wall: boolean, second: number): void {
    const { stamp, plan } = this;
    const border = plan.stampsEnd && !stamp.fraction;
    let plane: number;
    let slot: number;
    if (wall) {
      const { width, from, gaps } = plan.walls;
      if (second < from || inGap(gaps, second)) {
        plane = border ? Plane.wallFineBorder : Plane.wallFine;
        slot = second;
      } else {
        slot = Math.floor(second / width);
        plane = border && slot * width === second ? Plane.wallBorder : Plane.wall;
      }
    } else {
      plane = planeOfInstant(plan, second, border);
      slot = slotOfInstant(plan, plane, second, border);
    }
    this.add(source, plane, slot, second);
  }

  private add(source: number, plane: number, slot: number, wholeSecond: number): void {
    const { stamp, kernel } = this;
    const { decimal } = this.value;
    // Half a second stands for any fraction: it only matters whether a timestamp is on a whole second.
    const second = stamp.fraction ? wholeSecond + 0.5 : wholeSecond;
    if (decimal.big !== undefined) kernel.addBig(source, plane, slot, second, decimal.big, decimal.negative);
    else kernel.addScaled(source, plane, slot, second, decimal.mantissa, decimal.power, decimal.negative);
  }

  /** Whether a text is a timestamp, or a time of day, as the end of an interval may be. */
  isEnd(text: string): boolean {
    const bytes = Buffer.from(text);
    const stamp = { ...this.stamp };
    return this.stamps.read(bytes, 0, bytes.length, stamp) || this.stamps.readTime(bytes, 0, bytes.length, 0, stamp);
  }

  /** A field's text with escapes or doubled quotes resolved. */
  plain(field: number): Uint8Array {
    return this.text.plain(field);
  }
}

/** Whether a second is in one of the ranges: flat ascending pairs [from, to). */
function inGap(gaps: Float64Array, second: number): boolean {
  let low = 0;
  let high = gaps.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (gaps[2 * middle + 1] <= second) low = middle + 1;
    else high = middle;
  }
  return low < gaps.length >> 1 && gaps[2 * low] <= second;
}
