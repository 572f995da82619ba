/** The kernel's TypeScript interface: one instance per thread, its memory as bytes, its counters by name. */

import { ENTRY_WORDS, type PageList } from "../tally/page-list.js";
import type { Part } from "../tally/tally.js";
import { Coverage } from "./coverage.js";
import { ExportSources } from "./export-sources.js";
import { KeptReadings, MOST_TAKEN } from "./kept-readings.js";
import { kernelCode } from "./kernel-code.js";
import type { Exports } from "./kernel-exports.js";
import { tellPlan } from "./kernel-plan.js";
import { extentsIn, pagesOf, sourcesIn } from "./part.js";
import type { ScanPlan } from "./plan.js";
import { markSlowDays } from "./slow-days.js";

/** Addresses of `kernel/state.ts` and `kernel/memory.ts`. */
const STATE = 0x400;
const SAMPLE = 0x20000;
const SCRATCH = 0x60000;
export const LAYOUTS = 0x2000;
export const LAYOUT_BYTES = 4096;
export const MAX_LAYOUTS = 8;
/** The longest id that fits the scratch area. */
const SCRATCH_BYTES = 0x10000;
/** Bytes of heap at which a kernel counts as full: it addresses 4 GiB, and needs room to enlarge its tables. */
export const MOST_HEAP = 2560 * 1024 * 1024;
export const WINDOW_BYTES = 24 * 1024 * 1024;

export class Kernel {
  /** Called between two records when the heap has reached its limit: must make room, as `clear` does, or throw. */
  onFull: () => void = () => {};
  /** Called when the window holds more bytes than ever before: less may be left for the heap. */
  onWidened: () => void = () => {};
  /** The most bytes that the window has held at a time; the process keeps that memory. */
  windowBytes = 0;
  private readonly memory: WebAssembly.Memory;
  private listed = new Uint32Array(0);
  readonly exports: Exports;
  /** What the intervals of readings cover, if they have any. */
  readonly coverage: Coverage;
  readonly exportSources = new ExportSources();
  /** Readings that are counted in cells once all inputs are known. */
  readonly kept = new KeptReadings();
  /** The memory, at least to the end of the window: an index is an address. */
  readonly bytes: Uint8Array;
  /** Four limbs: the energy of the last reading that was counted as `DEFERRED`. */
  readonly deferred: Uint32Array;
  /** Bytes held elsewhere for readings that are yet to be counted in cells; they count as heap. And for inputs that are read again. */
  deferredBytes = 0;
  heldBytes = 0;
  readonly view: DataView;
  private readonly sample: Float64Array;

  constructor(plan: ScanPlan) {
    const abort = () => {
      throw new Error("the kernel stopped");
    };
    this.exports = new WebAssembly.Instance(kernelCode(), { env: { abort } }).exports as unknown as Exports;
    this.memory = this.exports.memory;
    this.exports.start();
    this.coverage = new Coverage(this.exports);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.bytes.buffer);
    this.sample = new Float64Array(this.bytes.buffer, SAMPLE, (this.bytes.length - SAMPLE) / 8);
    this.deferred = new Uint32Array(this.memory.buffer, STATE + 160, 4);
    this.view.setUint32(STATE + 96, plan.bySource ? 1 : 0, true);
    this.view.setUint32(STATE + 100, plan.instants.width, true);
    this.view.setUint32(STATE + 104, plan.walls.width, true);
    tellPlan(this.view, plan);
    markSlowDays(this.bytes, plan);
  }

  /** Forgets everything counted; parts that are views of it become invalid. */
  reset(): void {
    this.exports.start();
    this.coverage.reset();
    this.exportSources.reset();
    this.kept.clear();
  }

  /** From now on the kernel tries the first `count` layouts, and counts their hits from 0. */
  setLayouts(count: number): void {
    this.view.setUint32(STATE + 116, count, true);
    for (let i = 0; i < MAX_LAYOUTS; i++) this.view.setUint32(STATE + 128 + 4 * i, 0, true);
    this.exports.layoutsChanged();
  }

  layoutHits(layout: number): number {
    return this.view.getUint32(STATE + 128 + 4 * layout, true);
  }

  /** Counts records from `p` on; returns the address of the first that fits no layout, ends after `end`, or begins at or after `limit`. */
  scan(p: number, end: number, limit: number): number {
    for (let from = p; ; ) {
      from = this.exports.scan(from, end, limit);
      const taken = this.kept.take(this.view);
      if (this.full) this.onFull();
      else if (taken < MOST_TAKEN) return from;
    }
  }

  /** Whether the heap has reached its limit: then `onFull` is to be called before the next record. */
  get full(): boolean {
    return this.view.getUint32(STATE + 204, true) === 1;
  }

  get window(): number {
    return this.exports.windowStart();
  }

  noteWindow(bytes: number): void {
    if (bytes <= this.windowBytes) return;
    this.windowBytes = bytes;
    this.onWidened();
  }

  countLines(from: number, to: number): number {
    return this.exports.countLines(from, to);
  }

  /** The number of the source whose id is in `bytes[start, end)`; adds it if it is new. */
  source(start: number, end: number): number {
    return this.exports.source(start, end - start);
  }

  /**
   * The source for records without an id: 0, the unnamed one; or a provisional one, until the enclosing object has ended
   * and its source is known.
   */
  get unnamed(): number {
    return this.view.getUint32(STATE + 200, true);
  }

  set unnamed(source: number) {
    this.view.setUint32(STATE + 200, source, true);
  }

  markRead(source: number): void {
    new DataView(this.memory.buffer).setUint32(this.exports.entryOf(source) + 12, 1, true);
  }

  /** The number of the source that a provisional one was settled as. */
  settled(source: number): number {
    const number = this.exports.settled(source);
    // If its id is empty, that is the unnamed source.
    return new DataView(this.memory.buffer).getUint32(this.exports.entryOf(number) + 4, true) === 0 ? 0 : number;
  }

  /** The number of the source with an id, given in UTF-8; adds it if it is new. */
  sourceOf(id: Uint8Array): number {
    const at = this.scratch(id.length);
    this.bytes.set(id, at);
    return this.source(at, at + id.length);
  }

  /** An address at which `length` bytes may be written, valid until the next call. Beyond the window if they are many. */
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
    if (this.full) this.onFull();
  }

  /** @param value |value| in 10⁻¹⁸ kWh, at most 10³³ */
  addBig(source: number, plane: number, slot: number, second: number, value: bigint, negative: boolean): void {
    const limb = (n: bigint) => Number((value >> (32n * n)) & 0xffffffffn);
    this.exports.addLimbs(source, plane, slot, second, limb(0n), limb(1n), limb(2n), limb(3n), negative);
    if (this.full) this.onFull();
  }

  /** Adds readings that were counted as `DEFERRED` to a cell. Their energy is the four limbs at `limbs[at…]`. */
  place(
    source: number,
    plane: number,
    slot: number,
    second: number,
    limbs: Uint32Array,
    at: number,
    readings: number,
  ): void {
    this.exports.place(source, plane, slot, second, limbs[at], limbs[at + 1], limbs[at + 2], limbs[at + 3], readings);
    if (this.full) this.onFull();
  }

  get readings(): number {
    return Number(this.view.getBigUint64(STATE, true));
  }

  /** Σ|value| in 10⁻¹⁸ kWh, or `undefined` once it has reached 10²⁰ kWh. */
  get absolute(): bigint | undefined {
    if (this.view.getUint32(STATE + 24, true) === 1) return undefined;
    return this.view.getBigUint64(STATE + 8, true) | (this.view.getBigUint64(STATE + 16, true) << 64n);
  }

  /** Bytes of readings that are yet to be counted in cells. */
  get laterBytes(): number {
    return this.deferredBytes + this.heldBytes + this.kept.bytes;
  }

  /** Bytes taken by sources, cells, and readings yet to be counted in cells. */
  get heapBytes(): number {
    return this.exports.heapBytes() + this.laterBytes;
  }

  /** The most bytes that the heap has taken: at most a little more than its limit. */
  get allocatedBytes(): number {
    return this.exports.allocated();
  }

  /** From now on `onFull` is called before the heap takes more than `bytes`. Default: no limit. */
  setLimit(bytes: number): void {
    this.exports.setLimit(bytes);
  }

  get grownBytes(): number {
    return this.memory.buffer.byteLength - this.bytes.byteLength;
  }

  /** Forgets all cells, once they are copied; sources, totals and extents stay. */
  clear(): void {
    this.exports.clear();
  }

  /** Samples up to `count` readings, from the next one on; of some sources only, where there are very many. */
  startSample(count: number): void {
    this.view.setUint32(STATE + 64, count, true);
    this.view.setUint32(STATE + 68, 0, true);
    this.view.setUint32(STATE + 216, 0xffffffff, true);
  }

  get sampleLeft(): number {
    return this.view.getUint32(STATE + 64, true);
  }

  /** The sample so far: flat triples of source number, epoch or wall second, kWh (about). */
  takeSample(): Float64Array {
    const taken = this.view.getUint32(STATE + 68, true);
    this.view.setUint32(STATE + 64, 0, true);
    return this.sample.slice(0, taken * 3);
  }

  /**
   * The number, counted from 1, of the reading with the first or last timestamp, as far as that is counted in slots.
   * @param end 0, 1: the first and the last timestamp with an offset; 2, 3: without one
   * @returns 0 if there is none, or it is not known
   */
  rankOf(end: number): number {
    return this.view.getUint32(STATE + 72 + 4 * end, true);
  }

  /** The id of a source, as UTF-8 bytes; empty for a provisional one that is not settled. */
  idOf(source: number): Uint8Array {
    const bytes = new Uint8Array(this.memory.buffer);
    const view = new DataView(this.memory.buffer);
    const entry = this.exports.entryOf(this.exports.settled(source));
    const at = view.getUint32(entry, true);
    return bytes.slice(at, at + view.getUint32(entry + 4, true));
  }

  sources(): Pick<Part, "ids" | "idEnds" | "seen"> {
    return sourcesIn(this.exports);
  }

  /** All cells, as a view of the memory: valid until the kernel is used again. */
  pages(): PageList {
    const { exports } = this;
    const entries = new Uint32Array(this.memory.buffer, exports.pageTable(), exports.pageTableSize() * ENTRY_WORDS);
    const count = exports.pageCount();
    if (this.listed.length < count) this.listed = new Uint32Array(count + (count >> 2));
    const pages = this.listed.subarray(0, count);
    for (let entry = 0, n = 0; n < pages.length; entry++)
      if (entries[ENTRY_WORDS * entry + 3] !== 0) pages[n++] = entry;
    return {
      entries,
      pages,
      words: new Uint32Array(this.memory.buffer),
      sources: exports.sourceCount(),
      ...extentsIn(this.view, STATE + 32),
    };
  }

  /** Everything counted. The cells are a view of the kernel's memory, which threads share: valid until it is used again. */
  part(): Part {
    const { exports } = this;
    const words = new Uint32Array(this.memory.buffer);
    const pages = pagesOf(words, exports);
    return {
      ...this.sources(),
      exported: this.exportSources.flags(exports),
      ...pages,
      words,
      ...extentsIn(this.view, STATE + 32),
    };
  }
}
