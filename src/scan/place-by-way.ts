/** Counts readings of which several may begin at one instant, or that are cumulative, by the way of their source (`tally/way.ts`). */
import { RunError } from "../base/errors.js";
import { say } from "../base/message.js";
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import { textOfWay } from "../tally/way.js";
import type { Interval } from "../time/interval.js";
import { deliveredOrder } from "./delivered-order.js";
import type { KeptColumns } from "./kept-readings.js";
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
  const order = yield* deliveredOrder(rows);
  const ways = waysOf(rows, keeps);
  const placed = new Placed(scanner, rows);
  let done = 0;
  for (let n = 0; n < order.sources.length; n++) {
    const source = order.sources[n]!;
    const own = order.rows.subarray(order.starts[n]!, order.starts[n + 1]!);
    const keep = ways.of(own, () => scanner.kernel.idOf(source));
    if (keep !== undefined) scanner.onKept?.(source, own, keep);
    for (let from = 0; from < own.length; ) {
      const to = keep === undefined ? own.length : placed.take(keep, source, own, from);
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

/** The ways of rows, which mostly are all the same. */
function waysOf({ source, stretches }: KeptColumns, keeps: readonly (KeepPlan | undefined)[]) {
  // Exchanges are of whatever way the readings of their source are.
  const texts = keeps.map((keep) => (keep === undefined ? "" : keep.isExchange ? undefined : textOfWay(keep.way)));
  const one = new Set(texts).size === 1;
  /** By row, which of the keeps; only where they differ. */
  const which = new Uint32Array(one ? 0 : source.length);
  if (!one) stretches.forEach(({ first }, n) => which.fill(n, first, stretches[n + 1]?.first));
  return {
    /** The way of a source's rows. @throws RunError if there are two */
    of(rows: Uint32Array, id: () => Uint8Array): KeepPlan | undefined {
      if (one) return keeps[0];
      const told = rows.find((row) => texts[which[row]!] !== undefined);
      const first = which[told ?? rows[0]!]!;
      for (const row of rows)
        if (texts[which[row]!] !== undefined && texts[which[row]!] !== texts[first]) throw twoWays(id());
      return keeps[first];
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

  constructor(
    private readonly scanner: Scanner,
    private readonly rows: KeptColumns,
  ) {
    this.registers = new PlacedRegisters(scanner);
  }

  /** Counts the readings of a source that begin when `own[from]` does. @returns where the next ones are */
  take(keep: KeepPlan, source: number, own: Uint32Array, from: number): number {
    const { rows } = this;
    let to = from + 1;
    const first = own[from]!;
    while (
      to < own.length &&
      rows.from[own[to]!] === rows.from[first] &&
      rows.fromNanos[own[to]!] === rows.fromNanos[first]
    )
      to++;
    const { duplicates, register } = keep.way;
    if (register !== undefined) {
      const counting = duplicates === "latest" && to - from > 1 ? this.latestOf(own.subarray(from, to)) : undefined;
      for (let n = from; n < to; n++)
        if (counting?.includes(own[n]!) ?? true) this.addReading(keep, source, own[n]!);
        else this.leave(own[n]!, "revised");
    } else if (duplicates === "latest") {
      for (let n = from; n < to - 1; n++) this.leave(own[n]!, "revised");
      this.placeEnergy(keep, source, own[to - 1]!);
    } else if (to - from === 1) this.placeEnergy(keep, source, own[from]!);
    else this.placeOnce(keep, source, own, from, to);
    return to;
  }

  /**
   * Which cumulative readings of an instant count where the latest do: the last one, and the last exchange, which is two rows.
   * If they do not agree, it is the later of the two.
   * @param own in the order in which they were delivered
   */
  private latestOf(own: Uint32Array): number[] {
    const { kept } = this.scanner.kernel;
    let reading = -1;
    let exchange = -1;
    own.forEach((row, n) => {
      if (kept.displayOf(row) === "reading") reading = n;
      else if (kept.displayOf(row) === "old_end" && kept.displayOf(own[n + 1] ?? row) === "new_start") exchange = n;
    });
    const pair = exchange < 0 ? [] : [own[exchange]!, own[exchange + 1]!];
    if (reading < 0) return pair;
    if (exchange < 0) return [own[reading]!];
    const size = (row: number) => {
      kept.read(row, this.interval, this.value);
      return sizeOf(this.value);
    };
    const value = size(own[reading]!);
    if (pair.some((row) => size(row) === value)) return [...pair, own[reading]!];
    return reading > exchange ? [own[reading]!] : pair;
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

  private addReading(keep: KeepPlan, source: number, row: number): void {
    const { interval, value, scanner, registers } = this;
    const { kept } = scanner.kernel;
    kept.read(row, interval, value);
    registers.add(keep.way, source, interval, value, kept.displayOf(row));
  }

  private placeEnergy({ stampsEnd }: KeepPlan, source: number, row: number): void {
    const { interval, value, scanner } = this;
    const second = scanner.kernel.kept.read(row, interval, value);
    scanner.order.spreader.placeAtOnce(source, second, interval, value, stampsEnd);
  }

  /** Counts those of some readings that are not the same as one before. */
  private placeOnce({ stampsEnd }: KeepPlan, source: number, own: Uint32Array, from: number, to: number): void {
    const seen = new Set<string>();
    for (let n = from; n < to; n++) {
      const { interval, value, scanner } = this;
      const second = scanner.kernel.kept.read(own[n]!, interval, value);
      const text = `${interval.to} ${interval.toNanos} ${value.negative} ${sizeOf(value)}`;
      if (seen.has(text)) this.leave(own[n]!, "repeated");
      else {
        seen.add(text);
        scanner.order.spreader.placeAtOnce(source, second, interval, value, stampsEnd);
      }
    }
  }

  private leave(row: number, why: "repeated" | "revised"): void {
    this.scanner.kernel.kept.read(row, this.interval, this.value);
    this[why]++;
    if (this.value.rounded) this.rounded++;
  }
}
