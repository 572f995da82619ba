/**
 * Reads timestamps: ISO 8601, and some forms beside it: dates with slashes, the year first; ` UTC` for `Z`; and the name of a
 * zone in brackets after an offset (RFC 9557).
 */
import { readIso, type Stamp } from "./instant.js";

/** A date with slashes, whose month, day and hour may have one digit; and what may follow a time, or an offset. */
const SLASHED = /^(\d{4})\/(\d{1,2})\/(\d{1,2})([Tt ])(\d{1,2})(?=:)/;
const UTC = /(\d) UTC$/i;
const ZONE_NAME = /((?:[Zz]|[+-]\d{2}(?::?\d{2})?|(?<=\d) UTC))\[!?[A-Za-z0-9_+./-]{1,64}\]$/i;
/** Bytes of the longest timestamp that is looked at for these forms. */
const LONGEST_OTHER = 200;

/**
 * Reads the timestamp that fills `bytes[start, end)` into `stamp`.
 * @returns false if it is not valid; `explainInstant` says why
 */
export function readInstant(bytes: Uint8Array, start: number, end: number, stamp: Stamp): boolean {
  if (readIso(bytes, start, end, stamp)) return true;
  if (end - start > LONGEST_OTHER) return false;
  const last = bytes[end - 1];
  // Only what has a slash after the year, or ends in a bracket or with a C, may be one.
  if (bytes[start + 4] !== 47 && last !== 93 && last !== 67 && last !== 99) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
  const iso = text
    .replace(ZONE_NAME, "$1")
    .replace(UTC, "$1Z")
    .replace(
      SLASHED,
      (_, year, month, day, between, hour) => `${year}-${padded(month)}-${padded(day)}${between}${padded(hour)}`,
    );
  if (iso === text) return false;
  const other = Buffer.from(iso, "latin1");
  return readIso(other, 0, other.length, stamp);
}

const padded = (digits: string) => digits.padStart(2, "0");
