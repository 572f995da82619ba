/** Exports that are recognised by their headers, and profiles that are named: read as their options say. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { aggregate, quality } from "../../dist/index.js";
import { planOf } from "../../dist/jobs/plan.js";
import { shippedProfiles, textOfShipped } from "../../dist/jobs/profiles.js";
import type { KnownTable } from "../../dist/scan/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import { electro, inFolder } from "../oracle/electro.js";
import { goldenCases, readFolder } from "../oracle/golden.js";
import { parseArgs } from "../oracle/options.js";
import { scanInput } from "../scan/both.mjs";
import { withApp } from "../service/in-process.js";

const cases = goldenCases().filter(({ name }) => name.startsWith("profile-"));

const OCTOPUS = `Consumption (kwh), Start, End
0.25, 2024-01-31T00:00:00+00:00, 2024-01-31T00:30:00+00:00
0.5, 2024-01-31T00:30:00+00:00, 2024-01-31T01:30:00+00:00
`;
const OCTOPUS_HOURS = ["2024-01-31T00:00:00Z,0.5", "2024-01-31T01:00:00Z,0.25"];
const OPOWER = `Name,SAM
TYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES
Electric usage,2024-01-31,02:00,02:59,1.5,
`;
const PLAIN = "timestamp,kWh_value\n2024-01-31T03:00:00Z,4\n";
const ENEDIS = "Horodate;Valeur\n2024-01-31T00:30:00Z;1000\n";

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly hours: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: the manifest is looked at member by member
  readonly manifest: any;
}

/** Runs `electro aggregate` over files of a folder, and returns the rows that are not filled. */
async function run(files: Readonly<Record<string, string>>, args: readonly string[], stdin?: string): Promise<Run> {
  return inFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const output = join(folder, "out");
    const all = ["aggregate", ...args, "-o", output];
    const { status, stderr } = await electro(all, folder, stdin === undefined ? undefined : Buffer.from(stdin));
    const done = status === 0;
    const rows = [...(done ? readFolder(output) : [])].flatMap(([name, text]) =>
      name.startsWith("hourly") ? text.split("\n").slice(1, -1) : [],
    );
    const manifest = done ? JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) : undefined;
    return {
      status,
      stderr: stderr.replaceAll(folder, ""),
      hours: rows.filter((row) => !row.endsWith(",0")),
      manifest,
    };
  });
}

describe("an export that is recognised", () => {
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

  test("may come from a file, a pipe or an address, and the run and its manifest say so", async () => {
    const server = createServer((_, response) => response.end(OCTOPUS)).listen(0, "127.0.0.1");
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/o.csv`;
      for (const [input, stdin] of [["a.csv"], ["-", OCTOPUS], [address]] as const) {
        const { stderr, hours, manifest } = await run({ "a.csv": OCTOPUS }, [input], stdin);
        expect(hours).toEqual(OCTOPUS_HOURS);
        expect(manifest.inputs).toMatchObject([{ profile: "octopus", headerLine: 1 }]);
        expect(stderr).toContain(`${input === "-" ? "standard input" : input} read as octopus\n`);
      }
    } finally {
      server.close();
    }
  });

  test("lies in a folder beside others and beside plain readings, each read in its own way", async () => {
    const files = { "in/a.csv": OCTOPUS, "in/b.csv": OPOWER, "in/c.csv": PLAIN, "in/d.csv": OCTOPUS };
    for (const workers of ["1", "3"]) {
      const { stderr, hours, manifest } = await run(files, ["in", "--workers", workers]);
      expect(hours).toEqual([
        ...["2024-01-31T00:00:00Z,1", "2024-01-31T01:00:00Z,0.5", "2024-01-31T02:00:00Z,1.5"],
        "2024-01-31T03:00:00Z,4",
      ]);
      expect(manifest.inputs.map(({ profile }: { profile?: string }) => profile)).toEqual([
        ...["octopus", "opower", undefined, "octopus"],
      ]);
      expect(stderr).toContain("2 inputs read as octopus\nin/b.csv read as opower\n");
    }
  });

  test("is not looked for where the data are described, or with none", async () => {
    const described = await run({ "a.csv": OCTOPUS }, ["a.csv", "--timestamp-field", "Start"]);
    expect(described.status).toBe(1);
    expect(described.stderr).toContain("no kWh_value");
    const whole = ["--timestamp-field", "Start", "--value-field", "Consumption (kwh)"];
    const moments = await run({ "a.csv": OCTOPUS }, ["a.csv", ...whole]);
    expect([moments.hours, moments.manifest.inputs[0].profile]).toEqual([["2024-01-31T00:00:00Z,0.75"], undefined]);
    const none = await run({ "a.csv": OCTOPUS }, ["a.csv", "--profile", "none"]);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining("--timestamp-field Start")]);
  });

  test("is read as options say that are given, which replace its own and those that they exclude", async () => {
    const inWh = await run({ "a.csv": OCTOPUS }, ["a.csv", "--unit", "Wh"]);
    expect(inWh.hours).toEqual(["2024-01-31T00:00:00Z,0.0005", "2024-01-31T01:00:00Z,0.00025"]);
    const interval = await run({ "a.csv": OCTOPUS }, ["a.csv", "--interval", "2h"]);
    expect(interval.hours).toEqual([
      ...["2024-01-31T00:00:00Z,0.25", "2024-01-31T01:00:00Z,0.375", "2024-01-31T02:00:00Z,0.125"],
    ]);
    const ends = await run({ "a.csv": OCTOPUS }, ["a.csv", "--stamps", "end"]);
    expect(ends.hours).toEqual(["2024-01-30T23:00:00Z,0.25", "2024-01-31T00:00:00Z,0.5"]);
  });

  test("asks for what its profile leaves open, and names the options", async () => {
    const asked = await run({ "a.csv": ENEDIS }, ["a.csv"]);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toMatch(/a\.csv: line 1, .*read as enedis: how long .*; say --interval/);
    expect(asked.stderr).toMatch(/whether a timestamp .*; say --stamps start or --stamps end/);
    const one = await run({ "a.csv": ENEDIS }, ["a.csv", "--interval", "30m"]);
    expect(one.stderr).toMatch(/enedis: whether a timestamp marks .*; say --stamps start or --stamps end/);
    const both = await run({ "a.csv": ENEDIS }, ["a.csv", "--interval", "30m", "--stamps", "end"]);
    expect(both.hours).toEqual(["2024-01-31T00:00:00Z,0.5"]);
    const named = await run({ "a.csv": ENEDIS }, ["a.csv", "--profile", "enedis", "--interval", "30m"]);
    expect([named.status, named.stderr]).toEqual([2, expect.stringContaining("say --stamps start or --stamps end")]);
  });

  test("has a header in which names may be patterns, and more columns may follow", () => {
    const known = (name: string, headers: readonly string[][]): KnownTable => ({
      ...{ name, headers, zone: undefined, lacks: undefined },
      plan: planOf({ timestampField: "t", valueField: "v", profile: "none" }).scan,
    });
    const open = known("open", [["t", "v", "IN-*", "..."]]);
    const closed = known("closed", [["t", "v", "x"]]);
    const found = (header: string, ...tables: KnownTable[]) => {
      const scanner = new Scanner({ ...planOf({}).scan, known: tables });
      const { readings, failure } = scanInput(scanner, Buffer.from(`${header}\n2024-01-31T00:00:00Z,1,2,3\n`));
      return failure ?? readings;
    };
    for (const [header, is] of [
      ["t,v,IN-5,OUT-5", true],
      ['t, v ,IN-,="x"', true],
      ["t,v,in-5,OUT-5", false],
      ["v,t,IN-5,OUT-5", false],
      ["t,v,x,IN-5", false],
    ] as const)
      expect([header, found(header, open, closed)]).toEqual([
        header,
        is ? 1 : expect.objectContaining({ code: "no_header" }),
      ]);
    expect(found("t,v", open)).toMatchObject({ code: "no_header" });
    expect(found("t,v,x", closed)).toBe(0);
    expect(found("t,v,IN-5,y", open, known("other", [["t", "v", "*", "y"]]))).toMatchObject({
      code: "two_profiles",
      message: expect.stringContaining("the header is that of open and other; say which it is with"),
    });
  });

  test("that is of a kind that is not read yet is told so", async () => {
    const { status, stderr } = await run({ "a.csv": "time,Import kWh,Export kWh\n2024-10-20 05:15,6199.5,0\n" }, [
      "a.csv",
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/a\.csv: line 1, .*read as homewizard: .*cumulative meter readings are not read yet/);
  });
});

describe("a recognised export of local times", () => {
  /** Rows of one meter, a quarter of an hour each, as the clock of Chicago shows it. */
  function quarters(from: string, count: number, width = 0): string[] {
    const start = Date.parse(from);
    return Array.from({ length: count }, (_, n) => {
      const shown = new Date(start + n * 900_000).toLocaleString("en-CA", {
        timeZone: "America/Chicago",
        hour12: false,
      });
      const [year, month, day, hour, minute] = shown.match(/\d+/g) as string[];
      const row = `${month}/${day}/${year} ${hour === "24" ? "00" : hour}:${minute},1001,-,-,-,${(n % 7) + 1}.25,kwh,15min`;
      return row.replace(",-", `,-${" ".repeat(width)}`);
    });
  }
  const ameren = (rows: readonly string[]) =>
    `Start Interval Date/Time,Meter Id,Usage,Units,Interval,Usage,Units,Interval\n${rows.join("\n")}\n`;
  /** The same meter's readings in Dublin, which stamps ends, newest first. */
  function halves(from: string, count: number, width = 0): string {
    const start = Date.parse(from);
    const rows = Array.from({ length: count }, (_, n) => {
      const shown = new Date(start + n * 1_800_000).toLocaleString("en-CA", {
        timeZone: "Europe/Dublin",
        hour12: false,
      });
      const [year, month, day, hour, minute] = shown.match(/\d+/g) as string[];
      return `1001,7,0.${n % 9}5${" ".repeat(width)},Active Import Interval (kWh),${day}-${month}-${year} ${hour === "24" ? "00" : hour}:${minute}`;
    });
    return `MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n${rows.reverse().join("\n")}\n`;
  }

  /** What the oracle has for a text with the profile's options written out. */
  function foreseen(text: string, name: string, timezone: string): string[] {
    const { options } = parseArgs(
      (cases.find((golden) => golden.name === `profile-${name}`)?.written ?? []).filter(
        (arg) => !/^--(timezone|by-source)/.test(arg),
      ),
    );
    const outcome = oracle([Buffer.from(text)], { ...options, timezone });
    if (outcome.status === "failed") throw new Error(outcome.why);
    return [...outcome.files].flatMap(([file, rows]) =>
      file.startsWith("hourly")
        ? rows
            .split("\n")
            .slice(1, -1)
            .filter((row) => !row.endsWith(",0"))
        : [],
    );
  }

  const texts = [
    ["ameren", "spring", ameren(quarters("2024-03-09T20:00:00Z", 100)), 25],
    ["ameren", "autumn", ameren(quarters("2024-11-02T20:00:00Z", 100)), 25],
    ["esb", "spring", halves("2024-03-30T12:00:00Z", 60), 30],
    ["esb", "autumn", halves("2024-10-26T12:00:00Z", 60), 30],
  ] as const;
  test.each(texts)("has a zone of its own: %s in %s", async (name, _, text, hours) => {
    for (const timezone of ["UTC", "Asia/Kolkata"]) {
      const found = await run({ "a.csv": text }, ["a.csv", "--timezone", timezone]);
      expect(found.stderr).toContain(`a.csv read as ${name}`);
      expect(found.stderr).not.toContain("warning");
      expect(found.hours).toEqual(foreseen(text, name, timezone));
      if (timezone === "UTC") expect(found.hours.length).toBe(hours + (name === "esb" ? 1 : 0));
    }
  });

  test("gives way to the zone that is named", async () => {
    const text = ameren(quarters("2024-06-01T05:00:00Z", 4));
    const named = await run({ "a.csv": text }, ["a.csv", "--input-timezone", "UTC"]);
    expect(named.hours).toEqual(["2024-06-01T00:00:00Z,11"]);
  });

  test("is large, and read in parts by several threads, which meet in the hour that comes twice", async () => {
    // The second part of 16 MiB begins where the clock is put back.
    const width = Math.floor((16 * 1024 * 1024) / 104) - 60;
    const text = ameren(quarters("2024-11-02T05:00:00Z", 230, width));
    const [one, three] = [
      await run({ "a.csv": text }, ["a.csv", "--workers", "1"]),
      await run({ "a.csv": text }, ["a.csv", "--workers", "3"]),
    ];
    expect([one.status, one.stderr]).toEqual([0, expect.stringContaining("8 wall times repeated by a clock change")]);
    expect([three.hours, three.stderr]).toEqual([one.hours, one.stderr]);
    const narrow = ameren(quarters("2024-11-02T05:00:00Z", 230));
    expect(three.hours).toEqual(foreseen(narrow, "ameren", "UTC"));
  });
});

describe("export that a profile marks", () => {
  const marked = cases.filter(
    ({ name }) => shippedProfiles().get(name.replace("profile-", ""))?.exportMark !== undefined,
  );
  const IS_EXPORT = /EXPORT|Generation|Injecti|Returned|Teruglevering|Exported|Active Export/;
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
        ...[1, expect.stringMatching(/a\.csv: line \d+, .*--export subtract .*--export add .*--export skip /)],
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

describe("a profile that comes with Electro", () => {
  const validate = new Ajv.default().compile(
    JSON.parse(readFileSync(new URL("../../profiles/schema.json", import.meta.url), "utf8")),
  );
  const all = [...shippedProfiles().values()];

  test.each(all.map((profile) => [profile.name, profile] as const))("%s: is as the schema has it", (name, profile) => {
    expect([validate(JSON.parse(textOfShipped(name))), validate.errors]).toEqual([true, null]);
    expect(profile.title).toMatch(/^\S.{10,200}[^.]$/);
  });

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

test("stamps that a profile says are ends are not taken for starts", async () => {
  const hours = Array.from({ length: 48 }, (_, n) => new Date(Date.UTC(2024, 8, 13, n + 1)).toISOString());
  const rows = hours.map((time) => {
    const [year, month, day] = time.slice(0, 10).split("-");
    return `1,7,1.5,Active Import Interval (kWh),${day}-${month}-${year} ${time.slice(11, 16)}`;
  });
  const text = `MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n${rows.join("\n")}\n`;
  const { stderr } = await run({ "a.csv": text }, ["a.csv", "--input-timezone", "UTC"]);
  expect(stderr).not.toContain("warning");
  await withApp({}, async (ask) => {
    const sent = { body: text, headers: { "content-type": "text/csv" } };
    expect((await ask("POST", "/v1/readings?dry_run=true&input_timezone=UTC", sent)).json.warnings).toEqual([]);
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
