/** Data of the wrong kind: each warning shown, in the manifest, and an error with --strict. */
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aggregate, aggregateIn, type Bytes, inFolder, put, READ } from "./errors-support.js";

const reading = (timestamp: string, kWh: number | string, more = "") =>
  `{"timestamp":"${timestamp}","kWh_value":${kWh}${more}}`;
const two = (n: number) => String(n).padStart(2, "0");
/** Quarter hours from 2024-01-01T00:00:00Z on. */
const quarters = (count: number, kWh: (i: number) => number, more = "") =>
  Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 900_000).toISOString().slice(0, 19);
    return reading(`${time}Z`, kWh(i), more);
  }).join("\n");
const days = (count: number, time: string, more = "") =>
  Array.from({ length: count }, (_, i) => reading(`2024-01-${two(i + 1)}T${time}`, 5 + (i % 3), more)).join("\n");
const load = (i: number) => [1, 3, 2, 5][i % 4]!;

interface Warned {
  readonly what: string;
  readonly content: Bytes;
  readonly code: string;
  readonly message: string;
  readonly args?: readonly string[];
}

const REGISTER = "not the energy of intervals";
const ADVICE = "if they are, say --values register";

const WARNED: readonly Warned[] = [
  {
    what: "cumulative meter readings",
    content: quarters(96, (i) => 12345.5 + i / 4, ',"meter_id":"m 1"'),
    code: "register",
    message: `a.json: source "m 1" seems to have cumulative meter readings, ${REGISTER}: its sums would be wrong. Its 96 values never fall, from 12345.5 to 12369.25 kWh; ${ADVICE}`,
  },
  {
    what: "cumulative meter readings without an id",
    content: quarters(30, (i) => 500 + i),
    code: "register",
    message: `a.json: the source without an id seems to have cumulative meter readings, ${REGISTER}: its sums would be wrong. Its 30 values never fall, from 500 to 529 kWh; ${ADVICE}`,
  },
  {
    what: "the stands of several registers, among meters that are none",
    content: ["a", "b", "c", "d"]
      .map((id, n) => quarters(40, n === 3 ? load : (i) => 1000 * (n + 1) + i, `,"meter_id":"${id}"`))
      .join("\n"),
    code: "register",
    message: `a.json: source "a" and 2 others seem to have cumulative meter readings, ${REGISTER}: their sums would be wrong. The first one's 40 values never fall, from 1000 to 1039 kWh; ${ADVICE}`,
  },
  {
    what: "one reading a day",
    content: days(10, "08:00:00Z"),
    code: "daily_readings",
    message:
      "a.json: the source without an id has one reading a day, at about the same time: one hour of each day gets it all and the others are 0. The daily sums are good, the hourly ones are not; --interval 1d spreads each over its day",
  },
  {
    what: "one reading a day of several meters, at midnight",
    content: `${days(10, "00:00:00Z", ',"meter_id":"a"')}\n${days(10, "00:00:00Z", ',"meter_id":"b"')}`,
    code: "daily_readings",
    message:
      'a.json: source "a" and 1 other have one reading a day, at about the same time: one hour of each day gets it all and the others are 0. The daily sums are good, the hourly ones are not; --interval 1d spreads each over its day',
  },
  {
    what: "a last timestamp at midnight",
    content: quarters(97, load),
    code: "end_stamps",
    message:
      "the last timestamp is exactly 2024-01-02T00:00:00Z, alone on its day: did you mean --stamps end? It is for timestamps that mark the end of their interval",
  },
  {
    what: "a last timestamp at midnight of the zone",
    content: [reading("2024-01-31T13:00:00+01:00", 1), reading("2024-02-01T00:00:00+01:00", 2)].join("\n"),
    code: "end_stamps",
    message:
      "the last timestamp is exactly 2024-02-01T00:00:00+01:00, alone on its day: did you mean --stamps end? It is for timestamps that mark the end of their interval",
    args: ["--timezone", "Europe/Paris"],
  },
  {
    what: "no readings",
    content: "[]",
    code: "no_readings",
    message: "there are no readings, so there is nothing to sum",
  },
  {
    what: "no readings in the period",
    content: `${READ}\n${READ}`,
    code: "no_readings",
    message: "no reading lies in the period: all 2 are outside it",
    args: ["--from", "2025-01-01", "--to", "2025-01-01"],
  },
];

describe.each(WARNED)("$what", ({ content, code, message, args = [] }) => {
  test("causes a warning, and the run goes on", async () => {
    const seen = await aggregate("a.json", content, ...args);
    expect(seen.said[0]).toBe(`warning: ${message}`);
    expect(seen.said[1]).toMatch(/^[\d,]+ readings/);
    expect(seen.status).toBe(0);
    const { warnings } = JSON.parse(seen.files.get("manifest.json")!) as { warnings: unknown };
    expect(warnings).toEqual([{ code, message }]);
  });

  test("is an error with --strict, and nothing is written", async () => {
    const seen = await aggregate("a.json", content, "--strict", ...args);
    expect(seen.said).toEqual([`error: ${message}`, "error: --strict: 1 warning, so nothing was written"]);
    expect([seen.status, seen.files.size]).toEqual([1, 0]);
  });
});

describe("an output that loses days", () => {
  const days = (count: number) =>
    Array.from(
      { length: count },
      (_, n) => `{"timestamp":"2024-01-0${n + 1}T1${n}:00:00Z","kWh_value":${(n * 7) % 5}}`,
    ).join("\n");
  const HAD = "output_data/ has 5 days (2024-01-01 to 2024-01-05)";
  const ELSE = "--output writes into another folder";

  test.each([
    ["all of them", "[]", `${HAD}, which this run replaces with none; ${ELSE}`],
    ["more than half", days(2), `${HAD}, which this run replaces with 2 days (2024-01-01 to 2024-01-02); ${ELSE}`],
    ["less than half", days(3), undefined],
    ["none", days(6), undefined],
  ])("%s, is warned of before it is replaced; with --strict it stays", (_, content, message) =>
    inFolder(async (folder) => {
      put(folder, "a.json", days(5));
      put(folder, "b.json", content);
      const before = await aggregateIn(folder, ["a.json"]);
      expect(before.said.join("\n")).not.toContain("which this run replaces");
      const strict = await aggregateIn(folder, ["b.json", "--strict"]);
      expect(strict.said.filter((line) => line.includes("which this run replaces"))).toEqual(
        message === undefined ? [] : [`error: ${message}`],
      );
      if (message !== undefined) expect([strict.status, strict.files]).toEqual([1, before.files]);
      else put(folder, "a.json", days(5));
      await aggregateIn(folder, ["a.json"]);
      const after = await aggregateIn(folder, ["b.json"]);
      expect(after.status).toBe(0);
      const { warnings } = JSON.parse(after.files.get("manifest.json")!) as { warnings: { code: string }[] };
      expect(warnings.filter(({ code }) => code === "days_lost")).toEqual(
        message === undefined ? [] : [{ code: "days_lost", message }],
      );
    }),
  );

  test("causes no warning if the manifest is another tool's, or has no days", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", "[]");
      for (const period of ['{"from":"2024-02-30","to":"2024-03-09"}', '{"from":5}', '"x"', "null", "[]"]) {
        const files = '[{"name":"daily_data.csv"}]';
        const manifest = `{"electro":{"version":"1"},"format":1,"files":${files},"period":${period}}`;
        put(folder, "output_data/manifest.json", manifest);
        const seen = await aggregateIn(folder, ["a.json"]);
        expect([seen.status, seen.said[0], seen.said[1]]).toEqual([
          0,
          "warning: there are no readings, so there is nothing to sum",
          "0 readings",
        ]);
      }
    }));
});

describe("many files", () => {
  const file = (folder: string, day: number, kWh: (meter: number) => number, hour = 0) =>
    put(
      folder,
      `days/${day}.json`,
      Array.from({ length: 30 }, (_, meter) =>
        reading(new Date(Date.UTC(2024, 0, day, hour)).toISOString(), kWh(meter), `,"meter_id":"m${meter}"`),
      ).join("\n"),
    );

  test("a day each, with one reading of each meter, at midnight, are told to be daily, not to have end stamps", () =>
    inFolder(async (folder) => {
      for (let day = 1; day <= 25; day++) file(folder, day, (meter) => 5 + ((meter * 7 + day * 5) % 4));
      const { said } = await aggregateIn(folder, ["days"]);
      expect(said[0]).toMatch(
        /^warning: all inputs: source "m0" and 29 others have one reading a day, at about the same time/,
      );
      expect(said.join()).not.toContain("--stamps");
    }));

  test("a day each, of what meters show, are told to be that", () =>
    inFolder(async (folder) => {
      for (let day = 1; day <= 25; day++) file(folder, day, (meter) => 4000 + meter * 100 + day * 8, 7);
      const { said } = await aggregateIn(folder, ["days"]);
      expect(said[0]).toMatch(/^warning: all inputs: source "m0" and 29 others seem to have cumulative meter readings/);
    }));

  test("of which one has no readings, are told which", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", READ);
      put(folder, "b.json", "[]");
      put(folder, "c.csv", "timestamp,kWh_value\n");
      const { said } = await aggregateIn(folder, ["a.json", "b.json", "c.csv"]);
      expect(said[0]).toBe("warning: b.json and 1 other input: there are no readings in them");
    }));
});

test("a register that comes after many other readings is seen", async () => {
  const late = [`${quarters(8_500, load, ',"meter_id":"a"')}`, quarters(9_000, (n) => 4000 + n / 4, ',"meter_id":"b"')];
  const { said } = await aggregate("a.json", late.join("\n"));
  expect(said[0]).toMatch(/^warning: a\.json: source "b" seems to have cumulative meter readings/);
});

describe("an output that was edited", () => {
  const READ_TWICE = `${READ}\n${READ.replace("13:00", "14:00")}`;

  test.each([
    [
      "a file that has grown",
      ["daily_data.csv"],
      "output_data/daily_data.csv changed since Electro wrote it: this run replaces it",
    ],
    [
      "files",
      ["daily_data.csv", "hourly_data_31_01.csv"],
      "output_data/hourly_data_31_01.csv and 1 more changed since Electro wrote them: this run replaces them",
    ],
  ])("%s, is warned of before it is replaced", (_, names, message) =>
    inFolder(async (folder) => {
      put(folder, "a.json", READ_TWICE);
      await aggregateIn(folder, ["a.json"]);
      for (const name of names)
        put(folder, `output_data/${name}`, `${readFileSync(join(folder, "output_data", name), "utf8")}note\n`);
      const said = `${message}, and the changes are lost; --output writes into another folder`;
      const strict = await aggregateIn(folder, ["a.json", "--strict"]);
      expect([strict.status, strict.said[0]]).toEqual([1, `error: ${said}`]);
      expect((await aggregateIn(folder, ["a.json"])).said[0]).toBe(`warning: ${said}`);
      expect((await aggregateIn(folder, ["a.json"])).said[0]).toMatch(/^2 readings/);
    }),
  );

  test("of the same size is noticed by its content, and a copy is no edit", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", READ_TWICE);
      await aggregateIn(folder, ["a.json"]);
      const daily = join(folder, "output_data/daily_data.csv");
      const text = readFileSync(daily, "utf8");
      const later = Date.now() / 1000 + 60;
      utimesSync(daily, later, later);
      expect((await aggregateIn(folder, ["a.json"])).said[0]).toMatch(/^2 readings/);
      writeFileSync(daily, text.replace(",2", ",3"));
      utimesSync(daily, later, later);
      expect((await aggregateIn(folder, ["a.json"])).said[0]).toMatch(/daily_data\.csv changed since/);
    }));
});

test("all warnings are reported, and counted with --strict", () =>
  inFolder(async (folder) => {
    put(folder, "a.json", `${quarters(97, (i) => 100 + i)}\n42`);
    put(
      folder,
      "b.json",
      quarters(40, (i) => 900 + i),
    );
    const seen = await aggregateIn(folder, ["a.json", "b.json", "a.json", "--on-error", "skip", "--strict"]);
    const begins = [
      "error: a.json: it is named twice; it is read once",
      "a.json: record 98 (line 98): a number where a record was expected: 42",
      "error: a.json: the source without an id seems to have cumulative meter readings",
      "error: b.json: the source without an id seems to have cumulative meter readings",
      "error: the last timestamp is exactly 2024-01-02T00:00:00Z",
      "error: 1 bad record was set aside",
      "error: --strict: 5 warnings, so nothing was written",
    ];
    expect(seen.said.map((line, i) => line.slice(0, begins[i]?.length))).toEqual(begins);
    expect([seen.status, seen.files.size]).toEqual([1, 0]);
  }));

/** Data of the right kind that looks a little like it. */
test.each<[string, string, string[]]>([
  ["a load that rises and falls", quarters(96, load), []],
  ["a load that is even", quarters(96, () => 2), []],
  ["a stand of fewer than 20 values", quarters(19, (i) => 500 + i), []],
  ["a last timestamp at midnight that is said to mark an end", quarters(97, load), ["--stamps", "end"]],
  ["a last timestamp a moment after midnight", `${READ}\n${reading("2024-02-01T00:00:00.001Z", 1)}`, []],
  [
    "a last timestamp at midnight in another zone",
    `${READ}\n${reading("2024-02-01T00:00:00Z", 1)}`,
    ["--timezone", "Asia/Tokyo"],
  ],
  ["one reading a day at two times", `${days(9, "08:00:00Z")}\n${days(9, "20:00:00Z")}`, []],
])("%s is not warned of", async (_, content, args) => {
  const seen = await aggregate("a.json", content, ...args);
  expect(seen.said.filter((line) => line.startsWith("warning"))).toEqual([]);
});
