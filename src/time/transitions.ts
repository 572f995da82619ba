/**
 * The offset changes of an IANA zone, read from Node's zone rules (`Intl`), once per zone. After that, a conversion is a
 * search in two arrays.
 */

/** `offsets[i]` applies before `transitions[i]`; the last offset applies after the last transition. */
export interface Transitions {
  /** Epoch seconds, ascending. */
  readonly transitions: Float64Array;
  /** Seconds east of UTC; one more than there are transitions. */
  readonly offsets: Int32Array;
}

/** Epoch seconds of 1890-01-01 and 2210-01-01: the years allowed for readings, 1900 to 2199, with a margin. */
const FIRST = -2_524_521_600;
const LAST = 7_573_564_800;

/**
 * Seconds between the offsets that are compared to find changes. Two changes that cancel out within one step would be
 * missed, so it is less than the shortest time that a zone has kept an offset: seven days less an hour (America/Recife in
 * 2000; Asia/Gaza in years to come).
 */
const STEP = 6 * 86_400;

/** Zone rules list individual dates up to 2087. Later changes follow yearly rules, and are months apart. */
const YEARLY_FROM = 4_102_444_800; // 2100-01-01
const YEARLY_STEP = 30 * 86_400;

/** Nearly all changes are on a quarter hour: looking there first halves the search. */
const QUARTER = 900;

/**
 * Reads all offset changes of a zone from 1890 to 2210: about 20,000 look-ups in 15 ms.
 * @param name a name that `Intl` knows
 * @throws RangeError if `Intl` does not know it
 */
export function transitionsOf(name: string): Transitions {
  const offsetAt = offsetReader(name);
  const transitions: number[] = [];
  let offset = offsetAt(FIRST);
  const offsets = [offset];
  let low = FIRST;
  while (low < LAST) {
    const high = Math.min(low + (low < YEARLY_FROM ? STEP : YEARLY_STEP), LAST);
    const offsetAtHigh = offsetAt(high);
    // There may be several changes in one step: each search finds one, and the next starts from there.
    while (offset !== offsetAtHigh) {
      low = changeBetween(offsetAt, low, high);
      offset = offsetAt(low);
      transitions.push(low);
      offsets.push(offset);
    }
    low = high;
  }
  return { transitions: Float64Array.from(transitions), offsets: Int32Array.from(offsets) };
}

/** The first second in (low, high] with another offset than `low`. `high` must be a quarter hour with another offset. */
function changeBetween(offsetAt: (epochSeconds: number) => number, low: number, high: number): number {
  const before = offsetAt(low);
  for (const unit of [QUARTER, 1]) {
    while (high - low > unit) {
      const middle = Math.floor((low + high) / 2 / unit) * unit;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    if (offsetAt(high - 1) === before) break;
  }
  return high;
}

/** A function from epoch seconds to the zone's offset in seconds; takes about 0.7 µs. */
function offsetReader(name: string): (epochSeconds: number) => number {
  // The text looks like "W, GMT+01:00". It must have some part of the date, and a weekday's letter is the cheapest.
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, weekday: "narrow", timeZoneName: "longOffset" });
  let lastText = "";
  let lastOffset = 0;
  return (epochSeconds) => {
    const text = format.format(epochSeconds * 1000).slice(3);
    if (text !== lastText) {
      lastText = text;
      lastOffset = parseOffset(text);
    }
    return lastOffset;
  };
}

/** Parses "GMT", "GMT+01:00" or "GMT-00:44:30" to seconds. */
function parseOffset(text: string): number {
  const parts = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (parts === null) throw new Error(`Intl wrote an offset in an unknown format: ${text}`);
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = parts;
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -offset : offset;
}
