// slow: not of the fast lane
/** `electro quality`: what people, spreadsheets and programs get of some meters. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../../dist/cli/program.js";
import { openStore } from "../../../dist/store/open.js";
import { electro, inFolder } from "../../oracle/electro.js";
import { every } from "../../quality/quality-support.js";
import { batchOf } from "../../store/batches.js";
import { type FakeWorld, fakeWorld } from "../fake-world.js";

const JANUARY = ["2023-12-31T23:00Z", "2024-01-31T23:00Z"] as const;
const NIGHT = every(15, "2024-01-10T02:00Z", "2024-01-10T05:00Z");

const METERS: Record<string, readonly number[]> = {
  DE00056266802AO6G56M11SN51G21M24S: every(15, ...JANUARY),
  DE00056266802AO6G56M11SN51G21M25S: every(15, ...JANUARY).filter((second) => !NIGHT.includes(second)),
  twice: [...every(15, ...JANUARY), ...NIGHT],
  daily: every(1440, "2023-12-31T23:00Z", "2024-01-25T23:00Z"),
  "set anew": [...every(60, JANUARY[0], "2024-01-15T23:00Z"), ...every(15, "2024-01-15T23:00Z", JANUARY[1])],
  "=few": every(60, "2024-01-05T00:00Z", "2024-01-05T02:00Z"),
  silent: every(60, "2023-05-05T00:00Z", "2023-05-06T00:00Z"),
};

/** A kWh each; the meter that comes twice gives back what it gets. */
const READINGS = Object.entries(METERS).flatMap(([meter_id, instants]) =>
  instants.map((second) => ({
    meter_id,
    timestamp: new Date(second * 1000).toISOString(),
    kWh_value: meter_id === "twice" && NIGHT.includes(second) ? -0.5 : 1.0625,
  })),
);

const DAYS = ["--timezone", "Europe/Berlin", "--from", "2024-01-01", "--to", "2024-01-31"];

async function told(args: readonly string[], columns?: number, readings: readonly object[] = READINGS) {
  return inFolder(async (cwd) => {
    writeFileSync(join(cwd, "meters.ndjson"), readings.map((reading) => `${JSON.stringify(reading)}\n`).join(""));
    const world: FakeWorld = { ...fakeWorld(columns === undefined ? {} : { columns }), cwd };
    const status = await run(["quality", ...args], world);
    return { status, out: world.stdout.text, err: world.stderr.text };
  });
}

const TABLE = `\
source                             first                      last                           interval  coverage  gaps  longest gap  doubled  negative  empty hours  readings  total kWh
=few                               2024-01-05T01:00:00+01:00  2024-01-05T02:00:00+01:00             ?         ?     ?            ?        ?         0       99.74%         2      2.125
silent                             -                          -                                     -     0.00%     1         31 d        0         0      100.00%         0          0
daily                              2024-01-01T00:00:00+01:00  2024-01-25T00:00:00+01:00           1 d    80.64%     1          6 d        0         0       96.64%        25     26.562
DE00056266802AO6G56M11SN51G21M25S  2024-01-01T00:00:00+01:00  2024-01-31T23:45:00+01:00        15 min    99.59%     1          3 h        0         0        0.41%     2,964   3,149.25
twice                              2024-01-01T00:00:00+01:00  2024-01-31T23:45:00+01:00        15 min   100.00%     0            -       12        12        0.00%     2,988   3,137.25
DE00056266802AO6G56M11SN51G21M24S  2024-01-01T00:00:00+01:00  2024-01-31T23:45:00+01:00        15 min   100.00%     0            -        0         0        0.00%     2,976      3,162
set anew                           2024-01-01T00:00:00+01:00  2024-01-31T23:45:00+01:00  1 h → 15 min   100.00%     0            -        0         0        0.00%     1,896    2,014.5
`;

describe("the table", () => {
  test("has a row for each source, the worst first, and says what that comes to", async () => {
    const { status, out, err } = await told(["meters.ndjson", ...DAYS]);
    expect(status).toBe(0);
    expect(out).toBe(TABLE);
    expect(err).toBe(`7 sources, 2024-01-01 to 2024-01-31 (Europe/Berlin)
2 complete · 3 with gaps · 1 with doubled readings · 1 with negative energy · 1 with too few readings to tell · 1 without a reading
`);
  });

  test("leaves out what a terminal has no room for", async () => {
    const at = async (columns: number) => (await told(["meters.ndjson", ...DAYS, "-q"], columns)).out.split("\n");
    expect((await at(200)).slice(0, 2)).toEqual((await told(["meters.ndjson", ...DAYS])).out.split("\n").slice(0, 2));
    const heading = async (columns: number) => (await at(columns))[0]!.split(/ {2,}/).slice(1).join();
    expect(await heading(150)).toBe("first,last,interval,coverage,gaps,longest gap,doubled,negative,empty hours");
    expect(await heading(80)).toBe("interval,coverage,gaps,longest gap,doubled,negative");
    expect(await heading(40)).toBe("interval,coverage,gaps");
    for (const columns of [60, 80, 100, 130, 170])
      expect(Math.max(...(await at(columns)).map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    expect((await at(80)).slice(4, 7)).toEqual([
      "DE000562…51G21M25S        15 min    99.59%     1          3 h        0         0",
      "twice                     15 min   100.00%     0            -       12        12",
      "DE000562…51G21M24S        15 min   100.00%     0            -        0         0",
    ]);
  });

  test("of findings has a row for each, sources in the same order", async () => {
    const { out } = await told(["meters.ndjson", ...DAYS, "--findings"]);
    expect(out).toBe(`\
source                             finding  from                       to                         length  readings
silent                             gap      2024-01-01T00:00:00+01:00  2024-02-01T00:00:00+01:00    31 d         ?
daily                              gap      2024-01-26T00:00:00+01:00  2024-02-01T00:00:00+01:00     6 d         6
DE00056266802AO6G56M11SN51G21M25S  gap      2024-01-10T03:00:00+01:00  2024-01-10T06:00:00+01:00     3 h        12
twice                              doubled  2024-01-10T03:00:00+01:00  2024-01-10T06:00:00+01:00     3 h        12
`);
  });

  test("says how many findings it does not list", async () => {
    const holes = READINGS.filter(({ meter_id }, n) => meter_id === "twice" && n % 9 !== 4);
    const { out } = await told(["meters.ndjson", "--findings", "--max-findings", "1"], undefined, holes);
    expect(out.split("\n").filter((line) => line.includes("more"))).toEqual([
      expect.stringMatching(/^twice +\d+ more: gap$/),
    ]);
  });

  test("says that sources begin or end on other days, unless a period is asked for", async () => {
    const { err } = await told(["meters.ndjson"]);
    expect(err).toContain("7 begin on a later or end on an earlier day than others; with --from and --to that counts");
  });

  test("shows ids safely, and the unnamed source as such", async () => {
    const readings = READINGS.filter(({ meter_id }) => meter_id === "daily");
    const { out } = await told(["meters.ndjson"], undefined, [
      ...readings.map((reading) => ({ ...reading, meter_id: "" })),
      ...readings.map((reading) => ({ ...reading, meter_id: "a\x1b[2J" })),
    ]);
    expect(out.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual(["source", "(unnamed)", "a\\x1b[2J", ""]);
  });
});

describe("CSV", () => {
  test("has a row for each source, by their ids", async () => {
    const { status, out } = await told(["meters.ndjson", ...DAYS, "--csv"]);
    expect(status).toBe(0);
    expect(out).toBe(`\
source_id,readings,total_kWh,first,last,interval_minutes,interval_share,interval_changes,expected_readings,present_readings,coverage,gap_count,gap_minutes,longest_gap_minutes,doubled_quarter_hours,extra_readings,negative_quarter_hours,negative_kWh,hours,empty_hours,empty_hours_share
'=few,2,2.125,2024-01-05T01:00:00+01:00,2024-01-05T02:00:00+01:00,,,0,,,,,,,,,0,0,744,742,0.9974
DE00056266802AO6G56M11SN51G21M24S,2976,3162,2024-01-01T00:00:00+01:00,2024-01-31T23:45:00+01:00,15,1,0,2976,2976,1,0,0,0,0,0,0,0,744,0,0
DE00056266802AO6G56M11SN51G21M25S,2964,3149.25,2024-01-01T00:00:00+01:00,2024-01-31T23:45:00+01:00,15,0.9996,0,2976,2964,0.9959,1,180,180,0,0,0,0,744,3,0.0041
daily,25,26.5625,2024-01-01T00:00:00+01:00,2024-01-25T00:00:00+01:00,1440,1,0,31,25,0.8064,1,8640,8640,0,0,0,0,744,719,0.9664
set anew,1896,2014.5,2024-01-01T00:00:00+01:00,2024-01-31T23:45:00+01:00,15,1,1,1896,1896,1,0,0,0,0,0,0,0,744,0,0
silent,0,0,,,,,0,,0,0,1,44640,44640,0,0,0,0,744,744,1
twice,2988,3137.25,2024-01-01T00:00:00+01:00,2024-01-31T23:45:00+01:00,15,0.9959,0,2976,2976,1,0,0,0,12,12,12,-12,744,0,0
`);
  });

  test("of findings has a row for each", async () => {
    const { out } = await told(["meters.ndjson", ...DAYS, "--csv", "--findings"]);
    expect(out).toBe(`\
source_id,finding,from,to,minutes,readings
DE00056266802AO6G56M11SN51G21M25S,gap,2024-01-10T03:00:00+01:00,2024-01-10T06:00:00+01:00,180,12
daily,gap,2024-01-26T00:00:00+01:00,2024-02-01T00:00:00+01:00,8640,6
silent,gap,2024-01-01T00:00:00+01:00,2024-02-01T00:00:00+01:00,44640,
twice,doubled,2024-01-10T03:00:00+01:00,2024-01-10T06:00:00+01:00,180,12
`);
  });

  test("of nothing is its heading", async () => {
    expect((await told(["meters.ndjson", "--csv"], undefined, [])).out.split("\n").length).toBe(2);
    expect((await told(["meters.ndjson", "--csv", "--findings"], undefined, [])).out.split("\n").length).toBe(2);
  });
});

describe("JSON", () => {
  test("has all that was found", async () => {
    const { out } = await told(["meters.ndjson", ...DAYS, "--json"]);
    const { sources, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ timezone: "Europe/Berlin", from: "2024-01-01", to: "2024-01-31" });
    expect(sources.map(({ source_id }: { source_id: string }) => source_id)).toEqual(Object.keys(METERS).sort());
    expect(sources[4]).toMatchObject({
      interval_minutes: 15,
      interval_changes: 1,
      intervals: [
        { from: "2024-01-01T00:00:00+01:00", minutes: 60 },
        { from: "2024-01-16T00:00:00+01:00", minutes: 15 },
      ],
    });
    expect(sources[6]).toMatchObject({
      ...{
        total_kWh: "3137.25",
        coverage: 1,
        negative_kWh: "-12",
        gaps: [],
        gaps_not_listed: 0,
        doubled_not_listed: 0,
      },
      doubled: [{ from: "2024-01-10T03:00:00+01:00", to: "2024-01-10T06:00:00+01:00", minutes: 180, readings: 12 }],
    });
    expect(sources[0]).toMatchObject({ interval_minutes: null, coverage: null, gap_count: null, gaps: [] });
  });

  test("of nothing has no sources", async () => {
    const { out } = await told(["meters.ndjson", "--json"], undefined, []);
    expect(JSON.parse(out)).toEqual({ timezone: "UTC", from: null, to: null, sources: [] });
  });
});

describe("wrong usage", () => {
  test.each([
    [["meters.ndjson", "--csv", "--json"], "choose one"],
    [["meters.ndjson", "--json", "--findings"], "--findings goes with --csv or the table"],
    [["meters.ndjson", "--by-source"], "unknown option"],
    [["meters.ndjson", "--from", "2024-02-01", "--to", "2024-01-01"], "is after"],
    [["meters.ndjson", "--max-findings", "-1"], "whole number"],
    [[], "no INPUT"],
  ])("%j is refused", async (args, words) => {
    const { status, err, out } = await told(args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(words);
  });
});

test("the log as JSON has the numbers of what is said", async () => {
  const { err } = await told(["meters.ndjson", ...DAYS, "--log-format", "json"]);
  expect(JSON.parse(err)).toMatchObject({
    code: "done",
    ...{
      sources: 7,
      complete: 2,
      with_gaps: 3,
      with_doubled: 1,
      with_negative: 1,
      with_too_few: 1,
      without_reading: 1,
    },
  });
});

test("bad records end it, or are set aside", async () => {
  const readings = [...READINGS, { timestamp: "31/01/2024", kWh_value: 1 }];
  const failed = await told(["meters.ndjson"], undefined, readings);
  expect([failed.status, failed.out]).toEqual([1, ""]);
  const skipped = await told(["meters.ndjson", ...DAYS, "--on-error", "skip"], undefined, readings);
  expect([skipped.status, skipped.out]).toEqual([0, (await told(["meters.ndjson", ...DAYS])).out]);
  expect(skipped.err).toContain("warning: 1 bad record was set aside");
});

test("the command reads standard input", () =>
  inFolder(async (folder) => {
    const lines = READINGS.map((reading) => `${JSON.stringify(reading)}\n`).join("");
    const ended = await electro(["quality", "-", ...DAYS], folder, Buffer.from(lines));
    expect([ended.status, ended.stdout]).toEqual([0, (await told(["meters.ndjson", ...DAYS])).out]);
  }));

describe("a store", () => {
  /** The readings as a store's cells. */
  const cells = READINGS.map(({ meter_id, timestamp, kWh_value }) => ({
    source: meter_id,
    slot: Math.floor(Date.parse(timestamp) / 900_000),
    energy: BigInt(kWh_value * 10_000) * 10n ** 14n,
    count: 1,
  }));

  test("has the quality of the files that were loaded", () =>
    inFolder(async (folder) => {
      const url = `duckdb:${join(folder, "electro.duckdb")}`;
      const store = await openStore(url);
      await store.ingest(batchOf(cells.filter((_, n) => n % 3 !== 0)));
      await store.ingest(batchOf(cells.filter((_, n) => n % 3 === 0)));
      await store.close();
      for (const args of [DAYS, [...DAYS, "--csv"], ["--json"], ["--findings"]]) {
        const files = await told(["meters.ndjson", ...args]);
        expect(await told(["--store", url, ...args])).toEqual(files);
      }
    }));

  test("is not made where there is none", () =>
    inFolder(async (folder) => {
      const url = `duckdb:${join(folder, "electro.duckdb")}`;
      const { status, err } = await told(["--store", url]);
      expect([status, readdirSync(folder)]).toEqual([1, []]);
      expect(err).toContain(`there is no store ${url}`);
    }));

  test.each([
    [["meters.ndjson", "--store", "duckdb:electro.duckdb"], "not at both"],
    [["--store", "duckdb:electro.duckdb", "--decimal-comma"], "--decimal-comma is about reading files"],
    [["--store", "sqlite:electro.db"], 'an address begins with "duckdb:"'],
  ])("%j is refused", async (args, words) => {
    const { status, err } = await told(args);
    expect(status).toBe(2);
    expect(err).toContain(words);
  });
});
