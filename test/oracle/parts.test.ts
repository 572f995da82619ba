/** The oracle's parts, each held to something else than itself. */
import { Temporal } from "@js-temporal/polyfill";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv } from "./csv.js";
import { energyOf, energyText, type Unit } from "./energy.js";
import { stampOf } from "./timestamp.js";
import { compareUtf8, decodeUtf8, isUnicode } from "./utf8.js";
import { instantText } from "./zone.js";

describe("UTF-8", () => {
  test("reads what TextDecoder reads, and marks bytes that it refuses", () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: "grapheme" }).map((text) => new TextEncoder().encode(text)),
      fc
        .array(
          fc.constantFrom(0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xef, 0xbb, 0xbf, 0x41),
        )
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        let expected: string | undefined;
        try {
          expected = new TextDecoder("utf-8", { fatal: true }).decode(input);
        } catch {
          // stays undefined
        }
        const text = decodeUtf8(input);
        expect(isUnicode(text)).toBe(expected !== undefined);
        if (expected !== undefined) expect(text).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test("bytes around a bad one are still read", () => {
    expect(decodeUtf8(Uint8Array.of(0xc3, 0xa9, 0xff, 0x41, 0xe2, 0x82))).toBe("é\udcffA\udce2\udc82");
  });

  test("ids are in the order of their bytes, not of UTF-16", () => {
    expect(["😀", "\uff5e", "b", "é", "a", ""].sort(compareUtf8)).toEqual(["", "a", "b", "é", "\uff5e", "😀"]);
  });
});

describe("CSV", () => {
  test("reads back what is written with quotes, separators and line ends of any kind", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\t", "\n", "\r", " ") });
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom(",", ";", "\t"),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (cells, separator, end, last) => {
          const text = cells
            .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(separator))
            .join(end);
          expect([...readCsv(text + (last ? end : ""), separator)].map((row) => row.cells)).toEqual(cells);
        },
      ),
    );
  });

  test("cells need no quotes, and may be empty", () => {
    expect([...readCsv('a,b\r\n,\n1;2\t3,"x""y"', ",")]).toMatchObject([
      { cells: ["a", "b"], start: 0 },
      { cells: ["", ""], start: 5 },
      { cells: ["1;2\t3", 'x"y'], start: 7 },
    ]);
  });
});

describe("energy", () => {
  const kWh = 10n ** 18n;
  test.each<[string, Unit, bigint, boolean]>([
    ["0.1", "kWh", kWh / 10n, false],
    ["-0", "kWh", 0n, false],
    ["1e15", "kWh", 10n ** 33n, false],
    ["1000000000000000000", "Wh", 10n ** 33n, false],
    ["1", "Wh", kWh / 1000n, false],
    ["1.5E+1", "MWh", 15_000n * kWh, false],
    ["0.000000000000000001", "kWh", 1n, false],
    ["0.0000000000000000010", "kWh", 1n, false],
    ["0.0000000000000000005", "kWh", 0n, true],
    ["0.0000000000000000015", "kWh", 2n, true],
    ["-0.0000000000000000025", "kWh", -2n, true],
    ["0.00000000000000000050000000000000000000001", "kWh", 1n, true],
    ["5e-16", "Wh", 0n, true],
    ["5e-22", "MWh", 0n, true],
    ["1e-1000000000000", "kWh", 0n, true],
    ["0e1000000000000", "kWh", 0n, false],
    ["0.000001e6", "kWh", kWh, false],
  ])("%s %s", (text, unit, energy, rounded) => {
    expect(energyOf(text, unit)).toEqual({ energy, rounded });
  });

  test.each([
    ["1000000000000000.1", "kWh"],
    ["-1e16", "kWh"],
    ["1e999999999999", "Wh"],
    ["1000000000001", "MWh"],
  ] as const)("%s %s is too large", (text, unit) => expect(energyOf(text, unit)).toBe("too large"));

  test.each(["", " 1", "+1", ".5", "1.", "007", "0x1", "1,5", "NaN", "Infinity", "1e", "--1", "1_000", "١"])(
    "%j is not a number",
    (text) => {
      expect(energyOf(text, "kWh")).toBe("not a number");
    },
  );

  test("agrees with floats as far as floats go", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
        const measured = energyOf(String(value).replace("e+", "e"), "kWh");
        if (typeof measured === "string") throw new Error(measured);
        expect(Math.abs(Number(energyText(measured.energy)) - value)).toBeLessThanOrEqual(
          5e-19 + Math.abs(value) * 1e-15,
        );
      }),
    );
  });

  test.each<[string, number, string]>([
    ["0.028999999999999998", 3, "0.029"],
    ["0.5", 0, "0"],
    ["1.5", 0, "2"],
    ["2.5", 0, "2"],
    ["-2.5", 0, "-2"],
    ["-0.4", 0, "0"],
    ["2.50000000000000001", 0, "3"],
    ["9.996", 2, "10"],
    ["100", 18, "100"],
  ])("%s with %i decimals is %s", (text, decimals, expected) => {
    const measured = energyOf(text, "kWh");
    expect(energyText(typeof measured === "string" ? 0n : measured.energy, decimals)).toBe(expected);
  });
});

describe("timestamps", () => {
  test("of every spelling are the instant that Temporal reads", () => {
    const two = (value: number) => String(value).padStart(2, "0");
    const arbitrary = fc.record({
      date: fc.date({
        min: new Date("1900-01-01T00:00:00Z"),
        max: new Date("2199-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      }),
      basic: fc.boolean(),
      between: fc.constantFrom("T", "t", " "),
      precision: fc.constantFrom("minute", "second", ".", ","),
      fraction: fc.stringMatching(/^[0-9]{1,9}$/),
      offset: fc.oneof(
        fc.constantFrom("", "Z", "z"),
        fc
          .tuple(
            fc.constantFrom("+", "-"),
            fc.integer({ min: 0, max: 17 }),
            fc.integer({ min: 0, max: 59 }),
            fc.constantFrom(":", "", "short"),
          )
          .map(([sign, hours, minutes, form]) => sign + two(hours) + (form === "short" ? "" : form + two(minutes))),
      ),
    });
    fc.assert(
      fc.property(arbitrary, ({ date, basic, between, precision, fraction, offset }) => {
        const [day, time] = date.toISOString().slice(0, 19).split("T") as [string, string];
        const shown =
          precision === "minute" ? time.slice(0, 5) : precision === "second" ? time : time + precision + fraction;
        const extended = day + between + shown + offset;
        const text = basic ? day.replaceAll("-", "") + between + shown.replaceAll(":", "") + offset : extended;
        const stamp = stampOf(text);
        if (offset === "") {
          const wall = Temporal.PlainDateTime.from(text).toZonedDateTime("UTC").epochMilliseconds;
          expect([stamp?.wallSeconds, stamp?.offset]).toEqual([Math.floor(wall / 1000), undefined]);
        } else {
          const { epochMilliseconds } = Temporal.Instant.from(text);
          expect(stamp!.wallSeconds - stamp!.offset!).toBe(Math.floor(epochMilliseconds / 1000));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each<[string, string, boolean]>([
    ["2024-01-31T24:00Z", "2024-02-01T00:00:00Z", false],
    ["20241231T240000Z", "2025-01-01T00:00:00Z", false],
    ["2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", true],
    ["2024-01-31T13:45:00.000000000000000000001Z", "2024-01-31T13:45:00Z", true],
    ["2024-01-31T13:45:00,0Z", "2024-01-31T13:45:00Z", false],
    ["2024-01-31T13:45+18:00", "2024-01-30T19:45:00Z", false],
  ])("%s", (text, instant, past) => {
    const stamp = stampOf(text)!;
    expect(instantText("UTC", stamp.wallSeconds - stamp.offset!)).toBe(instant);
    expect(stamp.past).toBe(past);
  });

  test.each([
    ...[
      "",
      "2024-01-31",
      "2024-01-31T13Z",
      "2024-02-30T00:00Z",
      "2023-02-29T00:00Z",
      "2024-13-01T00:00Z",
      "2024-00-01T00:00Z",
    ],
    ...["2024-01-00T00:00Z", "2024-01-31T25:00Z", "2024-01-31T24:01Z", "2024-01-31T24:00:60Z", "2024-01-31T13:60Z"],
    ...["2024-01-31T13:45:61Z", "1706708700", "31/01/2024 13:45", "2024-01-31T13:45:00.Z", "2024-01-31T13:45.5Z"],
    ...[
      "2024-01-31T1345Z",
      "20240131T13:45Z",
      "2024-01-31T13:45+18:01",
      "2024-01-31T13:45+1",
      "2024-01-31T13:45+01:60",
    ],
    ...[
      "2024-01-31T13:45 Z",
      "2024-01-31  13:45",
      " 2024-01-31T13:45",
      "2024-01-31T13:45\n",
      "1899-12-31T23:00Z",
      "2200-01-01T00:00Z",
    ],
    ...[
      "2024-1-31T13:45Z",
      "2024-01-31T13:45:00[Europe/Paris]",
      "+002024-01-31T13:45Z",
      "2024-W05-3T13:45Z",
      "2024-031T13:45Z",
    ],
  ])("%j is none", (text) => {
    expect(stampOf(text)).toBeUndefined();
  });
});
