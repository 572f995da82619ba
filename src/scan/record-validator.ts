/**
 * The slow path: validates one record, whose fields were found, and counts it if it is good. What is valid is decided
 * here, and in `time/` and `tally/`, for every format; the kernel only repeats what has passed here before.
 */

import { DECIMAL_OK, DECIMAL_TOO_LARGE } from "../tally/decimal.js";
import { DEFERRED, Plane } from "../tally/tally.js";
import type { Stamp } from "../time/instant.js";
import { StampReader } from "../time/stamp-reader.js";
import { instantOf } from "../time/zone.js";
import { CONSUMPTION, EXPORT, ExportFilter, SOME_EXPORT } from "./export-filter.js";
import { FieldText, isText } from "./field-text.js";
import { type Fields, Kind, TIMESTAMP, VALUE } from "./fields.js";
import { IntervalReader } from "./interval-reader.js";
import type { Kernel } from "./kernel.js";
import { isForKernel } from "./kernel-plan.js";
import { LEFT_OUT } from "./left-out.js";
import type { ScanPlan, Sought } from "./plan.js";
import type { Reason } from "./reasons.js";
import { RecordFilter } from "./record-filter.js";
import type { RowOrder } from "./row-order.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";
import { isSlow } from "./slow-days.js";
import { SourceReader } from "./source-reader.js";
import { ValueReader } from "./value-reader.js";

export class RecordValidator {
  /** Readings changed by rounding at the 18th decimal place. */
  rounded = 0;
  /** What was left out, counted by why. */
  leftOut: Record<string, number> = {};
  /** Readings of formats that have flags of quality, by the letter, `A` first. */
  readonly flags = new Float64Array(26);
  /** Whether the kernel could count a record like the last good one. */
  teaches = true;
  private readonly stamp: Stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };

  private readonly stamps: StampReader;
  /** `undefined`: readings do not cover time. */
  private readonly intervals: IntervalReader | undefined;
  private readonly text: FieldText;
  readonly value: ValueReader;
  readonly filter: RecordFilter;
  readonly source: SourceReader;
  /** `undefined`: nothing is export. */
  readonly exports: ExportFilter | undefined;
  /** Whether the kernel can count any records by the plan. */
  readonly isForKernel: boolean;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly fields: Fields,
    readonly order: RowOrder,
  ) {
    const { timestampFormat, interval, keep } = plan;
    this.text = new FieldText(kernel, fields);
    this.value = new ValueReader(kernel, plan, fields, this.text);
    this.source = new SourceReader(kernel, plan, fields, this.text);
    this.filter = new RecordFilter(kernel, plan, fields, this.text);
    const { exportMark } = plan;
    this.exports = exportMark && new ExportFilter(kernel, fields, this.text, exportMark);
    this.stamps = new StampReader(timestampFormat, interval !== undefined);
    if (interval !== undefined || keep !== undefined)
      this.intervals = new IntervalReader(kernel, plan, fields, order, this.stamps, this.text);
    this.isForKernel = isForKernel(plan, this.stamps.of);
  }

  /** Validates what a record's values have in common. */
  begin(): Reason | typeof LEFT_OUT | undefined {
    const { fields, plan } = this;
    const why = this.filter.why();
    if (why !== undefined) {
      this.leaveOut(why);
      return LEFT_OUT;
    }
    if (fields.kind[TIMESTAMP] === Kind.absent) return "missing_timestamp";
    if (fields.time >= 0 && fields.kind[fields.time] === Kind.absent) return "missing_timestamp";
    if (!this.readTimestamp()) return "bad_timestamp";
    if (plan.repeatedHour === "fail" && this.isRepeated()) return "repeated_wall_time";
    return this.intervals?.read(this.stamp);
  }

  /** How many of a record's several values there are: of a day, as many as it has. */
  valuesIn(all: number): number {
    return this.fields.isDay && this.intervals !== undefined ? this.intervals.values : all;
  }

  /** Sets the value to one of several. */
  select(n: number): void {
    this.fields.select(n);
    if (this.plan.keep?.isExchange === true)
      this.order.spreader.display = this.fields.values[n] === "old_end" ? "old_end" : "new_start";
    if (this.intervals !== undefined) this.intervals.column = n;
  }

  /** Counts the value, or returns why the record is bad, or that there is no reading. Call `begin` before. */
  takeValue(): Reason | typeof LEFT_OUT | undefined {
    const { fields, value, filter, plan } = this;
    if (fields.kind[VALUE] === Kind.absent) return "missing_value";
    if (value.isMissing()) return this.passOver("missing");
    if (filter.unitPower === 0) return "missing_unit";
    const read = value.read(filter.unitPower);
    if (read !== DECIMAL_OK) return read === DECIMAL_TOO_LARGE ? "value_too_large" : "bad_value";

    const { decimal } = value;
    if (plan.keep?.way.register !== undefined && decimal.negative) {
      if ((decimal.big ?? decimal.mantissa) !== 0) return "negative_register";
      decimal.negative = false;
    }
    const isExport = this.exports?.isExport() === true;
    if (isExport) this.exports.directions |= SOME_EXPORT;
    if (isExport && plan.exports === "skip") return this.passOver("export");
    // Export of 0 changes no sum.
    if (this.exports !== undefined && !isExport) this.exports.directions |= CONSUMPTION;
    else if (isExport && (decimal.big ?? decimal.mantissa) !== 0) this.exports.directions |= EXPORT;
    if (isExport && plan.exports === "subtract") decimal.negative = !decimal.negative;

    const source = this.source.read();
    if (source < 0) return "bad_source";
    this.order.isProvisional = this.source.isProvisional;
    if (isExport && plan.exports === "apart") this.kernel.exportSources.mark(source);
    if (this.intervals !== undefined) {
      const code = this.intervals.count(source, this.stamp, decimal, () => value.text());
      if (code !== undefined) return code;
      this.teaches = this.filter.unitPower === plan.unitPower && plan.ownZone === undefined && this.intervals.teaches;
    } else this.count(source);
    if (this.exports !== undefined) this.teaches = false;
    if (decimal.rounded) this.rounded++;
    const { lookFor } = plan;
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

  /** Counts the record as one without a reading that counts. Its place in the order of rows still tells about repeated times. */
  private passOver(why: string): Reason | typeof LEFT_OUT {
    const { stamp, order, plan } = this;
    const source = this.source.read();
    if (source < 0) return "bad_source";
    this.order.isProvisional = this.source.isProvisional;
    const change = Number.isNaN(stamp.offset) && plan.repeatedHour === "order" ? order.changeAt(stamp) : -1;
    if (change >= 0) order.addRow(source, change, stamp, 0);
    this.leaveOut(why);
    return LEFT_OUT;
  }

  private leaveOut(why: string): void {
    this.leftOut[why] = (this.leftOut[why] ?? 0) + 1;
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
    this.teaches =
      this.filter.unitPower === plan.unitPower &&
      !isSlow(this.kernel.bytes, wall, wall ? stamp.wall : stamp.wall - stamp.offset);
    // On days when a clock is put back, the order of all rows matters.
    const change = wall ? order.changeAt(stamp) : -1;
    if (plan.ownZone !== undefined) this.teaches = false;
    if (!wall) this.countAt(source, false, stamp.wall - stamp.offset);
    else if (change < 0) this.countWall(source);
    else if (plan.repeatedHour !== "order") {
      if (order.isRepeated(change, stamp)) {
        this.countAt(source, false, order.instantOf(change, stamp));
        order.readings++;
      } else this.countWall(source);
    } else {
      if (order.mustWait(change, stamp)) this.add(source, DEFERRED, 0, stamp.wall);
      else this.countWall(source);
      order.addRow(source, change, stamp, 1);
    }
  }

  private isSought({ wall, instant }: Sought): boolean {
    const { stamp } = this;
    return stamp.wall - (stamp.offset || 0) === (Number.isNaN(stamp.offset) ? wall : instant);
  }

  /** Counts a reading with a wall time that clocks show once, or skip: of the plan's own zone, if it has one, as an instant. */
  private countWall(source: number): void {
    const { stamp, order, plan } = this;
    const { ownZone: zone } = plan;
    if (zone === undefined) {
      this.countAt(source, true, stamp.wall);
      return;
    }
    const { instant, kind } = instantOf(zone, stamp.wall);
    // If an interval ends when the clock is put forward, the clock still showed its last second.
    const border = plan.stampsEnd && !stamp.fraction;
    if (kind === "skipped" && !(border && instantOf(zone, stamp.wall - 1).kind !== "skipped")) order.skipped++;
    this.countAt(source, false, instant);
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
