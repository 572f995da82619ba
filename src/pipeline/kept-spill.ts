/**
 * Readings that are kept until all inputs are known, on the disk, where they take too much memory. They are divided by their
 * sources, so that later one part after another is read again; within a part they stay in the order of their delivery.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { onDisk } from "../base/disk-error.js";
import { BIG, type KeptColumns, type KeptReadings } from "../scan/kept-readings.js";
import type { SpillPlan } from "./spill.js";

/** Parts: as many times more than what fits into memory can be summed. */
const PARTS = 64;
/** Readings that are written at a time. */
const SLICE = 1 << 17;
/** Numbers before the columns of a chunk: readings, number of the plan, 1 if they are plain, large values. */
const HEAD = 4;
const WORD = 8;
const LARGE = 16;

/** Columns in a chunk; the others are there where readings are not plain. */
const PLAIN = ["from", "mantissa", "source", "marks"] as const;
const OTHERS = ["to", "second", "fromNanos", "toNanos"] as const;

export class KeptSpill {
  private readonly used = new Set<number>();
  /** Sources of what was written. */
  readonly sources = new Set<number>();

  constructor(private readonly plan: SpillPlan) {}

  get isUsed(): boolean {
    return this.used.size > 0;
  }

  /** Writes all that is kept, and forgets it. @throws RunError where the disk refuses */
  write(kept: KeptReadings): void {
    const all = kept.all();
    all.stretches.forEach(({ first, known }, n) => {
      const end = all.stretches[n + 1]?.first ?? all.source.length;
      for (let from = first; from < end; from += SLICE) this.writeSlice(all, from, Math.min(from + SLICE, end), known);
    });
    kept.clear();
  }

  private writeSlice(all: KeptColumns, first: number, end: number, known: number): void {
    const rows: number[][] = Array.from({ length: PARTS }, () => []);
    for (let row = first; row < end; row++) {
      rows[all.source[row]! % PARTS]!.push(row);
      this.sources.add(all.source[row]!);
    }
    rows.forEach((own, part) => {
      if (own.length === 0) return;
      this.used.add(part);
      const chunk = Buffer.concat(chunkOf(all, own, known));
      onDisk(this.plan.displayName, () => appendFileSync(this.pathOf(part), chunk, { mode: 0o600 }));
    });
  }

  /** Reads one part after another into `kept`, which is to be emptied in between. @throws RunError where the disk refuses */
  *parts(kept: KeptReadings): Generator<undefined, void> {
    for (let part = 0; part < PARTS; part++) {
      const path = this.pathOf(part);
      if (!existsSync(path)) continue;
      const bytes = onDisk(this.plan.displayName, () => readFileSync(path));
      for (let at = 0, input = 0; at < bytes.length; input++) {
        const chunk = readChunk(bytes, at, input);
        kept.append(chunk.columns, (source) => source);
        at = chunk.end;
      }
      yield;
    }
  }

  private pathOf(part: number): string {
    return `${this.plan.prefix}kept${part}.tmp`;
  }
}

function chunkOf(all: KeptColumns, rows: readonly number[], known: number): Buffer[] {
  const isPlain = all.to.length === 0;
  const big: bigint[] = [];
  const mantissa = Float64Array.from(rows, (row) => {
    const value = all.mantissa[row]!;
    return (all.marks[row]! & BIG) === 0 ? value : big.push(all.big[value]!) - 1;
  });
  const columns = [...PLAIN, ...(isPlain ? [] : OTHERS)].map((name) =>
    bytesOf(name === "mantissa" ? mantissa : Float64Array.from(rows, (row) => all[name][row]!)),
  );
  const large = Buffer.alloc(LARGE * big.length);
  big.forEach((value, n) => {
    large.writeBigUInt64LE(value & 0xffff_ffff_ffff_ffffn, LARGE * n);
    large.writeBigUInt64LE(value >> 64n, LARGE * n + WORD);
  });
  return [bytesOf(Float64Array.of(rows.length, known, isPlain ? 1 : 0, big.length)), ...columns, large];
}

function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer);
}

function readChunk(bytes: Buffer, from: number, input: number): { columns: KeptColumns; end: number } {
  let at = from;
  const take = (count: number): Float64Array => {
    const numbers = new Float64Array(count);
    bytes.copy(Buffer.from(numbers.buffer), 0, at, at + WORD * count);
    at += WORD * count;
    return numbers;
  };
  const [rows = 0, known = 0, isPlain, large = 0] = take(HEAD);
  const [start, mantissa, source, marks] = PLAIN.map(() => take(rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [to, second, fromNanos, toNanos] = OTHERS.map(() => take(isPlain === 1 ? 0 : rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const big: bigint[] = [];
  for (let n = 0; n < large; n++, at += LARGE)
    big.push(bytes.readBigUInt64LE(at) | (bytes.readBigUInt64LE(at + WORD) << 64n));
  return {
    end: at,
    columns: {
      ...{ from: start, mantissa, to, second, big },
      source: Uint32Array.from(source),
      marks: Uint16Array.from(marks),
      fromNanos: Uint32Array.from(fromNanos),
      toNanos: Uint32Array.from(toNanos),
      stretches: [{ first: 0, input, offset: 0, known }],
    },
  };
}
