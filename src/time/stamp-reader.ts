/** Reads timestamps as a run has them: by a format, or ISO 8601; and where readings cover time, dates and times of day alone, too. */
import type { Stamp } from "./instant.js";
import { FormatReader } from "./read-format.js";
import { readInstant } from "./read-instant.js";
import { compileFormat, Part, type TimestampFormat } from "./timestamp-format.js";

const DAY = 86_400;
/** A date that times of day are read with. */
const SOME_DATE = "2000-01-01 ";
const SOME_DAY = Date.UTC(2000, 0, 1) / 1000;
/** The longest date or time alone that is looked at. */
const LONGEST = 64;
const DATES = "%Y-%m-%d ";
/** From the first directive of a time of day on. */
const TIME = /%[HI].*$/su;
const OF_DATE = /%[YymdbB]/u;
const NANOS = 1_000_000_000n;

/** The last part of a timestamp that is written: a day, or nanoseconds. */
export type LastPart = "day" | bigint;

export class StampReader {
  private readonly format: FormatReader | undefined;
  /** Reads a time of day after `SOME_DATE`, where the format tells how that is written. */
  private readonly time: FormatReader | undefined;
  private readonly buffer = new Uint8Array(SOME_DATE.length + LONGEST + 8);

  /** @param dates whether a date alone is its 00:00 @throws UsageError where the format is wrong */
  constructor(
    format: string | undefined,
    private readonly dates: boolean,
  ) {
    if (format === undefined) return;
    const compiled = compileFormat(format, dates);
    this.format = new FormatReader(compiled);
    const time = compiled.epoch === undefined ? TIME.exec(format)?.[0] : undefined;
    if (time !== undefined && !OF_DATE.test(time)) this.time = new FormatReader(compileFormat(`${DATES}${time}`));
  }

  /** How they are written; `undefined`: ISO 8601. */
  get of(): TimestampFormat | undefined {
    return this.format?.format;
  }

  /** Reads the timestamp that fills `bytes[start, end)`. @returns whether it is one */
  read(bytes: Uint8Array, start: number, end: number, stamp: Stamp): boolean {
    if (this.format !== undefined) return this.format.read(bytes, start, end, stamp);
    if (readInstant(bytes, start, end, stamp)) return true;
    if (!this.dates || (end - start !== 10 && end - start !== 8)) return false;
    const { buffer } = this;
    buffer.set(bytes.subarray(start, end));
    const length = end - start;
    // Of a basic date, the time is basic, too.
    const time = length === 10 ? "T00:00" : "T0000";
    for (let i = 0; i < time.length; i++) buffer[length + i] = time.charCodeAt(i);
    return readInstant(buffer, 0, length + time.length, stamp);
  }

  /** Reads a time of day that fills `bytes[start, end)`, of the day that wall second `of` is in; `stamp` has no offset then. */
  readTime(bytes: Uint8Array, start: number, end: number, of: number, stamp: Stamp): boolean {
    if (end - start > LONGEST) return false;
    const { buffer } = this;
    for (let i = 0; i < SOME_DATE.length; i++) buffer[i] = SOME_DATE.charCodeAt(i);
    buffer.set(bytes.subarray(start, end), SOME_DATE.length);
    const length = SOME_DATE.length + end - start;
    if (this.format !== undefined) {
      if (!this.time?.read(buffer, 0, length, stamp)) return false;
    } else if (!readInstant(buffer, 0, length, stamp)) return false;
    stamp.wall += Math.floor(of / DAY) * DAY - SOME_DAY;
    return true;
  }

  /** The last part that is written of a timestamp or a time of day. */
  lastPart(text: string): LastPart {
    const format = this.of;
    // The last one: a date may have points, too.
    const fraction = /.*[.,](\d+)/s.exec(text)?.[1];
    if (format === undefined) {
      if (/\d:?\d\d:?\d\d[.,]\d/.test(text)) return unitOf(fraction, NANOS);
      const time = /(?:^|[Tt ])(\d\d:\d\d(?::\d\d)?|\d{6}|\d{4}(?!-))/.exec(text)?.[1];
      if (time === undefined || /^\d{8}$/.test(text)) return "day";
      return time.length === 8 || time.length === 6 ? NANOS : 60n * NANOS;
    }
    if (format.epoch !== undefined) return unitOf(/\.(\d+)/.exec(text)?.[1], NANOS / 10n ** BigInt(format.epoch));
    const parts = new Set(format.steps.filter((_, n) => n % 2 === 0));
    if (parts.has(Part.fraction)) return unitOf(fraction, NANOS);
    if (parts.has(Part.second)) return NANOS;
    if (parts.has(Part.minute)) return 60n * NANOS;
    return parts.has(Part.hour) || parts.has(Part.hour12) ? 3600n * NANOS : "day";
  }
}

/** One in the last place of a fraction of so many nanoseconds, at least a nanosecond. */
function unitOf(fraction = "", nanos: bigint): bigint {
  const unit = nanos / 10n ** BigInt(fraction.length);
  return unit === 0n ? 1n : unit;
}
