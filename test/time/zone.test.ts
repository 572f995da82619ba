// slow: not of the fast lane
import { Temporal } from "@js-temporal/polyfill";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../dist/base/errors.js";
import { gapsOf, instantOf, offsetAt, zoneOf } from "../../dist/time/zone.js";
import { properCase } from "../../dist/time/zone-name.js";
import * as oracle from "../oracle/zone.js";
import { anyZone, at, IANA_ZONES, wall } from "./zones.js";

const FIRST = at("1900-01-01T00:00Z");
const LAST = at("2199-12-31T23:59:59Z");
const DAY = 86_400;

describe("a zone's name", () => {
  it.each([
    ["UTC", "UTC", true],
    ["utc", "UTC", true],
    ["Etc/UTC", "UTC", true],
    ["Z", "UTC", true],
    ["GMT", "GMT", false],
    ["+00:00", "+00:00", false],
    ["-00:00", "+00:00", false],
    ["+05:37", "+05:37", false],
    ["-0330", "-03:30", false],
    ["+14", "+14:00", false],
    ["-18:00", "-18:00", false],
    ["europe/paris", "Europe/Paris", false],
    ["AMERICA/PORT-AU-PRINCE", "America/Port-au-Prince", false],
    ["america/argentina/buenos_aires", "America/Argentina/Buenos_Aires", false],
    ["asia/kathmandu", "Asia/Kathmandu", false],
    ["antarctica/dumontdurville", "Antarctica/DumontDUrville", false],
    ["africa/dar_es_salaam", "Africa/Dar_es_Salaam", false],
    ["etc/gmt+5", "Etc/GMT+5", false],
    ["est5edt", "EST5EDT", false],
    ["us/eastern", "US/Eastern", false],
    ["gb-eire", "GB-Eire", false],
  ])("%s is %s", (given, name, utc) => {
    expect(zoneOf(given)).toMatchObject({ name, utc });
  });

  it("is in its proper case for every zone there is", () => {
    expect(IANA_ZONES.length).toBeGreaterThan(400);
    for (const name of IANA_ZONES) expect(properCase(name.toUpperCase())).toBe(name);
  });

  const how = "write an IANA name such as Europe/Paris, or an offset such as +01:00";
  it.each([
    ["Europe/Pariss", `there is no time zone "Europe/Pariss"; did you mean Europe/Paris?`],
    ["paris", `there is no time zone "paris"; did you mean Europe/Paris?`],
    ["new york", `there is no time zone "new york"; did you mean America/New_York?`],
    ["Mars/Olympus_Mons", `there is no time zone "Mars/Olympus_Mons"; ${how}`],
    ["", `there is no time zone ""; ${how}`],
    ["Europe/Paris\n", `there is no time zone "Europe/Paris\\n"; did you mean Europe/Paris?`],
    ["SystemV/EST5", `there is no time zone "SystemV/EST5"; ${how}`],
    ["IST", `"IST" is not a time zone but an abbreviation that several share; ${how}`],
    ["pst", `"pst" is not a time zone but an abbreviation that several share; ${how}`],
    ["UTC+1", `"UTC+1" is not a time zone; write an offset such as +01:00`],
    [" 05:30", `" 05:30" is not a time zone; write an offset such as +01:00`],
    ["5", `"5" is not a time zone; write an offset such as +01:00`],
    ["+5", `"+5" is not an offset of up to 18 hours, such as +01:00`],
    ["+18:01", `"+18:01" is not an offset of up to 18 hours, such as +01:00`],
    ["-19", `"-19" is not an offset of up to 18 hours, such as +01:00`],
    ["+05:60", `"+05:60" is not an offset of up to 18 hours, such as +01:00`],
    ["+05:30:15", `"+05:30:15" is not an offset of up to 18 hours, such as +01:00`],
    ["+01:00\n", `"+01:00\\n" is not an offset of up to 18 hours, such as +01:00`],
  ])("%j is refused", (name, message) => {
    expect(() => zoneOf(name)).toThrow(expect.objectContaining({ code: "unknown_zone", message }));
    expect(() => zoneOf(name)).toThrow(UsageError);
  });

  it("gives the same zone again, in any case", () => {
    expect(zoneOf("europe/PARIS")).toBe(zoneOf("Europe/Paris"));
  });
});

describe("offsets", () => {
  it("change where Temporal says, in every zone", () => {
    // Of the changes, a few in each zone: asking Temporal takes long.
    const sweep = fc.property(fc.array(fc.nat(), { minLength: 2, maxLength: 2 }), (picks) => {
      for (const name of IANA_ZONES) {
        const zone = zoneOf(name);
        const { transitions, offsets } = zone;
        expect(offsets.length).toBe(transitions.length + 1);
        for (let i = 0; i < transitions.length; i++) {
          if (offsets[i] === offsets[i + 1]) expect.fail(`${name}: nothing changes at ${transitions[i]}`);
          if (i > 0 && transitions[i - 1]! >= transitions[i]!) expect.fail(`${name}: transition ${i} is not later`);
        }
        for (const pick of picks) {
          const change = transitions[pick % transitions.length] ?? LAST;
          if (change < FIRST) continue;
          expect([name, change, offsetAt(zone, change)]).toEqual([name, change, oracle.offsetAt(name, change)]);
          const before = change - 1;
          expect([name, before, offsetAt(zone, before)]).toEqual([name, before, oracle.offsetAt(name, before)]);
        }
      }
    });
    fc.assert(sweep, { numRuns: 1, endOnFailure: true });
  });

  it("are what Temporal says", () => {
    fc.assert(
      fc.property(anyZone, fc.integer({ min: FIRST, max: LAST }), (name, instant) => {
        expect(offsetAt(zoneOf(name), instant)).toBe(oracle.offsetAt(zoneOf(name).name, instant));
      }),
      { numRuns: 1000 },
    );
  });

  it("are found even if a change is reversed within days", () => {
    // Summer time from 8 to 15 October 2000, in some states only.
    const zone = zoneOf("America/Recife");
    expect(offsetAt(zone, at("2000-10-08T02:59:59Z"))).toBe(-10_800);
    expect(offsetAt(zone, at("2000-10-08T03:00:00Z"))).toBe(-7200);
    expect(offsetAt(zone, at("2000-10-15T01:59:59Z"))).toBe(-7200);
    expect(offsetAt(zone, at("2000-10-15T02:00:00Z"))).toBe(-10_800);
  });

  it.each([
    // The shortest that the zone rules have, some of them in years to come.
    ["America/Boa_Vista", "2000-10-10"],
    ["America/Noronha", "2000-10-10"],
    ["Africa/Tunis", "1943-04-20"],
    ["Europe/Vienna", "1945-04-08"],
    ["Europe/Tirane", "1943-04-04"],
    ["America/Argentina/Tucuman", "2004-06-08"],
    ["Asia/Gaza", "2040-10-23"],
    ["Asia/Gaza", "2053-04-05"],
    ["Asia/Gaza", "2054-03-31"],
    ["Asia/Gaza", "2072-10-25"],
    ["Asia/Gaza", "2073-10-21"],
    ["Asia/Gaza", "2086-04-06"],
  ])("of a short while are found: %s, around %s", (name, day) => {
    for (let t = at(day) - 15 * DAY; t < at(day) + 15 * DAY; t += DAY / 2) {
      expect([t, offsetAt(zoneOf(name), t)]).toEqual([t, oracle.offsetAt(name, t)]);
    }
  });

  it.each([
    ["Africa/Monrovia", "1972-01-07T00:44:29Z", -2670],
    ["Africa/Monrovia", "1972-01-07T00:44:30Z", 0],
    ["Europe/Paris", "1911-03-10T23:50:38Z", 561],
    ["Europe/Dublin", "1916-05-21T02:25:20Z", -1521],
    ["Europe/Dublin", "1916-05-21T02:25:21Z", 2079],
    ["Europe/Dublin", "2024-01-01T00:00:00Z", 0],
    ["Europe/Dublin", "2024-07-01T00:00:00Z", 3600],
    ["Europe/London", "1968-10-28T00:00:00Z", 3600],
    ["Europe/London", "1970-01-01T00:00:00Z", 3600],
    ["Europe/London", "1971-10-31T01:59:59Z", 3600],
    ["Europe/London", "1971-10-31T02:00:00Z", 0],
    ["Asia/Kathmandu", "1985-12-31T18:29:59Z", 19_800],
    ["Asia/Kathmandu", "1985-12-31T18:30:00Z", 20_700],
    ["Africa/Casablanca", "2019-05-05T01:59:59Z", 3600],
    ["Africa/Casablanca", "2019-05-05T02:00:00Z", 0],
    ["Africa/Casablanca", "2019-06-09T02:00:00Z", 3600],
    ["Antarctica/Troll", "2024-03-31T00:59:59Z", 0],
    ["Antarctica/Troll", "2024-03-31T01:00:00Z", 7200],
    ["Pacific/Kiritimati", "1979-09-30T00:00:00Z", -38_400],
    ["Pacific/Kiritimati", "2024-01-01T00:00:00Z", 50_400],
    ["Europe/Paris", "2199-03-31T00:59:59Z", 3600],
    ["Europe/Paris", "2199-03-31T01:00:00Z", 7200],
    ["+05:37", "2024-01-01T00:00:00Z", 20_220],
    ["UTC", "2024-01-01T00:00:00Z", 0],
  ])("%s at %s: %d seconds", (name, instant, offset) => {
    expect(offsetAt(zoneOf(name), at(instant))).toBe(offset);
  });
});

describe("wall times", () => {
  it.each([
    ["Europe/Paris", "2024-03-31T01:59:59", "2024-03-31T00:59:59Z", "once"],
    ["Europe/Paris", "2024-03-31T02:00:00", "2024-03-31T01:00:00Z", "skipped"],
    ["Europe/Paris", "2024-03-31T02:59:59", "2024-03-31T01:59:59Z", "skipped"],
    ["Europe/Paris", "2024-03-31T03:00:00", "2024-03-31T01:00:00Z", "once"],
    ["Europe/Paris", "2024-10-27T01:59:59", "2024-10-26T23:59:59Z", "once"],
    ["Europe/Paris", "2024-10-27T02:00:00", "2024-10-27T00:00:00Z", "repeated"],
    ["Europe/Paris", "2024-10-27T02:59:59.5", "2024-10-27T00:59:59.5Z", "repeated"],
    ["Europe/Paris", "2024-10-27T03:00:00", "2024-10-27T02:00:00Z", "once"],
    ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z", "skipped"],
    ["America/Sao_Paulo", "2017-10-15T00:00:00", "2017-10-15T03:00:00Z", "skipped"],
    ["America/St_Johns", "2010-11-06T23:00:59", "2010-11-07T01:30:59Z", "once"],
    ["America/St_Johns", "2010-11-06T23:01:00", "2010-11-07T01:31:00Z", "repeated"],
    ["America/St_Johns", "2010-11-07T00:00:59", "2010-11-07T02:30:59Z", "repeated"],
    ["America/St_Johns", "2010-11-07T00:01:00", "2010-11-07T03:31:00Z", "once"],
    ["UTC", "2024-03-31T02:30:00", "2024-03-31T02:30:00Z", "once"],
    ["-18:00", "2024-03-31T02:30:00", "2024-03-31T20:30:00Z", "once"],
  ])("%s %s is %s, %s", (name, time, instant, kind) => {
    expect(instantOf(zoneOf(name), wall(time))).toEqual({ instant: at(instant), kind });
  });

  it("are what Temporal's `compatible` says, at any time and around changes", () => {
    fc.assert(
      fc.property(
        anyZone,
        fc.nat(),
        fc.oneof(
          fc.integer({ min: -2 * DAY, max: 2 * DAY }),
          fc.integer({ min: -7300, max: 7300 }),
          fc.constantFrom(-1, 0, 1),
        ),
        fc.integer({ min: FIRST, max: LAST }),
        (name, nth, away, anyTime) => {
          const zone = zoneOf(name);
          const i = nth % (zone.transitions.length + 1);
          const change = zone.transitions[i];
          const borders = change === undefined ? [] : [change + zone.offsets[i]!, change + zone.offsets[i + 1]!];
          for (const border of [...borders, anyTime]) {
            const time = border + away;
            if (time < FIRST - DAY) continue;
            expect(instantOf(zone, time)).toEqual(oracle.instantOf(zone.name, time));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("that are skipped are the gaps", () => {
    fc.assert(
      fc.property(anyZone, (name) => {
        const zone = zoneOf(name);
        const gaps = gapsOf(zone);
        expect(gaps.length % 2).toBe(0);
        let last = -Infinity;
        for (const border of gaps) {
          if (border <= last) expect.fail(`${name}: gaps do not ascend at ${border}`);
          last = border;
        }
        const kind = (time: number) => instantOf(zone, time).kind;
        for (let i = 0; i < gaps.length; i += 2) {
          const kinds = [kind(gaps[i]! - 1), kind(gaps[i]!), kind(gaps[i + 1]! - 1), kind(gaps[i + 1]!)];
          if (kinds[0] === "skipped" || kinds[1] !== "skipped" || kinds[2] !== "skipped" || kinds[3] === "skipped") {
            expect.fail(`${name}: gap ${i / 2} has ${kinds}`);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("have gaps where Temporal finds changes forward", () => {
    const start = Temporal.ZonedDateTime.from("2020-01-01T00:00[Europe/Paris]");
    const change = start.getTimeZoneTransition("next")!;
    const gaps = gapsOf(zoneOf("Europe/Paris"));
    const i = gaps.findIndex((border) => border > wall("2020-01-01T00:00"));
    expect([gaps[i], gaps[i + 1]]).toEqual([wall("2020-03-29T02:00"), wall("2020-03-29T03:00")]);
    expect(change.epochMilliseconds / 1000).toBe(gaps[i]! - 3600);
    expect(gapsOf(zoneOf("UTC"))).toEqual(new Float64Array(0));
    expect(gapsOf(zoneOf("Asia/Tokyo")).length).toBeLessThan(20);
  });
});
