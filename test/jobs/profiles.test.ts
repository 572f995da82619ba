/** Profiles that are named, or written by users; and recognised exports elsewhere than in aggregate. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aggregate, quality } from "../../dist/index.js";
import { shippedProfiles } from "../../dist/jobs/profiles.js";
import { electro, inFolder } from "../oracle/electro.js";
import { readFolder } from "../oracle/golden.js";
import { withApp } from "../service/in-process.js";
import { ENEDIS, OCTOPUS, OCTOPUS_HOURS, run } from "./profiles-support.js";

describe("a profile that is named", () => {
  const MINE = { headers: [], options: { timestampField: "when", valueField: "kWh", decimalComma: true } };
  const TABLE = "when;kWh\n2024-01-31T00:00:00Z;1,5\n";

  test("may be a file, which recognises nothing by itself", async () => {
    const files = { "mine.json": JSON.stringify(MINE), "a.csv": TABLE };
    const { hours, manifest } = await run(files, ["a.csv", "--profile", "./mine.json"]);
    expect(hours).toEqual(["2024-01-31T00:00:00Z,1.5"]);
    expect([manifest.options.profile, manifest.options.timestampField]).toEqual(["./mine.json", "when"]);
    expect((await run({ ...files, "b.csv": OCTOPUS }, ["b.csv", "--profile", "./mine.json"])).status).toBe(1);
  });

  test("may be one that comes with Electro, shown and changed", async () => {
    await inFolder(async (folder) => {
      const shown = await electro(["profiles", "show", "octopus"], folder);
      const changed = JSON.parse(shown.stdout);
      changed.options.unit = "Wh";
      const files = { "mine.json": JSON.stringify(changed), "a.csv": OCTOPUS };
      const { hours } = await run(files, ["a.csv", "--profile", "mine.json"]);
      expect(hours).toEqual(["2024-01-31T00:00:00Z,0.0005", "2024-01-31T01:00:00Z,0.00025"]);
      const listed = await electro(["profiles"], folder);
      expect(listed.stdout.split("\n").filter((line) => line !== "")).toHaveLength(shippedProfiles().size);
      for (const args of [["show"], ["show", "octopos"], ["other"], ["show", "octopus", "enedis"]])
        expect((await electro(["profiles", ...args], folder)).status).toBe(2);
    });
  });

  test.each([
    ["octopos", undefined, "--profile octopos: there is no such profile; did you mean octopus?"],
    ["./none.json", undefined, "--profile ./none.json: there is no such file"],
    ["./p.json", "{", "is not JSON: "],
    ["./p.json", "[]", "is not an object; a profile has headers and options"],
    ["./p.json", '{"header":[]}', 'has a member "header"; there are '],
    ["./p.json", '{"title":1}', "has a title that is no string"],
    ["./p.json", '{"headers":["a"]}', "has headers that are not arrays of names"],
    ["./p.json", '{"headers":[[1]]}', "has headers that are not arrays of names"],
    ["./p.json", '{"options":[]}', "has options that are no object"],
    ["./p.json", '{"export":["a"]}', "has an export that is neither"],
    ["./p.json", '{"export":{"columns":["a"],"field":"b"}}', "has an export that is neither"],
    ["./p.json", '{"export":{"field":"b"}}', "has an export that is neither"],
    ["./p.json", '{"export":{"columns":["a"],"other":1}}', "has an export that is neither"],
    [
      "./p.json",
      '{"options":{"timestampFeld":"a"}}',
      '"timestampFeld" that does not say how to read; did you mean timestampField?',
    ],
    ["./p.json", '{"options":{"timezone":"UTC"}}', '"timezone" that does not say how to read'],
    ["./p.json", '{"options":{"profile":"octopus"}}', '"profile" that does not say how to read'],
    ["./p.json", '{"options":{"unit":"kW h"}}', "is wrong: the option unit must be"],
    [
      "./p.json",
      '{"options":{"stamps":"end","endField":"e"}}',
      "is wrong: the option endField must be an array of strings",
    ],
    ["./p.json", '{"options":{"timestampFormat":"%Q"}}', "%Q"],
    ["./p.json", '{"shortRows":1}', "has shortRows that are neither true nor false"],
    ["./p.json", '{"needs":{"stamps":1}}', "has needs that are not options with a reason each"],
    ["./p.json", '{"needs":{"stamp":"?"}}', '"stamp" that does not say how to read; did you mean stamps?'],
    ["./p.json", `${" ".repeat(1 << 20)}{}`, "is larger than 1 MiB; is it a profile?"],
  ])("%s: is refused, and the message says why: %#", async (profile, text, message) => {
    const files = { "a.csv": TABLE, ...(text !== undefined && { "p.json": text }) };
    const { status, stderr } = await run(files, ["a.csv", "--profile", profile]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    if (message !== "%Q") expect(stderr).toContain(`--profile ${profile}`);
  });
});

describe("elsewhere than in aggregate", () => {
  test("load, and the same files from the store", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "a.csv"), OCTOPUS);
      const load = async (...args: string[]) => electro(["load", "a.csv", "--store", "s.duckdb", ...args], folder);
      const first = await load("--json");
      expect(first.stderr).toContain("a.csv read as octopus\n1 input: 1 added\n2 readings added");
      expect(JSON.parse(first.stdout).inputs).toMatchObject([{ outcome: "added", profile: "octopus" }]);
      expect((await load()).stderr).toContain("1 already loaded");
      await electro(["export", "--store", "s.duckdb", "-o", "out"], folder);
      expect(readFolder(join(folder, "out")).get("hourly_data_31_01.csv")).toContain(OCTOPUS_HOURS.join("\n"));
    }));

  test("quality", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "a.csv"), OCTOPUS);
      const { status, stdout, stderr } = await electro(["quality", "a.csv"], folder);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/ 2 +0\.75\n/)]);
      expect(stderr).toContain("a.csv read as octopus\n");
      // A zone of its own comes before that of the days.
      const ameren = join(import.meta.dirname, "../golden/profile-ameren/readings.csv");
      const local = await electro(["quality", ameren, "--timezone", "America/New_York"], folder);
      expect(local.stdout).toContain("2024-03-30T01:00:00-04:00");
      const net = join(import.meta.dirname, "../golden/profile-dsmr-reader/readings.csv");
      expect((await electro(["quality", net], folder)).stdout.trim().split("\n")).toHaveLength(5);
    }));

  test("the library, with names and files", async () => {
    const sum = await aggregate(Buffer.from(OCTOPUS));
    expect([sum.kWh, sum.readAs.map(({ profile }) => profile)]).toEqual(["0.75", ["octopus"]]);
    expect((await aggregate(Buffer.from(OCTOPUS), { profile: "octopus", unit: "MWh" })).kWh).toBe("750");
    await expect(aggregate(Buffer.from(OCTOPUS), { profile: "none" })).rejects.toThrow('timestampField: "Start"');
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "a.csv"), OCTOPUS);
      expect((await quality([join(folder, "a.csv")])).sources).toMatchObject([{ energy: 750_000_000_000_000_000n }]);
    });
  });

  test("HTTP, where a profile is one that comes with Electro", () =>
    withApp({}, async (ask) => {
      const post = (query: string, body = OCTOPUS) =>
        ask("POST", `/v1/readings?dry_run=true${query}`, { body, headers: { "content-type": "text/csv" } });
      for (const query of ["", "&profile=octopus"]) {
        const { status, json } = await post(query);
        expect([status, json.readings, json.total_kWh]).toEqual([200, 2, "0.75"]);
        expect(json.read_as).toEqual(query === "" ? ["octopus"] : []);
      }
      const summed = await ask("POST", "/v1/aggregate?resolution=hour", {
        body: OCTOPUS,
        headers: { "content-type": "text/csv" },
      });
      expect(summed.json.rows.slice(0, 2)).toMatchObject([
        { aggregated_kWh_value: "0.5" },
        { aggregated_kWh_value: "0.25" },
      ]);
      const charger = readFileSync(new URL("../golden/profile-engie-nl/readings.csv", import.meta.url), "utf8");
      const source = encodeURIComponent("871600000000000001/Teruglevering");
      const selected = await ask("POST", `/v1/aggregate?resolution=total&export=add&source=${source}`, {
        body: charger,
        headers: { "content-type": "text/csv" },
      });
      expect(selected.json.rows).toMatchObject([{ aggregated_kWh_value: "1.5" }]);
      const net = readFileSync(new URL("../golden/profile-dsmr-reader/readings.csv", import.meta.url), "utf8");
      expect((await post("", net)).json).toMatchObject({ total_kWh: "1.071", readings: 8 });
      expect((await post("&export=subtract", net)).json).toMatchObject({ total_kWh: "-0.179", readings: 8 });
      expect((await post("&export=skip", net)).json).toMatchObject({ total_kWh: "0.446", left_out: { export: 4 } });
      const none = await post("&profile=none");
      expect([none.status, none.json.detail]).toEqual([422, expect.stringContaining("timestamp_field=Start")]);
      for (const profile of ["./octopus.json", "/etc/passwd", "octopos"]) {
        const refused = await post(`&profile=${encodeURIComponent(profile)}`);
        expect([refused.status, refused.json.code, refused.json.detail]).toEqual([
          ...[400, "bad_parameter", expect.stringContaining("there is no such profile")],
        ]);
      }
      const asked = await post("", ENEDIS);
      expect([asked.status, asked.json.detail]).toEqual([422, expect.stringContaining("stamps=start or stamps=end")]);
    }));
});
