/**
 * How timestamps are written, where that is not ISO 8601: the directives of strptime, or an epoch. `compileFormat` makes
 * steps of a format's text; `read-format.ts` reads timestamps by them, `explain-format.ts` says why one is refused.
 */
import { UsageError } from "../base/errors.js";
import { nearest } from "../base/suggestion.js";

/** What a step reads. The numbers from `year` on are digits, which must not run into other digits unnoticed. */
export const Part = {
  /** One byte, in either case. */
  literal: 0,
  /** One blank or more. */
  blanks: 1,
  monthName: 2,
  half: 3,
  offset: 4,
  year: 5,
  shortYear: 6,
  month: 7,
  day: 8,
  hour: 9,
  hour12: 10,
  minute: 11,
  second: 12,
  fraction: 13,
} as const;

/** A compiled format. */
export interface TimestampFormat {
  readonly text: string;
  /**
   * Pairs: a part, and an argument. Of a literal that is its byte, in lower case; of one or two digits, whether there must be
   * two, because more digits follow.
   */
  readonly steps: Uint8Array;
  /** The power of ten of the epoch's units in a second: 0, 3 or 6; `undefined` if it is not an epoch. */
  readonly epoch: number | undefined;
}

const EPOCHS = new Map([
  ["epoch-s", 0],
  ["epoch-ms", 3],
  ["epoch-us", 6],
]);

/** The directives: what they read, and what that is part of. */
const DIRECTIVES: Readonly<Record<string, readonly [part: number, of: string]>> = {
  Y: [Part.year, "year"],
  y: [Part.shortYear, "year"],
  m: [Part.month, "month"],
  b: [Part.monthName, "month"],
  B: [Part.monthName, "month"],
  d: [Part.day, "day"],
  H: [Part.hour, "hour"],
  I: [Part.hour12, "hour"],
  p: [Part.half, "half of the day"],
  M: [Part.minute, "minute"],
  S: [Part.second, "second"],
  f: [Part.fraction, "fraction of the second"],
  z: [Part.offset, "offset"],
};

/** Directives that other programs have for several at once, or for the same. */
const LONGER: Readonly<Record<string, string>> = {
  ...{ D: "%m/%d/%y", F: "%Y-%m-%d", R: "%H:%M", T: "%H:%M:%S", e: "%d", h: "%b", k: "%H", l: "%I", P: "%p" },
  s: "epoch-s",
};

const ALL = "%Y %y %m %d %b %B %H %I %p %M %S %f %z and %%";
const EXAMPLE = "%d/%m/%Y %H:%M";
const BLANK = /[ \t\u00a0\u202f]+/y;

/** @param dates whether it may be that of a date alone @throws UsageError saying what is wrong with the format */
export function compileFormat(text: string, dates = false): TimestampFormat {
  const epoch = EPOCHS.get(text);
  if (epoch !== undefined) return { text, steps: new Uint8Array(0), epoch };
  if (!text.includes("%")) {
    const meant = nearest(text.trim().toLowerCase(), [...EPOCHS.keys()]);
    throw wrong(
      meant === undefined
        ? `${JSON.stringify(text)} has no directives; a format is written as ${EXAMPLE}, or is epoch-s, epoch-ms or epoch-us`
        : `${JSON.stringify(text)} is not a format; did you mean ${meant}?`,
    );
  }
  const steps: number[] = [];
  const found = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    BLANK.lastIndex = at;
    const blanks = BLANK.exec(text);
    if (blanks !== null) {
      steps.push(Part.blanks, 0);
      at += blanks[0].length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    at += character.length;
    if (character !== "%" || text[at] === "%") {
      if (character === "%") at++;
      for (const byte of new TextEncoder().encode(character)) steps.push(Part.literal, lowerCase(byte));
      continue;
    }
    const name = text[at++] ?? "";
    const [part, of] = DIRECTIVES[name] ?? [-1, ""];
    if (part < 0) throw unknown(name);
    const other = found.get(of);
    if (other !== undefined) throw wrong(`it has the ${of} twice: ${other === name ? "" : `%${other} and `}%${name}`);
    found.set(of, name);
    steps.push(part, 0);
  }
  checkParts(found, dates);
  return { text, steps: withWidths(steps), epoch: undefined };
}

export function lowerCase(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

function unknown(name: string): UsageError {
  if (name === "") return wrong("it ends with a single %; a percent sign is written %%");
  const longer = LONGER[name];
  return wrong(
    longer === undefined ? `%${name} is unknown; there are ${ALL}` : `%${name} is unknown; write ${longer} instead`,
  );
}

/** A timestamp needs a date and a time, and no part without the larger one. */
function checkParts(found: ReadonlyMap<string, string>, dates: boolean): void {
  const needs: readonly (readonly [part: string, how: string])[] = [
    ["year", "%Y or %y"],
    ["month", "%m or %b"],
    ["day", "%d"],
  ];
  const missing = needs.filter(([part]) => !found.has(part));
  if (missing.length > 0)
    throw wrong(
      `it has no ${missing.map(([part]) => part).join(", no ")}; a timestamp needs a date: add ${missing.map(([, how]) => how).join(", ")}`,
    );
  const hour = found.get("hour");
  const half = found.has("half of the day");
  const isDate = dates && !half && !found.has("minute") && !found.has("second");
  if (hour === undefined && !isDate) throw wrong("it has no hour; add the time, as %H:%M");
  if (hour === "I" && !half) throw wrong("%I is an hour from 1 to 12; add %p, which says AM or PM, or write %H");
  if (hour === "H" && half) throw wrong("%p goes with an hour from 1 to 12; write %I instead of %H");
  if (found.has("second") && !found.has("minute")) throw wrong("it has seconds and no minute; add %M");
  if (found.has("fraction of the second") && !found.has("second"))
    throw wrong("%f is a fraction of the second; add %S before it");
}

/** Sets which numbers must have both digits, since others follow. */
function withWidths(steps: readonly number[]): Uint8Array {
  const widths = Uint8Array.from(steps);
  for (let at = 0; at < steps.length - 2; at += 2) {
    const [part, , next, byte] = steps.slice(at, at + 4) as [number, number, number, number];
    if (next < Part.year && !(next === Part.literal && byte >= 48 && byte <= 57)) continue;
    if (part === Part.fraction || part === Part.offset)
      throw wrong(
        `the digits of ${part === Part.fraction ? "%f" : "%z"} would run into those that follow; put something between them`,
      );
    if (part >= Part.month) widths[at + 1] = 1;
  }
  return widths;
}

function wrong(message: string): UsageError {
  return new UsageError("bad_timestamp_format", message);
}
