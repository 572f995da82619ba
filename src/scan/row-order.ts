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
import { PlacedRows } from "./placed-rows.js";
import type { ScanPlan } from "./plan.js";
import { ENTRY_LIMBS, Flag, type HeldReading, NO_SOURCE, RowColumns, type Runs } from "./row-columns.js";
import { countOf, mayFall, mayRise, more, Pass, passesOf } from "./row-passes.js";
import type { Spreader } from "./spread.js";

/** Nanoseconds. */
const SECOND = 1e9;
const DAY = 86_400;

export class RowOrder {
  private readonly columns = new RowColumns();
  private readonly placed: PlacedRows;
  /** Timestamps of such readings that had no offset and were not repeated, and those of them that clocks skip. */
  once = 0;
  skipped = 0;
  readings = 0;
  private days = 0;
  private named: AmbiguousDay[] = [];
  /** Position in the input: rows so far, or parts. */
  private position = 0;
  /** Whether the source of the next row is provisional. */
  isProvisional = false;
  /** Runs of provisional sources, and the positions of their first rows. */
  private provisional: { run: number; from: number }[] = [];
  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
  ) {
    this.placed = new PlacedRows(kernel, plan, this.columns);
  }

  /** Counts readings that cover time. */
  get spreader(): Spreader {
    return this.placed.spreader;
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

  /** The instant of a repeated wall time if the plan chooses one regardless of order; its reading is not counted yet. */
  instantOf(change: number, { wall }: Stamp): number {
    const { before, after } = this.plan.walls.repeats;
    return wall - (this.plan.repeatedHour === "last" ? after[change] : before[change]);
  }

  /** Whether a reading on a change's days must wait for the order of rows: count it as `DEFERRED`. */
  mustWait(change: number, stamp: Stamp): boolean {
    return this.placed.isRelevant(change, this.timeOf(change, stamp));
  }

  /**
   * Adds the next row of a source, on a change's days. Its reading must have been counted.
   * @param readings 1, or 0 for a row without one
   * @param held its reading, if that covers time and must wait
   */
  addRow(source: number, change: number, stamp: Stamp, readings: 0 | 1, held?: HeldReading): void {
    const { columns, kernel } = this;
    const time = this.timeOf(change, stamp);
    const run = columns.runOf(source, change);
    this.position++;
    if (Number.isNaN(columns.first[run]) && this.isProvisional) this.provisional.push({ run, from: this.position });
    const other = this.step(run, time);
    columns.last[run] = time;
    columns.lastPosition[run] = this.position;
    if (this.placed.isRelevant(change, time)) {
      if (readings > 0 && this.placed.isShownTwice(change, time)) {
        columns.flags[run] |= Flag.repeated;
        this.readings++;
      }
      if ((columns.flags[run] & Flag.disordered) === 0) {
        const entry = other ? columns.push(run, time) : columns.tail[run];
        if (held !== undefined) columns.hold(entry, { first: [held], others: [] });
        columns.addRow(entry, kernel.deferred, held === undefined ? readings : 0);
      } else if (held !== undefined) this.placed.placeHeld(source, change, time, Pass.ambiguous, [held]);
      else if (readings > 0) this.placed.addToCell(source, change, time, Pass.ambiguous, kernel.deferred, 0, 1);
    }
    kernel.deferredBytes = columns.bytes;
  }

  /** Moves the rows of a provisional source to another one, which may be provisional too. */
  settleSource(source: number, into: number, isProvisional: boolean): void {
    const { columns } = this;
    this.kernel.coverage.settle(source, into);
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
    const { readings, days, named, once, skipped } = this;
    const { ambiguous, spreader } = this.placed;
    const zoned = this.plan.ownZone === undefined ? 0 : readings;
    return { readings, ambiguous, days, named, zoned, once, skipped, reaching: spreader.reaching };
  }

  reset(): void {
    this.clear();
    this.readings = 0;
    this.placed.ambiguous = 0;
    this.days = 0;
    this.named = [];
    this.once = 0;
    this.skipped = 0;
    this.placed.spreader.reaching = 0;
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

  /** Updates a run's flags for a row that follows its last one. @returns whether it is the first row, or at another time */
  private step(run: number, time: number): boolean {
    const { columns } = this;
    if (Number.isNaN(columns.first[run])) {
      columns.first[run] = time;
      return true;
    }
    const last = columns.last[run];
    const change = columns.change[run];
    const repeated = this.placed.isRelevant(change, time);
    let flags = columns.flags[run];
    if (time === last) {
      if (!repeated) columns.flags[run] = flags | Flag.otherTwice;
      return false;
    }
    const up = time > last;
    flags = more(flags, up ? Flag.up : Flag.down, 1);
    if (!repeated || !this.placed.isRelevant(change, last)) flags |= up ? Flag.otherUp : Flag.otherDown;
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
      this.placed.addEntryToCells(run, entry, Pass.ambiguous, Pass.ambiguous);
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
    const goesOn = !other && this.placed.isRelevant(change, runs.first[n]);
    const from = n === 0 ? 0 : runs.ends[n - 1];
    for (let i = from; i < runs.ends[n]; i++) {
      const at = i * ENTRY_LIMBS;
      const held = runs.held.get(i);
      if ((columns.flags[run] & Flag.disordered) !== 0) {
        if (held !== undefined)
          this.placed.placeHeld(source, change, runs.time[i], Pass.ambiguous, [...held.first, ...held.others]);
        addEnergy(runs.energy, at, runs.energy, at + 4);
        const readings = runs.firstReadings[i] + runs.otherReadings[i];
        if (readings > 0)
          this.placed.addToCell(source, change, runs.time[i], Pass.ambiguous, runs.energy, at, readings);
        continue;
      }
      const entry = i === from && goesOn ? columns.tail[run] : columns.push(run, runs.time[i]);
      if (held !== undefined) columns.hold(entry, held);
      columns.addTo(entry, runs.energy, at, 1, runs.firstReadings[i]);
      columns.addTo(entry, runs.energy, at + 4, runs.rows[i] - 1, runs.otherReadings[i]);
    }
  }

  private settleRun(run: number, input: string): void {
    const { columns } = this;
    const flags = columns.flags[run];
    const change = columns.change[run];
    const { low, high } = this.placed;
    const edges = this.plan.stampsEnd ? { low: low[change], high: high[change] } : undefined;
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
        this.placed.addEntryToCells(run, entry, single ? edge : pass, single ? edge : 1 - pass);
        continue;
      }
      if (passes !== undefined && (passes.first === Pass.first ? time < before : time > before))
        pass = 1 - passes.first;
      before = time;
      this.placed.addEntryToCells(run, entry, pass, pass);
    }
  }

  private reportDay(run: number, input: string): void {
    const { columns, kernel, plan } = this;
    this.days++;
    const day = Math.floor(plan.walls.repeats.from[columns.change[run]] / DAY);
    this.named = firstNamed([...this.named, { source: kernel.idOf(columns.source[run]), day, input }]);
  }
}
