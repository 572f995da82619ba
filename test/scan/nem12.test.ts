/** NEM12, against the oracle: rows in any order, inputs and pieces, with the deviations that meters' files have. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as sum } from "../../dist/index.js";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { aggregate } from "../oracle/aggregate.js";
import { inFolder } from "../oracle/electro.js";
import { isNem12 } from "../oracle/nem12.js";
import type { Options } from "../oracle/options.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 40);

const VALUE = fc.oneof(
  fc.constantFrom("0", "1", "0.5", "05", "1.250", "-0.1", " 2 ", "0.12345678901234", "999999999999.5", "1e-3"),
  fc.constantFrom("0.00000000000000000001", "123456789012345678.5", "x", "", "1,5", "-", "1."),
  fc.nat(99_999).map((n) => `${n / 1000}`),
);
const QUALITY = fc.constantFrom("A", "A", "V", "N", "S14", "E52", "F16", "N14", "E", "B", "");
const UPDATE = fc.constantFrom("", "20240201000000", "20240202000000", "202402030000", "2.02E+13", "20241301000000");

const DAY = fc
  .record({
    nmi: fc.constantFrom("6305000123", "NMI0000001"),
    suffix: fc.constantFrom("E1", "E1", "B1", "K1"),
    unit: fc.constantFrom("kWh", "KWH", "Wh", "wh", "MWH", "kvarh"),
    minutes: fc.constantFrom(30, 60, 240),
    date: fc.constantFrom("20240131", "20240201", "20240229", "20240230", "2024-02-01"),
    values: fc.array(VALUE, { minLength: 1, maxLength: 4 }),
    plain: fc.boolean(),
    quality: fc.oneof({ weight: 4, arbitrary: fc.constant("A") }, QUALITY),
    update: UPDATE,
    refined: fc.array(fc.tuple(fc.nat(7), fc.nat(30), QUALITY), { maxLength: 2 }),
    more: fc.constantFrom(0, 0, 0, 0, -1, 1),
    padding: fc.constantFrom("", "", ",,,", "\r", ",,\r"),
  })
  .map((day) => {
    const intervals = 1440 / day.minutes;
    const values = Array.from({ length: intervals + day.more }, (_, k) =>
      day.plain ? String(day.values.length + (k % 3)) : day.values[k % day.values.length]!,
    );
    return [
      `200,${day.nmi},E1B1,1,${day.suffix},N1,M1,${day.unit},${day.minutes}${day.padding}`,
      `300,${day.date},${values.join(",")},${day.quality},,,${day.update},${day.padding}`,
      ...day.refined.map(([first, count, quality]) => `400,${first},${first + count},${quality},,`),
    ];
  });

/** Deliveries of one day, again and again. */
const AGAIN = fc
  .record({ value: fc.constantFrom(1, 2), update: fc.constantFrom("", "20240201000000", "20240202000000") })
  .map(({ value, update }) => [
    "200,6305000123,E1,1,E1,N1,M1,kWh,240,",
    `300,20240131,${`${value},`.repeat(6)}A,,,${update}`,
  ]);

const ODD = ["900", "", "100,NEM12,2,A,B", "500,O", "250,x", "400,1,2,A", "300,20240131,1", "what"].map((row) => [row]);
const ROWS = fc.oneof({ weight: 9, arbitrary: AGAIN }, { weight: 9, arbitrary: DAY }, fc.constantFrom(...ODD));

const TEXT = fc
  .tuple(fc.boolean(), fc.array(ROWS, { minLength: 1, maxLength: 6 }))
  .map(([header, days]) => `${[...(header ? ["100,NEM12,202402010000,A,B"] : []), ...days.flat()].join("\n")}\n`)
  .filter((text) => isNem12(text));

const RUN = fc.record({
  texts: fc.array(TEXT, { minLength: 1, maxLength: 3 }),
  timezone: fc.constantFrom("UTC", "Australia/Sydney", "Asia/Kathmandu"),
  inputTimezone: fc.constantFrom(undefined, undefined, "Australia/Brisbane"),
  bySource: fc.boolean(),
  rule: fc.constantFrom(undefined, "subtract" as const, "add" as const, "skip" as const),
  resolutions: fc.constantFrom(["hour" as const, "day" as const], ["15min" as const]),
});

const files = (outcome: { csv(): Iterable<{ name: string; text: string }> }) =>
  Object.fromEntries([...outcome.csv()].map(({ name, text }) => [name, text]));

test("gives the oracle's sums, counts and bad rows, in any order of inputs", async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(RUN, async ({ texts, rule, inputTimezone, ...asked }) => {
      const own = rule === undefined || (asked.bySource && rule !== "skip") ? {} : { export: rule };
      const zone = inputTimezone === undefined ? {} : { inputTimezone };
      const options: Options = { ...asked, ...own, ...zone, withCounts: true, onError: "skip" };
      const inputs = texts.map((text) => Buffer.from(text));
      const expected = aggregate(inputs, options);
      if (expected.status !== "done") {
        await expect(sum(inputs, options as never), expected.why).rejects.toThrow();
        return;
      }
      const found = await sum(inputs, options as never);
      expect(files(found)).toEqual(Object.fromEntries(expected.files));
      const { readings, leftOut, rounded, sources, kWh } = expected.totals;
      expect(found).toMatchObject({ readings, leftOut, rounded, sources, kWh });
      expect(found.rejected.map(({ line }) => line).sort()).toEqual(expected.bad.map(({ line }) => line).sort());
      expect(files(await sum([...inputs].reverse(), options as never))).toEqual(files(found));
      done++;
    }),
    { numRuns: CASES },
  );
  expect(done).toBeGreaterThan(CASES / 10);
});

const SMALL = [
  "100,NEM12,202402010000,A,B",
  "200,6305000123,E1B1,1,E1,N1,M1,kWh,240,",
  "300,20240131,1,2,3,4,5,6.5,V,,,20240201000000,",
  "400,1,2,N14,,",
  "400,3,6,A,,",
  "200,6305000123,E1B1,1,E2,N1,M1,Wh,240,",
  "300,20240131,10,20,30,40,50,60,A,,,20240201000000,",
  "900",
  "",
];

describe("a sample", () => {
  const bytes = Buffer.from(SMALL.join("\r\n"));
  const options = { timezone: "+10:00", bySource: true, onError: "skip" } as const;

  test("cut at any byte gives what the oracle says, or a clear error", async () => {
    for (let cut = 1; cut < bytes.length; cut++) {
      const part = bytes.subarray(0, cut);
      const found = await sum(part, options).then(files, (error: Error) => error.message);
      if (typeof found === "string") expect(found).toMatch(/^data: line \d+, byte \d+: /);
      else {
        const expected = aggregate([part], options);
        if (isNem12(part.toString()))
          expect(found, `${cut}`).toEqual(expected.status === "done" && Object.fromEntries(expected.files));
      }
    }
  });

  test("arriving in pieces of any length is the same", async () => {
    const whole = files(await sum(bytes, options));
    for (const length of [1, 2, 7, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) =>
        bytes.subarray(n * length, (n + 1) * length),
      );
      expect(files(await sum(pieces.values(), options))).toEqual(whole);
    }
  });

  test.each([
    ["UTF-8 with a mark", Buffer.from(`\ufeff${SMALL.join("\n")}`)],
    ["UTF-16", Buffer.from(`\ufeff${SMALL.join("\r\n")}`, "utf16le")],
    ["UTF-16, big-endian", Buffer.from(`\ufeff${SMALL.join("\r\n")}`, "utf16le").swap16()],
  ])("is the same in %s, whether it is read from a file or not", (_, encoded) =>
    inFolder(async (folder) => {
      const whole = await sum(bytes, options);
      const { rejected, readings } = await sum(encoded, options);
      expect([rejected, readings]).toEqual([[], whole.readings]);
      expect(files(await sum(encoded, options))).toEqual(files(whole));
      writeFileSync(join(folder, "a.csv"), encoded);
      const context = { cwd: folder };
      await aggregateFiles(["a.csv"], { timezone: "+10:00", bySource: true, output: "out" }, context);
      expect(readFileSync(join(folder, "out", "daily_data.csv"), "utf8")).toBe(files(whole)["daily_data.csv"]);
    }),
  );

  test("is the same whatever the workers, and files between others", () =>
    inFolder(async (folder) => {
      const context = { cwd: folder };
      const filler = `timestamp,kWh_value,meter_id\n${"2024-01-31T00:00:00Z,1,x\n".repeat(400_000)}`;
      writeFileSync(join(folder, "a.csv"), bytes);
      writeFileSync(join(folder, "b.csv"), filler);
      writeFileSync(
        join(folder, "c.csv"),
        SMALL.join("\n").replace("6.5", "7.5").replaceAll("20240201000000", "20240202000000"),
      );
      const daily = () => readFileSync(join(folder, "out", "daily_data.csv"), "utf8");
      const told: string[] = [];
      for (const workers of [1, 2, 3])
        for (const names of [
          ["a.csv", "b.csv", "c.csv"],
          ["c.csv", "b.csv", "a.csv"],
        ]) {
          await aggregateFiles(names, { timezone: "+10:00", bySource: true, workers, output: "out" }, context);
          told.push(daily());
        }
      expect(new Set(told).size).toBe(1);
      expect(told[0]).toContain("6305000123/E1,19.5");
    }));
});

test("what other inputs hold is consumption, beside a file of export", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    writeFileSync(join(folder, "a.csv"), "timestamp,kWh_value\n2024-01-31T00:00Z,1\n");
    writeFileSync(join(folder, "b.csv"), SMALL.join("\n").replaceAll(/,E(\d),/g, ",B$1,"));
    for (const workers of [1, 2]) {
      const options = { workers, output: "out" };
      const both = aggregateFiles(["a.csv", "b.csv"], options, context);
      await expect(both).rejects.toMatchObject({ code: "export_or_not" });
      await aggregateFiles(["b.csv"], options, context);
      await aggregateFiles(["a.csv", "b.csv"], { ...options, export: "add" }, context);
    }
  }));

test("records cannot be selected by a field, which they do not have", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "a.csv"), SMALL.join("\n"));
    for (const workers of [1, 2]) {
      const asked = aggregateFiles(["a.csv"], { workers, output: "out", only: ["fuel=gas"] }, { cwd: folder });
      await expect(asked).rejects.toMatchObject({ code: "unselected" });
    }
    await expect(sum(Buffer.from(SMALL.join("\n")), { only: ["fuel=gas"] })).rejects.toMatchObject({
      code: "unselected",
    });
  }));

test("a file of other units, or of registers, has nothing to sum, and says so", async () => {
  const reactive = SMALL.join("\n").replaceAll(",kWh,", ",kvarh,").replaceAll(",Wh,", ",kvarh,");
  await expect(sum(Buffer.from(reactive))).rejects.toThrow(/no electrical energy.*12 of reactive energy/);
  const register = `100,NEM13,202402010000,A,B\n250,6305000123,E1,1,E1,N1,M1,E,1,20240101,A,,,2,20240201,A,,,1,kWh,,,\n900\n`;
  await expect(sum(Buffer.from(register))).rejects.toThrow(
    /only cumulative meter readings.*not read yet: left out are 1 of registers/,
  );
});
