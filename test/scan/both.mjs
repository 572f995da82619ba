/**
 * The same bytes scanned with layouts and without: the kernel may only ever be faster. Without layouts every record
 * goes the ordinary way (judge.ts), which decides what is valid; so what this compares is all that a run can see of a
 * scan. Scanners are used for one input after another, as in a run: what one leaves behind must not change the next.
 */

import { Layouts } from "../../dist/scan/layouts.js";
import { ScanFailure } from "../../dist/scan/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { CELL_WORDS, PAGE_SLOTS } from "../../dist/tally/cell.js";
import { sizeOf } from "../../dist/tally/difference.js";

/** @typedef {import("../../dist/scan/plan.js").ScanPlan} ScanPlan */
/** @typedef {import("../../dist/tally/tally.js").Part} Part */

/**
 * What one input came to.
 * @typedef {object} Outcome
 * @property {number} records
 * @property {number} readings
 * @property {number} lines
 * @property {number} rounded
 * @property {object[]} bad every bad record: its number, line, offset, size, text, code and message
 * @property {object | undefined} failure where and why it could not be read on
 */

/** How bytes are handed to a scan. `late`: its end is told after the last byte, as with a stream, not with it. */
/** @typedef {{ cuts?: readonly number[], late?: boolean }} Handing */

/** Readings of each input that are looked at one by one. */
const SAMPLE = 25;

const { learnJson, learnCsv } = Layouts.prototype;

/**
 * Calls `use` with every record going the ordinary way: nothing is learnt, so there is nothing for the kernel to try.
 * @template T
 * @param {() => T} use
 * @returns {T}
 */
export function withoutLayouts(use) {
  Layouts.prototype.learnJson = () => {};
  Layouts.prototype.learnCsv = () => {};
  try {
    return use();
  } finally {
    Layouts.prototype.learnJson = learnJson;
    Layouts.prototype.learnCsv = learnCsv;
  }
}

/**
 * Scans one input; `slow` counts the records that no layout took.
 * @param {Scanner} scanner
 * @param {Uint8Array} bytes
 * @param {Handing} handing
 * @returns {Outcome & { slow: number }}
 */
export function scanInput(scanner, bytes, { cuts = [], late = false } = {}) {
  /** @type {object[]} */
  const bad = [];
  const roundedBefore = scanner.rounded;
  const scan = scanner.begin((one) => {
    if (typeof one === "string") throw new Error("all bad records are wanted");
    const { text, ...rest } = one;
    bad.push({ ...rest, text: Buffer.from(text).toString("latin1") });
  });
  let failure;
  try {
    let at = 0;
    // What is read again, once all inputs are known, says no more here.
    const isDone = () => scan.result().delivered !== undefined;
    for (const cut of [...cuts.filter((place) => place < bytes.length), bytes.length]) {
      while (at < cut && !isDone()) {
        const room = scan.room();
        const count = Math.min(room.length, cut - at);
        room.set(bytes.subarray(at, at + count));
        at += count;
        scan.filled(count, at === bytes.length && !late);
      }
    }
    if ((late || bytes.length === 0) && !isDone()) {
      scan.room();
      scan.filled(0, true);
    }
  } catch (error) {
    if (!(error instanceof ScanFailure)) throw error;
    failure = { offset: error.offset, line: error.line, code: error.code, message: error.message };
  }
  const { records, readings, lines, slow, delivered } = scan.result();
  return {
    records,
    readings,
    lines: failure || delivered !== undefined ? 0 : lines,
    rounded: scanner.rounded - roundedBefore,
    bad,
    failure,
    slow,
  };
}

/** Two scanners for the same inputs: `fast` uses layouts, `slow` does not. */
export class Both {
  /** @param {ScanPlan} plan */
  constructor(plan) {
    this.fast = new Scanner(plan);
    this.slow = new Scanner(plan);
    /** Records so far, and how many of them the kernel took. */
    this.records = 0;
    this.taken = 0;
  }

  /**
   * Scans an input with both.
   * @param {Uint8Array} bytes
   * @param {Handing} handing of the scan with layouts; the other gets all bytes at once
   * @returns {Outcome} what both say of it
   * @throws {Difference}
   */
  scan(bytes, handing = {}) {
    for (const { kernel } of [this.fast, this.slow]) kernel.startSample(SAMPLE);
    const { slow: notTaken, ...fast } = scanInput(this.fast, bytes, handing);
    const { slow: _, ...slow } = withoutLayouts(() => scanInput(this.slow, bytes));
    this.records += fast.records;
    this.taken += fast.records - notTaken;
    const [a, b] = [JSON.stringify(fast), JSON.stringify(slow)];
    if (a !== b) throw new Difference(`with layouts:    ${a}\nwithout layouts: ${b}`);
    const [x, y] = [countersOf(this.fast), countersOf(this.slow)];
    if (x !== y) throw new Difference(`with layouts:    ${x}\nwithout layouts: ${y}`);
    return slow;
  }

  /**
   * Compares everything that has been counted.
   * @throws {Difference}
   */
  compare() {
    const [m, n] = [coveredBy(this.fast), coveredBy(this.slow)];
    if (m !== n) throw new Difference(`with layouts:    ${m}\nwithout layouts: ${n}`);
    const [k, l] = [keptBy(this.fast), keptBy(this.slow)];
    const other = k.findIndex((one, n) => one !== l[n]);
    if (other >= 0 || k.length !== l.length)
      throw new Difference(`kept with layouts: ${k.length}, ${k[other]}\nwithout layouts: ${l.length}, ${l[other]}`);
    const [a, b] = [this.fast.kernel.part(), this.slow.kernel.part()];
    if (samePart(a, b)) return;
    const [x, y] = [cellsOf(a), cellsOf(b)];
    const only = (/** @type {string[]} */ one, /** @type {Set<string>} */ other) =>
      one.filter((line) => !other.has(line));
    const shown = [only(x, new Set(y)), only(y, new Set(x))].map((lines) => lines.slice(0, 20).join("\n  "));
    throw new Difference(`counted with layouts only:\n  ${shown[0]}\nwithout only:\n  ${shown[1]}`);
  }
}

/** With and without layouts are not the same. */
export class Difference extends Error {}

/**
 * Scans inputs with new scanners and compares all.
 * @param {ScanPlan} plan
 * @param {readonly Uint8Array[]} inputs
 * @param {Handing} handing
 */
export function compareBoth(plan, inputs, handing = {}) {
  const both = new Both(plan);
  for (const bytes of inputs) both.scan(bytes, handing);
  both.compare();
  return both;
}

/** What intervals cover, and what was found out about wall times. */
function coveredBy(/** @type {Scanner} */ { kernel, repeated }) {
  const { source = [], from = [], to = [], overlaps = [] } = kernel.coverage.covered() ?? {};
  const ranges = Array.from(source, (number, n) => [number, from[n], to[n]]);
  return JSON.stringify({ ranges, overlaps: [...overlaps].sort((a, b) => a.source - b.source), ...repeated });
}

/** Readings that are kept until all inputs are known. */
function keptBy(/** @type {Scanner} */ { kernel }) {
  const interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  /** @type {import("../../dist/tally/decimal.js").Decimal} */
  const value = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  const { source } = kernel.kept.all();
  return Array.from(source, (number, n) => {
    const second = kernel.kept.read(n, interval, value);
    const size = sizeOf(value);
    const id = Buffer.from(kernel.idOf(number)).toString("latin1");
    return [
      id,
      second,
      ...Object.values(interval),
      value.negative && size > 0n ? -size : size,
      kernel.kept.displayOf(n),
    ].join(" ");
  });
}

/** Numbers that tell most differences at once. */
function countersOf(/** @type {Scanner} */ { kernel }) {
  const { exports } = kernel;
  const counts = [kernel.readings, kernel.absolute, exports.sourceCount(), exports.pageCount()];
  return `readings, sum, sources, pages: ${counts.join(" ")}; sample: ${kernel.takeSample().join(" ")}`;
}

/** @param {Part} a @param {Part} b */
function samePart(a, b) {
  const { words: _, pageWord: __, ...restA } = a;
  const { words: ___, pageWord: ____, ...restB } = b;
  for (const key of /** @type {(keyof typeof restA)[]} */ (Object.keys(restA))) {
    const [one = 0, other = 0] = [restA[key], restB[key]];
    const same = typeof one === "number" ? Object.is(one, other) : sameBytes(one, /** @type {typeof one} */ (other));
    if (!same) return false;
  }
  return a.pageWord.every((word, n) => sameBytes(pageAt(a, word), pageAt(b, b.pageWord[n])));
}

/** @param {Part} part @param {number} word */
const pageAt = ({ words }, word) => words.subarray(word, word + PAGE_SLOTS * CELL_WORDS);

/** @param {ArrayBufferView} a @param {ArrayBufferView} b */
function sameBytes(a, b) {
  return Buffer.compare(viewOf(a), viewOf(b)) === 0;
}

/** @param {ArrayBufferView} array */
const viewOf = ({ buffer, byteOffset, byteLength }) =>
  Buffer.from(/** @type {ArrayBuffer} */ (buffer), byteOffset, byteLength);

/**
 * Everything that a part holds, a line each, whatever the order in which it was counted: cells with their readings,
 * sources that have some, extents.
 * @param {Part} part
 * @returns {string[]}
 */
export function cellsOf(part) {
  const ids = Buffer.from(part.ids.buffer, part.ids.byteOffset, part.ids.byteLength);
  const idOf = (/** @type {number} */ n) =>
    JSON.stringify(n === 0 ? "" : ids.toString("latin1", part.idEnds[n - 1], part.idEnds[n]));
  /** Several sources of a part may have the same id. @type {Map<string, [energy: bigint, readings: bigint]>} */
  const cells = new Map();
  for (const [n, word] of part.pageWord.entries()) {
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const cell = part.words.subarray(word + i * CELL_WORDS, word + (i + 1) * CELL_WORDS);
      if (cell.every((w) => w === 0)) continue;
      const long = (/** @type {number} */ at) => BigInt(cell[at]) | (BigInt(cell[at + 1]) << 32n);
      const energy = BigInt.asIntN(128, long(0) | (long(2) << 64n));
      const slot = part.pageBlock[n] * PAGE_SLOTS + i;
      const name = `cell ${idOf(part.pageSource[n])} plane ${part.pagePlane[n]} slot ${slot}`;
      const [sum, readings] = cells.get(name) ?? [0n, 0n];
      cells.set(name, [sum + energy, readings + long(4)]);
    }
  }
  const lines = Array.from(cells, ([name, [energy, readings]]) => `${name}: ${energy} (${readings})`);
  const sources = [...part.seen.keys()].filter((n) => part.seen[n] === 1);
  for (const id of new Set(sources.map(idOf))) lines.push(`source ${id}`);
  lines.push(`instants ${part.firstInstant} ${part.lastInstant}`, `walls ${part.firstWall} ${part.lastWall}`);
  return lines.sort();
}
