/** The readings of Green Button inputs, kept until all inputs are known: which of them count depends on the others. */
import { DECIMAL_OK, DECIMAL_TOO_LARGE, type Decimal, readDecimal } from "../../tally/decimal.js";
import { sizeOf } from "../../tally/difference.js";
import { daysFromCivil } from "../../time/instant.js";
import { MAX_INTERVAL } from "../../time/interval.js";
import { toEnergy } from "../average-power.js";
import type { LeftOut } from "../left-out.js";
import type { Reason } from "../reasons.js";
import type { Block, Feed } from "./feed.js";
import { Links } from "./links.js";
import { type Meaning, meaningOf } from "./meaning.js";

const DAY = 86_400;
const FIRST_SECOND = daysFromCivil(1900, 1, 1) * DAY;
const LAST_SECOND = daysFromCivil(2200, 1, 1) * DAY - 1;
const BILLION = 1_000_000_000n;

/** A reading: what it counts is decided later. */
export interface FlowReading {
  readonly source: number;
  readonly isExport: boolean;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** In 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  readonly rounded: boolean;
  readonly line: number;
  /** Its text, for messages. */
  readonly text: string;
  verdict: "counts" | "repeated" | "coarser" | "conflict" | "partly";
  /** Where it counts, if only in parts: flat pairs of epoch seconds. */
  parts?: number[];
}

/** One that is bad. */
export interface BadReading {
  readonly code: Reason;
  readonly message: string;
  readonly line: number;
  readonly text: string;
}

/** What an input brings, in its order. */
export interface FlowInput {
  readonly readings: (FlowReading | BadReading)[];
  readonly kinds: Record<string, number>;
}

/** @param numberOf the number of a source, by its id */
export function flowsOf(feed: Feed, numberOf: (id: string) => number): FlowInput {
  const links = new Links(feed);
  const readings: (FlowReading | BadReading)[] = [];
  const kinds: Record<string, number> = {};
  for (const block of feed.blocks) {
    const meaning = meaningOf(links.typeOf(block), links.serviceOf(block));
    if (typeof meaning === "string") kinds[meaning] = (kinds[meaning] ?? 0) + block.end - block.first;
    else readBlock(feed, block, meaning, `${links.sourceOf(block)}/${meaning.flow}`, numberOf, readings, kinds);
  }
  return { readings, kinds };
}

function readBlock(
  { starts, durations, values, lines }: Feed,
  block: Block,
  meaning: Meaning,
  id: string,
  numberOf: (id: string) => number,
  readings: (FlowReading | BadReading)[],
  kinds: LeftOut & Record<string, number>,
): void {
  const source = id.includes("\0") || id.startsWith("/") ? -1 : numberOf(id);
  const value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  /** Where the reading before ended. */
  let next = secondOf(block.start);
  for (let n = block.first; n < block.end; n++) {
    const line = lines[n];
    const text = textOf(starts[n], durations[n], values[n]);
    const bad = (code: Reason, message: string) => readings.push({ code, message, line, text });
    const from = starts[n] === "" ? next : secondOf(starts[n]);
    const length = durations[n] === "" ? meaning.length : lengthOf(durations[n]);
    next = from === undefined || length === undefined ? undefined : from + length;
    if (source < 0) bad("bad_source", "the block has neither links to a UsagePoint and a MeterReading nor an id");
    else if (from === undefined)
      bad(
        starts[n] === "" ? "missing_timestamp" : "bad_timestamp",
        starts[n] === ""
          ? "no start, and none follows from the block's interval and the readings before"
          : `start ${JSON.stringify(starts[n])}: not whole seconds since 1970, of the years 1900 to 2199`,
      );
    else if (next === undefined)
      bad(
        durations[n] === "" ? "missing_interval" : "bad_interval",
        durations[n] === ""
          ? "no duration, and the reading type has no intervalLength"
          : `duration ${JSON.stringify(durations[n])}: not whole seconds of up to 400 days`,
      );
    else if (values[n] === "") kinds.missing = (kinds.missing ?? 0) + 1;
    else {
      const bytes = Buffer.from(values[n]);
      const code = readDecimal(bytes, 0, bytes.length, 46, meaning.unitPower, value);
      const fits =
        code === DECIMAL_OK &&
        (!meaning.isPower || toEnergy(value, BigInt(next - from) * BILLION, () => values[n], meaning.unitPower));
      if (code !== DECIMAL_OK && code !== DECIMAL_TOO_LARGE)
        bad("bad_value", `value ${JSON.stringify(values[n].slice(0, 60))}: not a number`);
      else if (!fits) bad("value_too_large", `value ${JSON.stringify(values[n].slice(0, 60))}: more than 1e15 kWh`);
      else {
        const energy = value.negative ? -sizeOf(value) : sizeOf(value);
        const isExport = meaning.flow === "rev";
        readings.push({
          source,
          isExport,
          from,
          to: next,
          energy,
          rounded: value.rounded,
          line,
          text,
          verdict: "counts",
        });
      }
    }
  }
}

function secondOf(text: string): number | undefined {
  const second = Number(text);
  return /^-?\d{1,11}$/.test(text) && second >= FIRST_SECOND && second <= LAST_SECOND ? second : undefined;
}

function lengthOf(text: string): number | undefined {
  const length = Number(text);
  return /^\d{1,9}$/.test(text) && length > 0 && length <= MAX_INTERVAL ? length : undefined;
}

function textOf(start: string, duration: string, value: string): string {
  return `<IntervalReading><timePeriod><duration>${duration}</duration><start>${start}</start></timePeriod><value>${value}</value></IntervalReading>`;
}

/**
 * Decides which readings of all inputs count. The result is a function of the set of readings, but for which of several
 * equal ones it is that counts: the first.
 */
export function judge(inputs: readonly FlowInput[]): void {
  const bySource = new Map<number, FlowReading[]>();
  for (const { readings } of inputs)
    for (const reading of readings) {
      if ("code" in reading) continue;
      const there = bySource.get(reading.source);
      if (there === undefined) bySource.set(reading.source, [reading]);
      else there.push(reading);
    }
  for (const readings of bySource.values()) judgeFlow(readings);
}

function judgeFlow(readings: FlowReading[]): void {
  // Sorting is stable, so equal ones stay in the order of the inputs.
  readings.sort((a, b) => a.from - b.from || a.to - b.to);
  for (let n = 0; n < readings.length; ) {
    const first = readings[n];
    let end = n + 1;
    let same = true;
    for (; end < readings.length && readings[end].from === first.from && readings[end].to === first.to; end++)
      if (readings[end].energy !== first.energy) same = false;
    for (let k = n; k < end; k++) readings[k].verdict = same ? (k === n ? "counts" : "repeated") : "conflict";
    n = end;
  }
  const counting = readings.filter(({ verdict }) => verdict === "counts");
  const lengths = [...new Set(counting.map(({ from, to }) => to - from))].sort((a, b) => a - b);
  if (lengths.length > 1) preferFiner(counting, lengths);
}

/** Where a finer reading is, a coarser one of the same flow does not count. */
function preferFiner(readings: readonly FlowReading[], lengths: readonly number[]): void {
  /** The time that finer readings fill: flat ascending pairs that do not touch. */
  let filled: number[] = [];
  for (const length of lengths) {
    const own: number[] = [];
    for (const reading of readings) {
      const { from, to } = reading;
      if (to - from !== length) continue;
      own.push(from, to);
      const free = freeIn(filled, from, to);
      if (free.length === 2 && free[0] === from && free[1] === to) continue;
      reading.verdict = free.length === 0 ? "coarser" : "partly";
      if (free.length > 0) reading.parts = free;
    }
    filled = union(filled, own);
  }
}

/** What of [from, to) no pair of `filled` has. */
function freeIn(filled: readonly number[], from: number, to: number): number[] {
  let low = 0;
  let high = filled.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (filled[2 * middle + 1] <= from) low = middle + 1;
    else high = middle;
  }
  const free: number[] = [];
  let at = from;
  for (let n = 2 * low; n < filled.length && filled[n] < to; n += 2) {
    if (filled[n] > at) free.push(at, filled[n]);
    at = filled[n + 1];
  }
  if (at < to) free.push(at, to);
  return free;
}

/** Both lists are ascending by the starts of their pairs. */
function union(a: readonly number[], b: readonly number[]): number[] {
  const joined: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const takesA = j >= b.length || (i < a.length && a[i] <= b[j]);
    const from = takesA ? a[i] : b[j];
    const to = takesA ? a[i + 1] : b[j + 1];
    if (takesA) i += 2;
    else j += 2;
    const last = joined.length - 1;
    if (last > 0 && from <= joined[last]) joined[last] = Math.max(joined[last], to);
    else joined.push(from, to);
  }
  return joined;
}
