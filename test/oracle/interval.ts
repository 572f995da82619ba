/** What a reading covers, and how its energy is spread, as users are promised it: BigInts of nanoseconds, Temporal for wall times. */
import { Temporal } from "@js-temporal/polyfill";
import type { FieldsOf } from "./dataset.js";
import { energyOf, numberOf, roundHalfEven } from "./energy.js";
import type { Json } from "./json.js";
import type { Options } from "./options.js";
import { type Stamp, stampBy, stampOf } from "./timestamp.js";
import { instantOf, offsetAt, secondOf } from "./zone.js";

const SECOND = 1_000_000_000n;
const MOST = 400n * 86_400n * SECOND;
const LARGEST = 10n ** 33n;

/** Nanoseconds since 1970. */
export interface Cover {
  readonly from: bigint;
  readonly to: bigint;
}

export type Covered = Cover & { readonly energy: bigint; readonly rounded: boolean };

export const covers = ({ interval, endField, durationField }: Options): boolean =>
  interval !== undefined || endField !== undefined || durationField !== undefined;

/** The field of the end or of the length is not there. */
export function lacksInterval(fields: FieldsOf, { endField = [], durationField }: Options): boolean {
  return [...endField, ...(durationField === undefined ? [] : [durationField])].some(
    (name) => fields(name) === undefined,
  );
}

/** A date alone is its 00:00. */
export function stampOrDate(text: string, { timestampFormat }: Options): Stamp | undefined {
  if (timestampFormat !== undefined) return stampBy(timestampFormat, text);
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : /^\d{8}$/.test(text) ? `${text}T0000` : text;
  return stampOf(date);
}

/**
 * What a reading covers whose timestamp is at an instant; `undefined` if its interval is bad.
 * @param told whether the order of rows told that it is in the first pass of a repeated hour
 */
export function coverOf(
  stamp: Stamp,
  instant: number,
  fields: FieldsOf,
  options: Options,
  told: boolean,
): Cover | undefined {
  const at = BigInt(instant) * SECOND + BigInt(stamp.nanos);
  const zone = options.inputTimezone ?? options.timezone ?? "UTC";
  const sign = options.stamps === "end" ? -1 : 1;
  let other: bigint | undefined;
  if (options.interval !== undefined) other = byLength(options.interval, zone, instant, sign, BigInt(stamp.nanos));
  else if (options.durationField !== undefined) {
    const length = lengthOf(fields(options.durationField)!, options);
    other = length === undefined ? undefined : at + BigInt(sign) * length;
  } else other = endOf(stamp, at, fields, options, zone, told);
  if (other === undefined) return undefined;
  const [from, to] = sign === 1 ? [at, other] : [other, at];
  return to > from && to - from <= MOST ? { from, to } : undefined;
}

function byLength(text: string, zone: string, instant: number, sign: number, nanos: bigint): bigint {
  const [, digits = "", unit = ""] = /^(\d+)(\w+)$/.exec(text)!;
  if (unit !== "d" && unit !== "mo") {
    const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s"];
    return BigInt(instant + sign * seconds) * SECOND + nanos;
  }
  const wall = Temporal.Instant.fromEpochMilliseconds((instant + offsetAt(zone, instant)) * 1000)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime()
    .add(unit === "d" ? { days: sign } : { months: sign });
  const there = wall.toZonedDateTime("UTC").epochMilliseconds / 1000;
  return BigInt(instantOf(zone, there).instant) * SECOND + nanos;
}

function lengthOf(value: Json, { durationUnit = "s" }: Options): bigint | undefined {
  const text = value.type === "number" ? value.text : value.type === "string" ? value.value.trim() : "";
  const number = /^(\d{1,12})(?:[.,](\d{1,18}))?$/.exec(text);
  const seconds = { s: 1n, m: 60n, h: 3600n }[durationUnit];
  if (number !== null) {
    const [, whole = "", fraction = ""] = number;
    return (BigInt(whole + fraction) * seconds * SECOND) / 10n ** BigInt(fraction.length);
  }
  const clock = /^(\d{1,4}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (clock !== null && Number(clock[2]) < 60 && Number(clock[3] ?? 0) < 60)
    return (BigInt(clock[1]!) * 3600n + BigInt(clock[2]!) * 60n + BigInt(clock[3] ?? 0)) * SECOND;
  const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
  if (iso === null || text === "PT") return undefined;
  return (BigInt(iso[1] ?? 0) * 3600n + BigInt(iso[2] ?? 0) * 60n + BigInt(iso[3] ?? 0)) * SECOND;
}

function endOf(
  start: Stamp,
  at: bigint,
  fields: FieldsOf,
  options: Options,
  zone: string,
  told: boolean,
): bigint | undefined {
  const values = options.endField!.map((name) => fields(name)!);
  if (values.some(({ type }) => type !== "string")) return undefined;
  const text = values.map((value) => (value as { value: string }).value).join(" ");
  const isInclusive = options.end === "inclusive";
  const isPast = (end: bigint) => (isInclusive ? end >= at : end > at);
  /** The first instant after the start at which the clock shows a time; else the last one. */
  const written = (end: Stamp, wall: number): bigint => {
    const nanos = BigInt(end.nanos);
    if (end.offset !== undefined) return BigInt(wall - end.offset) * SECOND + nanos;
    const { instant, kind } = instantOf(zone, wall);
    const early = BigInt(instant) * SECOND + nanos;
    if (kind === "repeated") return isPast(early) ? early : BigInt(secondOf(zone, instant, wall)) * SECOND + nanos;
    // An hour that is in the first pass for certain ends with it: 03:00 is when the clock is put back to 02:00.
    const before = instantOf(zone, wall - 1);
    const isEdge = kind === "once" && before.kind === "repeated" && end.nanos === 0 && !isInclusive;
    const change = BigInt(before.instant + 1) * SECOND;
    return told && isEdge && change > at && change - at <= 86_400n * SECOND ? change : early;
  };
  const stamp = stampOrDate(text, options);
  let end: bigint;
  if (stamp !== undefined) end = written(stamp, stamp.wallSeconds);
  else {
    const time = values.length === 1 ? stampOf(`2000-01-01T${text}`) : undefined;
    if (time === undefined) return undefined;
    const day = Math.floor(start.wallSeconds / 86_400) * 86_400;
    const wall = time.wallSeconds - Date.UTC(2000, 0, 1) / 1000 + day;
    const full = { ...time, offset: time.offset ?? start.offset };
    end = written(full, wall);
    if (!isPast(end)) end = written(full, wall + 86_400);
  }
  if (!isInclusive) return end;
  const unit = lastUnit(text);
  const ofClock = stamp === undefined ? start.offset : stamp.offset;
  if (unit !== 86_400n * SECOND || ofClock !== undefined) return end + unit;
  const seconds = Number(end / SECOND);
  return byLength("1d", zone, seconds, 1, end % SECOND);
}

/** Nanoseconds of one unit of the last part that is written. */
function lastUnit(text: string): bigint {
  const fraction = /:\d\d:\d\d[.,](\d+)/.exec(text)?.[1];
  if (fraction !== undefined) return SECOND / 10n ** BigInt(Math.min(9, fraction.length));
  return /:\d\d:\d\d/.test(text) ? SECOND : /\d:\d\d/.test(text) ? 60n * SECOND : 86_400n * SECOND;
}

/** The energy of a value over what it covers. */
export function energyOver(text: string, { from, to }: Cover, options: Options): ReturnType<typeof energyOf> {
  if (options.values !== "power") return energyOf(text, (options.unit ?? "kWh") as never);
  const number = numberOf(text);
  if (number === undefined) return "not a number";
  const power = number.power + { W: 15, kW: 18, MW: 21 }[(options.unit ?? "kW") as "W"];
  const size = number.digits * (to - from) * 10n ** BigInt(Math.max(0, power));
  const found = roundHalfEven(size, 3600n * SECOND * 10n ** BigInt(Math.max(0, -power)));
  if (found.size > LARGEST) return "too large";
  return { energy: number.negative ? -found.size : found.size, rounded: found.rounded };
}

/** The energy before an instant, in 10⁻¹⁸ kWh. */
export function energyBefore({ from, to, energy }: Covered, instant: bigint): bigint {
  if (instant <= from) return 0n;
  if (instant >= to) return energy;
  const size = energy < 0n ? -energy : energy;
  let places = 18;
  while (places > 6 && size % 10n ** BigInt(19 - places) === 0n) places--;
  const unit = 10n ** BigInt(18 - places);
  const part = ((size / unit) * (instant - from)) / (to - from);
  return (energy < 0n ? -part : part) * unit;
}
