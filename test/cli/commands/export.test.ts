// slow: not of the fast lane
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run as runHere } from "../../../dist/cli/program.js";
import { manifestSchema } from "../../../dist/jobs/manifest-schema.js";
import { electro } from "../../oracle/electro.js";
import { fakeWorld } from "../fake-world.js";

const folder = mkdtempSync(join(tmpdir(), "electro-export-"));
const run = (...args: string[]) => electro(args, folder);

/** The tables in a folder. */
function tables(output: string): [string, string][] {
  const names = readdirSync(join(folder, output)).filter((name) => name.endsWith(".csv"));
  return names.sort().map((name) => [name, readFileSync(join(folder, output, name), "utf8")]);
}

beforeAll(async () => {
  const at = (time: string, kWh: string, id: string) =>
    `{"timestamp":"${time}","kWh_value":${kWh},"meter_id":${JSON.stringify(id)}}\n`;
  mkdirSync(join(folder, "in"));
  writeFileSync(
    join(folder, "in", "a.ndjson"),
    at("2024-03-30T23:15:00Z", "1.0625", "b") +
      at("2024-03-31T01:30:00Z", "2.5", "=a") +
      at("2024-04-02T10:00:00Z", "-0.25", "b"),
  );
  writeFileSync(
    join(folder, "in", "b.ndjson"),
    at("2024-03-31T22:30:00Z", "1e-18", "") + at("2024-03-31T20:30:00Z", "7", "=a"),
  );
  const loaded = await run("load", "in", "--store", "duckdb:s.duckdb");
  expect(loaded.status, loaded.stderr).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true }));

const STORE = "--store=duckdb:s.duckdb";

describe("electro export", () => {
  test.each([
    [[]],
    [["--timezone", "Europe/Berlin", "--by-source"]],
    [["--timezone", "Asia/Kathmandu", "--by-source", "--with-counts", "--raw-ids"]],
    [["--from", "2024-03-31", "--to", "2024-04-03", "--decimals", "2", "--file-date", "iso"]],
    [["--from", "2024-04-01", "--by-source", "--with-counts"]],
    [["--to", "2024-03-30"]],
    [["--from", "2025-01-01"]],
    [["--from", "2024-03-29", "--to", "2024-03-29", "--by-source"]],
  ])("with %j gives the bytes and the summary that aggregate gives", async (args) => {
    const files = await run("aggregate", "in", ...args, "-o", "files");
    const kept = await run("export", STORE, ...args, "-o", "kept");
    expect(kept.status, kept.stderr).toBe(0);
    expect(tables("kept")).toEqual(tables("files"));
    expect(kept.stderr.replaceAll("kept/", "files/")).toBe(files.stderr);
  });

  test("of some sources, as if there were no others", async () => {
    const { status, stderr } = await run(
      "export",
      STORE,
      "--by-source",
      "--source",
      "=a",
      "--source",
      "",
      "-o",
      "some",
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining("3 readings of 2 sources, 2024-03-31 (UTC)")]);
    expect(tables("some")[0]![1]).toBe(
      "daily_timestamp,source_id,aggregated_kWh_value\n2024-03-31,,0.000000000000000001\n2024-03-31,'=a,9.5\n",
    );
    const typo = await run("export", STORE, "--source", "=a", "--source", "nobody", "-o", "typo");
    expect([typo.status, typo.stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: the store has no readings of "nobody"; is the id right\?\n/),
    ]);
    const none = await run("export", STORE, "--source", "nobody", "-o", "none");
    expect(none.stderr).toMatch(/^warning: the store has no readings of these sources/);
    expect(tables("none")).toEqual([["daily_data.csv", "daily_timestamp,aggregated_kWh_value\n"]]);
  });

  test("warns where most of the days that were there will be gone; with --strict they stay", async () => {
    expect((await run("export", STORE, "-o", "days")).stderr).not.toContain("warning");
    const before = tables("days");
    const lost =
      "days/ has 4 days (2024-03-30 to 2024-04-02), which this run replaces with 1 day (2024-04-02); --output writes into another folder";
    const strict = await run("export", STORE, "--from", "2024-04-02", "--strict", "-o", "days");
    expect([strict.status, strict.stderr]).toEqual([
      1,
      `error: ${lost}\nerror: --strict: 1 warning, so nothing was written\n`,
    ]);
    expect(tables("days")).toEqual(before);
    const fewer = await run("export", STORE, "--from", "2024-04-02", "--json", "-o", "days");
    expect(fewer.status).toBe(0);
    expect(JSON.parse(fewer.stdout).warnings).toEqual([{ code: "days_lost", message: lost }]);
  });

  test("prints its manifest, which says where the sums come from", async () => {
    const { stdout } = await run("export", STORE, "--json", "--source", "b", "--from", "2024-04-01", "-o", "json");
    const manifest = JSON.parse(stdout);
    const ajv = new Ajv2020({ allowUnionTypes: true });
    formats.default(ajv);
    expect(ajv.validate(manifestSchema, manifest), JSON.stringify(ajv.errors)).toBe(true);
    expect(readFileSync(join(folder, "json", "manifest.json"), "utf8")).toBe(stdout);
    expect(manifest).toMatchObject({
      options: { timezone: "UTC", from: "2024-04-01", to: null, sources: ["b"], bySource: false },
      inputs: [],
      store: { batches: 2, version: expect.any(Number) },
      period: { from: "2024-04-01", to: "2024-04-02" },
    });
    expect(manifest.totals).toEqual({
      readings: 1,
      outOfPeriod: 1,
      hoursFilled: 47,
      sources: 1,
      first: "2024-03-30T23:15:00Z",
      last: "2024-04-02T10:00:00Z",
      kWh: "-0.25",
    });
  });

  test("prints the tables", async () => {
    const { stdout } = await run("export", STORE, "--print", "--to", "2024-03-30", "-o", "print");
    expect(stdout).toMatch(
      /hourly_timestamp +aggregated_kWh_value\n(.*\n)+daily_timestamp .*\n2024-03-30 .*1\.0625\n$/,
    );
  });

  test.each([
    [["--store", "duckdb:none.duckdb"], "there is no store duckdb:none.duckdb; electro load"],
    [
      [STORE, "--timezone", "+05:37"],
      "a store keeps quarter hours, and the clock of +05:37 does not fit them on 2024-03-31",
    ],
    [[STORE, "--max-days", "2"], 'the store has readings of 2024-03-30T23:15:00Z (source "b", batch '],
  ])("%j fails, and leaves the folder as it was", async (args, message) => {
    mkdirSync(join(folder, "kept-as-it-is"), { recursive: true });
    writeFileSync(join(folder, "kept-as-it-is", "mine.txt"), "mine");
    const { status, stderr } = await run("export", ...args, "-o", "kept-as-it-is");
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(readdirSync(join(folder, "kept-as-it-is"))).toEqual(["mine.txt"]);
    expect(readdirSync(folder)).not.toContain("none.duckdb");
  });

  test("a file that is in the way is replaced with --force only", async () => {
    mkdirSync(join(folder, "way"));
    writeFileSync(join(folder, "way", "daily_data.csv"), "mine");
    expect((await run("export", STORE, "-o", "way")).status).toBe(1);
    expect((await run("export", STORE, "-o", "way", "--force")).status).toBe(0);
  });

  test.each([
    [["--json", "--print"], "--json and --print"],
    [["--from", "2024-02-30"], "--from"],
    [["--from", "2024-02-02", "--to", "2024-02-01"], "is after"],
    [["--timezone", "Mars"], "--timezone"],
    [["--decimals", "19"], "--decimals"],
    [["--memory", "1MB"], "--memory"],
    [["--hash-inputs"], "--hash-inputs"],
    [["--workers", "0"], "--workers"],
    [["in"], "argument"],
  ])("%j is wrong usage", async (args, message) => {
    const world = fakeWorld();
    expect(await runHere(["export", ...args], world)).toBe(2);
    expect(world.stderr.text).toContain(message);
  });
});
