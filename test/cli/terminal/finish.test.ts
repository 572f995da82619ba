/** The closing summary, word for word. */
import { describe, expect, test } from "vitest";
import { type Finish, finishLines } from "../../../dist/cli/terminal/finish.js";
import { grouped } from "../../../dist/cli/terminal/numbers.js";
import { fakeManifest } from "../fake-run.js";

function linesOf(totals: Parameters<typeof fakeManifest>[0], finish: Partial<Finish> = {}): string[] {
  return finishLines({
    manifest: fakeManifest(totals),
    zone: "UTC",
    hours: 24,
    columns: 1,
    folder: "output_data",
    ...finish,
  });
}

const hourly = (count: number) =>
  Array.from({ length: count }, (_, i) => `hourly_data_${String(i + 1).padStart(2, "0")}_01.csv`);

describe("the closing summary is complete", () => {
  test("for a good month", () => {
    const manifest = fakeManifest(
      {
        readings: 1_234_567,
        sources: 12,
        kWh: "45678.9",
        hoursFilled: 3,
        rejected: 2,
        rejectedByReason: { bad_timestamp: 2 },
        rounded: 1,
      },
      { period: { from: "2024-01-01", to: "2024-01-31" }, files: [...hourly(31), "daily_data.csv", "rejected.ndjson"] },
    );
    expect(linesOf({}, { manifest, hours: 744 })).toEqual([
      "1,234,567 readings of 12 sources, 2024-01-01 to 2024-01-31 (UTC)",
      "total 45,678.9 kWh · 744 hours, 3 of them filled with 0 · 2 records rejected (2 bad_timestamp) · 1 rounded",
      "31 hourly files, daily_data.csv and rejected.ndjson in output_data/",
    ]);
  });

  test("for one reading", () => {
    expect(
      linesOf({ readings: 1, sources: 1, kWh: "-0.000000000000000001", hoursFilled: 23 }, { zone: "Europe/Paris" }),
    ).toEqual([
      "1 reading of 1 source, 2024-01-31 (Europe/Paris)",
      "total -0.000000000000000001 kWh · 24 hours, 23 of them filled with 0",
      "hourly_data_31_01.csv and daily_data.csv in output_data/",
    ]);
  });

  test("by source", () => {
    const totals = { readings: 40, sources: 2, kWh: "1000" };
    expect(linesOf({ ...totals, hoursFilled: 8 }, { columns: 2 })[1]).toBe(
      "total 1,000 kWh · 24 hours × 2 sources, 8 of 48 rows filled with 0",
    );
    expect(linesOf(totals, { columns: 2 })[1]).toBe("total 1,000 kWh · 24 hours × 2 sources");
  });

  test("for unusual data", () => {
    expect(
      linesOf({
        readings: 9,
        sources: 1,
        kWh: "1",
        rejected: 1235,
        rejectedByReason: { missing_value: 1, bad_value: 1234 },
        rounded: 2000,
        repeatedWallTimes: 3,
        ambiguousWallTimes: 1,
        skippedWallTimes: 2,
        outOfPeriod: 3000,
      })[1],
    ).toBe(
      "total 1 kWh · 24 hours · 1,235 records rejected (1,234 bad_value, 1 missing_value) · 2,000 rounded · 3 wall times repeated by a clock change, 1 of them ambiguous" +
        " · 2 wall times skipped by a clock change · 3,000 outside the period",
    );
  });

  test.each([
    [
      { repeatedWallTimes: 1, ambiguousWallTimes: 0 },
      "order",
      "1 wall time repeated by a clock change, told apart by the order of rows",
    ],
    [{ repeatedWallTimes: 2, ambiguousWallTimes: 2 }, "order", "2 wall times repeated by a clock change, ambiguous"],
    [
      { repeatedWallTimes: 2, ambiguousWallTimes: 0 },
      "last",
      "2 wall times repeated by a clock change, taken for the last",
    ],
  ])("of repeated wall times: %j, %s", (totals, repeatedHour, said) => {
    const manifest = { ...fakeManifest({ ...totals, kWh: "1" }), options: { repeatedHour } };
    expect(linesOf({}, { manifest })[1]).toBe(`total 1 kWh · 24 hours · ${said}`);
  });

  test("with files of other resolutions", () => {
    const quarters = hourly(31).map((name) => `quarter_${name}`);
    const rest = ["weekly_data.csv", "total_data.csv", "rejected.ndjson"];
    const said = (files: readonly string[]) => linesOf({}, { manifest: fakeManifest({}, { files }) })[2];
    expect(said([...quarters, ...hourly(31), ...rest])).toBe(
      "31 quarter-hourly files, 31 hourly files, weekly_data.csv, total_data.csv and rejected.ndjson in output_data/",
    );
    expect(said(quarters.slice(0, 1))).toBe("quarter_hourly_data_01_01.csv in output_data/");
    expect(said([])).toBe("manifest.json in output_data/");
  });

  test("without readings", () => {
    const manifest = fakeManifest({}, { period: null, files: ["daily_data.csv"] });
    expect(linesOf({}, { manifest, hours: 0, folder: "out/" })).toEqual([
      "0 readings",
      "total 0 kWh",
      "daily_data.csv in out/",
    ]);
  });
});

test("thousands are separated by commas", () => {
  expect(["0", "999", "1000", "-1000", "-100", "1234567.1234567", "100000000000000000000"].map(grouped)).toEqual([
    "0",
    "999",
    "1,000",
    "-1,000",
    "-100",
    "1,234,567.1234567",
    "100,000,000,000,000,000,000",
  ]);
});
