/** Consumption and export in a store: what sums both is asked how, and then has the bytes of files with the same readings. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { exportFiles } from "../../dist/jobs/export.js";
import { loadFiles } from "../../dist/jobs/load.js";
import { openStore } from "../../dist/store/open.js";
import { inFolder } from "../oracle/electro.js";

/** Six values a day: of the first 1 to 6 kWh, of the second more, and a day that the first does not have. */
const NEM12 = (suffix: string, ...days: string[]) =>
  `100,NEM12,202402010000,A,B\n200,6305000123,E1,1,${suffix},N1,M1,kWh,240,\n${days
    .map((day) => `300,${day},A,,,20240201000000,\n`)
    .join("")}900\n`;
const CONSUMPTION = NEM12("E1", "20240131,1,2,3,4,5,6");
const EXPORT = NEM12("B1", "20240131,0,1.5,0,0.25,0,0", "20240202,0,0,7,0,0,0");
const GREEN_BUTTON = (direction: number, value: number) =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="self" href="UsagePoint/1/MeterReading/2/IntervalBlock/3"/>
  <content><ReadingType><uom>72</uom><flowDirection>${direction}</flowDirection></ReadingType><IntervalBlock><IntervalReading>
  <timePeriod><duration>3600</duration><start>1706659200</start></timePeriod><value>${value}</value></IntervalReading>
  </IntervalBlock></content></entry></feed>`;
const SDGE = readFileSync(new URL("../golden/profile-dsmr-reader/readings.csv", import.meta.url), "utf8");

const RULES = ["subtract", "add", "skip"] as const;

function tablesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test.each([
  ["NEM12, apart", { "a.csv": CONSUMPTION, "b.csv": EXPORT }, {}],
  ["NEM12, in days of its own", { "a.csv": CONSUMPTION, "b.csv": EXPORT }, { from: "2024-02-01", to: "2024-02-03" }],
  ["NEM12, in one file", { "a.csv": CONSUMPTION.replace("900\n", "") + EXPORT.slice(EXPORT.indexOf("200,")) }, {}],
  ["Green Button", { "a.xml": GREEN_BUTTON(1, 700), "b.xml": GREEN_BUTTON(19, 900) }, {}],
  ["a table of a profile", { "a.csv": SDGE }, {}],
  ["consumption of any form", { "a.csv": "timestamp,kWh_value\n2024-02-02T01:00:00Z,5\n", "b.csv": EXPORT }, {}],
])("%s: a store asks, and gives the files of aggregate", (_, files, period) =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const store = `duckdb:${join(folder, "s.duckdb")}`;
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const names = Object.keys(files);
    const loaded = await loadFiles(names, { store }, context);
    expect(loaded.inputs.map(({ outcome }) => outcome)).toEqual(names.map(() => "added"));
    const asked = { ...period, store, withCounts: true };
    await expect(exportFiles({ ...asked, output: "none" }, context)).rejects.toMatchObject({
      code: "export_or_not",
      message: expect.stringContaining('export: "subtract"'),
    });
    const read = { ...period, withCounts: true };
    for (const rule of RULES) {
      await aggregateFiles(names, { ...read, export: rule, output: `files ${rule}` }, context);
      // A report's page has sums of its own, of which the same files are made.
      const report = rule === "subtract" ? "report.html" : undefined;
      await exportFiles({ ...asked, export: rule, output: `kept ${rule}`, report }, context);
      expect(tablesIn(join(folder, `kept ${rule}`))).toEqual(tablesIn(join(folder, `files ${rule}`)));
    }
    expect(new Set(RULES.map((rule) => tablesIn(join(folder, `kept ${rule}`))["daily_data.csv"])).size).toBe(3);
    for (const more of [{}, { export: "skip" as const }]) {
      await aggregateFiles(names, { ...read, ...more, bySource: true, output: "files" }, context);
      await exportFiles({ ...asked, ...more, bySource: true, output: "kept" }, context);
      expect(tablesIn(join(folder, "kept"))).toEqual(tablesIn(join(folder, "files")));
    }
  }),
);

test("it is no question of one kind alone, nor once the other is retracted, nor where it was answered at load", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const store = `duckdb:${join(folder, "s.duckdb")}`;
    writeFileSync(join(folder, "a.csv"), CONSUMPTION);
    writeFileSync(join(folder, "b.csv"), EXPORT);
    const { inputs } = await loadFiles(["a.csv", "b.csv"], { store }, context);
    const total = async (more: object) => {
      const { manifest } = await exportFiles({ store, output: "out", ...more }, context);
      return manifest.totals.kWh;
    };
    expect(await total({ sources: ["6305000123/E1"] })).toBe("21");
    expect(await total({ sources: ["6305000123/B1"] })).toBe("8.75");
    expect(await total({ sources: ["6305000123/B1"], export: "subtract" })).toBe("-8.75");
    await expect(total({ sources: ["6305000123/B1", "6305000123/E1"] })).rejects.toMatchObject({
      message: expect.stringMatching(/^these sources have both consumption and export/),
    });
    await expect(total({ bySource: true, export: "subtract" })).rejects.toMatchObject({ code: "contradiction" });
    const opened = await openStore(store);
    await opened.retract(inputs[1]!.batch as string);
    expect(await opened.check()).toEqual([]);
    await opened.close();
    expect(await total({})).toBe("21");
    await loadFiles(["b.csv"], { store, export: "subtract" }, context);
    expect(await total({})).toBe("12.25");
  }));

test("a load whose inputs have no export says once that the option changed nothing", () =>
  inFolder(async (folder) => {
    const plain = (hour: number) => `timestamp,kWh_value\n2024-01-30T${hour}:00:00Z,24\n`;
    for (const [name, text] of Object.entries({ "a.csv": plain(10), "b.csv": plain(11), "c.csv": EXPORT }))
      writeFileSync(join(folder, name), text);
    const codes = async (...names: string[]) => {
      const options = { store: `duckdb:${join(folder, `${names.length}.duckdb`)}`, export: "subtract" as const };
      return (await loadFiles(names, options, { cwd: folder })).warnings.map(({ code }) => code);
    };
    expect(await codes("a.csv", "b.csv")).toEqual(["no_export"]);
    expect(await codes("a.csv", "b.csv")).toEqual([]);
    expect(await codes("a.csv", "b.csv", "c.csv")).toEqual([]);
  }));

test("a period in which no reading begins, but intervals reach into it, is not said to be without any", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const store = `duckdb:${join(folder, "s.duckdb")}`;
    writeFileSync(join(folder, "a.csv"), "timestamp,kWh_value\n2024-01-30T18:00:00Z,24\n");
    await loadFiles(["a.csv"], { store, interval: "1d" }, context);
    const warned = async (day: string) => {
      const { manifest } = await exportFiles({ store, from: day, to: day, output: "out" }, context);
      return [manifest.totals.kWh, ...manifest.warnings.map(({ message }) => message)];
    };
    expect(await warned("2024-01-31")).toEqual([
      "18",
      "no reading begins in the period, but its sums have energy of intervals that begin before it",
    ]);
    expect(await warned("2024-02-02")).toEqual(["0", "no reading lies in the period: all 1 are outside it"]);
  }));

test("a profile whose mark of export is no part of a source's id is an error where sources stay apart", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const store = `duckdb:${join(folder, "s.duckdb")}`;
    const profile = { options: { timestampField: "t", valueField: "v" }, export: { field: "way", values: ["out"] } };
    writeFileSync(join(folder, "p.json"), JSON.stringify(profile));
    writeFileSync(join(folder, "a.csv"), "t,v,way\n2024-01-31T13:00:00Z,3,in\n2024-01-31T13:00:00Z,1,out\n");
    const read = { profile: "./p.json", store };
    const refused = { code: "export_or_not", message: expect.stringContaining('sourceField: "way"') };
    await expect(loadFiles(["a.csv"], read, context)).rejects.toMatchObject(refused);
    await expect(aggregateFiles(["a.csv"], { profile: "./p.json", bySource: true }, context)).rejects.toMatchObject(
      refused,
    );
    await loadFiles(["a.csv"], { ...read, sourceField: ["way"] }, context);
    const { manifest } = await exportFiles({ store, export: "subtract", output: "out" }, context);
    expect(manifest.totals.kWh).toBe("2");
  }));
