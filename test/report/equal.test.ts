// slow
/** A report answers what a service with the same readings answers, whose answers other tests hold to the oracle. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aggregateFiles } from "../../dist/index.js";
import { extractOfRows } from "../../src/dashboard/data/hour-rows.js";
import { Local } from "../../src/dashboard/data/local.js";
import { zoneOf } from "../../src/time/zone.js";
import { type Ask, withApp } from "../service/in-process.js";
import { localOf } from "./support.js";

const QUARTER = 900;
const HOSTILE = '</script><script>alert(1)//\n", ,=𐍈';

/** Nine days around a clock change: by quarter hour and by hour, with gaps, negative and long values, and hostile ids. */
function lines(begin: string): string {
  const first = Date.parse(begin) / 1000;
  const all: string[] = [];
  const add = (second: number, kWh: string, source: string | undefined) =>
    all.push(
      `{"timestamp":"${new Date(second * 1000).toISOString()}","kWh_value":"${kWh}"${source === undefined ? "" : `,"source_id":${JSON.stringify(source)}`}}`,
    );
  for (let n = 0; n < 9 * 96; n++) {
    if (n % 97 !== 0 && (n < 300 || n > 350)) add(first + n * QUARTER, `${(n * 37) % 1000}.${n % 10}25`, "a");
    if (n % 4 === 0) add(first + n * QUARTER, `${((n * 7) % 40) - 12}.${String(n).padStart(18, "0")}`, HOSTILE);
    if (n % 3 === 0 && n > 200) add(first + n * QUARTER, n % 5 === 0 ? "-99999999999.000000000000000001" : "0", "=1+1");
    if (n === 500) add(first + n * QUARTER + 17, "1e-18", undefined);
  }
  return `${all.join("\n")}\n`;
}

const ZONES = [
  ["Europe/Berlin", "2026-10-21T00:00:00+02:00"],
  ["Australia/Lord_Howe", "2026-03-31T00:00:00+11:00"],
  ["UTC", "2026-02-20T00:00:00Z"],
] as const;

describe.each(ZONES)("a report in %s from %s", (zone, begin) => {
  const folder = mkdtempSync(join(tmpdir(), "electro-report-"));
  const input = join(folder, "in.ndjson");
  const body = lines(begin);
  let local: Local;
  beforeAll(async () => {
    writeFileSync(input, body);
    await aggregateFiles(input, { output: join(folder, "out"), report: join(folder, "r.html"), timezone: zone });
    local = localOf(readFileSync(join(folder, "r.html"), "utf8"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const day = (n: number) => new Date(Date.parse(begin) + n * 86_400_000).toISOString().slice(0, 10);
  const periods = [{}, { from: day(3), to: day(4) }, { from: day(-3), to: day(20) }];
  const choices = [["a"], [HOSTILE], ["=1+1", "a"], ["", "nobody"], ["nobody"]];
  // All sources in every period, and each choice of them in one.
  const questions = [
    ...periods.map((period) => ({ timezone: zone, sources: [] as string[], ...period })),
    ...choices.map((sources, n) => ({ timezone: zone, sources, ...periods[n % periods.length] })),
  ];
  type Asked = (typeof questions)[number] & { from?: string; to?: string };

  async function withReadings(use: (ask: Ask) => Promise<void>): Promise<void> {
    await withApp({}, async (ask) => {
      const headers = { "content-type": "application/x-ndjson" };
      const stored = await ask("POST", "/v1/readings", { body, headers });
      expect(stored.status, stored.text).toBe(201);
      await use(ask);
    });
  }

  function queryOf({ timezone, sources, from, to }: Asked, more: Record<string, string> = {}): string {
    const query = new URLSearchParams({ timezone, ...more });
    if (from !== undefined) query.set("from", from);
    if (to !== undefined) query.set("to", to);
    for (const source of sources) query.append("source", source);
    return query.toString();
  }

  test("has the service's profiles", () =>
    withReadings(async (ask) => {
      for (const question of questions)
        for (const bars of ["day", "week", "month", "year"] as const) {
          const { text } = await ask("GET", `/v1/profile?${queryOf(question, { bars })}`);
          const { unknown_sources: _, ...expected } = JSON.parse(text);
          // As it comes from JSON: a member that is undefined is none.
          const found = JSON.parse(JSON.stringify(await local.profile(question, bars)));
          expect(found, queryOf(question)).toEqual(expected);
        }
    }));

  test("has the service's rows and CSV, of all resolutions", () =>
    withReadings(async (ask) => {
      const calls = [
        ...([
          ["15min", "quarter-hourly"],
          ["hour", "hourly"],
          ["day", "daily"],
        ] as const),
        ...([
          ["week", "weekly"],
          ["month", "monthly"],
          ["year", "yearly"],
        ] as const),
      ];
      for (const question of questions)
        for (const [resolution, path] of calls)
          for (const bySource of [false, true]) {
            const by: Record<string, string> = bySource ? { by: "source" } : {};
            const asked = { ...question, bySource };
            const { text } = await ask("GET", `/v1/${path}?${queryOf(question, { ...by, with_counts: "true" })}`, {
              headers: { accept: "application/json" },
            });
            const expected = JSON.parse(text).rows.map((row: Record<string, string | number | boolean>) => ({
              label: Object.values(row)[0],
              source: row["source_id"] ?? "",
              kWh: row["aggregated_kWh_value"],
              readings: row["reading_count"],
              covered: row["covered"],
            }));
            expect(await local.rows(asked, resolution), `${path} ${queryOf(question)}`).toEqual(expected);
            if (!bySource && resolution !== "hour") continue;
            const csv = await ask("GET", `/v1/${path}?${queryOf(question, by)}`, { headers: { accept: "text/csv" } });
            expect(await (await local.csv(asked, resolution)).text()).toBe(csv.text);
          }
    }));

  test("has the service's sources", () =>
    withReadings(async (ask) => {
      for (const period of periods)
        for (const prefix of ["", "a", "=", "nobody"]) {
          const asked = { timezone: zone, sources: [], ...period };
          const query = queryOf(asked, { order: "total", ...(prefix === "" ? {} : { prefix }) });
          const { text } = await ask("GET", `/v1/sources?${query}`);
          expect(await local.sources({ ...asked, prefix }), query).toEqual(JSON.parse(text));
        }
    }));

  test("is what one sees who only looks at the file, but by hour", () =>
    withReadings(async (ask) => {
      const query = new URLSearchParams({ resolution: "hour", by: "source", with_counts: "true", timezone: zone });
      const { text } = await ask("POST", `/v1/aggregate?${query}`, {
        body,
        headers: { "content-type": "application/x-ndjson", accept: "application/json" },
      });
      const extract = extractOfRows(zoneOf(zone), JSON.parse(text).rows, true);
      const looked = new Local(extract, { title: "", lines: [], timezone: zone });
      for (const question of questions) {
        const asked = { ...question, bySource: true };
        expect(await looked.rows(asked, "hour")).toEqual(await local.rows(asked, "hour"));
        expect(await looked.rows(question, "month")).toEqual(await local.rows(question, "month"));
      }
      await expect(looked.rows(questions[0]!, "15min")).rejects.toThrow("by hour only");
    }));
});
