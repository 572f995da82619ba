// slow: not of the fast lane
import { Temporal } from "@js-temporal/polyfill";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../dist/base/errors.js";
import { summaryOf } from "../../dist/tally/summary.js";
import {
  dateAt,
  dayOf,
  dayText,
  hourLabel,
  hoursOf,
  rowOf,
  type TimeRows,
  timeRowsOf,
} from "../../dist/time/period.js";
import type { Resolution } from "../../dist/time/resolution.js";
import { zoneOf } from "../../dist/time/zone.js";
import * as oracle from "../oracle/zone.js";
import { anyZone, at } from "./zones.js";

const FIRST = dayOf("1900-01-01");
const LAST = dayOf("2199-12-31");

/** The dates of a summary with these rows. */
function daysOf(rows: TimeRows): Int32Array {
  return summaryOf(zoneOf("UTC"), undefined, rows, undefined, { cells: 0, sum: () => {} }).series("day").days;
}

describe("a day", () => {
  it("is counted as Temporal counts it, and written back", () => {
    const epoch = Temporal.PlainDate.from("1970-01-01");
    fc.assert(
      fc.property(fc.integer({ min: FIRST, max: LAST }), (day) => {
        const text = epoch.add({ days: day }).toString();
        expect(dayText(day)).toBe(text);
        expect(dayOf(text)).toBe(day);
      }),
      { numRuns: 1000 },
    );
    expect(dayOf("1970-01-01")).toBe(0);
    expect(dayOf("2000-02-29")).toBe(11_016);
  });

  const form = "is not a day; write it as 2024-01-31";
  it.each([
    ["2024-02-30", "is not a day: February 2024 has 29 days"],
    ["1900-02-29", "is not a day: February 1900 has 28 days"],
    ["2023-04-31", "is not a day: April 2023 has 30 days"],
    ["2024-01-00", "is not a day: January 2024 has 31 days"],
    ["2024-13-01", "is not a day: months go from 01 to 12"],
    ["2024-00-01", "is not a day: months go from 01 to 12"],
    ["1899-12-31", "is not in the years 1900 to 2199"],
    ["2200-01-01", "is not in the years 1900 to 2199"],
    ["31/01/2024", form],
    ["2024-1-31", form],
    ["20240131", form],
    ["2024-01-31T00:00", form],
    [" 2024-01-31", form],
    ["2024-01-31\n", form],
    ["today", form],
    ["", form],
  ])("is not %j", (text, problem) => {
    expect(() => dayOf(text)).toThrow(UsageError);
    expect(() => dayOf(text)).toThrow(
      expect.objectContaining({ code: "bad_day", message: `${JSON.stringify(text)} ${problem}` }),
    );
  });

  it.each([
    ["UTC", "1969-12-31T23:59:59Z", "1969-12-31"],
    ["Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"],
    ["Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"],
    ["America/St_Johns", "2010-11-07T02:30:00Z", "2010-11-07"],
    ["America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-06"],
    ["-18:00", "2024-01-01T17:59:59Z", "2023-12-31"],
  ])("of an instant is the date there: %s %s", (name, instant, day) => {
    expect(dayText(dateAt(zoneOf(name), at(instant)))).toBe(day);
  });
});

/** The labels of all rows of some days. */
function labels(name: string, first: string, last = first): string[] {
  const zone = zoneOf(name);
  const hours = hoursOf(zone, dayOf(first), dayOf(last));
  return Array.from({ length: hours.length }, (_, row) => hourLabel(zone, hours.start[row]!, hours.offset[row]!));
}

/** Labels of the clock hours from `from` to `to`, both included, of one date at one offset. */
function clock(day: string, from: number, to: number, offset: string): string[] {
  const hour = (i: number) => String(from + i).padStart(2, "0");
  return Array.from({ length: to - from + 1 }, (_, i) => `${day}T${hour(i)}:00:00${offset}`);
}

describe("the hours of a day are correct", () => {
  const cases: [name: string, day: string, rows: string[]][] = [
    ["UTC", "2024-02-29", clock("2024-02-29", 0, 23, "Z")],
    ["Etc/GMT", "2024-02-29", clock("2024-02-29", 0, 23, "+00:00")],
    ["+05:37", "1900-01-01", clock("1900-01-01", 0, 23, "+05:37")],
    ["Europe/London", "1970-01-01", clock("1970-01-01", 0, 23, "+01:00")],
    ["Europe/London", "2199-12-31", clock("2199-12-31", 0, 23, "+00:00")],
    ["Europe/Paris", "2024-03-31", [...clock("2024-03-31", 0, 1, "+01:00"), ...clock("2024-03-31", 3, 23, "+02:00")]],
    ["Europe/Paris", "2024-10-27", [...clock("2024-10-27", 0, 2, "+02:00"), ...clock("2024-10-27", 2, 23, "+01:00")]],
    ["Europe/Paris", "2199-03-31", [...clock("2199-03-31", 0, 1, "+01:00"), ...clock("2199-03-31", 3, 23, "+02:00")]],
    [
      "America/New_York",
      "2024-03-10",
      [...clock("2024-03-10", 0, 1, "-05:00"), ...clock("2024-03-10", 3, 23, "-04:00")],
    ],
    [
      "America/New_York",
      "2024-11-03",
      [...clock("2024-11-03", 0, 1, "-04:00"), ...clock("2024-11-03", 1, 23, "-05:00")],
    ],
    [
      "Australia/Sydney",
      "2024-04-07",
      [...clock("2024-04-07", 0, 2, "+11:00"), ...clock("2024-04-07", 2, 23, "+10:00")],
    ],
    [
      "Australia/Sydney",
      "2024-10-06",
      [...clock("2024-10-06", 0, 1, "+10:00"), ...clock("2024-10-06", 3, 23, "+11:00")],
    ],
    ["Europe/Dublin", "2024-10-27", [...clock("2024-10-27", 0, 1, "+01:00"), ...clock("2024-10-27", 1, 23, "+00:00")]],
    [
      "Africa/Casablanca",
      "2019-05-05",
      [...clock("2019-05-05", 0, 2, "+01:00"), ...clock("2019-05-05", 2, 23, "+00:00")],
    ],
    [
      "Antarctica/Troll",
      "2024-03-31",
      [...clock("2024-03-31", 0, 0, "+00:00"), ...clock("2024-03-31", 3, 23, "+02:00")],
    ],
    [
      "Antarctica/Troll",
      "2024-10-27",
      [...clock("2024-10-27", 0, 2, "+02:00"), ...clock("2024-10-27", 1, 23, "+00:00")],
    ],
    // Half an hour forward and back: the hour that is cut is a row of its own.
    [
      "Australia/Lord_Howe",
      "2024-10-06",
      [...clock("2024-10-06", 0, 1, "+10:30"), "2024-10-06T02:30:00+11:00", ...clock("2024-10-06", 3, 23, "+11:00")],
    ],
    [
      "Australia/Lord_Howe",
      "2024-04-07",
      [...clock("2024-04-07", 0, 1, "+11:00"), "2024-04-07T01:30:00+10:30", ...clock("2024-04-07", 2, 23, "+10:30")],
    ],
    // A quarter of an hour forward at midnight.
    ["Asia/Kathmandu", "1986-01-01", ["1986-01-01T00:15:00+05:45", ...clock("1986-01-01", 1, 23, "+05:45")]],
    ["Asia/Kathmandu", "2024-01-01", clock("2024-01-01", 0, 23, "+05:45")],
    // The day begins at one o'clock.
    ["America/Sao_Paulo", "2017-10-15", clock("2017-10-15", 1, 23, "-02:00")],
    // At midnight back to eleven.
    ["America/Sao_Paulo", "2018-02-17", [...clock("2018-02-17", 0, 23, "-02:00"), "2018-02-17T23:00:00-03:00"]],
    [
      "America/Argentina/Buenos_Aires",
      "2008-03-15",
      [...clock("2008-03-15", 0, 23, "-02:00"), "2008-03-15T23:00:00-03:00"],
    ],
    ["America/Argentina/Buenos_Aires", "2007-12-30", clock("2007-12-30", 1, 23, "-02:00")],
    ["Pacific/Apia", "2011-12-29", clock("2011-12-29", 0, 23, "-10:00")],
    ["Pacific/Apia", "2011-12-30", []],
    ["Pacific/Apia", "2011-12-31", clock("2011-12-31", 0, 23, "+14:00")],
    ["Pacific/Kiritimati", "1979-09-30", clock("1979-09-30", 0, 23, "-10:40")],
    ["Pacific/Kiritimati", "1979-10-01", ["1979-10-01T00:40:00-10:00", ...clock("1979-10-01", 1, 23, "-10:00")]],
    ["Pacific/Kiritimati", "1994-12-31", []],
    // Seconds in the offset.
    ["Africa/Monrovia", "1972-01-06", clock("1972-01-06", 0, 23, "-00:44:30")],
    ["Africa/Monrovia", "1972-01-07", ["1972-01-07T00:44:30+00:00", ...clock("1972-01-07", 1, 23, "+00:00")]],
    [
      "Europe/Dublin",
      "1916-05-21",
      [...clock("1916-05-21", 0, 1, "-00:25:21"), ...clock("1916-05-21", 3, 23, "+00:34:39")],
    ],
  ];
  it.each(cases)("in %s on %s", (name, day, rows) => {
    expect(labels(name, day)).toEqual(rows);
  });

  it("in St John's, when clocks went forward at one past midnight", () => {
    expect(labels("America/St_Johns", "2010-03-14")).toEqual([
      "2010-03-14T00:00:00-03:30",
      "2010-03-14T01:01:00-02:30",
      ...clock("2010-03-14", 2, 23, "-02:30"),
    ]);
    expect(labels("America/St_Johns", "1988-04-03")).toEqual([
      "1988-04-03T00:00:00-03:30",
      "1988-04-03T02:01:00-01:30",
      ...clock("1988-04-03", 3, 23, "-01:30"),
    ]);
  });

  it("in St John's, when clocks went back over midnight: the date before has a row after the first of the new", () => {
    const before = clock("2010-11-06", 0, 23, "-02:30");
    const minute = "2010-11-07T00:00:00-02:30";
    const again = "2010-11-06T23:01:00-03:30";
    const after = clock("2010-11-07", 0, 23, "-03:30");
    expect(labels("America/St_Johns", "2010-11-06", "2010-11-07")).toEqual([...before, minute, again, ...after]);
    expect(labels("America/St_Johns", "2010-11-06")).toEqual([...before, again]);
    expect(labels("America/St_Johns", "2010-11-07")).toEqual([minute, ...after]);

    const hours = hoursOf(zoneOf("America/St_Johns"), dayOf("2010-11-06"), dayOf("2010-11-07"));
    expect([hours.start[24], hours.end[24]]).toEqual([at("2010-11-07T02:30Z"), at("2010-11-07T02:31Z")]);
    expect([hours.start[25], hours.end[25]]).toEqual([at("2010-11-07T02:31Z"), at("2010-11-07T03:30Z")]);
    expect(Array.from(daysOf(hours), dayText)).toEqual(["2010-11-06", "2010-11-07"]);

    // By two hours, in 1988 only: two rows more.
    expect(labels("America/St_Johns", "1988-10-29").slice(-3)).toEqual([
      "1988-10-29T23:00:00-01:30",
      "1988-10-29T22:01:00-03:30",
      "1988-10-29T23:00:00-03:30",
    ]);
  });

  it("in Amsterdam, Paris and Moscow when their clocks had offsets with seconds", () => {
    // Which zones have their own past is the zone rules' choice; all of it is what Temporal says.
    for (const name of ["Europe/Amsterdam", "Europe/Paris", "Europe/Moscow", "Asia/Kolkata"]) {
      for (const day of ["1905-12-31", "1911-03-10", "1911-03-11", "1916-07-03", "1937-06-30", "1937-07-01"]) {
        const rows = oracle.rowsOf(name, dayOf(day), dayOf(day));
        expect(labels(name, day)).toEqual(rows.map((row) => oracle.instantText(name, row.start)));
      }
    }
  });
});

describe("the hours of a period", () => {
  /** The rows as plain records, to compare. */
  function rows(name: string, first: number, last: number) {
    const { length, start, end, offset, day } = hoursOf(zoneOf(name), first, last);
    expect([start.length, end.length, offset.length, day.length]).toEqual([length, length, length, length]);
    return Array.from({ length }, (_, i) => ({ start: start[i], end: end[i], offset: offset[i], day: day[i] }));
  }

  function expectOracle(name: string, first: number, last: number) {
    const expected = oracle.rowsOf(zoneOf(name).name, first, last);
    expect(rows(name, first, last)).toEqual(
      expected.map(({ start, end, offset, day }) => ({ start, end, offset, day })),
    );
  }

  it("are those found by walking through time with Temporal, on any days", () => {
    fc.assert(
      fc.property(anyZone, fc.integer({ min: FIRST, max: LAST - 2 }), fc.integer({ min: 0, max: 2 }), expectPeriod),
      { numRuns: 40 },
    );
    function expectPeriod(name: string, first: number, more: number) {
      expectOracle(name, first, first + more);
    }
  });

  it("are those found by walking through time with Temporal, around clock changes", () => {
    fc.assert(
      fc.property(anyZone, fc.nat(), fc.constantFrom(-1, 0), fc.constantFrom(0, 1), (name, nth, back, more) => {
        const zone = zoneOf(name);
        const changes = zone.transitions.filter((t) => t >= FIRST * 86_400 && t < LAST * 86_400);
        if (changes.length === 0) return;
        const first = dateAt(zone, changes[nth % changes.length]!) + back;
        expectOracle(name, Math.max(first, FIRST), Math.max(first, FIRST) + more);
      }),
      { numRuns: 60 },
    );
  });

  it("are divided into quarter hours as Temporal walks through them, and each tells its hour", () => {
    fc.assert(
      fc.property(anyZone, fc.nat(), fc.constantFrom(-1, 0), fc.constantFrom(0, 1), (name, nth, back, more) => {
        const zone = zoneOf(name);
        const changes = [FIRST * 86_400, ...zone.transitions].filter((t) => t >= FIRST * 86_400 && t < LAST * 86_400);
        const first = Math.max(dateAt(zone, changes[nth % changes.length]!) + back, FIRST);
        const quarters = timeRowsOf(zone, "15min", first, first + more);
        const expected = oracle.rowsOf(zone.name, first, first + more, 900);
        expect(Array.from(quarters.start)).toEqual(expected.map(({ start }) => start));
        expect(Array.from(quarters.end)).toEqual(expected.map(({ end }) => end));
        expect(Array.from(quarters.day)).toEqual(expected.map(({ day }) => day));
        const hours = hoursOf(zone, first, first + more);
        expect(Array.from(quarters.hour!, (hour) => hours.start[hour]! <= hours.end[hour]!)).not.toContain(false);
        quarters.start.forEach((start, row) => {
          const hour = quarters.hour![row]!;
          expect(start >= hours.start[hour]! && quarters.end[row]! <= hours.end[hour]!).toBe(true);
          const { day, ...times } = rowOf(zone, "15min", start);
          expect({ ...times, day }).toEqual({ start, end: quarters.end[row], day: quarters.day[row] });
        });
      }),
      { numRuns: 60 },
    );
  });

  it("are in one row of each longer resolution, of the bucket of their date", () => {
    const longer = fc.constantFrom<Resolution>("day", "week", "month", "year", "total");
    fc.assert(
      fc.property(
        anyZone,
        fc.integer({ min: FIRST, max: LAST - 800 }),
        fc.nat(800),
        longer,
        (name, first, more, one) => {
          const zone = zoneOf(name);
          const hours = hoursOf(zone, first, first + more);
          const rows = timeRowsOf(zone, one, first, first + more);
          const buckets = new Map<number, string>();
          const bucket = (day: number) => {
            const known = buckets.get(day);
            if (known !== undefined) return known;
            const found = one === "total" ? "" : oracle.bucketText(one as "day", day);
            buckets.set(day, found);
            return found;
          };
          let row = 0;
          let least = 1;
          for (let hour = 0; hour < hours.length; hour++) {
            const next = hours.start[hour]! >= rows.end[row]!;
            // A row goes on as long as it can.
            const same = hour > 0 && hours.start[hour] === hours.end[hour - 1];
            if (hour > 0 && !(same && bucket(hours.day[hour]!) === bucket(hours.day[hour - 1]!))) least++;
            if (next) row++;
            if (hours.start[hour]! < rows.start[row]! || hours.end[hour]! > rows.end[row]!) expect.fail(`hour ${hour}`);
            if (bucket(hours.day[hour]!) !== bucket(rows.day[row]!)) expect.fail(`hour ${hour} is in another ${one}`);
          }
          expect(rows.length).toBe(hours.length === 0 ? 0 : least);
          expect(row).toBe(Math.max(0, rows.length - 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("may span any number of years, and are contiguous", () => {
    const zone = zoneOf("Europe/Paris");
    const hours = hoursOf(zone, FIRST, LAST);
    expect(hours.length).toBeGreaterThan(300 * 365.24 * 24 - 10);
    for (let row = 1; row < hours.length; row++) {
      if (hours.start[row] !== hours.end[row - 1]) expect.fail(`row ${row} does not follow`);
    }
    const days = daysOf(hours);
    expect([days.length, days[0], days.at(-1)]).toEqual([LAST - FIRST + 1, FIRST, LAST]);
  });

  it("include each date once, ascending, even if a zone goes back by days", () => {
    const hours = hoursOf(zoneOf("UTC"), 1, 3);
    expect(Array.from(daysOf({ ...hours, day: hours.day.toReversed() }))).toEqual([1, 2, 3]);
  });

  it("are empty if the last day is before the first", () => {
    const hours = hoursOf(zoneOf("Europe/Paris"), 1, 0);
    expect([hours.length, daysOf(hours).length]).toEqual([0, 0]);
  });

  it("do not include dates that a zone skipped", () => {
    const days = (name: string, first: string, last: string) =>
      Array.from(daysOf(hoursOf(zoneOf(name), dayOf(first), dayOf(last))), dayText);
    expect(days("Pacific/Apia", "2011-12-29", "2011-12-31")).toEqual(["2011-12-29", "2011-12-31"]);
    expect(days("Pacific/Kiritimati", "1994-12-30", "1995-01-01")).toEqual(["1994-12-30", "1995-01-01"]);
    expect(days("UTC", "1969-12-31", "1970-01-01")).toEqual(["1969-12-31", "1970-01-01"]);
  });
});
