/** What layouts are learnt from and used on; and what the kernel counts beside the cells. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Kernel } from "../../dist/scan/kernel.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { Both, scanInput, withoutLayouts } from "./both.mjs";
import { Choose } from "./choose.mjs";

const plan = planOf({ bySource: true }).scan;
const R = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"meter_id":"m"}';

/** Scans with layouts and without, compares all, and says what came of it. */
function scanned(text: string, options: Parameters<typeof planOf>[0] = { bySource: true }) {
  const both = new Both(planOf(options).scan);
  const outcome = both.scan(Buffer.from(text));
  both.compare();
  const { absolute } = both.slow.kernel;
  return {
    readings: outcome.readings,
    bad: outcome.bad.length,
    failed: outcome.failure !== undefined,
    sum: absolute,
    ...both,
  };
}
const KWH = 10n ** 18n;

describe("a layout does not cover", () => {
  test("text between records that is not a record", () => {
    expect(scanned(`${R}\nx\n`.repeat(20))).toMatchObject({ readings: 20, bad: 20 });
    expect(scanned(`${R},\n`.repeat(20))).toMatchObject({ readings: 20, bad: 20 });
    expect(scanned(`${R}\n5\n`.repeat(20))).toMatchObject({ readings: 20, bad: 20 });
    expect(scanned(`[${`${R},5,`.repeat(20)}${R}]`)).toMatchObject({ readings: 21, bad: 20 });
  });

  test("records at the top level if it was learnt in an array, or the reverse", () => {
    const many = `${R},${R},${R}`;
    expect(scanned(`[${many}]\n[${many}]\n[]\n[${many}]`)).toMatchObject({ readings: 9, failed: false });
    expect(scanned(`{"data":[${many}]}\n{"data":[${many}],"x":1}\n`.repeat(4))).toMatchObject({ readings: 24, bad: 0 });
    expect(scanned(`${R}\n${R}\n${R}\n[${R}\n,${R}\n,${R}\n]`.repeat(4))).toMatchObject({
      readings: 24,
      failed: false,
    });
    expect(scanned(`${R}\n${R}\n${R}\n[${R}\n${R}\n]`)).toMatchObject({ failed: true });
    expect(scanned(`${`${R}\n[${R}]\n`.repeat(4)}${R}\n[]`)).toMatchObject({ readings: 9, bad: 0, failed: false });
  });

  test("a cell with a carriage return in it", () => {
    const rows = (note: string, value: string) => `2024-01-31T13:00:00Z,a\r${note},${value},zz\n`;
    const text = `timestamp,x,kWh_value,y\n${rows("5", "7")}${rows("6", "8").repeat(9)}`;
    expect(scanned(text)).toMatchObject({ readings: 10, sum: 79n * KWH });
  });

  test("a decimal comma if commas separate cells", () => {
    const text = `timestamp,kWh_value,x,y\n${"2024-01-31T13:00:00Z,1,5,7\n".repeat(3)}${"2024-01-31T13:00:00Z,1,5,7,9\n".repeat(3)}`;
    expect(scanned(text, { decimalComma: true })).toMatchObject({ readings: 3, bad: 3, sum: 3n * KWH });
  });

  test("a record without a source, whatever its other fields say", () => {
    const text = Array.from({ length: 20 }, (_, n) => R.replace('"meter_id":"m"', `"note":"n${n}","n":${n}`)).join(
      "\n",
    );
    expect(scanned(text).slow.kernel.exports.sourceCount()).toBe(1);
  });

  test("a record with an empty or absent id if the learnt one had an id", () => {
    const forms = [
      '"meter_id":"m","source_id":"s"',
      '"meter_id":"","source_id":"s"',
      '"meter_id":null,"source_id":"s"',
    ];
    const text = [...forms, ...forms, ...forms].map((form) => R.replace('"meter_id":"m"', form)).join("\n");
    expect(scanned(text).slow.kernel.exports.sourceCount()).toBe(3);
  });

  test("an id with escapes, which stands for another one", () => {
    const both = new Both(plan);
    const ids = ["x", "a\\tb", "x", "a\\tb", "x", "a\\tb"];
    const rows = ids.map((id) => `2024-01-31T13:00:00Z,1,${id}\n`);
    both.scan(Buffer.from(`timestamp,kWh_value,meter_id\n${rows.join("")}`));
    both.scan(Buffer.from([...ids, ...ids].map((id) => R.replace('"m"', `"${id}"`)).join("\n")));
    both.compare();
    // The unnamed one, x, with a backslash, with a tab.
    expect(both.slow.kernel.exports.sourceCount()).toBe(4);
  });

  test("zero bytes in place of a timestamp or its offset", () => {
    const zeros = (count: number) => "\0".repeat(count);
    const times = ["2024-01-31T13:45:00Z", `${zeros(16)}:00Z`, "20240131T134500Z", `20240131T1345${zeros(3)}:00Z`];
    times.push("2024-01-31T13:45:00+01:00", `2024-01-31T13:45:00${zeros(6)}`, `2024-01-31T13:45:00+01${zeros(3)}`);
    const rows = times
      .flatMap((time) => [...times, time].map((other) => `${time},1\n${time},1\n${other},1\n`))
      .join("");
    expect(scanned(`timestamp,kWh_value\n${rows}`).bad).toBeGreaterThan(0);
  });
});

describe("learning", () => {
  afterEach(() => vi.restoreAllMocks());

  /** A record of its own layout: one whose constant text is another. */
  const odd = (n: number) => R.replace("}", `,"é${n}":1}`);

  test("keeps the layouts in use if there are more than fit", () => {
    const kinds = Array.from({ length: 30 }, (_, n) => odd(n));
    const rare = kinds.flatMap((kind) => [R, R, kind]);
    const { taken, records } = scanned(`${rare.join("\n")}\n${`${R}\n`.repeat(100)}`);
    expect(records - taken).toBeLessThan(kinds.length + 5);
    // Eight at once are all taken.
    const choose = Choose.seeded(1);
    const eight = scanned(Array.from({ length: 2000 }, () => choose.of(kinds.slice(0, 8))).join("\n"));
    expect(eight.records - eight.taken).toBeLessThan(20);
    // Others come, and are used then.
    const later = kinds.slice(8, 16).map((kind) => `${kind}\n`.repeat(200));
    const both = scanned(`${kinds.slice(0, 8).map((kind) => `${kind}\n`.repeat(200))}${later.join("")}`);
    expect(both.records - both.taken).toBeLessThan(30);
  });

  test("stops if it is useless, and goes on if it is useful", () => {
    const set = vi.spyOn(Kernel.prototype, "setLayouts");
    const useless = Array.from({ length: 5000 }, (_, n) => odd(n)).join("\n");
    scanInput(new Scanner(plan), Buffer.from(useless));
    expect(set.mock.calls.length).toBeLessThan(64 + 5000 / 256 + 3);
    // What comes after them in great numbers is learnt after all.
    const { slow } = scanInput(new Scanner(plan), Buffer.from(`${useless}\n${`${R}\n`.repeat(5000)}`));
    expect(slow).toBeLessThan(5000 + 300);
  });

  test("prefers the layouts that turn out to be the most frequent, not the first ones", () => {
    const choose = Choose.seeded(2);
    const seldom = () => odd(choose.below(4));
    const lines = Array.from({ length: 12_000 }, (_, n) =>
      n < 8 || choose.oneIn(20) ? seldom() : choose.oneIn(4) ? odd(5) : R,
    );
    const { taken, records } = scanned(lines.join("\n"));
    expect(records - taken).toBeLessThan(20);
    expect(scanned(`[${lines.join(",\n")}]`).bad).toBe(0);
  });

  test("starts again with each input", () => {
    const scanner = new Scanner(plan);
    const inputs = [
      `${R}\n`.repeat(10),
      `[${Array(10).fill(R)}]`,
      `timestamp,kWh_value\n${"2024-01-31T13:00Z,1\n".repeat(10)}`,
    ];
    for (const input of [...inputs, ...inputs])
      expect(scanInput(scanner, Buffer.from(input)).slow).toBeLessThanOrEqual(2);
  });
});

describe("the sum of all |values|", () => {
  const values = (value: string, count: number) => Buffer.from(`${R.replace("1,", `${value},`)}\n`.repeat(count));
  const sumOf = (inputs: readonly Buffer[]) => {
    const scanner = new Scanner(plan);
    for (const input of inputs) scanInput(scanner, input);
    return scanner.kernel.absolute;
  };

  test("is exact, whatever the signs", () => {
    const inputs = [values("999999999999999", 50_000), values("-999999999999999.999", 50_000), values("0.001", 7)];
    const expected = 50_000n * (999_999_999_999_999_000n + 999_999_999_999_999_999n) * 10n ** 15n + 7n * 10n ** 15n;
    expect(sumOf(inputs)).toBe(expected);
    expect(withoutLayouts(() => sumOf(inputs))).toBe(expected);
  });

  test("is undefined from 1e20 kWh on", () => {
    expect(sumOf([values("1000000000000000", 99_999)])).toBe(99_999n * 10n ** 33n);
    expect(sumOf([values("1000000000000000", 100_000)])).toBeUndefined();
    expect(sumOf([values("999999999999999", 100_000), values("99999.999", 1)])).toBe(10n ** 38n - 10n ** 15n);
    expect(sumOf([values("999999999999999", 100_000), values("100000", 1)])).toBeUndefined();
  });

  test("stays undefined even if 128 bits would overflow", () => {
    // 3.5e20 kWh is past 2^128: found before, since it is looked at often enough.
    expect(sumOf([values("-999999999999999", 350_000)])).toBeUndefined();
    expect(sumOf([values("1000000000000000", 100_000), values("1", 1)])).toBeUndefined();
  });
});

describe("the sample", () => {
  const text = Array.from({ length: 300 }, (_, n) => {
    const second = String(n % 60).padStart(2, "0");
    return R.replace("00Z", `${second}${n % 3 === 0 ? ".5" : ""}Z`)
      .replace("1,", `${n - 150}.25,`)
      .replace('"m"', `"m${n % 7}"`);
  }).join("\n");
  const sampled = (count: number) => {
    const scanner = new Scanner(plan);
    scanner.kernel.startSample(count);
    scanInput(scanner, Buffer.from(text));
    return {
      left: scanner.kernel.sampleLeft,
      sample: [...scanner.kernel.takeSample()],
      after: scanner.kernel.sampleLeft,
    };
  };

  test("consists of the first readings, with layouts and without", () => {
    const { left, sample, after } = sampled(100);
    expect({ left, after, length: sample.length }).toEqual({ left: 0, after: 0, length: 300 });
    const start = Date.parse("2024-01-31T13:00:00Z") / 1000;
    for (let n = 0; n < 100; n++) {
      const value = Number(`${n - 150}.25`);
      expect(sample.slice(3 * n, 3 * n + 3)).toEqual([1 + (n % 7), start + (n % 60) + (n % 3 === 0 ? 0.5 : 0), value]);
    }
    expect(withoutLayouts(() => sampled(100))).toEqual({ left, sample, after });
  });

  test("may be larger than the input", () => {
    const { left, sample } = sampled(10_000);
    expect({ left, length: sample.length / 3 }).toEqual({ left: 9_700, length: 300 });
  });
});
