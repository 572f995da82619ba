/**
 * Repeated wall times, told by the order of rows. A clock that is put back shows some times twice. Where the rows of a
 * source, on the days of such a change, rise but for one step back from one repeated time to another, what comes before
 * the step is of the first pass, and what follows of the second (the other way round where rows fall); where they rise or
 * fall all along, and each repeated time, and no other, stands in two neighbouring rows, there is one of each. All else
 * is ambiguous, and taken for the earlier.
 *
 * Only the rows of those days come here, from the slow path. Readings at repeated times wait here until the order of
 * their source is known, at the end of the input, or for the parts of an input that is cut, when these are put together.
 */
import { addEnergy } from "../tally/cell.js";
import type { Stamp } from "../time/instant.js";
import { type AmbiguousDay, changeAt, firstNamed, type RepeatedTimes } from "../time/repeated-hours.js";
import type { Kernel } from "./kernel.js";
import type { ScanPlan } from "./plan.js";
import { ENTRY_LIMBS, Flag, NO_SOURCE, RowColumns, type Runs } from "./row-columns.js";
import { countOf, mayFall, mayRise, more, Pass, passesOf } from "./row-passes.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";

/** Nanoseconds. */
const SECOND = 1e9;
const DAY = 86_400;

export class RowOrder {
  private readonly columns = new RowColumns();
  private readings = 0;
  private ambiguous = 0;
  private days = 0;
  private named: AmbiguousDay[] = [];
  /** Rows, or parts, of the input so far. */
  private places = 0;
  /** Runs of provisional sources, and the places of their first rows. */
  private provisional: { run: number; from: number }[] = [];
  /** Repeated times of each change, from its days' start. `high` itself is one where timestamps mark ends. */
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
  ) {
    const { from, to, begin } = plan.walls.repeats;
    this.low = from.map((second, change) => (second - begin[change]) * SECOND);
    this.high = to.map((second, change) => (second - begin[change]) * SECOND);
  }

  /** The change whose days hold a wall time, or -1: rows of other days tell nothing. */
  changeAt(stamp: Stamp): number {
    return changeAt(this.plan.walls.repeats, stamp.wall);
  }

  /** Whether the clock shows a wall time of a change's days twice. */
  isRepeated(change: number, { wall }: Stamp): boolean {
    const { from, to } = this.plan.walls.repeats;
    return wall >= from[change] && wall < to[change];
  }

  /** The instant of a repeated wall time where the plan says which it is, whatever the order. */
  instantOf(change: number, { wall }: Stamp): number {
    this.readings++;
    const { before, after } = this.plan.walls.repeats;
    return wall - (this.plan.repeatedHour === "last" ? after[change] : before[change]);
  }

  /** Whether the reading of a row at a time of a change's days has to wait: it is to be counted as `KEPT`. */
  waits(change: number, stamp: Stamp): boolean {
    return this.takesPart(change, this.timeOf(change, stamp));
  }

  /** Takes in the next row of a source, at a time of a change's days; its reading has been counted. */
  row(source: number, change: number, stamp: Stamp): void {
    const { columns, kernel } = this;
    const time = this.timeOf(change, stamp);
    const run = columns.runOf(source, change);
    this.places++;
    if (Number.isNaN(columns.first[run]) && source > 0 && source === kernel.unnamed)
      this.provisional.push({ run, from: this.places });
    const other = this.step(run, time);
    columns.last[run] = time;
    columns.place[run] = this.places;
    if (this.takesPart(change, time)) {
      if (this.isShownTwice(change, time)) {
        columns.flags[run] |= Flag.repeated;
        this.readings++;
      }
      if ((columns.flags[run] & Flag.disordered) !== 0)
        this.place(source, change, time, Pass.ambiguous, kernel.kept, 0, 1);
      else columns.addTo(other ? columns.push(run, time) : columns.tail[run], kernel.kept, 0, 1);
    }
    kernel.keptBytes = columns.bytes;
  }

  /** The rows of a provisional source turn out to be another's, which may be provisional, too. */
  settleSource(source: number, into: number, isProvisional: boolean): void {
    const { columns } = this;
    if (this.provisional.length === 0) return;
    const moved = this.provisional.filter(({ run }) => columns.source[run] === source);
    this.provisional = this.provisional.filter(({ run }) => columns.source[run] !== source);
    for (const { run, from } of moved) {
      const place = columns.place[run];
      const runs = columns.takeRun(run);
      const to = columns.runOf(into, runs.change[0]);
      if (isProvisional && Number.isNaN(columns.first[to])) this.provisional.push({ run: to, from });
      this.appendRun(runs, 0, to, columns.place[to] >= from);
      columns.place[to] = place;
    }
    this.kernel.keptBytes = columns.bytes;
  }

  /**
   * The input is at its end: its readings that wait go into their cells.
   * @param input as messages call it
   * @returns whether there were any
   */
  settle(input: string): boolean {
    const { columns } = this;
    if (columns.runs === 0) return false;
    for (let run = 0; run < columns.runs; run++) if (columns.source[run] !== NO_SOURCE) this.settleRun(run, input);
    this.clear();
    return true;
  }

  /** Hands over what is known of a part of an input, by the numbers of the kernel's sources; `undefined` where that is nothing. */
  take(): Runs | undefined {
    const { columns } = this;
    if (columns.runs === 0) return undefined;
    const runs = columns.take();
    this.clear();
    return runs;
  }

  /** Takes in what is known of the next part of an input, by this kernel's numbers of sources. */
  append(runs: Runs): void {
    const { columns, kernel } = this;
    this.places++;
    for (let n = 0; n < runs.source.length; n++) {
      if (runs.source[n] === NO_SOURCE) continue;
      const run = columns.runOf(kernel.settled(runs.source[n]), runs.change[n]);
      this.appendRun(runs, n, run, columns.place[run] === this.places);
      columns.place[run] = this.places;
    }
    this.kernel.keptBytes = this.columns.bytes;
  }

  /** All that was met so far. */
  report(): RepeatedTimes {
    const { readings, ambiguous, days, named } = this;
    return { readings, ambiguous, days, named };
  }

  reset(): void {
    this.clear();
    this.readings = 0;
    this.ambiguous = 0;
    this.days = 0;
    this.named = [];
  }

  /** Forgets what is known of an input that was not read to its end. */
  clear(): void {
    this.columns.clear();
    this.kernel.keptBytes = this.columns.bytes;
    this.places = 0;
    this.provisional = [];
  }

  private timeOf(change: number, { wall, nanos }: Stamp): number {
    return (wall - this.plan.walls.repeats.begin[change]) * SECOND + nanos;
  }

  private takesPart(change: number, time: number): boolean {
    return this.isShownTwice(change, time) || (time === this.high[change] && this.plan.stampsEnd);
  }

  private isShownTwice(change: number, time: number): boolean {
    return time >= this.low[change] && time < this.high[change];
  }

  /** From a run's last row to one that follows. @returns whether that is at another time, or the first */
  private step(run: number, time: number): boolean {
    const { columns } = this;
    if (Number.isNaN(columns.first[run])) {
      columns.first[run] = time;
      return true;
    }
    const last = columns.last[run];
    const change = columns.change[run];
    const repeated = this.takesPart(change, time);
    let flags = columns.flags[run];
    if (time === last) {
      if (!repeated) columns.flags[run] = flags | Flag.otherTwice;
      return false;
    }
    const up = time > last;
    flags = more(flags, up ? Flag.up : Flag.down, 1);
    if (!repeated || !this.takesPart(change, last)) flags |= up ? Flag.otherUp : Flag.otherDown;
    columns.flags[run] = flags;
    this.checkOrder(run);
    return true;
  }

  /** Once the order of a run cannot tell any more, whatever comes, its readings need not wait. */
  private checkOrder(run: number): void {
    const { columns } = this;
    const flags = columns.flags[run];
    if ((flags & Flag.disordered) === 0 && (mayRise(flags) || mayFall(flags))) return;
    columns.flags[run] |= Flag.disordered;
    for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry])
      this.placeEntry(run, entry, Pass.ambiguous, Pass.ambiguous);
    columns.drop(run);
  }

  /**
   * Has one of some runs follow another, `run`.
   * @param mixed their rows are of one source, as turns out, and their order is not known
   */
  private appendRun(runs: Runs, n: number, run: number, mixed: boolean): void {
    const { columns } = this;
    const source = columns.source[run];
    const change = runs.change[n];
    const other = this.step(run, runs.first[n]);
    columns.last[run] = runs.last[n];
    let flags = columns.flags[run] | (runs.flags[n] & ~15);
    flags = more(flags, Flag.up, countOf(runs.flags[n], Flag.up));
    flags = more(flags, Flag.down, countOf(runs.flags[n], Flag.down));
    columns.flags[run] = mixed ? flags | Flag.disordered : flags;
    this.checkOrder(run);
    // The first row's entry, where it has one, goes on from the last one's, where both are at the same time.
    const goesOn = !other && this.takesPart(change, runs.first[n]);
    const from = n === 0 ? 0 : runs.ends[n - 1];
    for (let i = from; i < runs.ends[n]; i++) {
      const at = i * ENTRY_LIMBS;
      if ((columns.flags[run] & Flag.disordered) !== 0) {
        addEnergy(runs.energy, at, runs.energy, at + 4);
        this.place(source, change, runs.time[i], Pass.ambiguous, runs.energy, at, runs.count[i]);
        continue;
      }
      const entry = i === from && goesOn ? columns.tail[run] : columns.push(run, runs.time[i]);
      columns.addTo(entry, runs.energy, at, Math.min(1, runs.count[i]));
      columns.addTo(entry, runs.energy, at + 4, runs.count[i] - 1);
    }
  }

  private settleRun(run: number, input: string): void {
    const { columns } = this;
    const flags = columns.flags[run];
    const change = columns.change[run];
    const { high } = this;
    const edges = this.plan.stampsEnd ? { low: this.low[change], high: high[change] } : undefined;
    const passes = passesOf(columns, run, edges);
    if (passes === undefined && (flags & Flag.repeated) !== 0) this.name(run, input);
    let pass = passes?.first ?? Pass.ambiguous;
    let before = Number.NaN;
    for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry]) {
      const time = columns.time[entry];
      if (passes?.way === "twins") {
        // One of each; of a single one, at an edge, the clock says which it is.
        const single = columns.count[entry] === 1;
        const edge = time === high[change] ? Pass.second : Pass.first;
        this.placeEntry(run, entry, single ? edge : pass, single ? edge : 1 - pass);
        continue;
      }
      if (passes !== undefined && (passes.first === Pass.first ? time < before : time > before))
        pass = 1 - passes.first;
      before = time;
      this.placeEntry(run, entry, pass, pass);
    }
  }

  /** @param first @param others the pass of the entry's first reading, and of its others */
  private placeEntry(run: number, entry: number, first: number, others: number): void {
    const { columns } = this;
    const { time, count, energy } = columns;
    const source = columns.source[run];
    const change = columns.change[run];
    const at = entry * ENTRY_LIMBS;
    if (count[entry] > 0) this.place(source, change, time[entry], first, energy, at, 1);
    if (count[entry] > 1) this.place(source, change, time[entry], others, energy, at + 4, count[entry] - 1);
  }

  /** Puts readings into their cell; where their pass is not told, that of the earlier instant at which the clock shows their time. */
  private place(
    source: number,
    change: number,
    time: number,
    pass: number,
    limbs: Uint32Array,
    at: number,
    readings: number,
  ): void {
    const { plan, kernel } = this;
    const { begin, before, after } = plan.walls.repeats;
    const twice = this.isShownTwice(change, time);
    if (pass === Pass.ambiguous && twice) this.ambiguous += readings;
    const late = pass === Pass.ambiguous ? !twice : pass === Pass.second;
    const second = begin[change] + Math.floor(time / SECOND) - (late ? after[change] : before[change]);
    const fraction = time % SECOND !== 0;
    const border = plan.stampsEnd && !fraction;
    const plane = planeOfInstant(plan, second, border);
    const slot = slotOfInstant(plan, plane, second, border);
    kernel.place(source, plane, slot, fraction ? second + 0.5 : second, limbs, at, readings);
  }

  private name(run: number, input: string): void {
    const { columns, kernel, plan } = this;
    this.days++;
    const day = Math.floor(plan.walls.repeats.from[columns.change[run]] / DAY);
    this.named = firstNamed([...this.named, { source: kernel.idOf(columns.source[run]), day, input }]);
  }
}
