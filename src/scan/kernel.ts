/** The kernel as TypeScript sees it: one instance a thread, its memory as bytes, its counters by name. */
import { readFileSync } from "node:fs";
import type { Part } from "../domain/tally.js";
import { pagesOf } from "./part.js";
import type { ScanPlan } from "./plan.js";

interface Exports {
  memory: WebAssembly.Memory;
  start(): void;
  windowStart(): number;
  heapBytes(): number;
  clear(): void;
  countLines(from: number, to: number): number;
  scan(p: number, end: number, limit: number): number;
  layoutsChanged(): void;
  source(at: number, length: number): number;
  sourceCount(): number;
  entryOf(source: number): number;
  pageCount(): number;
  pageTable(): number;
  pageTableSize(): number;
  addScaled(
    source: number,
    plane: number,
    slot: number,
    second: number,
    mantissa: number,
    power: number,
    negative: boolean,
  ): void;
  addLimbs(
    source: number,
    plane: number,
    slot: number,
    second: number,
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    negative: boolean,
  ): void;
}

/** Addresses of `kernel/state.ts` and `kernel/memory.ts`. */
const STATE = 0x400;
const SAMPLE = 0x20000;
const SCRATCH = 0x60000;
const SLOW_DAYS = 0xc000;
const SLOW_MAP_BYTES = 13760;
/** 1899-12-31, the day of a map's first bit; how many there are. */
const SLOW_FIRST_DAY = -25568;
const SLOW_MAP_DAYS = 109600;
export const LAYOUTS = 0x2000;
export const LAYOUT_BYTES = 4096;
export const MAX_LAYOUTS = 8;
/** The longest id that fits the scratch area. */
const SCRATCH_BYTES = 0x10000;
/** Bytes of heap at which a kernel is as good as full: it addresses 4 GiB, and needs room to enlarge its tables. */
export const MOST_HEAP = 2560 * 1024 * 1024;
/** How far input bytes may reach from the window's start. */
export const WINDOW_BYTES = 24 * 1024 * 1024;

/** Compiled once; threads hand it to each other. */
let compiled: WebAssembly.Module | undefined;

/** The kernel's code. @param code as another thread has compiled it */
export function kernelCode(code?: WebAssembly.Module): WebAssembly.Module {
  compiled ??= code ?? new WebAssembly.Module(readFileSync(new URL("./kernel.wasm", import.meta.url)));
  return compiled;
}

export class Kernel {
  private readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
  /** The memory from its beginning to the end of the window, at least: an index is an address. */
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(plan: ScanPlan) {
    const abort = () => {
      throw new Error("the kernel stopped");
    };
    this.exports = new WebAssembly.Instance(kernelCode(), { env: { abort } }).exports as unknown as Exports;
    this.memory = this.exports.memory;
    this.exports.start();
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.view.setUint32(STATE + 96, plan.bySource ? 1 : 0, true);
    this.view.setUint32(STATE + 100, plan.instants.width, true);
    this.view.setUint32(STATE + 104, plan.walls.width, true);
    this.view.setUint32(STATE + 108, plan.stampsEnd ? 1 : 0, true);
    this.view.setUint32(STATE + 112, plan.unitPower, true);
    this.markSlowDays(0, plan.instants.from, new Float64Array(0));
    this.markSlowDays(1, plan.walls.from, plan.walls.gaps);
  }

  /** Counts anew from nothing: what was counted is gone, and parts that are views of it with it. */
  reset(): void {
    this.exports.start();
  }

  /** Marks the days of which some seconds are kept one by one: the kernel leaves those to the slow path. */
  private markSlowDays(map: number, from: number, gaps: Float64Array): void {
    const at = SLOW_DAYS + map * SLOW_MAP_BYTES;
    const mark = (day: number) => {
      const bit = day - SLOW_FIRST_DAY;
      if (bit >= 0 && bit < SLOW_MAP_DAYS) this.bytes[at + (bit >> 3)] |= 1 << (bit & 7);
    };
    const last = Math.min(Math.ceil(from / 86400), SLOW_FIRST_DAY + SLOW_MAP_DAYS);
    for (let day = SLOW_FIRST_DAY; day < last; day++) mark(day);
    for (let i = 0; i < gaps.length; i += 2)
      for (let day = Math.floor(gaps[i] / 86400); day * 86400 < gaps[i + 1]; day++) mark(day);
  }

  /** From now on the first `count` layouts are tried, and their hits counted from 0. */
  setLayouts(count: number): void {
    this.view.setUint32(STATE + 116, count, true);
    for (let i = 0; i < MAX_LAYOUTS; i++) this.view.setUint32(STATE + 128 + 4 * i, 0, true);
    this.exports.layoutsChanged();
  }

  /** How often a layout has fitted since they were set. */
  layoutHits(layout: number): number {
    return this.view.getUint32(STATE + 128 + 4 * layout, true);
  }

  /** Counts the records from `p` on that fit a layout; returns where the first lies that does not, does not end by `end`, or begins at `limit` or after it. */
  scan(p: number, end: number, limit: number): number {
    return this.exports.scan(p, end, limit);
  }

  /** Where input bytes begin; how far they may reach. */
  get window(): number {
    return this.exports.windowStart();
  }

  /** How many newlines lie in `[from, to)` of the memory. */
  countLines(from: number, to: number): number {
    return this.exports.countLines(from, to);
  }

  /** The number of the source whose id lies in `bytes[start, end)`. */
  source(start: number, end: number): number {
    return this.exports.source(start, end - start);
  }

  /** An address from which on `length` bytes may be written, until the next time: behind the input where they are many. */
  scratch(length: number): number {
    return length <= SCRATCH_BYTES ? SCRATCH : this.window + WINDOW_BYTES;
  }

  addScaled(
    source: number,
    plane: number,
    slot: number,
    second: number,
    mantissa: number,
    power: number,
    negative: boolean,
  ): void {
    this.exports.addScaled(source, plane, slot, second, mantissa, power, negative);
  }

  /** @param value |value| in 10⁻¹⁸ kWh, at most 10³³ */
  addBig(source: number, plane: number, slot: number, second: number, value: bigint, negative: boolean): void {
    const limb = (n: bigint) => Number((value >> (32n * n)) & 0xffffffffn);
    this.exports.addLimbs(source, plane, slot, second, limb(0n), limb(1n), limb(2n), limb(3n), negative);
  }

  get readings(): number {
    return Number(this.view.getBigUint64(STATE, true));
  }

  /** Σ|value| in 10⁻¹⁸ kWh, or `undefined` once it has reached 10²⁰ kWh. */
  get absolute(): bigint | undefined {
    if (this.view.getUint32(STATE + 24, true) === 1) return undefined;
    return this.view.getBigUint64(STATE + 8, true) | (this.view.getBigUint64(STATE + 16, true) << 64n);
  }

  /** Bytes that sources and cells take. */
  get heapBytes(): number {
    return this.exports.heapBytes();
  }

  /** Bytes by which the memory has grown: it never gives any back. */
  get grownBytes(): number {
    return this.memory.buffer.byteLength - this.bytes.byteLength;
  }

  /** Forgets all cells, once somebody else has them. Sources keep their numbers, and totals and extents stay. */
  clear(): void {
    this.exports.clear();
  }

  /** From the next reading on, up to `count` readings are kept as a sample. */
  startSample(count: number): void {
    this.view.setUint32(STATE + 64, count, true);
    this.view.setUint32(STATE + 68, 0, true);
  }

  /** Readings still wanted for the sample. */
  get sampleLeft(): number {
    return this.view.getUint32(STATE + 64, true);
  }

  /** The sample so far: flat triples of source number, epoch or wall second, kWh (about). */
  takeSample(): Float64Array {
    const taken = this.view.getUint32(STATE + 68, true);
    this.view.setUint32(STATE + 64, 0, true);
    return new Float64Array(this.memory.buffer.slice(SAMPLE, SAMPLE + taken * 24));
  }

  /**
   * Which reading, counted from 1, has an end of what was counted, as far as that is kept in slots.
   * @param end 0, 1: the first and the last timestamp with an offset; 2, 3: without
   * @returns 0 where there is none
   */
  rankOf(end: number): number {
    return this.view.getUint32(STATE + 72 + 4 * end, true);
  }

  /** The id of a source, as UTF-8 bytes. */
  idOf(source: number): Uint8Array {
    const bytes = new Uint8Array(this.memory.buffer);
    const view = new DataView(this.memory.buffer);
    const entry = this.exports.entryOf(source);
    const at = view.getUint32(entry, true);
    return bytes.slice(at, at + view.getUint32(entry + 4, true));
  }

  /** Everything counted. The cells are a view of the kernel's memory, which threads share: good until it is used again. */
  part(): Part {
    const { exports } = this;
    const bytes = new Uint8Array(this.memory.buffer);
    const view = new DataView(this.memory.buffer);
    const count = exports.sourceCount();
    const idEnds = new Uint32Array(count);
    const seen = new Uint8Array(count);
    let length = 0;
    for (let n = 0; n < count; n++) {
      const entry = exports.entryOf(n);
      length += view.getUint32(entry + 4, true);
      idEnds[n] = length;
      seen[n] = view.getUint32(entry + 12, true);
    }
    const ids = new Uint8Array(length);
    for (let n = 1; n < count; n++) {
      const at = view.getUint32(exports.entryOf(n), true);
      ids.set(bytes.subarray(at, at + idEnds[n] - idEnds[n - 1]), idEnds[n - 1]);
    }

    const table = exports.pageTable() >>> 2;
    const words = new Uint32Array(this.memory.buffer);
    const pages = pagesOf(words, table, table + exports.pageTableSize() * 4, exports.pageCount());
    const extent = (at: number) => {
      const second = view.getFloat64(STATE + 32 + at, true);
      return Math.abs(second) === Number.MAX_VALUE ? Math.sign(second) * Number.POSITIVE_INFINITY : second;
    };
    return {
      ids,
      idEnds,
      seen,
      ...pages,
      words,
      firstInstant: extent(0),
      lastInstant: extent(8),
      firstWall: extent(16),
      lastWall: extent(24),
    };
  }
}
