/**
 * Readings that a store keeps themselves, since what counts depends on all of their source: those of a source that begin on
 * one UTC day, packed; ordinary registers take two or three bytes a reading.
 *
 *     byte 0   version 1 (high half), flags (low half)
 *     byte 1   power of ten of all values, 0 to 33, in 10⁻¹⁸ kWh; 128 more if energy is subtracted (export)
 *     …        how many: LEB128, as all that follows
 *     …        seconds of the day at which they begin: the first, then the differences
 *     …        their nanoseconds, if any has some
 *     …        how many seconds they cover, and the nanoseconds of their ends, if any covers time
 *     …        what display they show, if any is not that of an ordinary reading: a byte each
 *     …        values: zigzag, the first, then the differences
 */
import { StoreError } from "../base/errors.js";
import type { Display } from "../tally/register-sink.js";

/** A reading as a store keeps it. */
export interface StoredReading {
  /** Epoch seconds, and nanoseconds after them, of its beginning, and of its end: the same for a moment. */
  readonly second: number;
  readonly nanos: number;
  readonly to: number;
  readonly toNanos: number;
  /** In 10⁻¹⁸ kWh. */
  readonly value: bigint;
  readonly shows: Shows;
}

/** What display it shows; `end`: it is a moment that marks the end of a slot. */
export type Shows = Display | "end";

const SHOWS: readonly Shows[] = ["reading", "old_end", "new_start", "end"];
const VERSION = 1;
const NANOS = 1;
const COVERS = 2;
const DISPLAYS = 4;
const SUBTRACTED = 128;
const MOST_POWER = 33;
const DAY = 86_400;

/** Packs readings of a day, ascending by their beginnings. @param isSubtracted whether energy counts with the other sign */
export function packReadings(readings: readonly StoredReading[], isSubtracted: boolean): Uint8Array {
  const bytes: number[] = [];
  const has = (is: (reading: StoredReading) => boolean, flag: number) => (readings.some(is) ? flag : 0);
  const flags =
    has(({ nanos, toNanos }) => nanos + toNanos > 0, NANOS) |
    has(({ second, nanos, to, toNanos }) => to !== second || toNanos !== nanos, COVERS) |
    has(({ shows }) => shows !== "reading", DISPLAYS);
  const power = powerOf(readings);
  bytes.push((VERSION << 4) | flags, power | (isSubtracted ? SUBTRACTED : 0));
  write(bytes, BigInt(readings.length));
  let before = Math.floor((readings[0]?.second ?? 0) / DAY) * DAY;
  for (const { second } of readings) {
    write(bytes, BigInt(second - before));
    before = second;
  }
  if (flags & NANOS) for (const { nanos } of readings) write(bytes, BigInt(nanos));
  if (flags & COVERS) {
    for (const { second, to } of readings) write(bytes, BigInt(to - second));
    if (flags & NANOS) for (const { toNanos } of readings) write(bytes, BigInt(toNanos));
  }
  if (flags & DISPLAYS) for (const { shows } of readings) bytes.push(SHOWS.indexOf(shows));
  let last = 0n;
  const unit = 10n ** BigInt(power);
  for (const { value } of readings) {
    const scaled = value / unit;
    const difference = scaled - last;
    write(bytes, difference < 0n ? -2n * difference - 1n : 2n * difference);
    last = scaled;
  }
  return Uint8Array.from(bytes);
}

/** The largest power of ten that all values are multiples of. */
function powerOf(readings: readonly StoredReading[]): number {
  let power = MOST_POWER;
  for (const { value } of readings) {
    if (value === 0n) continue;
    while (power > 0 && value % 10n ** BigInt(power) !== 0n) power--;
  }
  return power;
}

function write(bytes: number[], value: bigint): void {
  let rest = value;
  while (rest >= 0x2000_0000n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  let small = Number(rest);
  while (small >= 128) {
    bytes.push((small & 127) | 128);
    small >>>= 7;
  }
  bytes.push(small);
}

/** The readings of a day, and whether their energy is subtracted. @throws StoreError `store_damaged` for bytes that were never packed */
export function unpackReadings(bytes: Uint8Array, day: number): { readings: StoredReading[]; isSubtracted: boolean } {
  const [head = 0, exponent = 0] = bytes;
  const power = exponent & ~SUBTRACTED;
  if (head >> 4 !== VERSION || power > MOST_POWER || bytes.length < 3) throw damaged();
  let at = 2;
  const read = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 140n) throw damaged();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const small = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || unit > 2 ** 49) throw damaged();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  const length = small();
  if (length > bytes.length) throw damaged();
  const column = (flag: number, next: () => number): number[] | undefined =>
    (head & flag) === flag ? Array.from({ length }, next) : undefined;
  let second = day * DAY;
  const seconds = Array.from({ length }, () => {
    second += small();
    return second;
  });
  const nanos = column(NANOS, small);
  const covers = column(COVERS, small);
  const toNanos = column(COVERS | NANOS, small);
  const shows = column(DISPLAYS, () => bytes[at++] ?? Number.NaN);
  const unit = 10n ** BigInt(power);
  let value = 0n;
  const readings = seconds.map((start, n): StoredReading => {
    const zigzag = read();
    value += zigzag % 2n === 0n ? zigzag / 2n : -(zigzag + 1n) / 2n;
    const display = SHOWS[shows?.[n] ?? 0];
    if (display === undefined) throw damaged();
    const own = nanos?.[n] ?? 0;
    return {
      ...{ second: start, nanos: own, to: start + (covers?.[n] ?? 0), toNanos: toNanos?.[n] ?? own },
      ...{ value: value * unit, shows: display },
    };
  });
  if (at !== bytes.length) throw damaged();
  return { readings, isSubtracted: (exponent & SUBTRACTED) !== 0 };
}

function damaged(): StoreError {
  return new StoreError(
    "store_damaged",
    "the store holds readings that cannot be read: it is damaged, or was written by a newer version of Electro; restore a backup",
  );
}
