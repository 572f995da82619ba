/** What a run would hand back, made by hand. */

import type { Manifest, ManifestTotals } from "../../dist/output/manifest.js";
import { type Summary, summaryOf } from "../../dist/tally/summary.js";
import { dayOf, hoursOf } from "../../dist/time/period.js";
import { zoneOf } from "../../dist/time/zone.js";

export function fakeManifest(
  totals: Partial<ManifestTotals>,
  rest: { period?: Manifest["period"]; files?: readonly string[] } = {},
): Manifest {
  const { period = { from: "2024-01-31", to: "2024-01-31" }, files = ["hourly_data_31_01.csv", "daily_data.csv"] } =
    rest;
  return {
    electro: { version: "0.0.0" },
    format: 1,
    versions: { node: "20.0.0", tz: "2024a" },
    options: {},
    inputs: [],
    totals: {
      records: 0,
      readings: 0,
      rejected: 0,
      rejectedByReason: {},
      rounded: 0,
      repeatedWallTimes: 0,
      skippedWallTimes: 0,
      outOfPeriod: 0,
      hoursFilled: 0,
      sources: 0,
      first: null,
      last: null,
      kWh: "0",
      ...totals,
    },
    period,
    warnings: [],
    files: files.map((name) => ({ name, rows: 0, bytes: 0, sha256: "" })),
  };
}

/**
 * A summary of the days from `first` to `last` in a zone. `energies` (kWh as decimal text) go to the hours in turn,
 * column after column, then 0; a day has the sum of its hours. Every energy that is given stands for one reading.
 */
export function fakeSummary(
  zoneName: string,
  first: string,
  last: string,
  energies: string[],
  sources?: string[],
): Summary {
  const zone = zoneOf(zoneName);
  const columns = sources?.length ?? 1;
  const period = first <= last ? { first: dayOf(first), last: dayOf(last) } : undefined;
  const hours = period === undefined ? hoursOf(zone, 0, -1) : hoursOf(zone, period.first, period.last);
  return summaryOf(zone, period, hours, sources, {
    cells: 0,
    sum(rows, { energy, count }) {
      for (let column = 0; column < columns; column++) {
        const given = Array.from(rows, (row) => energies[row * columns + column]).filter((text) => text !== undefined);
        const sum = given.reduce((total, text) => total + energyFrom(text), 0n);
        for (let limb = 0; limb < 4; limb++) {
          energy[4 * column + limb] = Number(BigInt.asUintN(32, sum >> BigInt(32 * limb)));
        }
        count[column] = given.length;
      }
    },
  });
}

/** In 10⁻¹⁸ kWh. */
function energyFrom(text: string): bigint {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole! + fraction.padEnd(18, "0"));
  return text.startsWith("-") ? -size : size;
}
