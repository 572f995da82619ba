// slow: not of the fast lane
import { readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run as runHere } from "../../../dist/cli/program.js";
import { openStore } from "../../../dist/store/open.js";
import { energyText } from "../../../dist/tally/energy.js";
import { electro, inFolder } from "../../oracle/electro.js";
import { type FakeWorld, fakeWorld } from "../fake-world.js";

const HOUR = (hour: number, kWh: string, id = "m") =>
  `{"timestamp":"2024-01-31T${String(hour).padStart(2, "0")}:00Z","kWh_value":${kWh},"meter_id":"${id}"}\n`;

/** Runs the command in a folder with these files. */
async function inFiles(files: Record<string, string>, use: (kit: Kit) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    for (const [name, text] of Object.entries(files)) write(name, text);
    const store = `duckdb:${join(folder, "electro.duckdb")}`;
    const run = async (...args: string[]) => {
      const world: FakeWorld = { ...fakeWorld(), cwd: folder };
      const status = await runHere([...args, ...(args.includes("--store") ? [] : [`--store=${store}`])], world);
      return { status, stdout: world.stdout.text, stderr: world.stderr.text };
    };
    const total = async () => {
      const opened = await openStore(store);
      const { energy } = await opened.state();
      await opened.close();
      return energyText(energy);
    };
    await use({ folder, write, run, total });
  });
}

interface Kit {
  readonly folder: string;
  write(name: string, text: string): void;
  /** The command in this process, on a store of its own. */
  run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }>;
  /** kWh that the store has. */
  total(): Promise<string>;
}

describe("electro load", () => {
  test("says once that inputs without a source are of the same times, and nothing of months that follow each other", () => {
    const nameless = (hours: number[]) => hours.map((hour) => HOUR(hour, "1", "")).join("");
    const files = {
      "a.ndjson": nameless([0, 1, 2, 3, 4]),
      "b.ndjson": nameless([4, 5, 6, 7]),
      "c.ndjson": nameless([8, 9]),
      "d.ndjson": nameless([2, 3, 5]),
      "e.ndjson": nameless([6, 7]),
      "m.ndjson": HOUR(1, "1") + HOUR(7, "1"),
    };
    return inFiles(files, async ({ run }) => {
      const apart = await run("load", "a.ndjson", "b.ndjson", "c.ndjson", "m.ndjson", "--log-format", "json");
      expect(apart.stderr).not.toContain("unnamed_sources");
      const together = await run("load", ...Object.keys(files), "--store", "duckdb:t.duckdb");
      const said = together.stderr.split("\n").filter((line) => line.includes("without a source at the same times"));
      expect(said).toEqual([expect.stringContaining("a.ndjson and d.ndjson, and 2 other inputs have readings")]);
      const strict = await run("load", "a.ndjson", "d.ndjson", "c.ndjson", "--strict", "--store", "duckdb:s.duckdb");
      expect([strict.status, strict.stderr]).toEqual([1, expect.stringContaining("3 inputs: 2 added, 1 not loaded")]);
    });
  });

  test("adds what is new, says what was there already, and sums up", () =>
    inFiles(
      { "a.ndjson": HOUR(1, "1.5"), "b.ndjson": HOUR(2, "2") + HOUR(3, "2", "n") },
      async ({ run, write, total, folder }) => {
        expect(await electro(["load", "a.ndjson"], folder)).toEqual({
          status: 0,
          stdout: "",
          stderr: [
            "1 input: 1 added",
            "1 reading added · total 1.5 kWh",
            "duckdb:electro.duckdb has 1 reading of 1 source in 1 batch",
            "",
          ].join("\n"),
        });
        const second = await run("load", "a.ndjson", "b.ndjson");
        expect(second.stderr).toContain("2 inputs: 1 added, 1 already loaded\n2 readings added · total 4 kWh\n");
        // It is known by its content, whatever its name and times are.
        write("c.ndjson", HOUR(1, "1.5"));
        const third = await run("load", "c.ndjson", "-v");
        expect(third.stderr).toMatch(/c\.ndjson: there, batch .+\n1 input: 1 already loaded\n0 readings added/);
        expect(await total()).toBe("5.5");
      },
    ));

  test("a file of a folder that cannot be read keeps no other out", () =>
    inFiles({ "good.ndjson": HOUR(1, "1") }, async ({ run, total, folder }) => {
      symlinkSync("gone", join(folder, "broken.ndjson"));
      const { status, stderr } = await run("load", ".");
      expect(status).toBe(1);
      expect(stderr).toContain("error: ./broken.ndjson: it is a link to something that is not there\n");
      expect(stderr).toContain("2 inputs: 1 added, 1 not loaded\n");
      expect(stderr).toContain("error: 1 of 2 inputs failed; the other was loaded\n");
      expect(await total()).toBe("1");
    }));

  test("a file that was touched only is there already", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, folder }) => {
      await run("load", "a.ndjson");
      utimesSync(join(folder, "a.ndjson"), 1e9, 1e9);
      expect((await run("load", "a.ndjson")).stderr).toContain("1 input: 1 already loaded");
    }));

  test("a file that has changed is an error that names the choice, and keeps no other out", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, write, total }) => {
      await run("load", "a.ndjson");
      write("a.ndjson", HOUR(1, "10"));
      write("b.ndjson", HOUR(2, "100"));
      const { status, stderr } = await run("load", "a.ndjson", "b.ndjson");
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^error: a\.ndjson: it has changed since it was loaded \(batch .+ of \d{4}-.+\), .*--replace .*--again/,
      );
      expect(stderr).toContain("2 inputs: 1 added, 1 not loaded\n");
      expect(stderr).toContain("error: 1 of 2 inputs failed; the other was loaded\n");
      expect(await total()).toBe("101");
      const replaced = await run("load", "a.ndjson", "b.ndjson", "--replace");
      expect(replaced.stderr).toContain("2 inputs: 1 replacing what was loaded before, 1 already loaded\n");
      expect(await total()).toBe("110");
    }));

  test("--again counts what it was and what it is, but nothing twice", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, write, total }) => {
      await run("load", "a.ndjson");
      write("a.ndjson", HOUR(1, "10"));
      expect((await run("load", "a.ndjson", "--again")).status).toBe(0);
      expect((await run("load", "a.ndjson", "--again")).stderr).toContain("1 already loaded");
      expect(await total()).toBe("11");
      // Which of the two would a third take the place of?
      write("a.ndjson", HOUR(1, "100"));
      const { status, stderr } = await run("load", "a.ndjson", "--replace");
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/several of its batches count \(batch .+, batch .+\)/),
      ]);
    }));

  test("--replace goes there and back", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, write, total }) => {
      for (const kWh of ["1", "10", "1", "10"]) {
        write("a.ndjson", HOUR(1, kWh));
        expect((await run("load", "a.ndjson", "--replace")).status).toBe(0);
        expect(await total()).toBe(kWh);
      }
    }));

  test("a file that says now what another one said takes its own past away only", () =>
    inFiles({ "a.ndjson": HOUR(1, "1"), "b.ndjson": HOUR(1, "10") }, async ({ run, write, total }) => {
      await run("load", "a.ndjson", "b.ndjson");
      write("a.ndjson", HOUR(1, "10"));
      expect((await run("load", "a.ndjson")).status).toBe(1);
      expect((await run("load", "a.ndjson", "--replace")).stderr).toContain("1 already loaded");
      expect(await total()).toBe("10");
    }));

  test("files that have changed places both count after --replace", () =>
    inFiles({ "a.ndjson": HOUR(1, "1"), "b.ndjson": HOUR(1, "10") }, async ({ run, write, total }) => {
      await run("load", "a.ndjson", "b.ndjson");
      write("a.ndjson", HOUR(1, "10"));
      write("b.ndjson", HOUR(1, "1"));
      expect((await run("load", "a.ndjson", "b.ndjson", "--replace")).status).toBe(0);
      expect(await total()).toBe("11");
      expect((await run("load", "a.ndjson", "b.ndjson")).stderr).toContain("2 already loaded");
    }));

  test("files that have come to say the same count once after --replace, whatever they said before", () =>
    inFiles({ "a.ndjson": HOUR(1, "1"), "b.ndjson": HOUR(1, "10") }, async ({ run, write, total }) => {
      await run("load", "a.ndjson", "b.ndjson");
      for (const name of ["a.ndjson", "b.ndjson", "new.ndjson"]) write(name, HOUR(1, "100"));
      expect((await run("load", "new.ndjson", "a.ndjson", "b.ndjson", "--replace")).status).toBe(0);
      expect(await total()).toBe("100");
    }));

  test("what was retracted stays out, until --again", () =>
    inFiles({ "a.ndjson": HOUR(1, "1"), "b.ndjson": HOUR(2, "10") }, async ({ run, folder, total }) => {
      await run("load", "a.ndjson", "b.ndjson");
      const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`);
      const file = join(folder, "a.ndjson");
      const [batch] = (await store.read((reader) => reader.batchesOfFiles([file]))).get(file)!;
      await store.retract(batch!.id);
      await store.close();
      const { status, stderr } = await run("load", "a.ndjson", "b.ndjson");
      expect(status).toBe(0);
      expect(stderr).toMatch(/^warning: a\.ndjson: it was loaded before \(batch .+\) and retracted since, .*--again/);
      expect(stderr).toContain("2 inputs: 1 already loaded, 1 skipped");
      expect(await total()).toBe("10");
      await run("load", "a.ndjson", "--again");
      expect(await total()).toBe("11");
      expect((await run("load", "a.ndjson")).stderr).toContain("1 already loaded");
    }));

  test("the options that change the meaning are part of the content", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, total }) => {
      await run("load", "a.ndjson");
      expect((await run("load", "a.ndjson", "--unit", "MWh")).stderr).toContain("or is read with other options");
      expect((await run("load", "a.ndjson", "--unit", "MWh", "--replace")).status).toBe(0);
      expect(await total()).toBe("1000");
      expect((await run("load", "a.ndjson", "--unit", "MWh", "--on-error", "skip")).stderr).toContain(
        "1 already loaded",
      );
    }));

  test("an input with bad records is not loaded, or without them", () =>
    inFiles({ "bad.ndjson": `${HOUR(1, "1")}oops\n`, "good.ndjson": HOUR(2, "10") }, async ({ run, total, folder }) => {
      const { status, stderr } = await run("load", "bad.ndjson", "good.ndjson", "--rejects", "rejected.ndjson");
      expect(status).toBe(1);
      expect(stderr).toContain("bad.ndjson: record 2 (line 2): not JSON");
      expect(stderr).toContain(
        "error: bad.ndjson: 1 of 2 records is bad (1 not_json); it was not loaded. Bad records are kept in rejected.ndjson. --on-error skip sets bad records aside and loads the rest\n",
      );
      expect(JSON.parse(readFileSync(join(folder, "rejected.ndjson"), "utf8"))).toMatchObject({
        record: 2,
        reason: "not_json",
      });
      expect(await total()).toBe("10");
      const skipped = await run("load", "bad.ndjson", "--on-error", "skip");
      expect(skipped.status).toBe(0);
      expect(skipped.stderr).toContain("warning: bad.ndjson: 1 bad record was set aside\n");
      expect(skipped.stderr).toContain("1 reading added · total 1 kWh · 1 record rejected\n");
      expect(await total()).toBe("11");
    }));

  test("an input that cannot be read keeps no other out; alone it is the error", () =>
    inFiles(
      { "a.ndjson": HOUR(1, "1"), "broken.json": '[{"timestamp":"2024-01-31T01:00Z","kWh_value":1},' },
      async ({ run, total }) => {
        const { status, stderr } = await run("load", "broken.json", "a.ndjson");
        expect([status, stderr]).toEqual([1, expect.stringContaining("2 inputs: 1 added, 1 not loaded")]);
        expect(await total()).toBe("1");
        expect((await run("load", "broken.json")).stderr).toMatch(
          /^error: broken\.json: .*\n(.*\n)*error: 1 of 1 input failed\n$/,
        );
        expect(await run("load", "nowhere.json")).toMatchObject({
          status: 1,
          stderr: expect.stringContaining("nowhere.json"),
        });
      },
    ));

  test("an input without readings is none, so that it may grow", () =>
    inFiles({ "a.ndjson": "" }, async ({ run, write, total }) => {
      expect((await run("load", "a.ndjson")).stderr).toMatch(
        /^warning: a\.ndjson: there are no readings.*\n1 input: 1 without a reading\n/,
      );
      write("a.ndjson", HOUR(1, "1"));
      expect((await run("load", "a.ndjson")).status).toBe(0);
      expect(await total()).toBe("1");
    }));

  test("says what it made of timestamps without an offset", () => {
    const wall = (times: readonly string[]) =>
      times.map((time) => `{"timestamp":"${time}","kWh_value":1}\n`).join("") + HOUR(1, "1");
    const files = {
      "plain.ndjson": wall(["2024-01-31T13:00", "2024-01-31T13:15:30"]),
      "autumn.ndjson": wall(["2024-10-27T02:00:00", "2024-10-27T02:59:59.5", "2024-10-27T03:00:00"]),
      "spring.ndjson": wall(["2024-03-31T02:00:00", "2024-03-31T03:00:00"]),
    };
    return inFiles(files, async ({ run }) => {
      const said = async (...args: string[]) =>
        (await run("load", ...args)).stderr.split("\n").filter((line) => line.startsWith("warning: "));
      expect(await said("plain.ndjson")).toEqual([
        "warning: plain.ndjson: 2 timestamps without an offset were taken for UTC; say whose clock they are of with --input-timezone",
      ]);
      expect(await said("plain.ndjson", "--input-timezone", "UTC")).toEqual([]);
      expect(await said("autumn.ndjson", "spring.ndjson", "--input-timezone", "Europe/Berlin")).toEqual([
        "warning: autumn.ndjson: 2 timestamps without an offset are repeated by a clock change, and the order of the rows does not tell which time is meant, so the earlier was taken: no source on 2024-10-27; say otherwise with --repeated-hour",
        "warning: spring.ndjson: 1 timestamp without an offset is skipped by a clock change, and taken for the time after it",
      ]);
    });
  });

  test("records without a source count for the object around them", () =>
    inFiles(
      {
        "a.json": '{"readings":[{"timestamp":"2024-01-31T01:00Z","kWh_value":1}],"meter_id":"A"}',
        "b.json": '{"errors":[],"data":{"readings":[{"timestamp":"2024-01-31T01:00Z","kWh_value":2}],"meter_id":"B"}}',
        "c.json": '{"meter_id":true,"readings":[{"timestamp":"2024-01-31T01:00Z","kWh_value":4}]}',
      },
      async ({ run, total, folder }) => {
        const all = await run("load", "a.json", "b.json", "c.json");
        expect(all.status).toBe(1);
        expect(all.stderr).toContain("b.json: line 1, byte 1: this object's only array, /errors, is empty");
        expect(all.stderr).toContain("c.json: line 1, byte 13: meter_id true: a boolean");
        expect((await run("load", "b.json", "--records", "/data/readings")).status).toBe(0);
        expect(await total()).toBe("3");
        expect((await run("export", "--by-source", "-o", join(folder, "out"))).status).toBe(0);
        expect(readFileSync(join(folder, "out", "daily_data.csv"), "utf8")).toBe(
          "daily_timestamp,source_id,aggregated_kWh_value\n2024-01-31,A,1\n2024-01-31,B,2\n",
        );
      },
    ));

  test("standard input is an input", () =>
    inFolder(async (folder) => {
      const load = () => electro(["load", "-"], folder, Buffer.from(HOUR(1, "1")));
      expect((await load()).stderr).toContain("1 input: 1 added");
      expect((await load()).stderr).toContain("1 input: 1 already loaded");
    }));

  test("--json says what became of each input", () =>
    inFiles(
      { "a.ndjson": HOUR(1, "1.25"), "b.ndjson": HOUR(1, "1.25"), "c.ndjson": `${HOUR(2, "2")}!\n` },
      async ({ run }) => {
        const { status, stdout } = await run("load", "a.ndjson", "b.ndjson", "c.ndjson", "--json", "-q");
        expect(status).toBe(1);
        const batch = expect.stringMatching(/^1-/);
        expect(JSON.parse(stdout)).toEqual({
          inputs: [
            { name: "a.ndjson", outcome: "added", batch, readings: 1, kWh: "1.25", rejected: 0, rounded: 0 },
            { name: "b.ndjson", outcome: "there", batch, readings: 0, kWh: "0", rejected: 0, rounded: 0 },
            { name: "c.ndjson", outcome: "failed", batch: null, readings: 0, kWh: "0", rejected: 0, rounded: 0 },
          ],
          kWh: "1.25",
          store: { batches: 1, readings: 1, sources: 1, kWh: "1.25" },
        });
      },
    ));

  test("hundreds of small files, and the same again", () =>
    inFolder(async (folder) => {
      for (let n = 0; n < 300; n++) writeFileSync(join(folder, `${n}.json`), HOUR(n % 24, `${n}`, `m${n % 7}`));
      const store = "--store=duckdb:s.duckdb";
      expect((await electro(["load", ".", store], folder)).stderr).toContain(
        "300 inputs: 300 added\n300 readings added · total 44,850 kWh\n",
      );
      expect((await electro(["load", ".", store], folder)).stderr).toContain("300 inputs: 300 already loaded\n");
    }));

  test("with --strict loads no input that warnings are about, and all others", () =>
    inFolder(async (folder) => {
      const hours = Array.from({ length: 24 }, (_, n) => HOUR(n, String(1 + (n % 3)))).join("");
      writeFileSync(join(folder, "a.ndjson"), hours);
      writeFileSync(join(folder, "b.ndjson"), hours.replaceAll(" ", "").replaceAll('"m"', '"n"'));
      writeFileSync(join(folder, "c.ndjson"), '{"timestamp":"2024-02-01T13:00:00Z","kWh_value":1,"unit":"kW"}\n');
      writeFileSync(join(folder, "d.ndjson"), `\n${hours}`);
      const run = await electro(["load", "a.ndjson", "b.ndjson", "c.ndjson", "d.ndjson", "--strict"], folder);
      expect(run.status).toBe(1);
      expect(run.stderr).toContain("error: c.ndjson: --strict: 1 warning, so it was not loaded");
      expect(run.stderr).toContain("error: d.ndjson: --strict: 1 warning, so it was not loaded");
      expect(run.stderr).toMatch(/error: d\.ndjson: 24 quarter hours of source .* count already/);
      const loose = await electro(["load", "c.ndjson", "d.ndjson"], folder);
      expect(loose.status).toBe(0);
      expect(loose.stderr).toMatch(/warning: d\.ndjson: 24 quarter hours of source .* count already/);
    }));

  test.each([
    [["load"], "no INPUT"],
    [["load", "a.ndjson", "--replace", "--again"], "--replace and --again contradict each other"],
    [["load", "a.ndjson", "--timezone", "UTC"], "--timezone"],
    [["load", "a.ndjson", "--unit", "GJ"], "must be Wh, kWh, MWh, GWh, W, kW or MW"],
    [["load", "a.ndjson", "-q", "-v"], "--quiet and --verbose"],
  ])("%j is wrong usage", async (args, message) => {
    const world = fakeWorld();
    expect(await runHere(args, world)).toBe(2);
    expect(world.stderr.text).toContain(message);
  });

  test("a store may be named by its bare path", () =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run, folder }) => {
      const loaded = await run("load", "a.ndjson", "--store", "in-here");
      expect(loaded.stderr).toContain("in-here has 1 reading of 1 source in 1 batch\n");
      const checked = await run("check", "--store", `duckdb:${join(folder, "in-here")}`);
      expect(checked.stderr).toContain("every sum agrees");
    }));

  test.each([
    [
      "clickhouse://me@host:8123/electro",
      'an address begins with "duckdb:", as in duckdb:electro.duckdb, or is the path',
    ],
    ["postgres:x", 'store "postgres:x"'],
    ["duckdb:", "no file"],
  ])("--store %s is wrong usage", (store, message) =>
    inFiles({ "a.ndjson": HOUR(1, "1") }, async ({ run }) => {
      const { status, stderr } = await run("load", "a.ndjson", "--store", store);
      expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    }),
  );

  test("a file that is no store is left as it is", () =>
    inFiles({ "a.ndjson": HOUR(1, "1"), "notes.txt": "notes".repeat(5000) }, async ({ run, folder }) => {
      const { status, stderr } = await run("load", "a.ndjson", "--store", `duckdb:${join(folder, "notes.txt")}`);
      expect(status).toBe(1);
      expect(stderr).not.toMatch(/^ {4}at /m);
      expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("notes".repeat(5000));
    }));
});

test.each(["load", "export"])("electro %s has help", async (command) => {
  const world = fakeWorld();
  expect(await runHere([command, "--help"], world)).toBe(0);
  expect(world.stdout.text).toContain("--store URL");
  expect(world.stdout.text).toContain("Examples:");
});
