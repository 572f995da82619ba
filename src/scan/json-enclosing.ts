/**
 * The open containers around an array of records. A record without a source takes that of the innermost enclosing
 * object that has one, which is known only once that object has ended.
 */
import type { Context } from "./context.js";
import { explain } from "./explain.js";
import type { JsonRecords } from "./json-record.js";
import { ObjectSource } from "./json-source.js";
import { ScanFailure } from "./plan.js";

export const OPEN_OBJECT = 123;
export const OPEN_ARRAY = 91;

/** The token of a pointer that leads to every element of an array. */
export const EVERY = "*";

/** A container around the array of records. */
export interface Frame {
  open: typeof OPEN_OBJECT | typeof OPEN_ARRAY;
  /** How many tokens of the pointer lead here; -1 if it leads elsewhere. */
  matched: number;
  /** The next element's index, in an array. */
  index: number;
  /** Whether it had an array of records; also true if it needs none, such as an array of which every element is meant. */
  found: boolean;
  /** Of an object: the source of its records that have none of their own. */
  source: ObjectSource | undefined;
}

export class Enclosing {
  readonly frames: Frame[] = [];
  /** Names of the members at the point where the pointer leads no further, for the message. */
  otherNames: string[] = [];

  constructor(
    private readonly context: Context,
    private readonly json: JsonRecords,
  ) {
    context.validator.source.unnamedColumn = (name) => this.columnOf(this.innermost(), name);
  }

  /** From now on, records of the array without a source are counted for the innermost enclosing object. */
  countUnnamed(): void {
    const { kernel } = this.context;
    const source = this.innermost();
    if (source !== undefined && source.number === 0) source.number = kernel.exports.openSource();
    kernel.unnamed = source?.number ?? 0;
  }

  /** The source of values of that name in records without one: a provisional one in an object that may name it. */
  private columnOf(source: ObjectSource | undefined, name: string): number {
    const { kernel } = this.context;
    if (source === undefined) return kernel.sourceOf(Buffer.from(name));
    let number = source.columns.get(name);
    if (number === undefined) {
      number = kernel.exports.openSource();
      // Those of several names are open at a time, which only pinned ones may be.
      kernel.exports.pinSource(number);
      source.columns.set(name, number);
    }
    return number;
  }

  private innermost(): ObjectSource | undefined {
    for (let n = this.frames.length - 1; n >= 0; n--)
      if (this.frames[n].source !== undefined) return this.frames[n].source;
    return undefined;
  }

  frameAt(p: number, matched: number, name: string): Frame {
    const open = this.json.bytes[p] as Frame["open"];
    const around = this.frames[this.frames.length - 1];
    const found = open === OPEN_ARRAY && this.context.plan.records?.[matched] === EVERY;
    const source = open === OPEN_OBJECT ? new ObjectSource(this.context, around?.source, name) : undefined;
    return { open, matched, index: 0, found, source };
  }

  /**
   * To be called when an object has ended: the records in it without a source are counted under its source, or that of an
   * object that encloses it.
   * @throws ScanFailure if there are such records and the object's id is bad
   */
  settle(source: ObjectSource): void {
    const { kernel } = this.context;
    if (source.number === 0) return;
    const some = [source.number, ...source.columns.values()].some((number) => kernel.exports.hasReadings(number) === 1);
    const id = source.id();
    if (some && id instanceof ScanFailure) throw id;
    let into = id instanceof ScanFailure ? 0 : id;
    const around = into === 0 && some;
    const outer = this.innermost();
    for (const [name, number] of source.columns) {
      const column =
        into === 0
          ? this.columnOf(outer, name)
          : kernel.sourceOf(Buffer.concat([kernel.idOf(into), Buffer.from(`/${name}`)]));
      this.context.validator.order.settleSource(number, column, into === 0 && outer !== undefined);
      kernel.exports.settleSource(number, column);
    }
    if (around) {
      this.countUnnamed();
      into = kernel.unnamed;
      kernel.unnamed = 0;
    }
    this.context.validator.order.settleSource(source.number, into, around && into > 0);
    kernel.exports.settleSource(source.number, into);
  }

  /** The pointer does not lead to an array. @param depth of the innermost container whose elements are named by number */
  noArray(p: number, depth: number): ScanFailure {
    const { frames, otherNames } = this;
    const pointer = (this.context.plan.records ?? []).map((token, n) =>
      n < depth && token === EVERY && frames[n].open === OPEN_ARRAY
        ? // The index is already past an element that was entered.
          String(frames[n].index - (n < frames.length - 1 ? 1 : 0))
        : token,
    );
    const array = frames[0].open === OPEN_ARRAY && depth === 0;
    return this.context.fail(
      p,
      "no_array",
      explain.noArray(pointer, this.context.plan.records ?? pointer, otherNames, array),
    );
  }
}
