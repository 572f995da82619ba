/** Readings of registers as devices write them, with everything that goes wrong. */
import fc from "fast-check";
import type { Rules, Shown } from "../oracle/register.js";

export const SECOND = 1_000_000_000n;
const START = 1_706_659_200n * SECOND;
const KWH = 10n ** 18n;
const DAY = 86_400n * SECOND;

const STEPS = fc.constantFrom(0, 1, 60, 60, 300, 300, 900, 900, 900, 3600, 3601, 7200, 7201, 30_000, 200_000);
const FAR = fc.constantFrom(400 * 86_400 - 1, 400 * 86_400, 400 * 86_400 + 1);
const NANOS = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(999_999_999));

/** What happens from one reading to the next. */
const HAPPENS = fc.record({
  seconds: fc.oneof({ weight: 60, arbitrary: STEPS }, { weight: 1, arbitrary: FAR }),
  nanos: NANOS,
  kind: fc.constantFrom(
    ...[
      "rises",
      "rises",
      "rises",
      "rises",
      "rises",
      "same",
      "zero",
      "zero",
      "lower",
      "tenth",
      "nine",
      "again",
      "differs",
    ],
    ...["rolls", "exchange", "exchange_read"],
  ),
  size: fc.oneof(fc.nat(5000), fc.nat(20), fc.bigInt({ min: 0n, max: 10n ** 15n })),
  places: fc.nat(18),
});

/** The readings of one source, in order. */
function readingsOf(
  source: string,
  first: number,
  happens: readonly (typeof HAPPENS extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const all: Shown[] = [];
  let at = START + BigInt(first) * SECOND;
  let value = 1000n * KWH;
  for (const { seconds, nanos, kind, size, places } of happens) {
    at += BigInt(seconds) * SECOND;
    if (nanos > 0) at += BigInt(nanos);
    else if (seconds % 60 === 0) at -= at % SECOND;
    const some = (BigInt(size) * 10n ** BigInt(18 - Math.min(places, 18))) / (places > 12 ? 1n : 1000n);
    const add = (shown: bigint) => all.push({ source, at, value: shown });
    if (kind === "rises") {
      value += some;
      add(value);
    } else if (kind === "same") add(value);
    else if (kind === "zero") add(0n);
    else if (kind === "lower") {
      value = value > some ? value - some : 0n;
      add(value);
    } else if (kind === "tenth") {
      value /= 10n;
      add(value);
    } else if (kind === "nine") {
      value = (value / 10n) * 9n;
      add(value);
    } else if (kind === "again") {
      add(value);
      add(value);
    } else if (kind === "differs") {
      add(value);
      add(value + some + 1n);
    } else if (kind === "rolls") {
      value = 95_000n * KWH;
      add(value);
      at += 60n * SECOND;
      value = some % (9000n * KWH);
      add(value);
    } else {
      const newStart = some % (5n * KWH);
      all.push({ source, at, value, newStart });
      if (kind === "exchange_read") add(value);
      value = newStart;
    }
  }
  return all;
}

export const READINGS = fc
  .array(
    fc.record({
      source: fc.constantFrom("a", "b", "ü", ""),
      first: fc.nat(5000),
      happens: fc.array(HAPPENS, { minLength: 1, maxLength: 25 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((sources) => sources.flatMap(({ source, first, happens }) => readingsOf(source, first, happens)));

export const RULES: fc.Arbitrary<Rules> = fc
  .record({
    register: fc.constantFrom("meter" as const, "meter" as const, "counter" as const),
    rollover: fc.constantFrom(undefined, undefined, 100_000n * KWH),
    gap: fc.constantFrom(undefined, undefined, 3600n * SECOND, DAY),
    across: fc.constantFrom("spread" as const, "end" as const, "drop" as const),
  })
  .map((rules) => ({
    ...rules,
    rollover: rules.register === "counter" ? undefined : rules.rollover,
    across: rules.gap === undefined ? "spread" : rules.across,
  }));

/** The options that say rules. */
export function optionsOf({ register, rollover, gap, across }: Rules) {
  return {
    ...{ values: "register" as const, register },
    ...(rollover === undefined ? {} : { rollover: "100000" }),
    ...(gap === undefined ? {} : { gap: gap === DAY ? "1d" : "1h", across }),
  };
}

export function valueText(value: bigint): string {
  const digits = String(value).padStart(19, "0");
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`.replace(/\.?0+$/, "");
}

function instantText(at: bigint): string {
  const nanos = String(at % SECOND).padStart(9, "0");
  return `${new Date(Number(at / SECOND) * 1000).toISOString().slice(0, 19)}${nanos === "000000000" ? "" : `.${nanos}`}Z`;
}

/** A line of JSON. */
export function lineOf({ source, at, value, newStart }: Shown): string {
  const energies =
    newStart === undefined
      ? { kWh_value: valueText(value) }
      : { old_end: valueText(value), new_start: valueText(newStart) };
  return `${JSON.stringify({ timestamp: instantText(at), ...(source === "" ? {} : { meter_id: source }), ...energies })}\n`;
}
