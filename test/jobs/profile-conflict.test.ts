/** An option that one file's profile asks for never shifts the hours of another file's profile without a word. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { quality } from "../../dist/jobs/library.js";
import { loadFiles } from "../../dist/jobs/load.js";
import type { AggregateOptions } from "../../dist/jobs/options.js";
import { electro, inFolder } from "../oracle/electro.js";

const OCTOPUS = "Consumption (kwh), Start, End\n0.25, 2024-01-31T00:00:00Z, 2024-01-31T00:30:00Z\n";
const LATER = "Consumption (kwh), Start, End\n0.5, 2024-01-31T00:30:00Z, 2024-01-31T01:30:00Z\n";
const ENEDIS = "Horodate;Valeur\n2024-01-31T00:30:00Z;1000\n";
const PLAIN = "timestamp,kWh_value\n2024-01-31T03:00:00Z,4\n";
const ENDS = { interval: "30m", stamps: "end" } as const;

/** Does a job in a folder that has all of the files. */
function withFiles<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    mkdirSync(join(folder, "in"));
    for (const [name, text] of Object.entries({ octopus: OCTOPUS, later: LATER, enedis: ENEDIS, plain: PLAIN }))
      writeFileSync(join(folder, `${name}.csv`), text);
    return use(folder);
  });
}

test.each<[names: string[], options: AggregateOptions]>([
  [["enedis.csv", "octopus.csv"], ENDS],
  [["octopus.csv", "enedis.csv"], ENDS],
  [["plain.csv", "octopus.csv"], { stamps: "end" }],
  [["plain.csv", "octopus.csv"], { interval: "1h" }],
])("%j with %j: the run stops, and names file, profile and option", (names, options) =>
  withFiles(async (folder) => {
    const context = { cwd: folder };
    const refused = {
      code: "profile_replaced",
      message: expect.stringMatching(
        /^octopus\.csv: it is read as octopus, and (interval: "\w+"|stamps: "end") replaces its endField: "End".*profile: "octopus"/,
      ),
    };
    await expect(aggregateFiles(names, options, context)).rejects.toMatchObject(refused);
    const paths = names.map((name) => join(folder, name));
    await expect(quality(paths, options)).rejects.toMatchObject({ code: "profile_replaced" });
    const { inputs, failures } = await loadFiles(names, { ...options, store: "duckdb:s.duckdb" }, context);
    expect(inputs.map(({ name, outcome }) => [name, outcome])).toEqual(
      names.map((name) => [name, name === "octopus.csv" ? "failed" : "added"]),
    );
    expect(failures).toMatchObject([refused]);
  }),
);

test("alone, and among files of the same profile, an option replaces it, and the run says so", () =>
  withFiles(async (folder) => {
    for (const names of [["octopus.csv"], ["octopus.csv", "later.csv"]]) {
      const { stderr, status } = await electro(["aggregate", ...names, "--stamps", "end", "--output", "out"], folder);
      expect([names, status]).toEqual([names, 0]);
      expect(stderr).toContain("read as octopus, and --stamps end replaces its --end-field End");
    }
    const { inputs } = await loadFiles(["octopus.csv"], { ...ENDS, store: "duckdb:s.duckdb" }, { cwd: folder });
    expect(inputs.map(({ outcome }) => outcome)).toEqual(["added"]);
  }));

test("files of different profiles are read together where no option replaces what one of them says", () =>
  withFiles(async (folder) => {
    const names = ["octopus.csv", "plain.csv", "later.csv"];
    for (const options of [{}, { unit: "Wh" }] as const) {
      const { manifest } = await aggregateFiles(names, options, { cwd: folder });
      expect([manifest.totals.kWh, manifest.warnings]).toEqual([options.unit === "Wh" ? "0.00475" : "4.75", []]);
    }
  }));
