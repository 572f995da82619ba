// slow: not of the fast lane
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hoursOf } from "../../dist/time/period.js";
import { fitOf } from "../../dist/time/slot-width.js";
import { gapsOf, zoneOf } from "../../dist/time/zone.js";
import * as oracle from "../oracle/zone.js";
import { anyZone, at } from "./zones.js";

const DAY = 86_400;
const LAST_DAY = at("2199-12-31T00:00Z") / DAY;

describe("slots", () => {
  it.each([
    [["UTC"], 3600, -Infinity],
    [["+01:00"], 3600, -Infinity],
    [["+05:30"], 900, -Infinity],
    [["-09:45"], 900, -Infinity],
    [["Europe/London"], 3600, -Infinity],
    // Two days after the end of the day of the last misfit.
    [["Europe/Paris"], 3600, at("1911-03-13T00:00Z")],
    [["Africa/Monrovia"], 3600, at("1972-01-10T00:00Z")],
    [["Asia/Singapore"], 3600, at("1982-01-03T00:00Z")],
    [["Asia/Kathmandu"], 900, at("1920-01-03T00:00Z")],
    [["America/St_Johns"], 900, at("2011-03-16T00:00Z")],
    [["Pacific/Kiritimati"], 3600, at("1979-10-04T00:00Z")],
    // The hour fits since 2016 only, the quarter for a hundred years.
    [["America/Caracas"], 900, at("1912-02-15T00:00Z")],
    [["Europe/Paris", "UTC"], 3600, at("1911-03-13T00:00Z")],
    [["Europe/Paris", "Asia/Kathmandu"], 900, at("1920-01-03T00:00Z")],
    [["Africa/Monrovia", "America/St_Johns"], 900, at("2011-03-16T00:00Z")],
  ])("for %j are of %d s from %d on", (names, width, from) => {
    expect(fitOf(names.map(zoneOf))).toEqual({ width, from });
  });

  it("do not fit an offset that is not a multiple of a quarter hour", () => {
    expect(fitOf([zoneOf("+05:37")]).from).toBe(Infinity);
    expect(fitOf([zoneOf("UTC"), zoneOf("+05:37")]).from).toBe(Infinity);
  });

  it("never span a boundary of the zone's hours or gaps", () => {
    fc.assert(
      fc.property(anyZone, fc.double({ min: 0, max: 1, noNaN: true }), (name, part) => {
        const zone = zoneOf(name);
        const { width, from } = fitOf([zone]);
        if (from === Infinity) return;
        expect(from === -Infinity || from % DAY === 0).toBe(true);
        const first = Math.max(from / DAY, at("1900-01-01T00:00Z") / DAY);
        const somewhere = Math.floor(first + part * (LAST_DAY - first));
        for (const day of [first, somewhere]) {
          const hours = hoursOf(zone, day, day + 1000);
          const off = (seconds: number) => seconds % width !== 0;
          expect(hours.start.findIndex(off)).toBe(-1);
          expect(hours.end.findIndex(off)).toBe(-1);
        }
        expect(gapsOf(zone).filter((border) => border >= from && border % width !== 0)).toEqual(new Float64Array(0));
        expect(Math.abs(oracle.offsetAt(zone.name, somewhere * DAY) % width)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
