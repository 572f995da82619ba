/** Green Button, against sums made from the readings themselves: feeds written in the ways that utilities write them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as sum } from "../../dist/index.js";
import { aggregate } from "../oracle/aggregate.js";
import type { Options } from "../oracle/options.js";
import { type Flow, feed, PLAIN, START, type Way } from "./feeds.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 40);
const OPTIONS = { bySource: true, onError: "skip" } as const;

const found = async (data: readonly string[], options: object = OPTIONS) => {
  const result = await sum(
    data.map((text) => Buffer.from(text)),
    options,
  );
  const daily = [...result.daily()].map((row) => [row.source_id, row.aggregated_kWh_value] as const);
  return { result, daily: Object.fromEntries(daily) as Record<string, string> };
};

const WAY: fc.Arbitrary<Way> = fc.record({
  prefix: fc.constantFrom("", "espi", "ns0"),
  host: fc.constantFrom("", "/espi/1_1/resource/", "https://utility.example/espi/1_1/resource/"),
  typeHost: fc.constantFrom("", "other/"),
  typesLast: fc.boolean(),
  newestFirst: fc.boolean(),
  times: fc.boolean(),
});
const FLOW: fc.Arbitrary<Flow> = fc.record({
  meter: fc.constantFrom("01", "02"),
  direction: fc.constantFrom("1" as const, "19" as const, "4" as const),
  multiplier: fc.constantFrom(0, -3, 3),
  length: fc.constantFrom(900, 3600),
  values: fc.array(fc.nat(5000), { minLength: 1, maxLength: 12 }),
});
const NAMES = { "1": "fwd", "19": "rev", "4": "net" } as const;

test("gives each flow its energy, in whatever way the feed is written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(FLOW, { minLength: 1, maxLength: 4 }), WAY, async (flows, way) => {
      const { daily, result } = await found([feed(flows, way)]);
      const energies = flows.map(({ meter, direction, multiplier, values }, n) => {
        const whole = BigInt(values.reduce((all, value) => all + value, 0)) * 10n ** BigInt(multiplier + 3);
        return [`${meter}/${n}/${NAMES[direction]}`, whole] as const;
      });
      // In 10⁻⁶ kWh.
      const inMicro = ([id, kWh]: readonly [string, string]) => [id, BigInt(Math.round(Number(kWh) * 1e6))] as const;
      expect(Object.fromEntries(Object.entries(daily).map(inMicro))).toEqual(Object.fromEntries(energies));
      expect(result.readings).toBe(flows.reduce((all, { values }) => all + values.length, 0));
    }),
    { numRuns: CASES },
  );
});

/** Half hours of the days on which London's clocks change: 46 or 50, some of which may be missing. */
const CHANGE: fc.Arbitrary<Flow> = fc
  .record({ spring: fc.boolean(), gap: fc.constantFrom(0, 0, 1, 3) })
  .map(({ spring, gap }) => ({
    ...{ meter: "01", direction: "1" as const, multiplier: 0, length: 1800 },
    start: Date.UTC(2024, spring ? 2 : 9, spring ? 31 : 26, spring ? 0 : 23) / 1000,
    values: Array.from({ length: (spring ? 46 : 50) - gap }, (_, k) => 100 + ((k * 37) % 50)),
  }));
/** What stands beside energy in feeds, and is none. */
const BESIDE: fc.Arbitrary<Flow> = fc
  .record({
    type: fc.constantFrom({ uom: "73" }, { uom: "169", commodity: "7" }, { accumulationBehaviour: "3" }),
    gas: fc.boolean(),
  })
  .map(({ type, gas }) => ({
    ...{ meter: gas ? "03" : "04", direction: "1" as const, multiplier: 0, length: 3600, values: [1, 2, 3] },
    ...(gas ? { service: "1" } : { type }),
  }));
const FEED = fc
  .record({
    flows: fc.array(fc.oneof({ weight: 3, arbitrary: FLOW }, CHANGE), { minLength: 1, maxLength: 3 }),
    beside: fc.array(BESIDE, { maxLength: 2 }),
    summary: fc.boolean(),
    way: WAY,
    repeatedLinks: fc.boolean(),
    noUsage: fc.boolean(),
  })
  .map(({ flows, beside, summary, way, repeatedLinks, noUsage }) => {
    // A block of whole days beside the intervals of the first flow: another MeterReading of the same meter.
    const [first] = flows as [Flow];
    const more = summary ? [{ ...first, start: first.start ?? START, length: 43_200, values: [7000] }] : [];
    const gasless = noUsage ? beside.filter(({ service }) => service === undefined) : beside;
    return feed([...flows, ...more, ...gasless], { ...way, repeatedLinks, noUsage });
  });

const files = (outcome: { csv(): Iterable<{ name: string; text: string }> }) =>
  Object.fromEntries([...outcome.csv()].map(({ name, text }) => [name, text]));

test("gives the oracle's sums and counts, in any order of inputs, with the deviations that feeds have", async () => {
  let done = 0;
  const run = fc.record({
    texts: fc.array(FEED, { minLength: 1, maxLength: 3 }),
    timezone: fc.constantFrom("UTC", "Europe/London", "America/St_Johns"),
    bySource: fc.boolean(),
    rule: fc.constantFrom(undefined, "subtract" as const, "add" as const, "skip" as const),
    mark: fc.constantFrom("", "\ufeff"),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ texts, rule, mark, ...asked }) => {
      const own = rule === undefined || (asked.bySource && rule !== "skip") ? {} : { export: rule };
      const options: Options = { ...asked, ...own, withCounts: true, onError: "skip" };
      const inputs = texts.map((text) => Buffer.from(mark + text));
      const expected = aggregate(inputs, options);
      if (expected.status !== "done") {
        await expect(sum(inputs, options as never), expected.why).rejects.toThrow();
        return;
      }
      const seen = await sum(inputs, options as never);
      expect(files(seen)).toEqual(Object.fromEntries(expected.files));
      const { readings, leftOut, sources, kWh } = expected.totals;
      expect(seen).toMatchObject({ readings, leftOut, sources, kWh });
      expect(seen.rejected.length).toBe(expected.bad.length);
      expect(files(await sum([...inputs].reverse(), options as never))).toEqual(files(seen));
      done++;
    }),
    { numRuns: CASES },
  );
  expect(done).toBeGreaterThan(CASES / 10);
});

const flow = (values: readonly number[], more: Partial<Flow> = {}): Flow => ({
  ...{ meter: "01", direction: "1", multiplier: 0, length: 900, values },
  ...more,
});

describe("of one flow and interval", () => {
  test("the same value counts once, another is a conflict, in any order of inputs", async () => {
    const one = feed([flow([1, 2, 3])], PLAIN);
    const other = feed([flow([1, 5, 3, 4])], { ...PLAIN, newestFirst: true });
    for (const data of [
      [one, other],
      [other, one, one],
    ]) {
      const { daily, result } = await found(data);
      expect(daily).toEqual({ "01/0/fwd": "0.008" });
      expect(result.rejected.every(({ reason }) => reason === "conflict")).toBe(true);
      expect(result.rejected.length).toBe(data.length);
      expect(result.leftOut).toEqual({ repeated: 2 * (data.length - 1) });
    }
    await expect(sum([one, other].map((text) => Buffer.from(text)))).rejects.toThrow("2 conflict");
  });

  test("the finer of two resolutions counts where both are", async () => {
    const fine = feed([flow([100, 200, 300, 400])], PLAIN);
    const coarse = feed([flow([7000, 9000], { length: 3600 })], PLAIN);
    const { daily, result } = await found([coarse, fine]);
    expect(daily).toEqual({ "01/0/fwd": "10" });
    expect(result.leftOut).toEqual({ coarser: 1 });
    // Of an hour with three quarters of its own, a quarter is left.
    const three = await found([coarse, feed([flow([100, 200, 300])], PLAIN)]);
    expect(three.daily).toEqual({ "01/0/fwd": "11.35" });
  });
});

test.each([
  [{ type: { uom: "73" } }, { reactive: 2 }],
  [{ type: { uom: "169", commodity: "7" } }, { gas: 2 }],
  [{ service: "1", meter: "02" }, { gas: 2 }],
  [{ type: { accumulationBehaviour: "1" } }, { register: 2 }],
  [{ type: { accumulationBehaviour: "3" } }, { billing: 2 }],
  [{ type: { kind: "8", uom: "38" } }, { demand: 2 }],
] as readonly (readonly [Partial<Flow>, Record<string, number>])[])(
  "%o is left out, and counted: %o",
  async (more, leftOut) => {
    const { daily, result } = await found([feed([flow([1]), flow([1, 2], more)], PLAIN)]);
    expect([daily, result.leftOut]).toEqual([{ "01/0/fwd": "0.001" }, leftOut]);
    await expect(found([feed([flow([1, 2], more)], PLAIN)])).rejects.toThrow(/no electrical energy|only cumulative/);
  },
);

test("power is averaged over its interval", async () => {
  const { daily } = await found([feed([flow([4000, 2000], { type: { uom: "38" } })], PLAIN)]);
  expect(daily).toEqual({ "01/0/fwd": "1.5" });
});

test("consumption and export are not summed unless it is said how", async () => {
  const both = [feed([flow([5000]), flow([2000], { direction: "19" })], PLAIN)];
  await expect(found(both, {})).rejects.toThrow("both consumption and export");
  for (const [rule, kWh] of [
    ["subtract", "3"],
    ["add", "7"],
    ["skip", "5"],
  ])
    expect((await found(both, { export: rule })).result.kWh).toBe(kWh);
  expect((await found(both)).daily).toEqual({ "01/0/fwd": "5", "01/1/rev": "2" });
});

const deep = (n: number) => `<feed>${"<a>".repeat(n)}${"</a>".repeat(n)}</feed>`;

test.each([
  [
    "entities of its own",
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed>&b;</feed>',
    "document type",
  ],
  ["an external document type", '<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>', "document type"],
  ["an undefined entity", "<feed>&undefined;</feed>", "undefined entity"],
  ["deep nesting", deep(100), "more than 64 elements within each other"],
  [
    "many attributes",
    `<feed ${Array.from({ length: 300 }, (_, n) => `a${n}="1"`).join(" ")}/>`,
    "more than 256 attributes",
  ],
  ["a huge attribute", `<feed a="${"x".repeat(3 << 20)}"/>`, "more than 1 MiB without"],
  ["a long text", `<feed><entry><id>${"x".repeat(2000)}</id></entry></feed>`, "longer than 1000 characters"],
  ["another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><feed/>`, "convert it to UTF-8"],
  ["an element that is not closed", "<feed><entry></feed>", "not XML"],
  ["two documents", "<feed/><feed/>", "not XML"],
  ["another kind of XML", '<?xml version="1.0"?><rss/>', "not Green Button"],
])("hostile or broken XML ends in a clear error: %s", async (_, text, message) => {
  const error = await sum(Buffer.from(text)).catch((thrown: Error) => thrown.message);
  expect(error).toContain(message);
  expect(error).toMatch(/^data: line \d+, byte \d+: /);
});

test("a feed in UTF-16 is read as the same in UTF-8, unless it says otherwise itself", async () => {
  const text = feed([flow([1, 2, 3])], PLAIN).replace(' encoding="UTF-8"', "");
  const wide = Buffer.from(`\ufeff${text}`, "utf16le");
  const whole = await sum(Buffer.from(text), OPTIONS);
  for (const bytes of [wide, Buffer.from(wide).swap16(), Buffer.from(`\ufeff${text}`)])
    expect(files(await sum(bytes, OPTIONS))).toEqual(files(whole));
});
