/** The options that the message about a table advises, followed: they read it to the right sum. */
import { expect, test } from "vitest";
import { aggregateIn, inFolder, put, totalsOf } from "./errors-support.js";

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
];

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
  ["no numbers", "Datum;Wert\n31.01.2024 00:00;x\n"],
])("nothing is advised where it cannot be told: %s", (_, text) =>
  inFolder(async (folder) => {
    put(folder, "a.csv", text);
    const { said } = await aggregateIn(folder, ["a.csv"]);
    expect(said[0]).not.toContain("to read it");
    expect(said[0]).toContain("The first lines, as cells: line 1: ");
  }),
);
