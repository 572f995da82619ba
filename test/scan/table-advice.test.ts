/** The options that the message about a table advises, followed: they read it to the right sum. */
import { describe, expect, test } from "vitest";
import { aggregateIn, inFolder, put, totalsOf } from "./errors-support.js";

const ones = (count: number) => Array(count).fill("1").join(";");
const two = (n: number) => String(n).padStart(2, "0");
/** Names of columns: numbers from 1 on, and times of day from a part of the day on. */
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${prefix === "" ? n + 1 : two(n + 1)}`).join(";");
const clocks = (count: number, first: number) =>
  Array.from({ length: count }, (_, n) => (((n + first) * 1440) / count) % 1440)
    .map((minutes) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`)
    .join(";");

/** Made-up exports, the options that the message has to name, the total, and the number of sources. */
const EXPORTS: readonly (readonly [name: string, text: string, options: string, kWh: string, sources: number])[] = [
  [
    "German, with lines above, date and time apart",
    "Netzbetreiber;Lastgang\n\nDatum;Uhrzeit;Verbrauch (kWh);Zählpunkt\n13.01.2024;00:15;1,25;DE1\n14.01.2024;00:30;0,5;DE2\n",
    "--timestamp-field Datum --time-field Uhrzeit --timestamp-format '%d.%m.%Y %H:%M' --value-field 'Verbrauch (kWh)' --decimal-comma --source-field 'Zählpunkt'",
    "1.75",
    2,
  ],
  [
    "French, day first",
    "Horodate;Consommation\n25/03/2024 01:00;12,5\n26/03/2024 01:30;2\n",
    "--timestamp-field Horodate --timestamp-format '%d/%m/%Y %H:%M' --value-field Consommation --decimal-comma",
    "14.5",
    1,
  ],
  [
    "American, with a cost",
    "DATE,START TIME,END TIME,USAGE (kWh),COST\n01/31/2024,00:00,00:59,0.75,$0.20\n02/01/2024,01:00,01:59,0.25,$0.10\n",
    "--timestamp-field DATE --time-field 'START TIME' --timestamp-format '%m/%d/%Y %H:%M' --end-field 'END TIME' --end inclusive --value-field 'USAGE (kWh)'",
    "1",
    1,
  ],
  [
    "Dutch, with empty cells",
    "Van;Tot;Verbruik\n31-01-2024 00:00;31-01-2024 00:15;1,5\n31-01-2024 00:15;31-01-2024 00:30;\n",
    "--timestamp-field Van --timestamp-format '%d-%m-%Y %H:%M' --end-field Tot --value-field Verbruik --decimal-comma --missing ''",
    "1.5",
    1,
  ],
  [
    "Spanish, with groups of digits",
    "Fecha;Energía\n2024-01-31 00:00;1.234,5\n2024-01-31 01:00;1.000\n",
    "--timestamp-field Fecha --value-field 'Energía' --thousands . --decimal-comma",
    "2234.5",
    1,
  ],
  [
    "English, ISO 8601, in MWh",
    "Start,End,Import (MWh),MPAN\n2024-01-31T00:00Z,2024-01-31T00:30Z,0.001,17\n2024-01-31T00:30Z,2024-01-31T01:00Z,0.002,17\n",
    "--timestamp-field Start --end-field End --value-field 'Import (MWh)' --unit MWh --source-field MPAN",
    "3",
    1,
  ],
  [
    "Italian, separated by tabs",
    "Data\tOra\tConsumo\n31/01/2024\t00:00\t1\n31/01/2024\t00:15\t2,5\n",
    "--timestamp-field Data --time-field Ora --timestamp-format '%d/%m/%Y %H:%M' --value-field Consumo --decimal-comma",
    "3.5",
    1,
  ],
  [
    "of a device, with one column of numbers, 12-hour clock",
    'When,Sensor,Sum\n"Jan 31, 2024 1:05 PM",a,1.5\n"Jan 31, 2024 2:05 PM",b,2\n',
    "--timestamp-field When --timestamp-format '%b %d, %Y %I:%M %p' --value-field Sum --source-field Sensor",
    "3.5",
    2,
  ],
  [
    "days with their first and last one",
    "Von;Bis;Verbrauch\n13.01.2024;13.01.2024;1,5\n14.01.2024;14.01.2024;2\n",
    "--timestamp-field Von --timestamp-format '%d.%m.%Y' --end-field Bis --end inclusive --value-field Verbrauch --decimal-comma",
    "3.5",
    1,
  ],
  [
    "one month with its first and last day",
    "Von;Bis;Verbrauch\n01.02.2024;29.02.2024;29\n",
    "--timestamp-field Von --timestamp-format '%d.%m.%Y' --end-field Bis --end inclusive --value-field Verbrauch",
    "29",
    1,
  ],
  [
    "periods of which one is missing",
    "Von;Bis;Verbrauch\n13.01.2024;15.01.2024;1\n15.01.2024;17.01.2024;2\n18.01.2024;20.01.2024;4\n",
    "--timestamp-field Von --timestamp-format '%d.%m.%Y' --end-field Bis --value-field Verbrauch",
    "7",
    1,
  ],
  [
    "units of their own",
    "Zeit;Wert;Einheit\n2024-01-31 00:00;1500;Wh\n2024-01-31 01:00;2;kWh\n",
    "--timestamp-field Zeit --value-field Wert --unit-field Einheit",
    "3.5",
    1,
  ],
  [
    "Wh by the name's last word",
    "time,energyWh\n2024-01-31T00:00Z,1500\n",
    "--timestamp-field time --value-field energyWh --unit Wh",
    "1.5",
    1,
  ],
  [
    "MWh in lower case",
    "time,mwh\n2024-01-31T00:00Z,1.5\n",
    "--timestamp-field time --value-field mwh --unit MWh",
    "1500",
    1,
  ],
  [
    "days of hours, of two meters",
    `Datum;Zähler;${numbered("H", 24)}\n13.01.2024;a;${ones(24)}\n14.01.2024;b;${ones(24)}\n`,
    "--timestamp-field Datum --timestamp-format '%d.%m.%Y' --day-columns 'H*' --source-field 'Zähler'",
    "48",
    2,
  ],
  [
    "days of half hours, by their times",
    `date;${clocks(48, 0)}\n2024-01-13;${ones(48)}\n`,
    "--timestamp-field date --day-columns '*:*'",
    "48",
    1,
  ],
  [
    "days of quarter hours, by their ends",
    `timestamp;${clocks(96, 1)}\n2024-01-13;${ones(96)}\n`,
    "--day-columns '*:*'",
    "96",
    1,
  ],
  [
    "days of hours, by their numbers alone",
    `day;${numbered("", 24)}\n2024-01-13;${ones(24)}\n`,
    "--timestamp-field day --day-columns '*'",
    "24",
    1,
  ],
  [
    "days of half hours with columns for a longer one",
    `MPAN;Date;${numbered("HH", 50)}\n17;13/01/2024;${ones(48)};;\n`,
    "--timestamp-field Date --timestamp-format '%d/%m/%Y' --day-columns 'HH*' --source-field MPAN",
    "48",
    1,
  ],
  [
    "the hours of a day, from 1 to 24",
    `Datum;Stunde;kWh\n${Array.from({ length: 24 }, (_, n) => `13.01.2024;${n + 1};1\n`).join("")}`,
    "--timestamp-field Datum --time-field Stunde --timestamp-format '%d.%m.%Y %H' --stamps end --value-field kWh",
    "24",
    1,
  ],
  [
    "the hours of a day, from 0 to 23",
    `date,hour,kWh\n${Array.from({ length: 24 }, (_, n) => `2024-01-13,${n},1\n`).join("")}`,
    "--timestamp-field date --time-field hour --timestamp-format '%Y-%m-%d %H' --value-field kWh",
    "24",
    1,
  ],
  [
    "hours by their ends",
    "date,HourEnding,kWh\n2024-01-13,1,1\n2024-01-13,2,1\n",
    "--timestamp-field date --time-field HourEnding --timestamp-format '%Y-%m-%d %H' --stamps end --value-field kWh",
    "2",
    1,
  ],
  [
    "power in W, of quarter hours",
    "time,P [W]\n2024-01-31 00:00,1000\n2024-01-31 00:15,2000\n",
    "--timestamp-field time --value-field 'P [W]' --values power --unit W --interval 15m",
    "0.75",
    1,
  ],
  [
    "power in kW, with ends",
    "Von;Bis;Leistung\n2024-01-31 00:00;2024-01-31 02:00;1,5\n2024-01-31 02:00;2024-01-31 03:00;1\n",
    "--timestamp-field Von --end-field Bis --value-field Leistung --values power --decimal-comma",
    "4",
    1,
  ],
  [
    "import and export, by their codes",
    "Zeit;Zählpunkt;OBIS;Wert\n2024-01-13 00:00;DE1;1-1:1.29.0;1\n2024-01-13 00:00;DE1;1-1:2.29.0;5\n2024-01-13 00:15;DE1;1-1:1.29.0;2\n",
    "--timestamp-field Zeit --value-field Wert --source-field 'Zählpunkt' --only 'OBIS=1-1:1.29.0'",
    "3",
    1,
  ],
  [
    "two registers of import, and export",
    "Zeit;Register;Wert\n2024-01-13 00:00;1.8.1;1\n2024-01-13 00:00;1.8.2;5\n2024-01-13 00:00;2.8.0;7\n",
    "--timestamp-field Zeit --value-field Wert --source-field Register",
    "13",
    3,
  ],
  [
    "channels of a meter",
    "Zeit;Meter;Channel;kWh\n2024-01-13 00:00;M;A;1\n2024-01-13 00:00;M;B;5\n",
    "--timestamp-field Zeit --value-field kWh --source-field Meter --source-field Channel",
    "6",
    2,
  ],
];

describe("codes of import and of export", () => {
  const table = (column: string, ...codes: string[]) =>
    `timestamp,meter_id,${column},kWh_value\n${codes.map((code) => `2024-01-13T00:00Z,M,${code},1\n`).join("")}`;
  const warnings = (text: string, ...options: string[]) =>
    inFolder(async (folder) => {
      put(folder, "a.csv", text);
      const seen = await aggregateIn(folder, ["a.csv", ...options]);
      return { told: seen.said.filter((line) => line.includes(" has codes of import")), totals: totalsOf(seen) };
    });

  test("in one column are told, and what is said of them selects one or keeps each", async () => {
    const text = table("Register", "1.8.0", "2.8.0", "1.8.0");
    const { told } = await warnings(text);
    expect(told).toEqual([
      `warning: a.csv: the column "Register" has codes of import (1.8.0) and of export (2.8.0), and sums add both. Select one, such as --only 'Register=1.8.0', or keep each as a source: --source-field meter_id --source-field Register`,
    ]);
    expect(await warnings(text, "--only", "Register=1.8.0")).toMatchObject({ told: [], totals: { kWh: "2" } });
    expect(await warnings(text, "--source-field", "meter_id", "--source-field", "Register")).toMatchObject({
      told: [],
      totals: { kWh: "3", sources: 2 },
    });
  });

  test.each([
    ["what is measured and what it advances by", ["1-1:2.29.0", "1-1:1.29.0"], 1],
    ["with a tariff and a storage number", ["1-0:1.8.1*255", "1-0:2.8.1*255"], 1],
    ["of import alone", ["1.8.1", "1.8.2"], 0],
    ["of other quantities", ["1-1:3.29.0", "1-1:4.29.0"], 0],
    ["that are dates", ["1.8.24", "2.8.24"], 0],
    ["that are powers", ["1.7.0", "2.7.0"], 0],
  ])("%s", async (_, codes, count) => {
    expect((await warnings(table("what", ...codes))).told).toHaveLength(count);
  });
});

test("columns of power are values where the values are powers", () =>
  inFolder(async (folder) => {
    put(folder, "a.csv", "Zeit;Leistung;Temperatur\n2024-01-31 00:00;1;7\n2024-01-31 01:00;2;7\n");
    const { said } = await aggregateIn(folder, ["a.csv", "--values", "power", "--interval", "1h"]);
    expect(said[0]).toContain("; to read it, say --timestamp-field Zeit --value-field Leistung. ");
  }));

test("numbers alone are readings, if one of them is an epoch", () =>
  inFolder(async (folder) => {
    put(folder, "a.csv", "1706659200,0.25\n1706660100,0.5\n");
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).toContain(
      "it is a reading already; to read it, say --header none --timestamp-field '#1' --timestamp-format epoch-s --value-field '#2'.",
    );
    put(folder, "b.csv", "1100000001,1706659200,0.25\n1100000002,1706660100,0.5\n");
    expect((await aggregateIn(folder, ["b.csv"])).said[0]).not.toContain("to read it");
  }));

test.each(EXPORTS)("%s", (_, text, options, kWh, sources) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    const advised = /; to read it, say (.*?)\. The first lines, as cells: line \d+: /.exec(said[0] ?? "")?.[1];
    expect(advised, said[0]).toBe(options);
    const args = [...options.matchAll(/'([^']*)'|\S+/g)].map(([all, quoted]) => quoted ?? all);
    expect(totalsOf(await aggregateIn(folder, ["a.csv", ...args]))).toMatchObject({ rejected: 0, kWh, sources });
  }),
);

test.each([
  ["a day that may be a month", "Datum;Wert\n01/02/2024 00:00;1\n02/03/2024 00:00;1\n"],
  ["two columns of energy", "Datum;Bezug;Einspeisung\n31.01.2024 00:00;1;2\n"],
  ["a period whose last day may be counted", "Von;Bis;Wert\n13.01.2024;20.01.2024;1\n"],
  ["hours that may be counted from 0 or 1", "Datum;Stunde;Wert\n13.01.2024;7;1\n13.01.2024;8;1\n"],
  ["other parts of a day", "Datum;Period;Wert\n13.01.2024;1;1\n13.01.2024;2;1\n"],
  ["flats that are counted", `Datum;${numbered("Flat", 24)}\n13.01.2024;${ones(24)}\n`],
  ["columns of hours that no pattern has alone", `Datum;Summe;${numbered("", 24)}\n13.01.2024;24;${ones(24)}\n`],
  ["power of unknown length", "Datum;Leistung\n31.01.2024 00:00;1\n"],
  ["no numbers", "Datum;Wert\n31.01.2024 00:00;x\n"],
])("nothing is advised where it cannot be told: %s", (_, text) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).not.toContain("to read it");
    expect(said[0]).toContain("The first lines, as cells: line 1: ");
  }),
);

test.each([
  ["a table", "timestamp,hour,kWh_value\n2024-01-13,7,1\n", "--time-field hour --timestamp-format '%Y-%m-%d %H'", true],
  [
    "a table",
    "timestamp,Stunde,kWh_value\n13.01.2024,0,1\n",
    "--time-field Stunde --timestamp-format '%d.%m.%Y %H'",
    false,
  ],
])("a date whose hour is in another column of %s is told what reads it", (_, text, options, isEither) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).toContain(`if hours are counted from 0 to 23, say ${options}`);
    expect(said[0]?.includes("if from 1 to 24, --stamps end, too")).toBe(isEither);
    const args = [...options.matchAll(/'([^']*)'|\S+/g)].map(([all, quoted]) => quoted ?? all);
    expect(totalsOf(await aggregateIn(folder, ["a.csv", ...args]))).toMatchObject({ rejected: 0, kWh: "1" });
  }),
);

test.each([
  ["timestamp,period,kWh_value\n2024-01-13,7,1\n", '"period"'],
  ['[{"timestamp":"2024-01-13","hour":7,"kWh_value":1}]', '"hour"'],
])("a part of the day that nothing reads is told, not passed over: %s", (text, field) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).toContain(`the part of the day is in the field ${field}, which is not read`);
    expect(said[0]).not.toContain("--interval");
  }),
);

test.each([
  [
    "2024-10-27",
    50,
    "UTC",
    "its 50 values are those of 25 hours, and in UTC this day has 24; if it is the day of a clock change elsewhere, say whose clocks these are with --input-timezone",
  ],
  ["2024-03-31", 46, "UTC", "its 46 values are those of 23 hours, and in UTC this day has 24; if it is"],
  [
    "2024-10-28",
    50,
    "Europe/London",
    "its 50 values are those of 25 hours, and in Europe/London this day has 24; if it is",
  ],
  [
    "2024-03-31",
    50,
    "Europe/London",
    "its 50 values are those of 25 hours, and in Europe/London this day has 23: is the date wrong",
  ],
  [
    "2024-03-31",
    48,
    "Europe/London",
    "its 48 values are those of 24 hours, and in Europe/London this day has 23; if the clocks of these days do not change, say whose they are, as --input-timezone UTC",
  ],
])("the values of %s that are %d do not fit the day in %s", (date, count, zone, told) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", `day;${numbered("HH", count)}\n${date};${ones(count)}\n`);
    const options = ["--timestamp-field", "day", "--day-columns", "HH*", "--input-timezone", zone];
    expect((await aggregateIn(folder, ["a.csv", ...options])).said[0]).toContain(told);
  }),
);

test("a row with more cells than the header is explained, too", () =>
  inFolder(async (folder) => {
    put(folder, "a.csv", "kWh_value,timestamp\n1,2024-01-13,,\n");
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).toContain("a.csv: record 1 (line 2)");
  }));

test("days of another form need that alone", () =>
  inFolder(async (folder) => {
    put(folder, "a.csv", `day;${numbered("HH", 48)}\n13.01.2024;${ones(48)}\n`);
    const { said } = await aggregateIn(folder, ["a.csv", "--timestamp-field", "day", "--day-columns", "HH*"]);
    expect(said[0]).toMatch(/looks like day\/month\/year: --timestamp-format '%d\.%m\.%Y'$/);
  }));

test("a wrong name of a field is told with the unit that the right one has", () =>
  inFolder(async (folder) => {
    const record = (hour: number) => `{"timestamp":"2024-01-31T0${hour}:00Z","energyWh":1500}\n`;
    put(folder, "a.ndjson", [0, 1, 2, 3].map(record).join(""));
    const { said } = await aggregateIn(folder, ["a.ndjson"]);
    expect(said[0]).toBe(
      "a.ndjson: record 1 (line 1): no kWh_value (found: timestamp, energyWh); try --value-field energyWh --unit Wh",
    );
    const seen = await aggregateIn(folder, ["a.ndjson", "--value-field", "energyWh", "--unit", "Wh"]);
    expect(totalsOf(seen)).toMatchObject({ kWh: "6" });
  }));
