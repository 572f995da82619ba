/** Profiles that come with Electro: each of them, with its sample; what they say is export; and rows that may be short. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { shippedProfiles, textOfShipped } from "../../dist/jobs/profiles.js";
import { electro, inFolder } from "../oracle/electro.js";
import { readFolder } from "../oracle/golden.js";
import { cases, run } from "./profiles-support.js";

describe("a profile that comes with Electro", () => {
  const validate = new Ajv.default().compile(
    JSON.parse(readFileSync(new URL("../../profiles/schema.json", import.meta.url), "utf8")),
  );
  const all = [...shippedProfiles().values()];

  test.each(all.map((profile) => [profile.name, profile] as const))("%s: is as the schema has it", (name, profile) => {
    expect([validate(JSON.parse(textOfShipped(name))), validate.errors]).toEqual([true, null]);
    expect(profile.title).toMatch(/^\S.{10,200}[^.]$/);
  });

  test("has golden cases", () => expect(cases.length).toBeGreaterThan(5));

  test.each(cases.map((golden) => [golden.name, golden] as const))(
    "%s: gives the same files as its options do, written out",
    (_, golden) =>
      inFolder(async (folder) => {
        const args = ["aggregate", ...golden.written, "--profile", "none", "-o", folder];
        const { status, stderr } = await electro(args, golden.folder);
        expect([status, stderr]).toEqual([0, expect.not.stringContaining("read as")]);
        expect(Object.fromEntries(readFolder(folder))).toEqual(Object.fromEntries(golden.expected));
      }),
  );

  test.each(cases.map((golden) => [golden.name, golden] as const))(
    "%s: is read without options, or the message names those that are needed",
    async (_, golden) => {
      const files = { "a.csv": readFileSync(join(golden.folder, "readings.csv"), "utf8") };
      const needed = golden.args.slice(1).filter((arg) => !/^--(timezone|by-source)/.test(arg));
      const { status, stderr } = await run(files, ["a.csv", "--by-source"]);
      expect(status, stderr).toBe(needed.length === 0 ? 0 : 1);
      for (const arg of needed) expect(stderr).toContain(arg.slice(0, arg.indexOf("=")));
      const followed = await run(files, ["a.csv", "--by-source", ...needed]);
      expect([followed.status, followed.manifest.totals.rejected]).toEqual([0, 0]);
    },
  );

  test("has headers that no other has", () => {
    const headers = all.flatMap((profile) => profile.headers.map((header) => JSON.stringify(header)));
    expect(headers.filter((header, n) => headers.indexOf(header) < n)).toEqual([]);
  });

  test("the schema refuses what is no profile", () => {
    for (const wrong of [
      { header: [] },
      { options: { timezone: "UTC" } },
      { options: { unit: "kW h" } },
      { needs: { x: "" } },
    ])
      expect(validate(wrong), JSON.stringify(wrong)).toBe(false);
  });
});

describe("rows that are shorter than the header", () => {
  const HEADER = "TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES\n";
  const day = (hour: number, rest: string) => `Electric usage,2024-06-30,0${hour}:00,0${hour}:59,${rest}\n`;
  const rows = day(1, "0.5,$0.10,") + day(2, "0.25,$0.10") + day(3, "0.125") + day(4, "1,$0.10,estimated");

  test("are read where a profile says so, as if the cells were empty", async () => {
    const { hours, stderr } = await run({ "a.csv": HEADER + rows }, ["a.csv", "--timezone", "UTC"]);
    expect(hours.map((row) => row.slice(11))).toEqual([
      ...["01:00:00Z,0.5", "02:00:00Z,0.25", "03:00:00Z,0.125", "04:00:00Z,1"],
    ]);
    expect(stderr).not.toContain("warning");
  });

  test("are bad where a needed cell is missing", async () => {
    const { status, stderr } = await run({ "a.csv": `${HEADER}${rows}Electric usage,2024-06-30,05:00,05:59\n` }, [
      "a.csv",
    ]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("(line 6): 4 cells where the header has 7")]);
  });

  test("are bad without a profile that says so", async () => {
    const mine = { options: { timestampField: "t", valueField: "v" } };
    const files = { "a.csv": "t,v,note\n2024-06-30T00:00Z,1\n", "no.json": JSON.stringify(mine) };
    const yes = { "yes.json": JSON.stringify({ ...mine, shortRows: true }) };
    expect((await run(files, ["a.csv", "--profile", "./no.json"])).stderr).toContain("2 cells where the header has 3");
    const read = await run({ ...files, ...yes }, ["a.csv", "--profile", "./yes.json"]);
    expect(read.hours).toEqual(["2024-06-30T00:00:00Z,1"]);
  });
});

describe("export that a profile marks", () => {
  const marked = cases.filter(
    ({ name }) => shippedProfiles().get(name.replace("profile-", ""))?.exportMark !== undefined,
  );
  const IS_EXPORT = /EXPORT|PROD|Generation|Injecti|Returned|Teruglevering|Exported|Active Export/;
  const amount = (text: string) => {
    const [, sign = "", whole = "", part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)!;
    return BigInt(`${sign}${whole}${part.padEnd(18, "0")}`);
  };

  /** The energy of a day, from rows by source, in units of 10⁻¹⁸ kWh. */
  function byDirection(daily: string): { export: bigint; consumption: bigint } {
    const rows = daily.split("\n").slice(1, -1);
    const sum = (isExport: boolean) =>
      rows
        .filter((row) => IS_EXPORT.test(row) === isExport)
        .reduce((all, row) => all + amount(row.slice(row.lastIndexOf(",") + 1)), 0n);
    return { export: sum(true), consumption: sum(false) };
  }

  test("is in the samples", () => expect(marked.length).toBeGreaterThan(6));

  test.each(marked.map((golden) => [golden.name, golden] as const))(
    "%s: counts as it is asked, and the run stops where that is not said",
    async (_, golden) => {
      const files = { "a.csv": readFileSync(join(golden.folder, "readings.csv"), "utf8") };
      const args = ["a.csv", ...golden.args.slice(1).filter((arg) => arg !== "--by-source")];
      const { export: exported, consumption } = byDirection(golden.expected.get("daily_data.csv") as string);
      expect(exported > 0n).toBe(true);
      const total = async (...more: string[]) => amount((await run(files, [...args, ...more])).manifest.totals.kWh);
      expect(await total("--export", "subtract")).toBe(consumption - exported);
      expect(await total("--export", "add")).toBe(consumption + exported);
      const skipped = await run(files, [...args, "--export", "skip"]);
      expect(amount(skipped.manifest.totals.kWh)).toBe(consumption);
      const left = [...golden.expected.values()].join("\n");
      expect([left !== "", skipped.manifest.totals.leftOut.export > 0]).toEqual([true, true]);
      const asked = await run(files, args);
      expect([asked.status, asked.stderr]).toEqual([
        ...[
          1,
          expect.stringMatching(/both consumption and export, .*--export subtract .*--export add .*--export skip /),
        ],
      ]);
    },
    30_000,
  );

  const NET = "TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh)\n";
  const row = (hour: string, values: string) => `Electric usage,2024-06-30,${hour}:00,${hour}:59,${values}\n`;

  test("needs no choice where it is 0 throughout", async () => {
    const none = await run({ "a.csv": NET + row("01", "0.5,0.00") + row("02", "0.25,0") }, ["a.csv"]);
    expect(none.hours).toEqual(["2024-06-30T01:00:00Z,0.5", "2024-06-30T02:00:00Z,0.25"]);
  });

  const NEM_EXPORT = "200,6305000123,B1,1,B1,N1,M1,kWh,240,\n300,20240630,1,2,3,4,5,6,A\n";
  const OUT = NET + row("01", "0,0.5") + row("02", "0,0.25");
  const ONLY_OUT = { options: { timestampField: "t", valueField: "out" }, export: { columns: ["out"] } };
  const MINE = "t,out\n2024-06-30T01:00:00Z,0.5\n";

  test("alone is a sum like any other, in a table and in NEM12, and needs a choice beside consumption of any form", async () => {
    const files = {
      "p.json": JSON.stringify(ONLY_OUT),
      "a.csv": MINE,
      "b.csv": NEM_EXPORT,
      "c.ndjson": '{"t":"2024-06-30T01:00:00Z","out":"0.25"}\n',
      "d.ndjson": '{"t":"2024-06-30T01:00:00Z","out":"0"}\n',
      "in.csv": NET + row("01", "0.5,0"),
      "out.csv": OUT,
    };
    const own = ["--profile", "p.json"];
    const total = async (...args: string[]) => {
      const { status, stderr, manifest } = await run(files, args);
      return status === 0 ? manifest.totals.kWh : /consumption and export/.test(stderr) ? "asks" : stderr;
    };
    expect(await total("a.csv", ...own)).toBe("0.5");
    expect(await total("a.csv", ...own, "--export", "subtract")).toBe("-0.5");
    expect(await total("b.csv")).toBe("21");
    expect(await total("a.csv", "b.csv", "c.ndjson", "d.ndjson", ...own)).toBe("21.75");
    // Both kinds, in one file, in two, and in formats of two kinds.
    expect(await total("out.csv")).toBe("asks");
    expect(await total("in.csv")).toBe("0.5");
    expect(await total("in.csv", "out.csv")).toBe("asks");
    expect(await total("in.csv", "b.csv")).toBe("asks");
    expect(await total("in.csv", "b.csv", "--export", "subtract")).toBe("-20.5");
    // An option without effect is told, but not where the export is 0.
    const warned = async (...args: string[]) => /no_export|changed nothing/.test((await run(files, args)).stderr);
    for (const rule of ["skip", "add", "subtract"])
      for (const workers of ["1", "2"]) {
        const option = ["--export", rule, "--workers", workers];
        expect([await warned("d.ndjson", ...own, ...option), await warned("b.csv", ...option)]).toEqual([false, false]);
        expect(await warned("c.ndjson", "b.csv", ...own, ...option)).toBe(false);
        expect(await warned("c.ndjson", "--value-field", "out", "--timestamp-field", "t", ...option)).toBe(true);
      }
    const mixed = { ...files, "m.json": JSON.stringify({ ...ONLY_OUT, export: { field: "way", values: ["out"] } }) };
    const lines = Array.from({ length: 9 }, () => `{"t":"2024-06-30T01:00:00Z","out":1,"way":"out"}\n`).join("");
    const far = await run({ ...mixed, "e.ndjson": `${lines}{"t":"2024-06-30T01:00:00Z","out":1,"way":"in"}\n` }, [
      "e.ndjson",
      "--profile",
      "m.json",
    ]);
    expect([far.status, far.stderr]).toEqual([1, expect.stringContaining("consumption and export")]);
    expect((await run({ ...mixed, "e.ndjson": lines }, ["e.ndjson", "--profile", "m.json"])).manifest.totals.kWh).toBe(
      "9",
    );
  });

  test("of a large file alone, and before a last row of consumption, is told alike on one thread and on several", async () => {
    const record = (way: string, n: number) =>
      `{"t":"2024-06-30T01:00:00Z","out":1,"way":"${way}","x":"${"x".repeat(9000)}${n}"}\n`;
    const out = Array.from({ length: 2000 }, (_, n) => record("out", n)).join("");
    const profile = JSON.stringify({ ...ONLY_OUT, export: { field: "way", values: ["out"] } });
    for (const workers of ["1", "3"]) {
      const args = ["a.ndjson", "--profile", "p.json", "--workers", workers];
      const alone = await run({ "p.json": profile, "a.ndjson": out }, args);
      expect(alone.manifest.totals.kWh).toBe("2000");
      for (const text of [out + record("in", 1), record("in", 1) + out])
        expect((await run({ "p.json": profile, "a.ndjson": text }, args)).stderr).toContain("consumption and export");
    }
  });

  test("of power is subtracted to the last digit", async () => {
    const kw = (value: string, type: string) => `1,7,${value},Active ${type} Interval (kW),31-01-2024 10:30\n`;
    const text = `MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n${kw("1.000000000000000001", "Import")}${kw("3.0000000000000000011", "Export")}`;
    const { hours } = await run({ "a.csv": text }, ["a.csv", "--profile", "esb-kw", "--export", "subtract"]);
    // Half of 1e-18 is rounded to the even neighbour, which is 0; half of 1.1e-18 is rounded up.
    expect(hours).toEqual(["2024-01-31T10:00:00Z,-1.000000000000000001"]);
  });

  test("of a profile in a file, in columns by patterns and in JSON", async () => {
    const mine = {
      options: { timestampField: "t", valueField: ["in*", "out*"] },
      export: { columns: ["out*"] },
    };
    const files = {
      "mine.json": JSON.stringify(mine),
      "a.csv": "t,in 1,out 1,out 2\n2024-01-31T00:00:00Z,5,1,2\n",
      "b.ndjson": '{"t":"2024-01-31T00:30:00Z","in":7,"out":0.5}\n',
    };
    const args = ["a.csv", "b.ndjson", "--profile", "mine.json"];
    expect((await run(files, [...args, "--export", "subtract"])).hours).toEqual(["2024-01-31T00:00:00Z,8.5"]);
    const skipped = await run(files, [...args, "--export", "skip"]);
    expect([skipped.hours, skipped.manifest.totals.leftOut]).toEqual([["2024-01-31T00:00:00Z,12"], { export: 3 }]);
    expect((await run(files, args)).stderr).toContain("--export subtract");
    const records = { options: { timestampField: "t", valueField: "v" }, export: { field: "way", values: ["out"] } };
    const lines = ["in", "out"].map((way) => `{"t":"2024-01-31T00:30:00Z","v":"0.1","way":"${way}"}\n`).join("");
    const rest = { "r.json": JSON.stringify(records), "c.ndjson": lines };
    expect((await run(rest, ["c.ndjson", "--profile", "r.json", "--export", "add"])).hours).toEqual([
      "2024-01-31T00:00:00Z,0.2",
    ]);
  });

  test("of a large export counts alike on one thread and on several", async () => {
    const rows = Array.from({ length: 4000 }, (_, n) => {
      const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(n / 24))).toISOString().slice(0, 10);
      const hour = String(n % 24).padStart(2, "0");
      return `Electric usage,${day},${hour}:00,${hour}:59,${n % 7}.5,${n % 5}.25,${"x".repeat(9000)}`;
    });
    const text = `TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),NOTES\n${rows.join("\n")}\n`;
    const args = ["a.csv", "--export", "subtract", "--workers"];
    const [one, three] = [await run({ "a.csv": text }, [...args, "1"]), await run({ "a.csv": text }, [...args, "3"])];
    expect([one.status, three.hours, three.stderr]).toEqual([0, one.hours, one.stderr]);
  });
});
