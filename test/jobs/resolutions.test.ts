/** Files by further resolutions: which there are, what they have in common, and what becomes of those no longer asked for. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { aggregate, aggregateFiles, exportFiles, load, manifestSchema } from "../../dist/index.js";
import { inFolder } from "../oracle/electro.js";
import { RESOLUTIONS, type Resolution } from "../oracle/options.js";
import { randomOf } from "../oracle/render.js";

const ajv = new Ajv2020({ allowUnionTypes: true });
formats.default(ajv);

const READINGS = [
  '{"timestamp":"2023-12-31T23:40:00Z","kWh_value":-1.5,"meter_id":"a"}',
  '{"timestamp":"2024-01-01T00:20:00Z","kWh_value":0.25,"meter_id":"b"}',
  '{"timestamp":"2024-01-08T10:00:00Z","kWh_value":4,"meter_id":"a"}',
].join("\n");

function filesIn(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("the files of a run", () => {
  test("are those of its resolutions, whatever their order, and the manifest lists them", async () => {
    await inFolder(async (cwd) => {
      writeFileSync(join(cwd, "in.ndjson"), READINGS);
      const options = { cwd, resolutions: ["total", "15min", "week", "total"] as Resolution[], to: "2024-01-01" };
      const { manifest } = await aggregateFiles("in.ndjson", options);
      expect(ajv.validate(manifestSchema, manifest), JSON.stringify(ajv.errors)).toBe(true);
      expect(manifest.options["resolutions"]).toEqual(["15min", "week", "total"]);
      expect(manifest.totals.hoursFilled).toBe(46);
      expect(manifest.files.map(({ name, rows }) => [name, rows])).toEqual([
        ["quarter_hourly_data_31_12.csv", 96],
        ["quarter_hourly_data_01_01.csv", 96],
        ["weekly_data.csv", 2],
        ["total_data.csv", 1],
      ]);
      const files = filesIn(join(cwd, "output_data"));
      expect([...files.keys()].sort()).toEqual([...manifest.files.map(({ name }) => name), "manifest.json"].sort());
    });
  });

  test("replace those of other resolutions, and nobody else's", async () => {
    await inFolder(async (cwd) => {
      writeFileSync(join(cwd, "in.ndjson"), READINGS);
      const out = join(cwd, "output_data");
      await aggregateFiles("in.ndjson", { cwd, resolutions: RESOLUTIONS, fileDate: "iso" });
      expect(readdirSync(out)).toHaveLength(9 + 9 + 5 + 1);
      await aggregateFiles("in.ndjson", { cwd, resolutions: ["month"] });
      expect(readdirSync(out).sort()).toEqual(["manifest.json", "monthly_data.csv"]);

      writeFileSync(join(out, "yearly_data.csv"), "mine");
      await aggregateFiles("in.ndjson", { cwd, resolutions: ["day"] });
      expect(readdirSync(out).sort()).toEqual(["daily_data.csv", "manifest.json", "yearly_data.csv"]);
      const failed = aggregateFiles("in.ndjson", { cwd, resolutions: ["year"] });
      await expect(failed).rejects.toMatchObject({ code: "foreign_file" });
      expect(readFileSync(join(out, "yearly_data.csv"), "utf8")).toBe("mine");
    });
  });

  test("have the same bytes whether quarter hours are asked for or not, with any workers, on the disk, and from a store", async () => {
    await inFolder(async (cwd) => {
      const random = randomOf(5);
      mkdirSync(join(cwd, "in"));
      const begin = Date.parse("2024-03-28T00:00Z");
      for (let file = 0; file < 40; file++) {
        const lines = Array.from({ length: 300 }, () => {
          const timestamp = new Date(begin + Math.floor(random() * 96 * 10) * 900e3).toISOString();
          return JSON.stringify({
            timestamp,
            kWh_value: Math.floor(random() * 2e6 - 5e5) / 1e6,
            meter_id: `m${Math.floor(random() * 9)}`,
          });
        });
        writeFileSync(join(cwd, "in", `${file}.ndjson`), lines.join("\n"));
      }
      const store = `duckdb:${join(cwd, "store.duckdb")}`;
      await load("in", { cwd, store });
      for (const timezone of ["Europe/Berlin", "Asia/Kolkata"]) {
        const common = { cwd, timezone, bySource: true, withCounts: true, fileDate: "iso" as const };
        const longer = RESOLUTIONS.slice(1);
        await aggregateFiles("in", { ...common, resolutions: longer, workers: 1, output: "hours" });
        await aggregateFiles("in", { ...common, resolutions: RESOLUTIONS, workers: 1, output: "one" });
        await aggregateFiles("in", { ...common, resolutions: RESOLUTIONS, workers: 3, output: "three" });
        await exportFiles({ ...common, resolutions: RESOLUTIONS, store, output: "store" });
        await exportFiles({ ...common, resolutions: RESOLUTIONS, store, memory: 1, output: "disk" });
        const all = filesIn(join(cwd, "one"));
        const { totals } = JSON.parse(all.get("manifest.json")!);
        expect(totals.hoursFilled).toBeGreaterThan(100);
        for (const output of ["hours", "three", "store", "disk"]) {
          const files = filesIn(join(cwd, output));
          expect(JSON.parse(files.get("manifest.json")!).totals).toMatchObject({ hoursFilled: totals.hoursFilled });
          const others = [...all].filter(([name]) => output !== "hours" || !name.startsWith("quarter"));
          expect([...files.keys()].sort()).toEqual(others.map(([name]) => name).sort());
          for (const [name, text] of others)
            if (name.endsWith(".csv")) expect(files.get(name) === text, name).toBe(true);
        }
      }
    });
  });

  test("from a store cannot be quarter hours of a clock that is off those of UTC", async () => {
    await inFolder(async (cwd) => {
      writeFileSync(join(cwd, "in.ndjson"), READINGS);
      const store = `duckdb:${join(cwd, "store.duckdb")}`;
      await load("in.ndjson", { cwd, store });
      const asked = exportFiles({ cwd, store, timezone: "+05:37", resolutions: ["15min"] });
      await expect(asked).rejects.toMatchObject({ code: "zone_off_quarters" });
      expect(existsSync(join(cwd, "output_data"))).toBe(false);
    });
  });
});

describe("the library", () => {
  test("has rows of every resolution, quarter hours if they were asked for", async () => {
    const bytes = Buffer.from(READINGS);
    const sums = await aggregate(bytes, { bySource: true, from: "2023-12-31", to: "2024-01-01" });
    expect([...sums.weekly()].map((row) => [row.weekly_timestamp, row.source_id, row.aggregated_kWh_value])).toEqual([
      ["2023-12-25", "a", "-1.5"],
      ["2023-12-25", "b", "0"],
      ["2024-01-01", "a", "0"],
      ["2024-01-01", "b", "0.25"],
    ]);
    expect([...sums.monthly()].map((row) => row.monthly_timestamp)).toEqual([
      "2023-12",
      "2023-12",
      "2024-01",
      "2024-01",
    ]);
    expect([...sums.yearly()].map((row) => row.yearly_timestamp)).toEqual(["2023", "2023", "2024", "2024"]);
    expect([...sums.total()]).toEqual([
      {
        total_timestamp: "2023-12-31/2024-01-01",
        source_id: "a",
        aggregated_kWh_value: "-1.5",
        reading_count: 1,
        covered: true,
      },
      {
        total_timestamp: "2023-12-31/2024-01-01",
        source_id: "b",
        aggregated_kWh_value: "0.25",
        reading_count: 1,
        covered: true,
      },
    ]);
    expect(() => sums.quarterHourly()).toThrow('ask for them with resolutions: "15min"');
    const quarters = await aggregate(bytes, { resolutions: ["15min"], to: "2023-12-31" });
    const [row] = [...quarters.quarterHourly()].filter((row) => row.reading_count > 0);
    expect(row).toEqual({
      quarter_hourly_timestamp: "2023-12-31T23:30:00Z",
      aggregated_kWh_value: "-1.5",
      reading_count: 1,
      covered: true,
    });
    expect([...quarters.csv()].map(({ name }) => name)).toEqual(["quarter_hourly_data_31_12.csv"]);
  });

  test("refuses resolutions that there are not", async () => {
    const asked = aggregate(Buffer.from(READINGS), { resolutions: ["minute" as "hour"] });
    await expect(asked).rejects.toMatchObject({ code: "bad_option" });
    await expect(aggregate(Buffer.from(READINGS), { resolutions: [] })).rejects.toMatchObject({
      code: "bad_option",
      message:
        "the option resolutions must be an array of one or more of 15min, hour, day, week, month, year, total, not []",
    });
  });
});
