// slow: not of the fast lane
/** Runs that take too much memory: they merge on the disk, and their files are those of runs with plenty. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { exportFiles } from "../../dist/jobs/export.js";
import { loadFiles } from "../../dist/jobs/load.js";
import type { AggregateOptions } from "../../dist/jobs/options.js";
import type { RunEvent } from "../../dist/pipeline/event.js";
import { inFolder } from "../oracle/electro.js";
import { RESOLUTIONS } from "../oracle/options.js";
import { randomOf } from "../oracle/render.js";

/** Bytes of a thread: so little that a few hundred pages of cells are too much. */
const LITTLE = 300_000;

async function filesOf(folder: string, options: AggregateOptions, share?: number) {
  const output = "out";
  const events: RunEvent[] = [];
  await aggregateFiles(
    ["in"],
    { ...options, output },
    { cwd: folder, ...(share && { share }), onEvent: (event) => events.push(event) },
  );
  const files = readdirSync(join(folder, output)).sort();
  const merged = events.some((event) => event.kind === "detail" && event.message.includes("merged on the disk"));
  const rejected = events.filter((event) => event.kind === "rejected").length;
  return { merged, rejected, files: files.map((name) => [name, readFileSync(join(folder, output, name), "utf8")]) };
}

/** Writes files of readings at random times about an instant. */
function writeReadings(
  folder: string,
  seed: number,
  settings: { files: number; wall: boolean; about: number; bad: boolean; quarters?: number },
) {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const { quarters = 400 } = settings;
  mkdirSync(join(folder, "in"));
  for (let file = 0; file < settings.files; file++) {
    let text = "";
    for (let n = 0; n < 250; n++) {
      const second = settings.about + (below(quarters) - quarters / 2) * 900 + (below(4) === 0 ? below(900) : 0);
      const time = new Date(second * 1000).toISOString().slice(0, 19) + (settings.wall && below(3) > 0 ? "" : "Z");
      const value = below(20) === 0 ? `-${below(1e9)}e${below(8)}` : `${below(30)}.${below(1e6)}`;
      const id = below(9) === 0 ? "" : `,"meter_id":"m${below(60)}"`;
      text += `{"timestamp":"${settings.bad && below(90) === 0 ? "never" : time}","kWh_value":${value}${id}}\n`;
    }
    writeFileSync(join(folder, "in", `${String(file).padStart(3, "0")}.ndjson`), text);
  }
}

describe("a run that takes more memory than it may", () => {
  test("writes what a run with plenty writes, in any zone and period, by source and in all", async () => {
    const day = (about: number, days: number) => new Date(about * 1000 + days * 864e5).toISOString().slice(0, 10);
    const run = fc.record({
      seed: fc.integer({ min: 1 }),
      // Clocks change near by; two zones are off quarter hours then, and one goes back over midnight.
      place: fc.constantFrom(
        ...[
          ["UTC", "2024-02-29T00:00Z"],
          ["Europe/Berlin", "2024-10-27T00:00Z"],
          ["America/St_Johns", "2008-11-02T02:31Z"],
        ],
        ...[
          ["+05:37", "2024-01-01T00:00Z"],
          ["Australia/Lord_Howe", "2024-04-06T15:00Z"],
          ["Antarctica/Casey", "2010-03-04T15:00Z"],
        ],
        ...[
          ["Europe/Berlin", "2024-03-31T01:00Z"],
          ["Asia/Kathmandu", "1985-12-31T18:30Z"],
        ],
      ),
      wall: fc.boolean(),
      bad: fc.boolean(),
      inputTimezone: fc.constantFrom(undefined, undefined, "America/New_York", "America/St_Johns"),
      stamps: fc.constantFrom<"start" | "end">("start", "end"),
      bySource: fc.boolean(),
      resolutions: fc.constantFrom(undefined, RESOLUTIONS, ["15min" as const, "total" as const]),
      withCounts: fc.boolean(),
      period: fc.constantFrom("none", "none", "from", "to", "both"),
    });
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(
        run,
        async ({
          seed,
          place: [timezone, time],
          wall,
          bad,
          inputTimezone,
          stamps,
          bySource,
          resolutions,
          withCounts,
          period,
        }) => {
          const about = Date.parse(time) / 1000;
          const options: AggregateOptions = {
            ...{ timezone, stamps, bySource, resolutions, withCounts, onError: "skip" },
            ...(inputTimezone && { inputTimezone }),
            ...((period === "from" || period === "both") && { from: day(about, -1) }),
            ...((period === "to" || period === "both") && { to: day(about, 1) }),
          };
          await inFolder(async (folder) => {
            writeReadings(folder, seed, { files: 6, wall, about, bad });
            const plenty = await filesOf(folder, options);
            const little = await filesOf(folder, options, LITTLE);
            expect(little.files).toEqual(plenty.files);
            expect(plenty.merged).toBe(false);
            expect(little.rejected).toBe(plenty.rejected);
            if (little.merged) merged++;
          });
        },
      ),
      { numRuns: 8 },
    );
    // Of few sources, all may fit.
    expect(merged).toBeGreaterThan(1);
  });

  test.each([2, 3])("on %i threads", async (workers) => {
    await inFolder(async (folder) => {
      const about = Date.parse("2024-03-31T01:00Z") / 1000;
      writeReadings(folder, 7, { files: 500, wall: true, about, bad: true, quarters: 4000 });
      const options: AggregateOptions = { timezone: "Europe/Berlin", bySource: true, onError: "skip", workers };
      const plenty = await filesOf(folder, options);
      const little = await filesOf(folder, options, 1_500_000);
      expect(little.files).toEqual(plenty.files);
      expect(little.merged).toBe(true);
    });
  });

  test("leaves nothing behind, also where it fails, and takes away what a killed one left", async () => {
    await inFolder(async (folder) => {
      writeReadings(folder, 11, { files: 6, wall: false, about: 1.7e9, bad: true });
      mkdirSync(join(folder, "out"));
      writeFileSync(join(folder, "out", ".electro-cells-0.tmp"), "left");
      await expect(filesOf(folder, { bySource: true }, LITTLE)).rejects.toMatchObject({ code: "bad_records" });
      expect(readdirSync(join(folder, "out"))).toEqual([]);
    });
  });

  test("also where its cells come from a store", async () => {
    await inFolder(async (folder) => {
      writeReadings(folder, 13, { files: 6, wall: false, about: 1.7e9, bad: false });
      const store = `duckdb:${join(folder, "store.duckdb")}`;
      await loadFiles(["in"], { store }, { cwd: folder });
      for (const ask of [
        {},
        { resolutions: RESOLUTIONS },
        { from: "2023-11-14", sources: ["m1", "", "m2", "m59"] },
        { to: "2023-11-15" },
      ]) {
        const options = { store, bySource: true, withCounts: true, ...ask };
        const written: unknown[] = [];
        for (const memory of [1e9, 100_000, 1]) {
          const { manifest } = await exportFiles({ ...options, memory }, { cwd: folder });
          written.push([
            manifest,
            readdirSync(join(folder, "output_data")).map((name) =>
              readFileSync(join(folder, "output_data", name), "utf8"),
            ),
          ]);
        }
        expect(written[1]).toEqual(written[0]);
        expect(written[2]).toEqual(written[0]);
      }
    });
  });

  test("says so where sources alone are too much", async () => {
    await inFolder(async (folder) => {
      mkdirSync(join(folder, "in"));
      const lines = Array.from(
        { length: 20_000 },
        (_, n) => `{"timestamp":"2024-01-01T00:00Z","kWh_value":1,"meter_id":"${n}"}`,
      );
      writeFileSync(join(folder, "in", "many.ndjson"), lines.join("\n"));
      await expect(filesOf(folder, { bySource: true }, LITTLE)).rejects.toMatchObject({
        code: "memory",
        message: expect.stringMatching(/^telling the sources apart needs more than .* sum fewer sources at a time$/),
      });
    });
  });
});
