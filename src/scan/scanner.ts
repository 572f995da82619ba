import { RegisterLog } from "../quality/register-findings.js";
import { joinRepeated, type RepeatedTimes } from "../time/repeated-hours.js";
import { Context } from "./context.js";
import { CsvFormat } from "./csv.js";
import { type Delivered, Deliveries, type Pass } from "./deliveries.js";
import type { Fields } from "./fields.js";
import { GreenButtonFormat } from "./green-button/green-button-format.js";
import { InputScan } from "./input-scan.js";
import { JsonFormat } from "./json.js";
import { Kernel } from "./kernel.js";
import { tellPlan } from "./kernel-plan.js";
import { Layouts } from "./layouts.js";
import { addLeftOut, type LeftOut } from "./left-out.js";
import { NemFormat } from "./nem/nem-format.js";
import type { BadRecord, KeepPlan, ScanPlan } from "./plan.js";
import { PlanReader, planOfTable } from "./plan-reader.js";
import type { Reason } from "./reasons.js";
import type { ResumePoint } from "./resume-point.js";
import type { RowOrder } from "./row-order.js";

/** The number of the plan for exchanges of meters, in the place of that of a known table. */
const EXCHANGES = -1;

export class Scanner {
  readonly kernel: Kernel;
  /** The readers of the run's plan, and of the known tables that were met, by their numbers. */
  private readonly readers: Map<number, PlanReader>;
  private reader: PlanReader;
  /** What is known of inputs whose format delivers readings again. */
  deliveries = new Deliveries();

  /**
   * Receives the readings of each source by whose way they are placed, before that happens: from which one to which, of those
   * that the kernel has kept, which are in the order of time, and those of one instant as they were delivered.
   */
  onKept: ((source: number, first: number, end: number, keep: KeepPlan) => void) | undefined;

  /** What was found out about cumulative readings. */
  registers = new RegisterLog();
  /** The number of the input that is read, among those of the run, and the byte of it at which reading began. */
  private place = { input: -1, offset: 0 };

  /** Of so many bad records of each input, or part of one, words and bytes are wanted, of others only the reason. */
  inWords = Number.POSITIVE_INFINITY;

  constructor(private readonly own: ScanPlan) {
    this.kernel = new Kernel(own);
    this.reader = new PlanReader(this.kernel, own);
    this.readers = new Map([[0, this.reader]]);
  }

  /** How the current input, or the last one, is read: by the run's plan, unless it was recognised. */
  get plan(): ScanPlan {
    return this.reader.plan;
  }

  get fields(): Fields {
    return this.reader.fields;
  }

  /** Call `settle` at the end of each input, or `take` at the end of each part of one. */
  get order(): RowOrder {
    return this.reader.order;
  }

  /** Readings changed by rounding at the 18th decimal place. */
  get rounded(): number {
    return [...this.readers.values()].reduce((sum, { validator }) => sum + validator.rounded, 0);
  }

  /** What was left out, counted by why. */
  get leftOut(): LeftOut {
    return addLeftOut(Array.from(this.readers.values(), ({ validator }) => validator.leftOut));
  }

  /** Readings by their flag of quality, `A` first. */
  get flags(): Float64Array {
    return (this.readers.get(0) as PlanReader).validator.flags;
  }

  /** What was found out about wall times. */
  get repeated(): RepeatedTimes {
    return joinRepeated(Array.from(this.readers.values(), ({ order }) => order.report()));
  }

  /** Forgets everything counted, and reuses the memory. */
  reset(): void {
    this.kernel.reset();
    this.deliveries = new Deliveries();
    this.registers = new RegisterLog();
    this.place = { input: -1, offset: 0 };
    this.kernel.heldBytes = 0;
    this.flags.fill(0);
    for (const { order, validator } of this.readers.values()) {
      order.reset();
      validator.rounded = 0;
      validator.leftOut = {};
    }
  }

  /**
   * Begins an input.
   * @param onLeftOut called before a record is counted as left out
   * @param input its number among those of the run, by which it is later or earlier than another
   * @param hasExchanges whether its records are exchanges of meters
   */
  begin(
    onBad: (bad: BadRecord | Reason) => void,
    onLeftOut?: () => void,
    { input = this.place.input + 1, hasExchanges = false }: { input?: number | undefined; hasExchanges?: boolean } = {},
  ): InputScan {
    this.place = { input, offset: 0 };
    this.kernel.unnamed = 0;
    this.readAs(hasExchanges ? EXCHANGES : 0);
    this.order.clear();
    return new InputScan(this.context(onBad, 0, onLeftOut), new Layouts(this.kernel));
  }

  /**
   * Begins in the middle of an input, at a record or, depending on the resume point's state, between two.
   * @param unnamed the kernel's number of the source that records without one are counted under
   * @param input as in `begin`
   */
  beginAt(
    offset: number,
    resumePoint: ResumePoint,
    onBad: (bad: BadRecord | Reason) => void,
    unnamed = 0,
    input = 0,
  ): InputScan {
    this.place = { input, offset };
    this.kernel.unnamed = unnamed;
    this.readAs(resumePoint.format === "csv" ? resumePoint.known : 0);
    const context = this.context(onBad, offset);
    const layouts = new Layouts(this.kernel, [...resumePoint.programs]);
    const format =
      resumePoint.format === "csv"
        ? new CsvFormat(context, layouts, resumePoint.header)
        : new JsonFormat(context, layouts, resumePoint);
    return new InputScan(context, layouts, format);
  }

  /** Begins to read an input of such a format. */
  revisit(kind: Delivered, pass: Pass, onBad: (bad: BadRecord | Reason) => void, onLeftOut?: () => void): InputScan {
    this.readAs(0);
    this.order.clear();
    const context = this.context(onBad, 0, onLeftOut);
    const Format = kind === "nem12" ? NemFormat : GreenButtonFormat;
    return new InputScan(context, new Layouts(this.kernel), new Format(context, this.deliveries, pass));
  }

  /** Counts readings that were kept, and are left out. @param rounded how many of them rounding had changed */
  readonly leaveOut = (why: string, count: number, rounded: number): void => {
    const { validator } = this.readers.get(0) as PlanReader;
    if (count > 0) validator.leftOut[why] = (validator.leftOut[why] ?? 0) + count;
    validator.rounded -= rounded;
  };

  /** What the deliveries take counts as memory of the kernel. @param held further bytes */
  noteHeld(held: number): void {
    this.kernel.heldBytes = this.deliveries.bytes + held;
  }

  /** The name of a known table; `undefined` for 0. */
  nameOf(known: number): string | undefined {
    // Tables are planned only once one is looked for.
    return known <= 0 ? undefined : this.own.known[known - 1]?.name;
  }

  /** What follows is the end of an input that was read in parts. */
  endOf(input: number): void {
    this.place = { input, offset: Number.POSITIVE_INFINITY };
  }

  /** Reads what follows by the run's plan, 0, or as the known table of that number, counted from 1. */
  readAs(known: number): PlanReader {
    const reader = this.readerOf(known);
    this.reader = reader;
    this.kernel.kept.begin({ ...this.place, known });
    tellPlan(this.kernel.view, reader.plan);
    return reader;
  }

  /** The plan of such a number. */
  planAs(known: number): ScanPlan {
    return this.readerOf(known).plan;
  }

  private readerOf(known: number): PlanReader {
    let reader = this.readers.get(known);
    if (reader === undefined) {
      const plan = known === EXCHANGES ? (this.own.exchanges as ScanPlan) : planOfTable(this.own, known);
      reader = new PlanReader(this.kernel, plan);
      this.readers.set(known, reader);
    }
    return reader;
  }

  private context(onBad: (bad: BadRecord | Reason) => void, offset: number, onLeftOut?: () => void): Context {
    const readAs = (known: number) => this.readAs(known);
    return new Context(this.kernel, this.reader, readAs, onBad, this.inWords, offset, onLeftOut);
  }
}
