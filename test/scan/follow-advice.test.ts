/** What messages about tables advise is followed, by taking the options out of the message: the sums are then right. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregateIn, inFolder, put, totalsOf } from "./errors-support.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 40);
const START = Date.UTC(2024, 0, 13, 22);
const two = (n: number) => String(n).padStart(2, "0");

/** Ways to write a moment, which no other reads over several days after the twelfth. */
const STAMPS: Readonly<Record<string, (d: Date) => readonly [date: string, time: string]>> = {
  iso: (d) => [d.toISOString().slice(0, 10), d.toISOString().slice(11, 16)],
  german: (d) => [`${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`, clock(d)],
  french: (d) => [`${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}`, clock(d)],
  dutch: (d) => [`${two(d.getUTCDate())}-${two(d.getUTCMonth() + 1)}-${d.getUTCFullYear()}`, `${clock(d)}:00`],
  american: (d) => [`${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())}/${d.getUTCFullYear()}`, clock(d)],
  epoch: (d) => [String(d.getTime() / 1000), ""],
};
const clock = (d: Date) => `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;

/** Names of the columns: of the start or date, of its time, of the end, of its time, and of the value. */
const NAMES = [
  ["Zeit", "Uhrzeit", "Ende", "Uhrzeit bis", "Menge"],
  ["Datum", "Zeit", "Bis", "Zeit bis", "Verbrauch"],
  ["Date de début", "Heure", "Date de fin", "Heure de fin", "Consommation"],
  ["Van", "Tijd", "Tot", "Tijd tot", "Verbruik"],
  ["Fecha", "Hora", "Hasta", "Hora fin", "Consumo"],
  ["Data", "Ora", "Fine", "Ora fine", "Prelievo"],
  ["start", "start time", "end", "end time", "kWh"],
  ["a", "b", "until", "to", "c"],
] as const;

/** How numbers are written that have so many thousandths. */
const grouped = (whole: number, mark: string) => String(whole).replace(/\B(?=(\d{3})+$)/g, mark);
const part = (thousandths: number) => String(thousandths % 1000).padStart(3, "0");
const NUMBERS: Readonly<Record<string, (thousandths: number) => string>> = {
  point: (n) => `${Math.floor(n / 1000)}.${part(n)}`,
  // With a fourth digit it cannot be a comma between groups of digits.
  comma: (n) => `${Math.floor(n / 1000)},${part(n)}0`,
  groupsOfPoints: (n) => `${grouped(Math.floor(n / 1000), ".")},${part(n)}5`,
  groupsOfCommas: (n) => `${grouped(Math.floor(n / 1000), ",")}.${part(n)}5`,
  apostrophes: (n) => `${grouped(Math.floor(n / 1000), "'")}.${part(n)}`,
};

const MAKE = fc.record({
  separator: fc.constantFrom(";", "\t", "|", ","),
  names: fc.constantFrom(...NAMES),
  stamps: fc.constantFrom(...Object.keys(STAMPS)),
  form: fc.constantFrom("whole", "whole", "apart", "days", "weeks", "headless", "hours"),
  ends: fc.constantFrom("none", "next", "last"),
  numbers: fc.constantFrom(...Object.keys(NUMBERS)),
  missing: fc.constantFrom(undefined, "", "n/a", "-", "--", "---", "NaN", "null"),
  unit: fc.constantFrom("none", "none", ..."_wh Wh _MWH mwh column".split(" ")),
  above: fc.boolean(),
  latin: fc.boolean(),
  values: fc.array(fc.integer({ min: 1, max: 9_999_999 }), { minLength: 4, maxLength: 12 }),
});

type Make = typeof MAKE extends fc.Arbitrary<infer T> ? T : never;

/** Units of a column of units, from row to row. */
const UNITS = ["Wh", "kWh", "MWH"];
/** What a unit is in Wh. */
const IN_WH: Readonly<Record<string, bigint>> = { wh: 1n, mwh: 1_000_000n };

/** The name of the value's column, which may have its unit. */
function valueName(name: string, unit: string): string {
  if (unit === "none" || unit === "column") return name;
  const base = name === "kWh" ? "energy" : name;
  // `VerbruikWh` may be in kWh.
  return unit.startsWith("_") || (unit === "Wh" && !base.endsWith("k")) ? `${base}${unit}` : `${base} [${unit}]`;
}

/** The text of a table, and the sum of its values in units of 10⁻⁷ kWh. */
function written(make: Make): { bytes: Buffer; total: bigint } {
  const { separator, names, form, numbers, missing, values } = make;
  const [start, time, end, endTime] = names;
  const isDays = form === "days" || form === "weeks" || form === "hours";
  /** Counted from 0, or from 1 where ends are asked for. */
  const hours = make.ends === "none" ? "hour" : "Hour Ending";
  // Numbers in a column are taken for an epoch by its name alone.
  const isEpoch = form === "headless" || (form === "whole" && /^(Zeit|Dat|Fecha)/.test(start) && start !== "Data");
  const stamps = make.stamps === "epoch" && !isEpoch ? "iso" : make.stamps;
  const unit = form === "headless" ? "none" : make.unit;
  const value = [valueName(names[4], unit), ...(unit === "column" ? ["Einheit"] : [])];
  const hasEnd = make.ends !== "none" && form !== "hours";
  const step = form === "days" ? 24 : form === "weeks" ? 168 : 1;
  const lines: string[][] = [];
  if (form === "hours") lines.push([start, hours, ...value]);
  else if (form === "apart") lines.push([start, time, ...(hasEnd ? [endTime] : []), ...value]);
  else if (form !== "headless") lines.push([start, ...(hasEnd ? [end] : []), ...value]);
  let total = 0n;
  for (const [n, amount] of values.entries()) {
    const at = (hours: number, minutes = 0) => {
      const moment = START + (isDays ? 2 : 0) * 3_600_000 + hours * 3_600_000 - minutes * 60_000;
      return STAMPS[stamps]!(new Date(moment));
    };
    const from = at(n * step);
    const to = at((n + 1) * step, make.ends !== "last" ? 0 : isDays ? 24 * 60 : 1);
    const isMissing = missing !== undefined && n % 3 === 1;
    const own = unit === "column" ? UNITS[n % UNITS.length]! : unit.replace("_", "");
    const cells = [isMissing ? missing : NUMBERS[numbers]!(amount), ...(unit === "column" ? [own] : [])];
    const amountIn = BigInt(amount) * 10n + (numbers.startsWith("groups") ? 5n : 0n);
    if (!isMissing) total += amountIn * (IN_WH[own.toLowerCase()] ?? 1000n);
    if (form === "hours") lines.push([from[0], String((n % 24) + (hours === "hour" ? 0 : 1)), ...cells]);
    else if (isDays) lines.push([from[0], ...(hasEnd ? [to[0]] : []), ...cells]);
    else if (form === "apart") lines.push([...from, ...(hasEnd ? [to[1]] : []), ...cells]);
    else lines.push([from.join(" ").trim(), ...(hasEnd ? [to.join(" ").trim()] : []), ...cells]);
  }
  const quoted = (cell: string) => (cell.includes(separator) ? `"${cell}"` : cell);
  const above = make.above && form !== "headless" ? "Zählerauszug\n\n" : "";
  const text = above + lines.map((cells) => `${cells.map(quoted).join(separator)}\n`).join("");
  return { bytes: Buffer.from(text, make.latin ? "latin1" : "utf8"), total };
}

const exact = (kWh: string) => {
  const [whole = "", decimals = ""] = kWh.split(".");
  return BigInt(`${whole}${decimals.padEnd(7, "0")}`);
};

/** The words of a command as a shell takes them. */
const words = (text: string) =>
  [...text.matchAll(/'((?:[^']|'\\'')*)'|\S+/g)].map(([all, inner]) => inner?.replaceAll("'\\''", "'") ?? all);

test("tables of many makes are read with what the message says, to the right sum", async () => {
  let followed = 0;
  await inFolder(async (folder) => {
    await fc.assert(
      fc.asyncProperty(MAKE, async (make) => {
        const { bytes, total } = written(make);
        put(folder, "a.csv", bytes);
        const { said } = await aggregateIn(folder, ["a.csv"]);
        const advised = /; to read it, say (.*?)\. The first lines, as cells: /.exec(said[0] ?? "")?.[1];
        expect(advised, `${said[0]}\n${bytes}`).toBeDefined();
        const outcome = await aggregateIn(folder, ["a.csv", ...words(advised!)]);
        const { kWh, rejected, leftOut } = totalsOf(outcome) as never;
        expect([exact(kWh), rejected], `${advised}\n${bytes}`).toEqual([total, 0]);
        const none = make.missing === undefined ? {} : { missing: Math.floor((make.values.length + 1) / 3) };
        expect(leftOut).toEqual(none);
        if (make.ends !== "none")
          expect(advised).toMatch(make.form === "hours" ? /--time-field .* --stamps end/ : /--end-field/);
        followed++;
      }),
      { numRuns: CASES },
    );
  });
  expect(followed).toBe(CASES);
});

test.each([
  ["timestamp,kWh_value\n2024-01-31T00:00Z,n/a\n2024-01-31T01:00Z,1\n", "1"],
  ["timestamp,kWh_value\n2024-01-31T00:00Z,-\n2024-01-31T01:00Z,1\n", "1"],
  ["timestamp,kWh_value\n2024-01-31T00:00Z,NaN\n2024-01-31T01:00Z,1\n", "1"],
  ["timestamp,kWh_value\n2024-01-31T00:00Z,\n2024-01-31T01:00Z,1\n", "1"],
  ['[{"timestamp":"2024-01-31T00:00Z","kWh_value":null},{"timestamp":"2024-01-31T01:00Z","kWh_value":1}]', "1"],
  ["timestamp,kWh_value\n2024-01-31,24\n2024-02-01,12\n", "36"],
  ["timestamp,kWh_value\n31.01.2024,24\n", "24"],
  ["timestamp;kWh_value\n2024-01-31T00:00Z;1.234,5\n", "1234.5"],
  [Buffer.from("timestamp,kWh_value,meter_id\n2024-01-31T00:00Z,1,Müller\n", "latin1"), "1"],
])("what the message about the first bad record says reads it: %s", (text, kWh) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    const [first = ""] = /--[a-z].*$/.exec(said[0] ?? "") ?? [];
    const outcome = await aggregateIn(folder, ["a.csv", ...words(first)]);
    expect(totalsOf(outcome), said[0]).toMatchObject({ kWh, rejected: 0 });
  }),
);
