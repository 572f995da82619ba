// slow: not of the fast lane
import { Temporal } from "@js-temporal/polyfill";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stampOf } from "./timestamp.js";
import { dayOf, dayText, instantOf, instantText, offsetAt, rowAt, rowsOf, type Unit } from "./zone.js";

describe("zones", () => {
  const labels = (zone: string, day: string) => {
    const at = dayOf(day);
    return rowsOf(zone, at, at).map((row) => instantText(zone, row.start));
  };

  test("a day has 24 rows, 23 or 25 where clocks change, 0 where it is skipped", () => {
    expect(labels("UTC", "2024-03-31")).toHaveLength(24);
    expect(labels("Europe/Paris", "2024-03-30")).toHaveLength(24);
    expect(labels("Europe/Paris", "2024-03-31")).toHaveLength(23);
    expect(labels("Europe/Paris", "2024-10-27")).toHaveLength(25);
    expect(labels("Pacific/Apia", "2011-12-30")).toEqual([]);
    expect(labels("America/Sao_Paulo", "2017-10-15")[0]).toBe("2017-10-15T01:00:00-02:00");
  });

  test("where clocks move by half an hour the cut hour is a row of its own", () => {
    expect(labels("Australia/Lord_Howe", "2024-04-07").slice(0, 4)).toEqual([
      "2024-04-07T00:00:00+11:00",
      "2024-04-07T01:00:00+11:00",
      "2024-04-07T01:30:00+10:30",
      "2024-04-07T02:00:00+10:30",
    ]);
    expect(labels("Australia/Lord_Howe", "2024-10-06").slice(1, 4)).toEqual([
      "2024-10-06T01:00:00+10:30",
      "2024-10-06T02:30:00+11:00",
      "2024-10-06T03:00:00+11:00",
    ]);
  });

  test("where they go back over midnight the date before has one more row, after the first of the new date", () => {
    const [first, last] = [dayOf("2006-10-28"), dayOf("2006-10-29")];
    const rows = rowsOf("America/St_Johns", first, last).map(
      (row) => `${dayText(row.day)} ${instantText("America/St_Johns", row.start)}`,
    );
    expect(rows.slice(22, 28)).toEqual([
      "2006-10-28 2006-10-28T22:00:00-02:30",
      "2006-10-28 2006-10-28T23:00:00-02:30",
      "2006-10-29 2006-10-29T00:00:00-02:30",
      "2006-10-28 2006-10-28T23:01:00-03:30",
      "2006-10-29 2006-10-29T00:00:00-03:30",
      "2006-10-29 2006-10-29T01:00:00-03:30",
    ]);
    expect(rows).toHaveLength(50);
  });

  test("rows follow one another without gap or overlap, and every instant is in its own", () => {
    const zones = [
      "UTC",
      "Europe/Paris",
      "America/St_Johns",
      "Australia/Lord_Howe",
      "Africa/Monrovia",
      "+05:37",
      "Asia/Kathmandu",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: -20_000, max: 30_000 }),
        fc.nat(86_399),
        fc.constantFrom<Unit>(3600, 900),
        (zone, day, second, unit) => {
          const rows = rowsOf(zone, day, day + 1, unit);
          for (const [index, row] of rows.slice(1).entries()) expect(rows[index]!.end).toBeLessThanOrEqual(row.start);
          const instant = day * 86_400 + second;
          const row = rowAt(zone, instant, unit);
          expect(row.start <= instant && instant < row.end).toBe(true);
          const there = Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(zone);
          expect([dayText(row.day), row.turn, row.offset]).toEqual([
            there.toPlainDate().toString(),
            unit === 3600 ? there.hour : there.hour * 4 + Math.floor(there.minute / 15),
            there.offsetNanoseconds / 1e9,
          ]);
          expect(offsetAt(zone, row.start)).toBe(row.offset);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("no zone changes its offset twice within a day, which `offsetAt` relies on", () => {
    // Kiritimati, Apia and Manila jumped by a day; Casablanca changes around Ramadan.
    for (const zone of ["Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Antarctica/Troll"]) {
      for (let instant = dayOf("2009-01-01") * 86_400; instant < dayOf("2013-01-01") * 86_400; instant += 10_800) {
        const there = Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(zone);
        expect(offsetAt(zone, instant)).toBe(there.offsetNanoseconds / 1e9);
      }
    }
  });

  test("wall times that a change repeats or skips are read as `compatible`", () => {
    const wall = (text: string) => stampOf(text)!.wallSeconds;
    expect(instantOf("Europe/Paris", wall("2024-10-27T02:30"))).toEqual({
      instant: wall("2024-10-27T00:30"),
      kind: "repeated",
    });
    expect(instantOf("Europe/Paris", wall("2024-03-31T02:30"))).toEqual({
      instant: wall("2024-03-31T01:30"),
      kind: "skipped",
    });
    expect(instantOf("Europe/Paris", wall("2024-03-31T03:00"))).toEqual({
      instant: wall("2024-03-31T01:00"),
      kind: "once",
    });
    expect(instantOf("Pacific/Apia", wall("2011-12-30T12:00")).kind).toBe("skipped");
  });

  test("offsets with seconds show them", () => {
    expect(instantText("Africa/Monrovia", dayOf("1970-01-01") * 86_400)).toBe("1969-12-31T23:15:30-00:44:30");
    expect(instantText("+05:37", 0)).toBe("1970-01-01T05:37:00+05:37");
    expect(instantText("Europe/London", 0)).toBe("1970-01-01T01:00:00+01:00");
    expect(instantText("GMT", 0)).toBe("1970-01-01T00:00:00+00:00");
  });
});
