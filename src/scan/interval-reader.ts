/** Finds out which time a reading covers, and counts it there. Called by the slow path alone. */
import type { Decimal } from "../tally/decimal.js";
import type { Stamp } from "../time/instant.js";
import { firstAfter, type Interval, MAX_INTERVAL, otherEnd } from "../time/interval.js";
import { spanNanos } from "../time/span-text.js";
import type { LastPart, StampReader } from "../time/stamp-reader.js";
import { instantOf, offsetAt } from "../time/zone.js";
import { toEnergy } from "./average-power.js";
import { type FieldText, isText } from "./field-text.js";
import { type Fields, Kind } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { PlainDays } from "./plain-days.js";
import type { IntervalPlan, KeepPlan, ScanPlan } from "./plan.js";
import type { Reason } from "./reasons.js";
import type { RowOrder } from "./row-order.js";
import type { Held } from "./spread.js";

const BILLION = 1e9;
/** Readings that cover no time, and whose instants matter. */
const MOMENTS = { length: "moment", durationUnit: 1, inclusive: false, power: false } as const;
const HOUR = 3600;
const DAY = 86_400;
const ONE_DAY = { unit: "day", count: 1 } as const;
/** Values an hour, of a record that is a day. */
const PER_HOUR = [1, 2, 4, 6, 12, 30, 60];
/** Hours of days: by their number, columns tell how many values an hour there are. */
const HOURS_OF_DAYS = [23, 24, 25];

export class IntervalReader {
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly end: Stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  /** Whether the end is a time of day alone; and the last unit of the interval, if it names that. */
  private isTime = false;
  private lastPart: LastPart = "day";
  /** Of a record that is a day: how many values it has, which one is current, its first instant, and the seconds of each. */
  values = 0;
  column = 0;
  private dayFrom = 0;
  private width = 0;
  /** Nanoseconds of the record's own length. */
  private span = 0n;
  private readonly plan: Omit<IntervalPlan, "length"> & { readonly length: IntervalPlan["length"] | "moment" };
  /** Whether the kernel could count a reading like the last one: its end is no time of day alone, and it is in no day on which clocks change. */
  teaches = false;
  private readonly plainDays: PlainDays;

  constructor(
    private readonly kernel: Kernel,
    private readonly scan: ScanPlan,
    private readonly fields: Fields,
    private readonly order: RowOrder,
    private readonly stamps: StampReader,
    private readonly texts: FieldText,
  ) {
    this.plan = scan.interval ?? { ...MOMENTS, inputZone: (scan.keep as KeepPlan).inputZone };
    this.plainDays = new PlainDays(kernel, scan);
  }

  /** Reads the field of the end or of the length. @param start of the record */
  read(start: Stamp): Reason | undefined {
    const { length } = this.plan;
    if (length === "columns") return this.readDay(start);
    if (length === "duration") return this.readDuration();
    return length === "end" ? this.readEnd(start) : undefined;
  }

  /** A day has 23, 24 or 25 hours; columns past its values are empty. */
  private readDay({ wall, offset, nanos }: Stamp): Reason | undefined {
    const { fields } = this;
    const { inputZone } = this.plan;
    const instant = wall - offset;
    const midnight = Number.isNaN(offset) ? wall : instant + offsetAt(inputZone, instant);
    if (midnight % DAY !== 0 || nanos !== 0) return "bad_interval";
    const columns = fields.values.length;
    const perHour = PER_HOUR.find((values) => HOURS_OF_DAYS.some((hours) => hours * values === columns));
    if (perHour === undefined) return "bad_interval";
    this.dayFrom = instantOf(inputZone, midnight).instant;
    this.width = HOUR / perHour;
    this.values = (instantOf(inputZone, midnight + DAY).instant - this.dayFrom) / this.width;
    if (!Number.isInteger(this.values) || this.values > columns) return "bad_interval";
    for (let n = this.values; n < columns; n++) if (!fields.isEmpty(n)) return "bad_interval";
    if (Number.isNaN(offset) && this.scan.ownZone === undefined) this.order.once++;
    return undefined;
  }

  private readDuration(): Reason | undefined {
    const { fields } = this;
    const field = fields.duration;
    const kind = fields.kind[field];
    if (kind === Kind.absent) return "missing_interval";
    if (!isText(kind) && kind !== Kind.number) return "bad_interval";
    const text = Buffer.from(this.texts.plain(field)).toString("latin1").trim();
    const span = spanNanos(text, this.plan.durationUnit);
    if (span === undefined || span > BigInt(MAX_INTERVAL) * BigInt(BILLION)) return "bad_interval";
    this.span = span;
    return undefined;
  }

  private readEnd(start: Stamp): Reason | undefined {
    const { fields, stamps, end, texts } = this;
    const { bytes } = this.kernel;
    const [field, time] = fields.ends as [number, number | undefined];
    for (const f of fields.ends) {
      const kind = fields.kind[f];
      if (kind === Kind.absent) return "missing_interval";
      const isEpoch = kind === Kind.number && time === undefined && stamps.of?.epoch !== undefined;
      if (!isText(kind) && !isEpoch) return "bad_interval";
    }
    if (time === undefined) texts.locate(field);
    else texts.join(field, time);
    this.isTime = !stamps.read(bytes, texts.start, texts.end, end);
    if (this.isTime) {
      if (time !== undefined || !stamps.readTime(bytes, texts.start, texts.end, start.wall, end)) return "bad_interval";
      if (Number.isNaN(end.offset)) end.offset = start.offset;
    }
    if (this.plan.inclusive)
      this.lastPart = stamps.lastPart(Buffer.from(bytes.subarray(texts.start, texts.end)).toString("latin1"));
    return undefined;
  }

  /**
   * Counts a reading whose interval has been read.
   * @param stamp of the record @param value which it may change
   * @param text of the value
   */
  count(source: number, stamp: Stamp, value: Decimal, text: () => string): Reason | undefined {
    const { order, scan } = this;
    const { wall } = stamp;
    this.teaches = false;
    if (this.plan.length === "columns") return this.countColumn(source, stamp, value, text);
    if (!Number.isNaN(stamp.offset)) return this.countAt(source, stamp, wall - stamp.offset, value, text);
    const change = order.changeAt(stamp);
    if (change >= 0 && scan.repeatedHour === "order") {
      if (order.mustWait(change, stamp)) return this.hold(source, change, stamp, value, text);
      const code = this.countWall(source, stamp, value, text);
      if (code === undefined) order.addRow(source, change, stamp, 1);
      return code;
    }
    if (change >= 0 && order.isRepeated(change, stamp)) {
      const code = this.countAt(source, stamp, order.instantOf(change, stamp), value, text);
      if (code === undefined) order.readings++;
      return code;
    }
    return this.countWall(source, stamp, value, text);
  }

  private countColumn(source: number, stamp: Stamp, value: Decimal, text: () => string): Reason | undefined {
    const from = this.dayFrom + this.column * this.width;
    const code = this.measure(stamp, from, value, text);
    if (code === undefined) this.order.spreader.count(source, from, this.interval, value);
    return code;
  }

  private countWall(source: number, stamp: Stamp, value: Decimal, text: () => string): Reason | undefined {
    const { instant, kind } = instantOf(this.plan.inputZone, stamp.wall);
    const code = this.countAt(source, stamp, instant, value, text);
    if (code !== undefined) return code;
    if (this.scan.ownZone === undefined) this.order.once++;
    if (kind === "skipped" && !this.endsBeforeSkip(stamp)) this.order.skipped++;
    return undefined;
  }

  /** Whether an interval ends when the clock is put forward, which still showed its last second. */
  private endsBeforeSkip({ wall, fraction }: Stamp): boolean {
    return this.scan.stampsEnd && !fraction && instantOf(this.plan.inputZone, wall - 1).kind !== "skipped";
  }

  /** @param instant of the timestamp's whole second */
  private countAt(
    source: number,
    stamp: Stamp,
    instant: number,
    value: Decimal,
    text: () => string,
  ): Reason | undefined {
    const code = this.measure(stamp, instant, value, text);
    if (code !== undefined) return code;
    this.order.spreader.count(source, secondOf(stamp, instant), this.interval, value);
    this.teaches = !this.isTime && (!Number.isNaN(stamp.offset) || this.plainDays.has(stamp.wall));
    return undefined;
  }

  /** Keeps a reading at a time that the clock shows twice, until the order of rows tells which is meant. */
  private hold(source: number, change: number, stamp: Stamp, value: Decimal, text: () => string): Reason | undefined {
    const { kernel, order } = this;
    const { before, after } = this.scan.walls.repeats;
    const given = { ...value };
    let code: Reason | undefined;
    const measured = (offset: number, told: number | undefined): Held | undefined => {
      const energy = { ...given };
      const instant = stamp.wall - offset;
      const wrong = this.measure(stamp, instant, energy, text, told);
      code ??= wrong;
      return wrong === undefined
        ? {
            interval: { ...this.interval },
            value: energy,
            second: secondOf(stamp, instant),
            display: order.spreader.display,
          }
        : undefined;
    };
    const first = measured(before[change], change);
    const second = measured(after[change], undefined) ?? first;
    const unclear = measured(before[change], undefined) ?? second;
    if (second === undefined || unclear === undefined) return code;
    Object.assign(value, unclear.value);
    order.spreader.countKept(source, stamp.wall, unclear.value);
    if (kernel.full) kernel.onFull();
    order.addRow(source, change, stamp, 1, [first ?? second, second, unclear]);
    return undefined;
  }

  /** Works out the interval, and the energy of a power. */
  private measure(
    stamp: Stamp,
    instant: number,
    value: Decimal,
    text: () => string,
    told?: number,
  ): Reason | undefined {
    const { interval, plan, scan } = this;
    this.place(stamp, instant, told);
    if (plan.length === "moment") return undefined;
    const seconds = interval.to - interval.from;
    const isLonger = seconds > MAX_INTERVAL || (seconds === MAX_INTERVAL && interval.toNanos > interval.fromNanos);
    if (isLonger || seconds < 0 || (seconds === 0 && interval.toNanos <= interval.fromNanos)) return "bad_interval";
    if (!plan.power) return undefined;
    const nanos = BigInt(seconds) * BigInt(BILLION) + BigInt(interval.toNanos - interval.fromNanos);
    return toEnergy(value, nanos, text, scan.unitPower) ? undefined : "value_too_large";
  }

  /** Where the interval of a timestamp begins and ends. @param told the clock change of which the timestamp is before, if that is told */
  private place({ nanos }: Stamp, instant: number, told: number | undefined): void {
    const { interval, plan, end } = this;
    const { length, inputZone } = plan;
    if (length === "moment") {
      set(interval, instant, nanos, instant, nanos);
      return;
    }
    if (length === "columns") {
      set(interval, instant, 0, instant + this.width, 0);
      return;
    }
    if (length === "end") {
      set(interval, instant, nanos, this.endAfter(instant, nanos, told), end.nanos);
      if (plan.inclusive) this.addLastPart();
      return;
    }
    const sign = this.scan.stampsEnd ? -1 : 1;
    let other: number;
    let otherNanos = nanos;
    if (length === "duration") {
      const span = BigInt(nanos) + BigInt(sign) * this.span;
      const whole = span >= 0n ? span / BigInt(BILLION) : -((-span + BigInt(BILLION) - 1n) / BigInt(BILLION));
      other = instant + Number(whole);
      otherNanos = Number(span - whole * BigInt(BILLION));
    } else other = otherEnd(inputZone, length, instant, sign);
    if (sign === 1) set(interval, instant, nanos, other, otherNanos);
    else set(interval, other, otherNanos, instant, nanos);
  }

  /** The instant of the end as it is written, the first one after the start. @param told as in `place` */
  private endAfter(instant: number, nanos: number, told: number | undefined): number {
    const { end, plan, scan } = this;
    const isWall = Number.isNaN(end.offset);
    // The last unit of an interval may be its only one.
    const isAfter = plan.inclusive ? nanos <= end.nanos : nanos < end.nanos;
    const at = (wall: number) => (isWall ? firstAfter(plan.inputZone, wall, instant, isAfter) : wall - end.offset);
    if (told !== undefined && isWall && !plan.inclusive && end.nanos === 0) {
      // The hour before the change ends with it, and is written as ending when the hour after it does.
      const { to, before } = scan.walls.repeats;
      if (end.wall === to[told]) return to[told] - before[told];
    }
    const found = at(end.wall);
    const isPast = found > instant || (found === instant && isAfter);
    return this.isTime && !isPast ? at(end.wall + DAY) : found;
  }

  /** An end that names the last unit of the interval is one unit before its end. */
  private addLastPart(): void {
    const { interval, lastPart, plan, end } = this;
    if (lastPart === "day") {
      const { to } = interval;
      interval.to = Number.isNaN(end.offset) ? otherEnd(plan.inputZone, ONE_DAY, to, 1) : to + DAY;
      return;
    }
    const nanos = BigInt(interval.toNanos) + lastPart;
    interval.to += Number(nanos / BigInt(BILLION));
    interval.toNanos = Number(nanos % BigInt(BILLION));
  }
}

function set(interval: Interval, from: number, fromNanos: number, to: number, toNanos: number): void {
  interval.from = from;
  interval.fromNanos = fromNanos;
  interval.to = to;
  interval.toNanos = toNanos;
}

/** Half a second stands for any fraction. */
function secondOf({ fraction }: Stamp, instant: number): number {
  return fraction ? instant + 0.5 : instant;
}
