/** Counts the energy that follows from cumulative readings, in cells. */
import type { Decimal } from "../tally/decimal.js";
import { type Display, type Point, type RegisterEvent, type RegisterSink, RegisterWalk } from "../tally/register.js";
import { SpreadHours } from "../tally/spread-hours.js";
import { textOfWay, type Way } from "../tally/way.js";
import type { Interval } from "../time/interval.js";
import { addBigPart, countEnergy } from "./kernel-readings.js";
import type { Scanner } from "./scanner.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";

const BILLION = 1e9;
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

  constructor(private readonly scanner: Scanner) {}

  /** Takes the next reading of a source. */
  add(way: Way, source: number, { from, fromNanos }: Interval, value: Decimal, display: Display): void {
    if (this.walk === undefined || way !== this.way) {
      this.way = way;
      this.walk = this.walkOf(way);
    }
    this.source = source;
    this.isSubtracted = value.negative;
    this.walk.add(from, fromNanos, value, display);
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
    const { interval, scanner, source } = this;
    interval.from = from.second;
    interval.fromNanos = from.nanos;
    interval.to = to.second;
    interval.toNanos = to.nanos;
    if (this.isSubtracted) energy.negative = !energy.negative;
    const { kernel, plan, order } = scanner;
    const plane = planeOfInstant(plan, from.second, false);
    const slot = slotOfInstant(plan, plane, from.second, false);
    countEnergy(kernel, source, plane, slot, secondOf(from), energy, 1);
    order.spreader.spread(source, plane, slot, interval, energy);
    if (energy.mantissa !== 0 || energy.big !== undefined)
      this.hours.add(from.second + from.nanos / BILLION, to.second + to.nanos / BILLION);
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
