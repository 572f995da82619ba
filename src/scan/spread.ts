/**
 * Spreads the energy of readings over the time that they cover. The part before an instant t is
 * F(t) = floor(|value| · (t − start) / (end − start)) in units of 10⁻ᵠ kWh, q the larger of 6 and the decimal places that the
 * value needs; a slot gets the difference of F at its ends. So parts add up to the value, and depend on nothing but the reading.
 */
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import type { Display } from "../tally/register-sink.js";
import { DEFERRED, Plane } from "../tally/tally.js";
import type { Interval } from "../time/interval.js";
import type { Kernel } from "./kernel.js";
import { addBigPart, countReading, placeReading } from "./kernel-readings.js";
import type { ScanPlan } from "./plan.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";

/** A reading and its interval, kept until the order of rows tells which. Plain data. */
export interface Held {
  readonly interval: Interval;
  readonly value: Readonly<Decimal>;
  /** Epoch second of its timestamp; half a second stands for any fraction. */
  readonly second: number;
  readonly display: Display;
}

/** Units are at most 10⁻⁶ kWh: this power of ten of 10⁻¹⁸ kWh. */
const MOST_UNIT = 12;
const QUARTER = 900;
const NANOS = 1_000_000_000n;
const BILLION = 1e9;
/** What a cumulative reading adds by itself. */
const NO_ENERGY: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };

export class Spreader {
  /** Readings that begin before the period that was asked for, and cover some of it. */
  reaching = 0;

  /** Whether readings are placed once all inputs are known. */
  private readonly keeps: boolean;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
  ) {
    this.keeps = plan.keep !== undefined || plan.skipTotals;
  }

  /** Whose display the next readings show. */
  display: Display = "reading";

  /** Counts a reading where it begins, and its energy where it covers time. @param second of its timestamp, as in `Held` */
  count(source: number, second: number, interval: Interval, value: Readonly<Decimal>): void {
    const { kernel, plan } = this;
    if (this.keeps) {
      this.countKept(source, second, value);
      kernel.kept.add(source, second, interval, value, this.display);
      if (kernel.full) kernel.onFull();
      return;
    }
    const plane = planeOfInstant(plan, interval.from, false);
    const slot = slotOfInstant(plan, plane, interval.from, false);
    countReading(kernel, source, plane, slot, second, value);
    this.kernel.coverage.add(
      source,
      interval.from + interval.fromNanos / BILLION,
      interval.to + interval.toNanos / BILLION,
    );
    this.spread(source, plane, slot, interval, value);
    if (kernel.full) kernel.onFull();
  }

  /** Counts a reading that is placed later. */
  countKept(source: number, second: number, value: Readonly<Decimal>): void {
    const isRegister = this.plan.keep?.way.register !== undefined;
    countReading(this.kernel, source, DEFERRED, 0, second, isRegister ? NO_ENERGY : value);
  }

  /** The same as `count` for one that was counted as `DEFERRED`. */
  place(source: number, { second, interval, value, display }: Held): void {
    if (this.keeps) this.kernel.kept.add(source, second, interval, value, display);
    else this.placeAtOnce(source, second, interval, value);
  }

  /** The same, even if readings are kept. @param ends whether a moment marks the end of a slot */
  placeAtOnce(
    source: number,
    second: number,
    interval: Interval,
    value: Readonly<Decimal>,
    ends: boolean = false,
  ): void {
    const { kernel, plan } = this;
    const { from, fromNanos } = interval;
    const isMoment = from === interval.to && fromNanos === interval.toNanos;
    const border = isMoment && ends && fromNanos === 0;
    const plane = planeOfInstant(plan, from, border);
    const slot = slotOfInstant(plan, plane, from, border);
    placeReading(kernel, source, plane, slot, second, value);
    if (!isMoment) {
      this.kernel.coverage.add(source, from + fromNanos / BILLION, interval.to + interval.toNanos / BILLION);
      this.spread(source, plane, slot, interval, value);
    }
    if (kernel.full) kernel.onFull();
  }

  /** Moves what belongs to later slots there from the first one, which has all of it. */
  spread(source: number, plane: number, slot: number, interval: Interval, value: Readonly<Decimal>): void {
    const { from, to, toNanos } = interval;
    const { from: asked } = this.plan.rows;
    if (asked !== undefined && from < asked && (to > asked || (to === asked && toNanos > 0))) this.reaching++;
    const cut = this.cutAfter(from);
    if (to < cut || (to === cut && toNanos === 0)) return;
    if (value.big === undefined && toNanos === 0 && interval.fromNanos === 0)
      if (this.spreadWhole(source, plane, slot, interval, value)) return;
    this.spreadExact(source, plane, slot, interval, value);
  }

  /** In doubles, where these are exact: whole seconds, and a value of fewer than 2⁵³ units. @returns whether it was possible */
  private spreadWhole(
    source: number,
    plane: number,
    slot: number,
    { from, to }: Interval,
    { mantissa, power, negative }: Readonly<Decimal>,
  ): boolean {
    const { kernel } = this;
    let all = mantissa;
    let unit = power;
    while (unit < MOST_UNIT && all !== 0 && all % 10 === 0) {
      all /= 10;
      unit++;
    }
    while (unit > MOST_UNIT && all <= Number.MAX_SAFE_INTEGER) {
      all *= 10;
      unit--;
    }
    if (all > Number.MAX_SAFE_INTEGER) return false;
    const length = to - from;
    // all = each · length + rest; both products below stay under 2⁵³, and quotients cannot round up to an integer.
    const each = Math.floor(all / length);
    const rest = all - each * length;
    let before = 0;
    for (let at = from; at < to; ) {
      const end = Math.min(this.cutAfter(at), to);
      const passed = end - at === length ? length : end - from;
      const until = end === to ? all : each * passed + Math.floor((rest * passed) / length);
      if (at === from) kernel.exports.addPart(source, plane, slot, all - until, unit, !negative, 0);
      else {
        const there = planeOfInstant(this.plan, at, false);
        const place = slotOfInstant(this.plan, there, at, false);
        kernel.exports.addPart(source, there, place, until - before, unit, negative, 1);
      }
      before = until;
      at = end;
    }
    return true;
  }

  /** In integers of any size. */
  private spreadExact(
    source: number,
    plane: number,
    slot: number,
    { from, fromNanos, to, toNanos }: Interval,
    value: Readonly<Decimal>,
  ): void {
    const { kernel } = this;
    let all = sizeOf(value);
    let unit = 1n;
    for (let power = 0; power < MOST_UNIT && all !== 0n && all % 10n === 0n; power++) {
      all /= 10n;
      unit *= 10n;
    }
    const start = BigInt(from) * NANOS + BigInt(fromNanos);
    const length = BigInt(to) * NANOS + BigInt(toNanos) - start;
    const sign = value.negative ? -unit : unit;
    let before = 0n;
    for (let at = from; at < to || (at === to && toNanos > 0); ) {
      const cut = this.cutAfter(at);
      const last = cut > to || (cut === to && toNanos === 0);
      const until = last ? all : (all * (BigInt(cut) * NANOS - start)) / length;
      if (at === from) addBigPart(kernel, source, plane, slot, (until - all) * sign, 0);
      else {
        const there = planeOfInstant(this.plan, at, false);
        const place = slotOfInstant(this.plan, there, at, false);
        addBigPart(kernel, source, there, place, (until - before) * sign, 1);
      }
      before = until;
      if (last) return;
      at = cut;
    }
  }

  /** The end of the slot that a second is in; where slots are seconds, of the quarter hour of the rows' zone. */
  private cutAfter(second: number): number {
    const { instants, rows } = this.plan;
    if (planeOfInstant(this.plan, second, false) === Plane.instant) {
      const { width } = instants;
      return (Math.floor(second / width) + 1) * width;
    }
    const { transitions, offsets } = rows.zone;
    let n = 0;
    while (n < transitions.length && transitions[n] <= second) n++;
    const quarter = (Math.floor((second + offsets[n]) / QUARTER) + 1) * QUARTER - offsets[n];
    return Math.min(quarter, transitions[n] ?? quarter, instants.from);
  }
}
