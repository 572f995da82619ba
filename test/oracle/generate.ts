/** fast-check arbitraries for whole runs: datasets in every form of a dataset, and options to go with them. */
import fc from "fast-check";
import { dayAbout, id, numberText, type Place, place, spelling, spelt, timestampAbout } from "./generate-fields.js";
import { type Options, RESOLUTIONS } from "./options.js";
import {
  BAD_BYTE,
  type Damage,
  type Draft,
  type Form,
  type Names,
  type Packing,
  pack,
  randomOf,
  render,
  type Style,
} from "./render.js";

export interface Run {
  readonly options: Options;
  readonly inputs: readonly RunInput[];
  /** Whether the last input is to come through standard input. */
  readonly piped: boolean;
}

export interface RunInput {
  readonly name: string;
  /** What the file holds. */
  readonly packed: Buffer;
  /** What the oracle is told. */
  readonly unpacked: Buffer;
}

/** A run before its datasets are written out, so that its records can be put into another order first. */
export interface Plan {
  readonly options: Options;
  readonly datasets: readonly { drafts: readonly Draft[]; form: Form; style: Style; packing: Packing }[];
  readonly piped: boolean;
}

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc
    .constantFrom(
      ...[
        "2024-02-30T00:00Z",
        "2024-01-31T25:00Z",
        "31/01/2024 13:45",
        "1706708700",
        "2024-01-31",
        "",
        "2024-01-31T1345Z",
      ],
      ...["2024-01-31T13:45+18:30", "1899-06-01T00:00Z", "2024-01-31T13:45:00.Z", "now", "2024-01-31T24:00:01Z"],
    )
    .map((text) => ({ kind: "timestamp" as const, json: JSON.stringify(text), cell: text })),
  fc.constantFrom("1706708700", "null", "true", "[]").map((json) => ({ kind: "timestamp" as const, json, cell: json })),
  fc
    .constantFrom(
      "+1",
      ".5",
      "1.",
      "007",
      "0x1",
      "NaN",
      "Infinity",
      "",
      "1,5,",
      "1 000",
      "abc",
      "1e16",
      "-1e99",
      "1e99999999",
    )
    .map((text) => ({ kind: "value" as const, json: JSON.stringify(text), cell: text })),
  fc
    .constantFrom("1e30", "-1e19", "null", "true", "[1]", "{}")
    .map((json) => ({ kind: "value" as const, json, cell: "x" })),
  fc
    .constantFrom("42.0", "1e2", "true", "[]", "{}", '"nul\\u0000"')
    .map((json) => ({ kind: "id" as const, json, cell: "nul\0" })),
  fc
    .constantFrom("no timestamp", "no value", "bytes", "surrogate", "fewer cells", "more cells")
    .map((kind) => ({ kind: kind as Exclude<Damage, { json: string } | { place: number }>["kind"] })),
  fc.constantFrom("5", '"text"', "null", "true").map((json) => ({ kind: "not an object" as const, json })),
  fc
    .constantFrom(
      '{"timestamp": oops',
      "nonsense",
      '{"timestamp":"2024-01-01T00:00Z","kWh_value":1,}',
      "]",
      ",",
      "}",
      '{"a":1},',
      '{"a":"b',
    )
    .map((json) => ({ kind: "broken line" as const, json })),
  fc.record({
    kind: fc.constant("changed line" as const),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    remove: fc.constantFrom(0, 1, 1, 2, 10_000),
    insert: fc.constantFrom("", ...'0159.-+eEx,:{}"\\u \t\0é\u00a0', BAD_BYTE),
  }),
);

const blanks = fc.constantFrom<[string, string]>(["", ""], ["", ""], [" ", ""], ["", "  "], [" \t", " "]);

function draft(at: Place, damaged: boolean): fc.Arbitrary<Draft> {
  return fc.record({
    timestamp: timestampAbout(at.about),
    number: numberText,
    quoted: fc.boolean(),
    blanks,
    meterId: id,
    sourceId: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, id),
    damage: damaged ? fc.option(damage, { nil: undefined, freq: 2 }) : fc.constant(undefined),
  });
}

/** Readings as a machine writes them: hundreds of one arrangement and spelling, with a few others among them. */
function regularDrafts(at: Place, damaged: boolean): fc.Arbitrary<Draft[]> {
  const regular = fc.record({
    count: fc.integer({ min: 20, max: 300 }),
    seed: fc.integer({ min: 1 }),
    style: spelling.map((style) => ({ ...style, special: "" as const })),
    places: fc.nat(12),
    template: draft(at, false),
    ids: fc.array(id, { minLength: 1, maxLength: 4 }),
    others: fc.array(draft(at, damaged), { maxLength: 4 }),
  });
  return regular.map(({ count, seed, style, places, template, ids, others }) => {
    const random = randomOf(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const drafts = Array.from({ length: count }, (): Draft => {
      const fraction = places === 0 ? "" : `.${String(below(10 ** places)).padStart(places, "0")}`;
      return {
        ...template,
        timestamp: spelt(at.about + (below(400) - 200) * 300, style),
        number: (below(10) === 0 ? "-" : "") + below(1000) + fraction,
        meterId: ids[below(ids.length)],
      };
    });
    for (const other of others) drafts.splice(below(drafts.length), 0, other);
    return drafts;
  });
}

const POINTERS = ["/readings", "/data/items", "/a~1b/~0c", "/pages/1", "/ with blank", "/sites/*/meters/*/r", "/*"];

function form(pointer: string | undefined): fc.Arbitrary<Form> {
  if (pointer !== undefined) return fc.constant({ kind: "pointed", pointer });
  return fc.oneof(
    fc.constantFrom<Form>({ kind: "array" }, { kind: "lines" }, { kind: "concatenated" }, { kind: "wrapped" }),
    fc.record({
      kind: fc.constant("csv" as const),
      separator: fc.constantFrom(",", ";", "\t", "|"),
      lineEnd: fc.constantFrom("\n", "\r\n"),
    }),
  );
}

const packing: fc.Arbitrary<Packing> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "none" as const }) },
  fc.record({ kind: fc.constantFrom("gzip" as const, "zstd" as const), cut: fc.constantFrom(0, 0.3, 0.7) }),
);

function options(at: Place, damaged: boolean): fc.Arbitrary<Options> {
  const { zone, about } = at;
  const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
  return fc
    .record({
      timezone: fc.constantFrom(zone, zone, zone, "Europe/Paris", undefined),
      inputTimezone: fc.constantFrom(undefined, undefined, zone, "America/New_York", "Asia/Kathmandu", "UTC"),
      period: fc.constantFrom(undefined, undefined, undefined, "both", "from", "to"),
      from: fc.integer({ min: -3, max: 0 }),
      days: fc.nat(3),
      bySource: fc.boolean(),
      resolutions: maybe(fc.shuffledSubarray([...RESOLUTIONS], { minLength: 1 })),
      withCounts: fc.boolean(),
      stamps: fc.constantFrom(undefined, "start" as const, "end" as const, "end" as const),
      repeatedHour: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        "order" as const,
        "first" as const,
        "last" as const,
      ),
      unit: fc.constantFrom(undefined, undefined, "kWh" as const, "Wh" as const, "MWh" as const),
      decimalComma: fc.boolean(),
      missing: maybe(fc.subarray(["", "abc", "NaN", "1 000", "0", "1e30"], { minLength: 1 }), 3),
      timestampField: maybe(fc.constantFrom("time", "reading time", "at.time"), 3),
      valueField: maybe(fc.constantFrom("kwh", "Énergie (kWh)", "energy.value"), 3),
      sourceField: maybe(fc.constantFrom("meter", "meter_id", "who.id"), 3),
      records: maybe(fc.constantFrom(...POINTERS), 5),
      fileDate: fc.constantFrom(undefined, undefined, "iso" as const, "dd_mm" as const),
      decimals: fc.constantFrom(undefined, undefined, undefined, 0, 1, 3, 18),
      rawIds: fc.boolean(),
      workers: fc.constantFrom(undefined, undefined, 1, 2, 3),
    })
    .map(({ period, from, days, ...rest }) => {
      const chosen: Record<string, unknown> = { ...rest };
      if (period === "both" || period === "from") chosen["from"] = dayAbout(about, from);
      if (period === "both" || period === "to") chosen["to"] = dayAbout(about, from + days);
      if (damaged) chosen["onError"] = "skip";
      return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined && value !== false));
    });
}

function dataset(at: Place, chosen: Options, damaged: boolean) {
  const names: Names = {
    timestamp: chosen.timestampField ?? "timestamp",
    value: (chosen.valueField ?? "kWh_value") as string,
    source: chosen.sourceField as string | undefined,
  };
  return fc.record({
    drafts: fc.oneof(
      { weight: 4, arbitrary: fc.array(draft(at, damaged), { minLength: 1, maxLength: 12 }) },
      { weight: 1, arbitrary: regularDrafts(at, damaged) },
    ),
    form: form(chosen.records),
    packing,
    style: fc.record({
      seed: fc.oneof(fc.constant(0), fc.nat()),
      names: fc.constant(names),
      decimalComma: fc.constant(chosen.decimalComma ?? false),
      bom: fc.boolean(),
    }),
  });
}

/** Runs over one to three datasets; with `damaged`, some of their records are bad and `onError` is `skip`. */
export function plan(damaged: boolean): fc.Arbitrary<Plan> {
  return place.chain((at) =>
    options(at, damaged).chain((chosen) =>
      fc.record({
        options: fc.constant(chosen),
        datasets: fc.array(dataset(at, chosen, damaged), { minLength: 1, maxLength: 3 }),
        piped: fc.boolean(),
      }),
    ),
  );
}

/** Writes a plan's datasets out. `shuffle` other than 0 puts the records, and the inputs, into another order. */
export function runOf({ options: chosen, datasets, piped }: Plan, shuffle = 0): Run {
  const random = randomOf(shuffle);
  const shuffled = <T>(items: readonly T[]): T[] => {
    const keyed = items.map((item) => ({ item, key: random() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  const inputs = datasets.map(({ drafts, form: shape, style, packing: packed }, index) => {
    const unpacked = render(shuffled(drafts), shape, style);
    return {
      name: `readings-${index}.${shape.kind === "csv" ? "csv" : "json"}`,
      packed: pack(unpacked, packed),
      unpacked,
    };
  });
  return { options: chosen, inputs: shuffled(inputs), piped };
}
