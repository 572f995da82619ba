/** Counts readings of which several may begin at one instant, or that are cumulative, by the way of their source (`tally/way.ts`). */
import { RunError } from "../base/errors.js";
import { say } from "../base/message.js";
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import { textOfWay } from "../tally/way.js";
import type { Interval } from "../time/interval.js";
import { putInOrder } from "./delivered-order.js";
import type { KeptColumns, KeptReadings } from "./kept-readings.js";
import { PlacedRegisters } from "./placed-registers.js";
import type { KeepPlan } from "./plan.js";
import type { Scanner } from "./scanner.js";

/** Readings that are counted in a step. */
const STEP = 4096;

/**
 * @param rows all readings that were kept, with the numbers of settled sources
 * @param keeps of each stretch of them
 * @throws RunError if inputs say different ways for a source
 */
export function* placeByWay(
  scanner: Scanner,
  rows: KeptColumns,
  keeps: readonly (KeepPlan | undefined)[],
): Generator<undefined, void> {
  const ways = waysOf(rows, keeps);
  const { sources, starts } = yield* putInOrder(scanner.kernel.kept, ways.which);
  const placed = new Placed(scanner, scanner.kernel.kept.all());
  let done = 0;
  for (let n = 0; n < sources.length; n++) {
    const source = sources[n]!;
    const [first, end] = [starts[n]!, starts[n + 1]!];
    const keep = ways.of(first, end, () => scanner.kernel.idOf(source));
    if (keep === undefined) continue;
    scanner.onKept?.(source, first, end, keep);
    for (let from = first; from < end; ) {
      const to = placed.take(keep, source, from, end);
      done += to - from;
      from = to;
      if (done >= STEP) {
        done = 0;
        yield;
      }
    }
    placed.endSource();
  }
  placed.end();
}

/** The ways of readings, which mostly are all the same. */
function waysOf({ source, stretches }: KeptColumns, keeps: readonly (KeepPlan | undefined)[]) {
  // Exchanges are of whatever way the readings of their source are.
  const texts = keeps.map((keep) => (keep === undefined ? "" : keep.isExchange ? undefined : textOfWay(keep.way)));
  const one = new Set(texts).size === 1;
  /** By reading, which of the keeps; only where they differ. */
  const which = one ? undefined : new Uint32Array(source.length);
  if (which !== undefined) stretches.forEach(({ first }, n) => which.fill(n, first, stretches[n + 1]?.first));
  return {
    which,
    /** The way of a source's readings. @throws RunError if there are two */
    of(first: number, end: number, id: () => Uint8Array): KeepPlan | undefined {
      if (which === undefined) return keeps[0];
      const own = which.subarray(first, end);
      const told = own.find((n) => texts[n] !== undefined) ?? own[0]!;
      for (const n of own) if (texts[n] !== undefined && texts[n] !== texts[told]) throw twoWays(id());
      return keeps[told];
    },
  };
}

function twoWays(id: Uint8Array): RunError {
  const name = id.length === 0 ? "readings without a source" : `source ${JSON.stringify(Buffer.from(id).toString())}`;
  return new RunError(
    "two_ways",
    say`${name}: one input has cumulative readings of it, or readings that may come again, and another input has it in another way; read them in runs of their own`,
  );
}

class Placed {
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  private repeated = 0;
  private revised = 0;
  private rounded = 0;
  private readonly registers: PlacedRegisters;
  private readonly kept: KeptReadings;

  constructor(
    private readonly scanner: Scanner,
    private readonly rows: KeptColumns,
  ) {
    this.kept = scanner.kernel.kept;
    this.registers = new PlacedRegisters(scanner);
  }

  /** Counts the readings of a source that begin when the one numbered `from` does, or a run of simple ones. @returns the number of the next one */
  take(keep: KeepPlan, source: number, from: number, end: number): number {
    const { kept } = this;
    const { duplicates, register } = keep.way;
    if (register !== undefined) {
      const next = this.registers.addRun(keep.way, source, this.rows, from, Math.min(end, from + STEP));
      if (next > from) return next;
    }
    let to = from + 1;
    while (to < end && kept.beginTogether(from, to)) to++;
    if (register !== undefined) {
      const counting = duplicates === "latest" && to - from > 1 ? this.latestOf(from, to) : undefined;
      for (let n = from; n < to; n++)
        if (counting?.includes(n) ?? true) this.addReading(keep, source, n);
        else this.leave(n, "revised");
    } else if (duplicates === "latest") {
      for (let n = from; n < to - 1; n++) this.leave(n, "revised");
      this.placeEnergy(keep, source, to - 1);
    } else if (to - from === 1) this.placeEnergy(keep, source, from);
    else this.placeOnce(keep, source, from, to);
    return to;
  }

  /**
   * Which cumulative readings of an instant count where the latest do: the last one, and the last exchange, which is two of
   * them. If they do not agree, it is the later of the two.
   */
  private latestOf(from: number, to: number): number[] {
    const { kept } = this;
    let reading = -1;
    let exchange = -1;
    for (let n = from; n < to; n++)
      if (kept.displayOf(n) === "reading") reading = n;
      else if (n + 1 < to && kept.displayOf(n) === "old_end" && kept.displayOf(n + 1) === "new_start") exchange = n;
    const pair = exchange < 0 ? [] : [exchange, exchange + 1];
    if (reading < 0) return pair;
    if (exchange < 0) return [reading];
    const size = (n: number) => {
      kept.read(n, this.interval, this.value);
      return sizeOf(this.value);
    };
    const value = size(reading);
    if (pair.some((n) => size(n) === value)) return [...pair, reading];
    return reading > exchange ? [reading] : pair;
  }

  endSource(): void {
    this.registers.endSource();
  }

  end(): void {
    const { scanner, repeated, revised, rounded } = this;
    scanner.leaveOut("duplicate", repeated + this.registers.equal, 0);
    scanner.leaveOut("revised", revised, rounded);
    this.registers.end();
  }

  private addReading(keep: KeepPlan, source: number, n: number): void {
    const { interval, value, kept } = this;
    kept.read(n, interval, value);
    this.registers.add(keep.way, source, interval, value, kept.displayOf(n));
  }

  private placeEnergy({ stampsEnd }: KeepPlan, source: number, n: number): void {
    const { interval, value, scanner } = this;
    const second = this.kept.read(n, interval, value);
    scanner.order.spreader.placeAtOnce(source, second, interval, value, stampsEnd);
  }

  /** Counts those of some readings that are not the same as one before. */
  private placeOnce({ stampsEnd }: KeepPlan, source: number, from: number, to: number): void {
    const { interval, value, scanner } = this;
    const seen = new Set<string>();
    for (let n = from; n < to; n++) {
      const second = this.kept.read(n, interval, value);
      const size = sizeOf(value);
      const signed = value.negative ? -size : size;
      const text = `${interval.to} ${interval.toNanos} ${signed}`;
      if (seen.has(text)) this.leave(n, "repeated");
      else {
        seen.add(text);
        scanner.order.spreader.placeAtOnce(source, second, interval, value, stampsEnd);
      }
    }
  }

  private leave(n: number, why: "repeated" | "revised"): void {
    this.kept.read(n, this.interval, this.value);
    this[why]++;
    if (this.value.rounded) this.rounded++;
  }
}
