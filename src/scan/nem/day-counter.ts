/** Counts the readings of a day's row of NEM12. */
import type { Decimal } from "../../tally/decimal.js";
import { Plane } from "../../tally/tally.js";
import type { Interval } from "../../time/interval.js";
import { instantOf } from "../../time/zone.js";
import type { Context } from "../context.js";
import type { DayRow } from "./day-row.js";
import type { DataStream } from "./stream-row.js";

const DAY = 86_400;
const NO_READING = 78; // N
const FIRST_FLAG = 65; // A

export class DayCounter {
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };

  constructor(private readonly context: Context) {}

  /** Counts the readings of a row. */
  count(row: DayRow, { intervals, minutes, isExport }: DataStream): void {
    const { context } = this;
    const { source } = row;
    const { kernel, plan, validator } = context;
    const { exports } = kernel;
    const negate = isExport && plan.exports === "subtract";
    if (isExport && plan.exports === "skip") {
      context.leaveOut("export", intervals);
      return;
    }
    if (isExport && plan.exports === "apart") kernel.exportSources.mark(source);
    const { instants, nemZone } = plan;
    const { mantissa, power, flag, big, flagged } = row;
    const length = minutes * 60;
    const start = instantOf(nemZone, row.day * DAY).instant;
    const { width } = instants;
    // Each interval lies in one slot.
    const whole = start >= instants.from && width % length === 0 && start % length === 0;
    const direct = whole && big.size === 0;
    if (direct && !flagged) {
      kernel.coverage.add(source, start, start + intervals * length);
      exports.countDay(source, start, length, intervals, width, negate);
    }
    let none = 0;
    for (let k = 0; k < intervals && (flagged || !direct); k++) {
      if (flagged) {
        if (flag[k] === NO_READING) {
          none++;
          continue;
        }
        validator.flags[flag[k] - FIRST_FLAG]++;
        if (direct) kernel.coverage.add(source, start + k * length, start + (k + 1) * length);
      }
      const from = start + k * length;
      const value = mantissa[k];
      if (direct) {
        const negative = value < 0 !== negate;
        exports.addScaled(source, Plane.instant, Math.floor(from / width), from, Math.abs(value), power[k], negative);
      } else this.countOne(row, from, length, k, negate);
    }
    if (!flagged) validator.flags[flag[0] - FIRST_FLAG] += intervals;
    for (const k of row.rounded) if (!flagged || flag[k] !== NO_READING) validator.rounded++;
    if (none > 0) context.leaveOut("no_reading", none);
    if (kernel.full) kernel.onFull();
  }

  /** A reading that may cover several slots, or is very long. */
  private countOne(row: DayRow, from: number, length: number, k: number, negate: boolean): void {
    const { interval, value, context } = this;
    const big = row.big.get(k);
    const mantissa = row.mantissa[k];
    value.big = big === undefined ? undefined : big < 0n ? -big : big;
    value.mantissa = Math.abs(mantissa);
    value.power = row.power[k];
    value.negative = (big === undefined ? mantissa < 0 : big < 0n) !== negate;
    interval.from = from;
    interval.to = from + length;
    context.validator.order.spreader.count(row.source, from, interval, value);
  }
}
