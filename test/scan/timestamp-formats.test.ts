/** Timestamps of every format, against the oracle: the whole, in pieces, in parts, and what does not fit. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as aggregateData } from "../../dist/index.js";
import { planOf } from "../../dist/jobs/plan.js";
import { guessRecord } from "../../dist/scan/cut.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { aggregate } from "../oracle/aggregate.js";
import type { Options } from "../oracle/options.js";
import { cellsOf, scanInput, withoutLayouts } from "./both.mjs";
import { foreseenOf, foundOf } from "./foreseen.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 30);
const MONTHS = "January February March April May June July August September October November December".split(" ");

const DATES = [
  "%d/%m/%Y",
  "%m/%d/%y",
  "%d.%m.%Y",
  "%Y%m%d",
  "%d-%b-%Y",
  "%B %d, %Y",
  "%y-%m-%d",
  "%d%m%Y",
  "Tag %d im %b %y",
];
const TIMES = [
  "%H:%M",
  "%I:%M %p",
  "%H:%M:%S",
  "%H%M%S",
  "%H:%M:%S.%f",
  "%I.%M.%S,%f%p",
  "%Hh%M",
  "%H:%M:%S%z",
  "%H:%M %z",
];
const EPOCHS = ["epoch-s", "epoch-ms", "epoch-us"];
const formats = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...DATES), fc.constantFrom(" ", "T", ", "), fc.constantFrom(...TIMES))
      .map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.constantFrom(...EPOCHS) },
);

/** How one timestamp is written. */
const spelling = (wide: boolean) =>
  fc.record({
    second: fc.oneof(
      fc.integer({ min: 1_729_900_000, max: 1_730_100_000 }),
      fc.integer({ min: 1_711_700_000, max: 1_711_900_000 }),
      fc.integer(
        wide
          ? { min: -2_208_988_800 + 86_400, max: 7_258_118_400 - 86_400 }
          : { min: 1_706_600_000, max: 1_706_700_000 },
      ),
    ),
    short: fc.boolean(),
    capital: fc.constantFrom("as it is", "upper", "lower"),
    fraction: fc.oneof(fc.constant("0"), fc.stringMatching(/^[0-9]{1,24}$/)),
    offset: fc.constantFrom("Z", "z", "+01:00", "-0330", "+05", "-18:00", "+00:00"),
  });
type Spelling = ReturnType<typeof spelling> extends fc.Arbitrary<infer T> ? T : never;

function written(format: string, { second, short, capital, fraction, offset }: Spelling): string {
  const unit = EPOCHS.indexOf(format);
  if (unit >= 0) return `${second}${"000".repeat(unit)}${fraction === "0" ? "" : `.${fraction}`}`;
  const at = new Date(second * 1000);
  const two = (n: number) => (short ? String(n) : String(n).padStart(2, "0"));
  const month = MONTHS[at.getUTCMonth()]!;
  const parts: Record<string, string> = {
    ...{
      Y: String(at.getUTCFullYear()),
      y: String(at.getUTCFullYear() % 100).padStart(2, "0"),
      b: month.slice(0, 3),
      B: month,
    },
    ...{
      m: two(at.getUTCMonth() + 1),
      d: two(at.getUTCDate()),
      H: two(at.getUTCHours()),
      I: two(at.getUTCHours() % 12 || 12),
    },
    ...{
      M: two(at.getUTCMinutes()),
      S: two(at.getUTCSeconds()),
      p: at.getUTCHours() < 12 ? "AM" : "PM",
      f: fraction,
      z: offset,
    },
  };
  const text = format.replace(/%([a-zA-Z])/g, (_, name: string) => parts[name]!);
  return capital === "upper" ? text.toUpperCase() : capital === "lower" ? text.toLowerCase() : text;
}

/** A text with something else in it, so that it may not fit. */
const damage = fc.option(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(2),
    insert: fc.constantFrom("", ..."0139 :/.-+eZapmM\u00a0"),
  }),
  { nil: undefined, freq: 3 },
);

function damaged(text: string, change: typeof damage extends fc.Arbitrary<infer T> ? T : never): string {
  if (change === undefined) return text;
  const at = Math.floor(change.at * text.length);
  return text.slice(0, at) + change.insert + text.slice(at + change.remove);
}

/** A dataset of rows that all have one format; of date and time in two fields, if there is a blank to cut them at. */
const dataset = (wide = true) =>
  fc
    .record({
      format: formats,
      rows: fc.array(fc.record({ spelling: spelling(wide), damage }), { minLength: 1, maxLength: 40 }),
      alike: fc.boolean(),
      csv: fc.boolean(),
      twoFields: fc.boolean(),
      bare: fc.boolean(),
      zone: fc.constantFrom(undefined, "Europe/Berlin", "Australia/Lord_Howe"),
      stamps: fc.constantFrom("start" as const, "end" as const),
    })
    .map(({ format, rows, alike, csv, twoFields, bare, zone, stamps }) => {
      const epoch = format.startsWith("epoch");
      const split = twoFields && !epoch && format.includes(" ");
      const texts = rows.map((row) =>
        damaged(written(format, alike ? { ...row.spelling, ...stable(rows[0]!.spelling) } : row.spelling), row.damage),
      );
      const records = texts.map((text, n) => {
        const blank = text.indexOf(" ");
        const [date, time] =
          split && blank >= 0 ? [text.slice(0, blank), text.slice(blank + 1)] : [text, split ? "" : undefined];
        if (csv)
          return [date, ...(time === undefined ? [] : [time]), String(n)]
            .map((cell) => (/[",;]/.test(cell) ? `"${cell}"` : cell))
            .join(";");
        const shown = bare && epoch && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(date) ? date : JSON.stringify(date);
        return `{"at":${shown},${time === undefined ? "" : `"time":${JSON.stringify(time)},`}"kWh_value":${n}}`;
      });
      const options: Options = {
        ...{ timestampField: "at", timestampFormat: format, onError: "skip", maxDays: 110_000, stamps },
        ...(split ? { timeField: "time" } : {}),
        ...(zone === undefined ? {} : { timezone: zone }),
        resolutions: ["day"],
      };
      const header = csv ? `at;${split ? "time;" : ""}kWh_value\n` : "";
      return { options, bytes: Buffer.from(`${header}${records.join("\n")}\n`) };
    });

/** What makes neighbouring rows alike, as a machine writes them. */
function stable({ short, capital, offset }: Spelling) {
  return { short, capital, offset };
}

test("give the oracle's readings and bad records, and the same with and without layouts, in pieces", () => {
  let good = 0;
  let bad = 0;
  fc.assert(
    fc.property(dataset(), fc.array(fc.nat(2000), { maxLength: 6 }), ({ options, bytes }, cuts) => {
      const { scan: plan } = planOf(options);
      const scanner = new Scanner(plan);
      const { slow: _, ...found } = scanInput(scanner, bytes, { cuts: cuts.sort((a, b) => a - b) });
      const cells = cellsOf(scanner.kernel.part());
      expect(foundOf(found as never)).toEqual(foreseenOf(bytes, options));
      const other = new Scanner(plan);
      const { slow: __, ...whole } = withoutLayouts(() => scanInput(other, bytes));
      expect(found).toEqual(whole);
      expect(cells).toEqual(cellsOf(other.kernel.part()));
      good += found.readings;
      bad += found.bad.length;
    }),
    { numRuns: 10 * CASES },
  );
  expect(good).toBeGreaterThan(CASES / 4);
  expect(bad).toBeGreaterThan(CASES / 4);
});

test("give the oracle's sums", async () => {
  await fc.assert(
    fc.asyncProperty(dataset(false), async ({ options, bytes }) => {
      const expected = aggregate([bytes], { ...options, maxDays: 1000 });
      // Damage can make a year of any other.
      fc.pre(expected.status === "done");
      const found = await aggregateData(bytes, { ...options, maxDays: 1000 } as never);
      expect(Object.fromEntries([...found.csv()].map(({ name, text }) => [name, text]))).toEqual(
        Object.fromEntries(expected.files),
      );
    }),
    { numRuns: 6 },
  );
});

test("are read alike in the parts of a file", () => {
  let parts = 0;
  fc.assert(
    fc.property(dataset(), fc.integer({ min: 60, max: 400 }), ({ options, bytes }, size) => {
      const { scan: plan } = planOf(options);
      const scanner = new Scanner(plan);
      const bad: unknown[] = [];
      const scan = scanner.begin((one) => bad.push((one as { message: unknown }).message));
      const whole = new Scanner(plan);
      const expected = scanInput(whole, bytes);
      scan.put(bytes.subarray(0, size));
      scan.filled(0, size >= bytes.length);
      const { resumePoint } = scan;
      const { end } = scan.result();
      fc.pre(resumePoint !== undefined && end < bytes.length);
      const start = guessRecord(bytes, end, resumePoint!);
      const rest = scanner.beginAt(end, resumePoint!, (one) => bad.push((one as { message: unknown }).message));
      expect(start < 0 || start >= end).toBe(true);
      rest.put(bytes.subarray(end));
      rest.finish();
      parts++;
      expect(bad).toEqual((expected.bad as { message: unknown }[]).map(({ message }) => message));
      expect(scanner.kernel.readings).toBe(whole.kernel.readings);
    }),
    { numRuns: 4 * CASES },
  );
  expect(parts).toBeGreaterThan(0);
});

/** The hour that a text is in by a format, or what is said of it. */
async function hourOf(format: string, text: string, options: object = {}): Promise<string> {
  const data = Buffer.from(JSON.stringify([{ timestamp: text, kWh_value: 1 }]));
  try {
    const found = await aggregateData(data, { timestampFormat: format, onError: "skip", ...options });
    if (found.rejected.length > 0) return found.rejected[0]!.message;
    const [row] = [...found.hourly()].filter(({ aggregated_kWh_value }) => aggregated_kWh_value === "1");
    return String(row?.hourly_timestamp);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a text", () => {
  test.each([
    ["%d/%m/%y %H:%M", "1/2/68 3:04", "2068-02-01T03:00:00Z"],
    ["%d/%m/%y %H:%M", "01/02/69 03:04", "1969-02-01T03:00:00Z"],
    ["%d-%b-%Y %I:%M %p", "31-jAN-2024 12:15 am", "2024-01-31T00:00:00Z"],
    ["%d-%B-%Y %I:%M%p", "31-Jan-2024 12:15PM", "2024-01-31T12:00:00Z"],
    ["%b %d %Y %H", "September  5\u00a02024 7", "2024-09-05T07:00:00Z"],
    ["%Y%m%d%H%M%S", "20240131235960", "2024-01-31T23:00:00Z"],
    ["%d.%m.%Y %H:%M", "31.01.2024 24:00", "2024-02-01T00:00:00Z"],
    ["%d.%m.%Y %H Uhr %M%%", "31.01.2024 13 uhr 5%", "2024-01-31T13:00:00Z"],
    ["%Y/%m/%d %H:%M:%S.%f%z", "2024/01/31 23:59:59.99999999999-0130", "2024-02-01T01:00:00Z"],
    ["epoch-s", "1706659199.9999999999999999999", "2024-01-30T23:00:00Z"],
    ["epoch-s", "1.7066592e9", "2024-01-31T00:00:00Z"],
    ["epoch-ms", "-1", "1969-12-31T23:00:00Z"],
    ["epoch-us", "1706659199999999.9", "2024-01-30T23:00:00Z"],
  ])("%s reads %s", async (format, text, hour) => {
    expect(await hourOf(format, text)).toBe(hour);
  });

  test.each([
    ["%d/%m/%Y %H:%M", "31-01-2024 13:45", '"-01-2024 13:45" at character 3, where "/" was expected'],
    [
      "%d/%m/%Y %H:%M",
      "32/01/2024 13:45",
      '"32/01/2024 13:45" at character 1, where a day from 1 to 31 (%d) was expected',
    ],
    ["%d/%m/%Y %H:%M", "30/02/2024 13:45", "February 2024 has 29 days"],
    ["%d/%m/%Y %H:%M", "31/01/2024", "it ends where a blank was expected"],
    ["%d/%m/%Y %H:%M", "31/01/2024 24:01", "past 24:00, the day's end"],
    ["%d/%m/%Y %H:%M", "31/01/1899 13:45", "year 1899: years are 1900 to 2199"],
    ["%d/%m/%Y %H:%M", "31/01/2024 13:45Z", '"Z" at character 17, where it should end'],
    ["%Y%m%d %H%M", "20240131 45", '"45" at character 10'],
    ["epoch-s", "now", "not a number of seconds since 1970"],
    [
      "epoch-s",
      "1706659200000",
      'read as seconds since 1970, it is not in the years 1900 to 2199; it looks like milliseconds since 1970: timestampFormat: "epoch-ms"',
    ],
  ])("%s does not read %s", async (format, text, why) => {
    expect(await hourOf(format, text)).toContain(why);
  });

  test.each([
    ["%d/%m/%Y %H:%M %d", "it has the day twice: %d"],
    ["%d/%b/%m %H:%M", "it has the month twice: %b and %m"],
    ["%H:%M", "it has no year, no month, no day; a timestamp needs a date: add %Y or %y, %m or %b, %d"],
    ["%d/%m/%Y", "it has no hour"],
    ["%d/%m/%Y %I:%M", "add %p"],
    ["%d/%m/%Y %H:%M %p", "write %I instead of %H"],
    ["%d/%m/%Y %H:%S", "it has seconds and no minute"],
    ["%d/%m/%Y %H:%M.%f", "add %S"],
    ["%Y-%m-%d %H:%M:%S.%f1", "the digits of %f would run into those that follow"],
    ["%d/%m/%Y %Q", "%Q is unknown; there are %Y"],
    ["%D %H:%M", "%D is unknown; write %m/%d/%y instead"],
    ["%d/%m/%Y %H:%M%", "a percent sign is written %%"],
    ["epoch-ns", '"epoch-ns" is not a format; did you mean epoch-'],
    ["DD.MM.YYYY", '"DD.MM.YYYY" has no directives'],
  ])("%s is no format", async (format, why) => {
    const said = await hourOf(format, "x");
    expect(said).toMatch(/^timestampFormat: /);
    expect(said).toContain(why);
  });
});
