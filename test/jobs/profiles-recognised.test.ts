/** Exports that are recognised by their headers, wherever they come from, and read as their profile says. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import type { KnownTable } from "../../dist/scan/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import { parseArgs } from "../oracle/options.js";
import { scanInput } from "../scan/both.mjs";
import { withApp } from "../service/in-process.js";
import { cases, ENEDIS, OCTOPUS, OCTOPUS_HOURS, run } from "./profiles-support.js";

const OPOWER = `Name,SAM
TYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES
Electric usage,2024-01-31,02:00,02:59,1.5,
`;
const PLAIN = "timestamp,kWh_value\n2024-01-31T03:00:00Z,4\n";

describe("an export that is recognised", () => {
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

  test("that may hold anything asks what it is", async () => {
    const { status, stderr } = await run(
      { "a.csv": "entity_id,state,last_changed\nsensor.a,6199.5,2024-10-20T05:15:00Z\n" },
      ["a.csv"],
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/a\.csv: line 1, .*read as home-assistant-history.*--values/);
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
