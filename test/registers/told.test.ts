/** What was found out about cumulative readings is counted and told, on every surface. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";
import { electro, inFolder } from "../oracle/electro.js";
import { send, withService } from "../service/support.js";

type Shown = [at: string, value: number];

const csv = (...readings: Shown[]) =>
  `timestamp,kWh_value\n${readings.map(([at, value]) => `${at}:00Z,${value}\n`).join("")}`;
const DAY = "2024-01-31T";

interface Case {
  readonly what: string;
  readonly body: string;
  /** As parameters. */
  readonly options?: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly kWh: string;
}

const CASES: readonly Case[] = [
  {
    what: "a reading that is lower for a moment, and a fall",
    body: csv(
      ...([
        [`${DAY}00:00`, 100],
        [`${DAY}01:00`, 0],
        [`${DAY}02:00`, 101],
        [`${DAY}03:00`, 7],
        [`${DAY}04:00`, 9],
      ] as Shown[]),
    ),
    counts: { blips: 1, falls: 1 },
    kWh: "3",
  },
  {
    what: "a display that passed its highest number",
    body: csv([`${DAY}00:00`, 99_999], [`${DAY}01:00`, 2]),
    options: "rollover=100000",
    counts: { rollovers: 1 },
    kWh: "3",
  },
  {
    what: "a counter that began again at 0",
    body: csv([`${DAY}00:00`, 5], [`${DAY}01:00`, 2]),
    options: "register=counter",
    counts: { restarts: 1 },
    kWh: "2",
  },
  {
    what: "readings more than 400 days apart",
    body: csv(["2022-01-31T00:00", 5], ["2024-01-31T00:00", 9]),
    counts: { gaps: 1 },
    kWh: "0",
  },
  {
    what: "energy that is dropped",
    body: csv([`${DAY}00:00`, 5], [`${DAY}01:00`, 6], [`${DAY}05:00`, 8]),
    options: "gap=2h&across=drop",
    counts: { dropped: 1 },
    kWh: "1",
  },
  {
    what: "energy that is put at the end",
    body: csv([`${DAY}00:00`, 5], [`${DAY}01:00`, 6], [`${DAY}05:00`, 8]),
    options: "gap=2h&across=end",
    counts: { atEnd: 1 },
    kWh: "3",
  },
  {
    what: "readings that differ at one instant",
    body: csv([`${DAY}00:00`, 5], [`${DAY}01:00`, 6], [`${DAY}01:00`, 7], [`${DAY}02:00`, 9]),
    options: "on_error=skip",
    counts: { conflicts: 1 },
    kWh: "4",
  },
  {
    what: "hours that got energy only by spreading over more than two hours",
    // 03:00 has a reading of its own on the way to 03:30, and 13:30 to 15:30 is two hours and no more.
    body: csv(
      ...([
        [`${DAY}03:00`, 5],
        [`${DAY}03:30`, 6],
        [`${DAY}13:30`, 16],
        [`${DAY}15:30`, 18],
      ] as Shown[]),
    ),
    counts: { spreadHours: 9 },
    kWh: "13",
  },
];

const paramsOf = (options = "") => new URLSearchParams(`values=register&${options}`);

describe.each(CASES)("$what", ({ body, options, counts, kWh }) => {
  test("is counted from code", async () => {
    const told = Object.fromEntries(
      [...paramsOf(options)].map(([name, value]) => [name === "on_error" ? "onError" : name, value]),
    );
    const found = await aggregate(Buffer.from(body), { ...told, maxDays: 1000 } as never);
    expect([found.registers, found.kWh]).toEqual([counts, kWh]);
  });

  test("is counted in the manifest, and told at the end", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "in.csv"), body);
      const flags = [...paramsOf(options)].map(([name, value]) => `--${name.replace("_", "-")}=${value}`);
      const { status, stderr } = await electro(["aggregate", "in.csv", ...flags, "--output", "out"], folder);
      expect([status, stderr]).toEqual([0, expect.stringContaining(`total ${kWh} kWh`)]);
      const { totals } = JSON.parse(readFileSync(join(folder, "out/manifest.json"), "utf8"));
      expect([totals.registers, totals.kWh]).toEqual([counts, kWh]);
      const [closing] = stderr.split("\n").filter((line) => line.startsWith("total "));
      for (const count of Object.values(counts)) expect(closing).toMatch(new RegExp(` · ${count} `));
    }));
});

test("what was found in a body is counted in a warning, which strict=true does not mind", () =>
  withService({}, async (service) => {
    const body = csv([`${DAY}00:00`, 5], [`${DAY}10:00`, 15]);
    const { status, json } = await send(service, "POST", "/v1/aggregate?resolution=day&values=register&strict=true", {
      body,
      headers: { "content-type": "text/csv", accept: "application/json" },
    });
    const told = { code: "register_counts", message: "of cumulative readings: 10 hours of sources only spread" };
    expect([status, json.warnings]).toEqual([200, [told]]);
  }));

test("nothing is said where nothing was found", async () => {
  const found = await aggregate(Buffer.from(csv([`${DAY}00:00`, 5], [`${DAY}01:00`, 6])), { values: "register" });
  expect([found.registers, found.warnings]).toEqual([undefined, []]);
});
