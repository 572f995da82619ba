/**
 * Resolves repeated wall times by the order of rows. A clock that is put back shows some times twice. Suppose that the
 * rows of a source, on the days of such a change, rise except for one step back from one repeated time to another: then
 * the rows before the step belong to the first pass, and those after it to the second (the reverse if rows fall). If they
 * rise or fall throughout, and each repeated time, and no other, is in two neighbouring rows, one is of each pass.
 * Everything else is ambiguous, and counted as the earlier time.
 *
 * Only the rows of those days come here, from the slow path. Readings at repeated times wait here until the order of
 * their source is known: at the end of the input, or when the parts of a split input are put together.
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
  /** Position in the input: rows so far, or parts. */
  private position = 0;
  /** Runs of provisional sources, and the positions of their first rows. */
  private provisional: { run: number; from: number }[] = [];
  /** Range of repeated times of each change, from the start of its days; includes `high` if timestamps mark ends. */
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

  /** The change on whose days a wall time is, or -1. Rows of other days do not matter. */
  changeAt(stamp: Stamp): number {
    return changeAt(this.plan.walls.repeats, stamp.wall);
  }

  /** Whether the clock shows a wall time on a change's days twice. */
  isRepeated(change: number, { wall }: Stamp): boolean {
    const { from, to } = this.plan.walls.repeats;
    return wall >= from[change] && wall < to[change];
  }

  /** The instant of a repeated wall time if the plan chooses one regardless of order. */
  instantOf(change: number, { wall }: Stamp): number {
    this.readings++;
    const { before, after } = this.plan.walls.repeats;
    return wall - (this.plan.repeatedHour === "last" ? after[change] : before[change]);
  }

  /** Whether a reading on a change's days must wait for the order of rows: count it as `DEFERRED`. */
  mustWait(change: number, stamp: Stamp): boolean {
    return this.isRelevant(change, this.timeOf(change, stamp));
  }

  /**
   * Adds the next row of a source, on a change's days. Its reading must have been counted.
   * @param readings 1, or 0 for a row without one
   * @param isProvisional whether the source is
   */
  addRow(source: number, change: number, stamp: Stamp, readings: 0 | 1, isProvisional: boolean): void {
    const { columns, kernel } = this;
    const time = this.timeOf(change, stamp);
    const run = columns.runOf(source, change);
    this.position++;
    if (Number.isNaN(columns.first[run]) && isProvisional) this.provisional.push({ run, from: this.position });
    const other = this.step(run, time);
    columns.last[run] = time;
    columns.lastPosition[run] = this.position;
    if (this.isRelevant(change, time)) {
      if (readings > 0 && this.isShownTwice(change, time)) {
        columns.flags[run] |= Flag.repeated;
        this.readings++;
      }
      if ((columns.flags[run] & Flag.disordered) === 0)
        columns.addRow(other ? columns.push(run, time) : columns.tail[run], kernel.deferred, readings);
      else if (readings > 0) this.addToCell(source, change, time, Pass.ambiguous, kernel.deferred, 0, 1);
    }
    kernel.deferredBytes = columns.bytes;
  }

  /** Moves the rows of a provisional source to another one, which may be provisional too. */
  settleSource(source: number, into: number, isProvisional: boolean): void {
    const { columns } = this;
    if (this.provisional.length === 0) return;
    const moved = this.provisional.filter(({ run }) => columns.source[run] === source);
    this.provisional = this.provisional.filter(({ run }) => columns.source[run] !== source);
    for (const { run, from } of moved) {
      const lastPosition = columns.lastPosition[run];
      const runs = columns.takeRun(run);
      const to = columns.runOf(into, runs.change[0]);
      if (isProvisional && Number.isNaN(columns.first[to])) this.provisional.push({ run: to, from });
      this.appendRun(runs, 0, to, columns.lastPosition[to] >= from);
      columns.lastPosition[to] = lastPosition;
    }
    this.kernel.deferredBytes = columns.bytes;
  }

  /**
   * Ends an input: counts the waiting readings in their cells.
   * @param input its name in messages
   * @returns whether there were any rows
   */
  settle(input: string): boolean {
    const { columns } = this;
    if (columns.runs === 0) return false;
    for (let run = 0; run < columns.runs; run++) if (columns.source[run] !== NO_SOURCE) this.settleRun(run, input);
    this.clear();
    return true;
  }

  /** Hands over the runs of a part of an input, by the kernel's source numbers; `undefined` if there are none. */
  take(): Runs | undefined {
    const { columns } = this;
    if (columns.runs === 0) return undefined;
    const runs = columns.take();
    this.clear();
    return runs;
  }

  /** Adds the runs of the next part of an input, by this kernel's source numbers. */
  append(runs: Runs): void {
    const { columns, kernel } = this;
    this.position++;
    for (let n = 0; n < runs.source.length; n++) {
      if (runs.source[n] === NO_SOURCE) continue;
      const run = columns.runOf(kernel.settled(runs.source[n]), runs.change[n]);
      this.appendRun(runs, n, run, columns.lastPosition[run] === this.position);
      columns.lastPosition[run] = this.position;
    }
    this.kernel.deferredBytes = this.columns.bytes;
  }

  /** The repeated times met so far. */
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

  /** Forgets the rows of the current input. */
  clear(): void {
    this.columns.clear();
    this.kernel.deferredBytes = this.columns.bytes;
    this.position = 0;
    this.provisional = [];
  }

  private timeOf(change: number, { wall, nanos }: Stamp): number {
    return (wall - this.plan.walls.repeats.begin[change]) * SECOND + nanos;
  }

  private isRelevant(change: number, time: number): boolean {
    return this.isShownTwice(change, time) || (time === this.high[change] && this.plan.stampsEnd);
  }

  private isShownTwice(change: number, time: number): boolean {
    return time >= this.low[change] && time < this.high[change];
  }

  /** Updates a run's flags for a row that follows its last one. @returns whether it is the first row, or at another time */
  private step(run: number, time: number): boolean {
    const { columns } = this;
    if (Number.isNaN(columns.first[run])) {
      columns.first[run] = time;
      return true;
    }
    const last = columns.last[run];
    const change = columns.change[run];
    const repeated = this.isRelevant(change, time);
    let flags = columns.flags[run];
    if (time === last) {
      if (!repeated) columns.flags[run] = flags | Flag.otherTwice;
      return false;
    }
    const up = time > last;
    flags = more(flags, up ? Flag.up : Flag.down, 1);
    if (!repeated || !this.isRelevant(change, last)) flags |= up ? Flag.otherUp : Flag.otherDown;
    columns.flags[run] = flags;
    this.checkOrder(run);
    return true;
  }

  /** If the order of a run cannot tell any more, whatever rows follow, its readings need not wait. */
  private checkOrder(run: number): void {
    const { columns } = this;
    const flags = columns.flags[run];
    if ((flags & Flag.disordered) === 0 && (mayRise(flags) || mayFall(flags))) return;
    columns.flags[run] |= Flag.disordered;
    for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry])
      this.addEntryToCells(run, entry, Pass.ambiguous, Pass.ambiguous);
    columns.drop(run);
  }

  /**
   * Appends run `n` of some runs to this one's `run`.
   * @param mixed whether their rows are interleaved in an unknown order
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
    // If both runs meet at the same repeated time, the first entry continues the last one.
    const goesOn = !other && this.isRelevant(change, runs.first[n]);
    const from = n === 0 ? 0 : runs.ends[n - 1];
    for (let i = from; i < runs.ends[n]; i++) {
      const at = i * ENTRY_LIMBS;
      if ((columns.flags[run] & Flag.disordered) !== 0) {
        addEnergy(runs.energy, at, runs.energy, at + 4);
        const readings = runs.firstReadings[i] + runs.otherReadings[i];
        if (readings > 0) this.addToCell(source, change, runs.time[i], Pass.ambiguous, runs.energy, at, readings);
        continue;
      }
      const entry = i === from && goesOn ? columns.tail[run] : columns.push(run, runs.time[i]);
      columns.addTo(entry, runs.energy, at, 1, runs.firstReadings[i]);
      columns.addTo(entry, runs.energy, at + 4, runs.rows[i] - 1, runs.otherReadings[i]);
    }
  }

  private settleRun(run: number, input: string): void {
    const { columns } = this;
    const flags = columns.flags[run];
    const change = columns.change[run];
    const { high } = this;
    const edges = this.plan.stampsEnd ? { low: this.low[change], high: high[change] } : undefined;
    const passes = passesOf(columns, run, edges);
    if (passes === undefined && (flags & Flag.repeated) !== 0) this.reportDay(run, input);
    let pass = passes?.first ?? Pass.ambiguous;
    let before = Number.NaN;
    for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry]) {
      const time = columns.time[entry];
      if (passes?.way === "twins") {
        // One of each pass; a single row at an edge can only be of one pass.
        const single = columns.rows[entry] === 1;
        const edge = time === high[change] ? Pass.second : Pass.first;
        this.addEntryToCells(run, entry, single ? edge : pass, single ? edge : 1 - pass);
        continue;
      }
      if (passes !== undefined && (passes.first === Pass.first ? time < before : time > before))
        pass = 1 - passes.first;
      before = time;
      this.addEntryToCells(run, entry, pass, pass);
    }
  }

  /** @param first the pass of the entry's first row @param others the pass of its other rows */
  private addEntryToCells(run: number, entry: number, first: number, others: number): void {
    const { columns } = this;
    const { time, firstReadings, otherReadings, energy } = columns;
    const source = columns.source[run];
    const change = columns.change[run];
    const at = entry * ENTRY_LIMBS;
    if (firstReadings[entry] > 0) this.addToCell(source, change, time[entry], first, energy, at, 1);
    const rest = otherReadings[entry];
    if (rest > 0) this.addToCell(source, change, time[entry], others, energy, at + 4, rest);
  }

  /** Counts readings in their cell: if their pass is ambiguous, at the earliest instant at which the clock shows their time. */
  private addToCell(
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

  private reportDay(run: number, input: string): void {
    const { columns, kernel, plan } = this;
    this.days++;
    const day = Math.floor(plan.walls.repeats.from[columns.change[run]] / DAY);
    this.named = firstNamed([...this.named, { source: kernel.idOf(columns.source[run]), day, input }]);
  }
}
