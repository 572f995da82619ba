/** Counts the energy that follows from cumulative readings, in cells. */
import type { Decimal } from "../tally/decimal.js";
import { RegisterWalk } from "../tally/register.js";
import type { Display, Point, RegisterEvent, RegisterSink } from "../tally/register-sink.js";
import { SpreadHours } from "../tally/spread-hours.js";
import { textOfWay, type Way } from "../tally/way.js";
import type { Interval } from "../time/interval.js";
import { type KeptColumns, POWER } from "./kept-readings.js";
import { addBigPart, countEnergy } from "./kernel-readings.js";
import type { Scanner } from "./scanner.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";
import { SlotRun } from "./slot-run.js";

const BILLION = 1e9;
/** Fewer readings are no run. */
const FEWEST = 4;
/** Seconds between two readings of a run: more is a long time to spread energy over. */
const LONGEST = 7200;
const NOTHING: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };

export class PlacedRegisters implements RegisterSink {
  /** Readings that were the same as another one of their instant. */
  equal = 0;
  private readonly walks = new Map<string, RegisterWalk>();
  private way: Way | undefined;
  private walk: RegisterWalk | undefined;
  private source = 0;
  /** Whether the source is export, and its energy is subtracted. */
  private isSubtracted = false;
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly hours = new SpreadHours();

  private readonly run: SlotRun;

  constructor(private readonly scanner: Scanner) {
    const { kernel, plan } = scanner;
    this.run = new SlotRun(kernel, plan, this.hours, (from, to, energy) => this.addSpread(from, 0, to, 0, energy));
  }

  /**
   * Takes a run of readings that rise, at whole seconds and not far apart: in doubles, and with one addition for all that lies
   * in a slot.
   * @param rows in which the readings are, by time
   * @returns the number of the first one that was not taken
   */
  addRun(
    way: Way,
    source: number,
    { from: second, mantissa, marks, fromNanos }: KeptColumns,
    first: number,
    end: number,
  ): number {
    if (fromNanos.length > 0 || end - first < FEWEST) return first;
    this.begin(way, source);
    const last = this.walk?.settled();
    if (last === undefined) return first;
    const { gap = LONGEST, across } = way.register ?? { across: "spread" };
    const limit = across === "spread" ? LONGEST : Math.min(gap, LONGEST);
    const { run } = this;
    run.begin(source, last.second, last.power);
    let { mantissa: value, power } = last;
    let n = first;
    for (; n < end; n++) {
      const at = second[n]!;
      const mark = marks[n]!;
      if (mark > POWER || at - run.at > limit || at <= run.at || (n + 1 < end && second[n + 1] === at)) break;
      let next = mantissa[n]!;
      if (mark !== power) {
        // The value that is smaller by its power gets that of the other.
        if (mark > power) next *= 10 ** (mark - power);
        else {
          const lower = value * 10 ** (power - mark);
          if (lower > Number.MAX_SAFE_INTEGER) break;
          value = lower;
          power = mark;
          run.changePower(power);
        }
        if (next > Number.MAX_SAFE_INTEGER) break;
      }
      if (next < value) break;
      run.add(at, next - value);
      value = next;
    }
    run.end();
    if (n > first) this.walk?.moveTo(run.at, value, power);
    return n;
  }

  private begin(way: Way, source: number): void {
    if (this.walk === undefined || way !== this.way) {
      this.way = way;
      this.walk = this.walkOf(way);
    }
    this.source = source;
  }

  /** Takes the next reading of a source. */
  add(way: Way, source: number, { from, fromNanos }: Interval, value: Decimal, display: Display): void {
    this.begin(way, source);
    this.isSubtracted = value.negative;
    this.walk?.add(from, fromNanos, value, display);
  }

  endSource(): void {
    this.walk?.end();
    this.scanner.registers.spreadHours += this.hours.end();
    if (this.walk !== undefined) this.equal += this.walk.takeEqual();
  }

  end(): void {
    this.walk = undefined;
  }

  spread(from: Point, to: Point, energy: Decimal): void {
    if (this.isSubtracted) energy.negative = !energy.negative;
    this.addSpread(from.second, from.nanos, to.second, to.nanos, energy);
    if (energy.mantissa !== 0 || energy.big !== undefined)
      this.hours.add(from.second + from.nanos / BILLION, to.second + to.nanos / BILLION);
  }

  private addSpread(from: number, fromNanos: number, to: number, toNanos: number, energy: Decimal): void {
    const { interval, scanner, source } = this;
    interval.from = from;
    interval.fromNanos = fromNanos;
    interval.to = to;
    interval.toNanos = toNanos;
    const { kernel, plan, order } = scanner;
    const plane = planeOfInstant(plan, from, false);
    const slot = slotOfInstant(plan, plane, from, false);
    countEnergy(kernel, source, plane, slot, fromNanos === 0 ? from : from + 0.5, energy, 1);
    order.spreader.spread(source, plane, slot, interval, energy);
    if (kernel.full) kernel.onFull();
  }

  putAtEnd(_from: Point, to: Point, energy: Decimal): void {
    const { kernel, plan } = this.scanner;
    if (this.isSubtracted) energy.negative = !energy.negative;
    const border = to.nanos === 0;
    const plane = planeOfInstant(plan, to.second, border);
    const slot = slotOfInstant(plan, plane, to.second, border);
    countEnergy(kernel, this.source, plane, slot, endOf(to), energy, 0);
    addBigPart(kernel, this.source, plane, slot, 0n, 1);
    if (kernel.full) kernel.onFull();
  }

  count(at: Point, ends: boolean): void {
    const { kernel, plan } = this.scanner;
    const border = ends && at.nanos === 0;
    const plane = planeOfInstant(plan, at.second, border);
    const slot = slotOfInstant(plan, plane, at.second, border);
    countEnergy(kernel, this.source, plane, slot, ends ? endOf(at) : secondOf(at), NOTHING, 1);
    if (kernel.full) kernel.onFull();
  }

  found(event: RegisterEvent, from: Point, to: Point, values: readonly bigint[]): void {
    const { registers, kernel } = this.scanner;
    const source = Buffer.from(kernel.idOf(this.source)).toString("utf8");
    registers.add(event, { source, from: from.second, to: to.second, values });
  }

  private walkOf(way: Way): RegisterWalk {
    const text = textOfWay(way);
    let walk = this.walks.get(text);
    if (walk === undefined) {
      if (way.register === undefined) throw new Error("not the way of a register");
      walk = new RegisterWalk(way.register, this);
      this.walks.set(text, walk);
    }
    return walk;
  }
}

/** As extents have it: half a second stands for any fraction. */
function secondOf({ second, nanos }: Point): number {
  return nanos === 0 ? second : second + 0.5;
}

/** The last moment before an instant. */
function endOf({ second, nanos }: Point): number {
  return nanos === 0 ? second - 0.5 : second + 0.5;
}
