/**
 * From the cumulative readings of a register to energy: the differences between neighbours in time. What counts is a function
 * of the set of readings. They come one after another in the order of time, source by source; three that follow are looked at
 * before a reading that is lower than the one before it is judged.
 */
import { MAX_INTERVAL } from "../time/interval.js";
import type { Decimal } from "./decimal.js";
import { compareSizes, setTo, sizeOf, subtractSizes } from "./difference.js";
import type { Display, Point, RegisterEvent, RegisterSink } from "./register-sink.js";
import type { RegisterRules } from "./way.js";

/** Readings that are looked at after one that fell, and seconds after it in which they must lie. */
const LOOKED_AT = 3;
/** Different readings of one instant that are remembered: more are no less a conflict. */
const MOST_OTHERS = 32;
const LOOKED_FOR = 2 * 3600;

export class RegisterWalk {
  private readonly energy: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  /** The instant that is being put together, and the other readings of it that differ. */
  private current: Point = point();
  private isOpen = false;
  private display: Display = "reading";
  private others: { readonly display: Display; readonly value: bigint }[] = [];
  /** The last reading that counts, if there is one, and whether energy ends there. */
  private last: Point = point();
  private hasLast = false;
  private lastEnds = false;
  /** Readings since then that are not judged yet: the first of them fell. */
  private readonly waiting: Point[] = [];
  private readonly free: Point[] = [];
  private equal = 0;

  constructor(
    private readonly rules: RegisterRules,
    private readonly sink: RegisterSink,
  ) {}

  /** Takes the next reading of the source, at the same instant as the one before it or later. */
  add(second: number, nanos: number, value: Readonly<Decimal>, display: Display = "reading"): void {
    const { current } = this;
    if (this.isOpen) {
      if (second === current.second && nanos === current.nanos) {
        this.addSame(value, display);
        return;
      }
      this.close();
    }
    const next = this.current;
    next.second = second;
    next.nanos = nanos;
    next.mantissa = value.mantissa;
    next.power = value.power;
    next.big = value.big;
    this.display = display;
    this.isOpen = true;
  }

  /** How many readings were the same as another one of their instant, since this was last asked. */
  takeEqual(): number {
    const { equal } = this;
    this.equal = 0;
    return equal;
  }

  /**
   * Nothing more comes for the current instant.
   * @returns the last reading that counts, if all were judged, there is one, and it is a simple one; it may be moved on to a later one by `moveTo`
   */
  settled(): Readonly<Point> | undefined {
    if (this.isOpen) this.close();
    const { last } = this;
    return this.hasLast && this.waiting.length === 0 && last.big === undefined && last.nanos === 0 ? last : undefined;
  }

  /** Takes it that energy up to a later reading was counted, and that it counts. */
  moveTo(second: number, mantissa: number, power: number): void {
    const { last } = this;
    last.second = second;
    last.mantissa = mantissa;
    last.power = power;
    this.lastEnds = true;
  }

  /** Ends the source. */
  end(): void {
    if (this.isOpen) this.close();
    this.judge(true);
    if (this.hasLast) this.sink.count(this.last, this.lastEnds);
    this.hasLast = false;
    this.lastEnds = false;
  }

  /** Ends in the middle of a source, behind a reading that counts for certain: what begins there is left to others. */
  stop(): void {
    if (this.isOpen) this.close();
    this.judge(true);
    this.hasLast = false;
    this.lastEnds = false;
  }

  /** Another reading of the current instant. */
  private addSame(value: Readonly<Decimal>, display: Display): void {
    const { others, current } = this;
    if (others.length === 0 && display === this.display && compareSizes(value, current) === 0) {
      this.equal++;
      return;
    }
    const size = sizeOf(value);
    if (others.length === 0) others.push({ display: this.display, value: sizeOf(current) });
    if (others.some((other) => other.display === display && other.value === size)) this.equal++;
    else if (others.length < MOST_OTHERS) others.push({ display, value: size });
  }

  /** Nothing more comes for the current instant. */
  private close(): void {
    const { current, others } = this;
    this.isOpen = false;
    if (others.length === 0 && this.display === "reading") {
      this.current = this.free.pop() ?? point();
      this.settle(current);
      return;
    }
    if (others.length === 0) others.push({ display: this.display, value: sizeOf(current) });
    this.others = [];
    const of = (which: Display) => others.filter(({ display }) => display === which).map(({ value }) => value);
    const [old, ...moreOld] = of("old_end");
    const [start, ...moreStart] = of("new_start");
    const readings = of("reading");
    const isExchange = old !== undefined && start !== undefined && moreOld.length + moreStart.length === 0;
    if (isExchange && readings.every((value) => value === old || value === start)) this.exchange(old, start);
    else {
      const values = [...new Set(others.map(({ value }) => value))].sort((a, b) => (a < b ? -1 : 1));
      this.sink.found("conflict", current, current, values);
    }
  }

  private exchange(old: bigint, start: bigint): void {
    const { second, nanos } = this.current;
    this.settle(this.pointOf(second, nanos, old));
    this.judge(true);
    this.lastIs(this.pointOf(second, nanos, start), this.lastEnds);
    this.sink.found("exchange", this.last, this.last, []);
  }

  private pointOf(second: number, nanos: number, value: bigint): Point {
    const made = this.free.pop() ?? point();
    made.second = second;
    made.nanos = nanos;
    made.mantissa = 0;
    made.power = 0;
    made.big = value;
    return made;
  }

  /** Judges an instant's reading, unless it must wait for those that follow. It belongs to this object from now on. */
  private settle(next: Point): void {
    if (this.waiting.length === 0) {
      if (!this.hasLast) {
        this.lastIs(next, false);
        return;
      }
      if (this.rules.kind === "counter" || compareSizes(next, this.last) >= 0) {
        this.step(next);
        return;
      }
    }
    this.waiting.push(next);
    this.judge(false);
  }

  /** Judges waiting readings. @param ended whether no more follow */
  private judge(ended: boolean): void {
    const { waiting } = this;
    while (waiting.length > 0) {
      const first = waiting[0]!;
      if (compareSizes(first, this.last) >= 0) {
        waiting.shift();
        this.step(first);
        continue;
      }
      if (this.isBlip()) {
        waiting.shift();
        this.sink.found("blip", first, first, []);
        this.free.push(first);
        continue;
      }
      const latest = waiting[waiting.length - 1]!;
      if (!ended && waiting.length <= LOOKED_AT && isWithin(first, latest, LOOKED_FOR)) return;
      waiting.shift();
      this.step(first);
    }
  }

  /** Whether one of the readings that follow the first that waits is as high as the last one that counts. */
  private isBlip(): boolean {
    const { waiting, last } = this;
    for (let n = 1; n < waiting.length && n <= LOOKED_AT; n++)
      if (isWithin(waiting[0]!, waiting[n]!, LOOKED_FOR) && compareSizes(waiting[n]!, last) >= 0) return true;
    return false;
  }

  /** Counts what lies between the last reading that counts and the next one. */
  private step(next: Point): void {
    const { last, rules, energy, sink } = this;
    if (!isWithin(last, next, MAX_INTERVAL)) {
      this.breakAt(next, "gap");
      return;
    }
    const event = this.measure(next);
    if (event === "fell") {
      this.breakAt(next, event);
      return;
    }
    if (event !== undefined) sink.found(event, last, next, []);
    if (rules.gap !== undefined && rules.across !== "spread" && !isWithin(last, next, rules.gap)) {
      if (rules.across === "drop") {
        this.breakAt(next, "dropped");
        return;
      }
      sink.found("at_end", last, next, []);
      sink.count(last, this.lastEnds);
      sink.putAtEnd(last, next, energy);
    } else sink.spread(last, next, energy);
    this.lastIs(next, true);
  }

  /** Sets the energy between the last reading and the next one. */
  private measure(next: Point): RegisterEvent | undefined {
    const { last, rules, energy } = this;
    if (compareSizes(next, last) >= 0) {
      subtractSizes(next, last, energy);
      return undefined;
    }
    if (rules.kind === "counter") {
      const value = sizeOf(next);
      if (10n * value >= 9n * sizeOf(last)) {
        subtractSizes(next, last, energy);
        return undefined;
      }
      setTo(energy, value);
      return "restart";
    }
    const { rollover } = rules;
    if (rollover !== undefined && 10n * sizeOf(last) > 9n * rollover && 10n * sizeOf(next) < rollover) {
      setTo(energy, sizeOf(next) + rollover - sizeOf(last));
      return "rollover";
    }
    return "fell";
  }

  /** Nothing is counted between the last reading and the next one. */
  private breakAt(next: Point, event: RegisterEvent): void {
    this.sink.count(this.last, this.lastEnds);
    this.sink.found(event, this.last, next, []);
    this.lastIs(next, false);
  }

  private lastIs(next: Point, ends: boolean): void {
    if (this.last !== next) this.free.push(this.last);
    this.last = next;
    this.hasLast = true;
    this.lastEnds = ends;
  }
}

function point(): Point {
  return { second: 0, nanos: 0, mantissa: 0, power: 0, big: undefined };
}

/** Whether at most so many seconds lie between two instants. */
function isWithin(from: Point, to: Point, seconds: number): boolean {
  const whole = to.second - from.second;
  return whole < seconds || (whole === seconds && to.nanos <= from.nanos);
}
