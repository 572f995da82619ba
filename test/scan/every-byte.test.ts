// slow: not of the fast lane
/** Records with one byte changed, at every place and to every byte: a bad one may look like one that fits a layout. */
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Both } from "./both.mjs";

interface Shape {
  readonly name: string;
  readonly options?: Parameters<typeof planOf>[0];
  readonly header?: string;
  /** The record of a number, where each has another time. */
  readonly record: string | ((n: number) => string);
}

const MINUTE = 60_000;
/** The time of a record: quarter hours of some days in two years, wherever the clock of a zone is not changed. */
const at = (n: number) =>
  new Date(Date.UTC(2023, 0, 9) + (n % 2880) * 15 * MINUTE + (n % 5760 < 2880 ? 0 : 366 * 1440 * MINUTE));
const later = (date: Date) => new Date(date.getTime() + 15 * MINUTE);
const iso = (date: Date) => date.toISOString().slice(0, 19);
const two = (n: number) => String(n).padStart(2, "0");
const dayFirst = (date: Date) =>
  `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${date.getUTCFullYear()} ${iso(date).slice(11, 16)}`;

/** Bytes that mean something where they stand: of others there need not be all. */
const BYTES =
  process.env["ELECTRO_CASES"] === undefined
    ? [...Buffer.from("0123456789 .,:;-+/TZzpPmMaAjJeE\"'\t\r\n\0|{}[]x\x7f"), 0x80, 0xc3, 0xa0, 0xff]
    : [...Array(256).keys()];

const SHAPES: readonly Shape[] = [
  { name: "JSON", record: '{"timestamp":"2024-02-29T23:45:00Z","kWh_value":12.345,"meter_id":"meter-0017"}\n' },
  {
    name: "JSON with blanks, an offset, a fraction, other fields",
    options: { bySource: true, stamps: "end", timezone: "Europe/Berlin" },
    record:
      '{ "q": -0.5, "n": null, "timestamp": "2024-03-30 11:59:59.990+10:30", "source_id": 420, "kWh_value": "-7.000" }\n',
  },
  {
    name: "JSON in the basic form, in MWh",
    options: { unit: "MWh", inputTimezone: "Australia/Lord_Howe" },
    record: '{"meter_id":null,"kWh_value":0.000123456789,"timestamp":"20241008t020000,125","s":"text","b":true}\r\n',
  },
  {
    name: "CSV",
    options: { bySource: true },
    header: "timestamp,kWh_value,meter_id,note\n",
    record: "2024-01-31T13:00+0530,10.5,meter-0017,ok\n",
  },
  {
    name: "CSV in quotes, with a decimal comma and returns",
    options: { decimalComma: true, unit: "Wh", stamps: "end", inputTimezone: "Asia/Kathmandu" },
    header: '"note";"timestamp";"kWh_value";"meter_id"\r\n',
    record: '"a note";"2024-01-31T13:00:00";"-1234,5";"17"\r\n',
  },
];

const FORMS: readonly Shape[] = [
  {
    name: "a day first",
    options: { timestampFormat: "%d.%m.%Y %H:%M", decimalComma: true, bySource: true },
    header: "timestamp;kWh_value;meter_id\n",
    record: (n) => `${dayFirst(at(n))};0,${n};meter-${n % 3}\n`,
  },
  {
    name: "months first, twelve hours, digits that may be one",
    options: { timestampFormat: "%m/%d/%y %I:%M:%S %p", inputTimezone: "America/Los_Angeles", stamps: "end" },
    record: '{"timestamp":"1/9/24  3:05:07 pm","kWh_value":12.345}\n',
  },
  {
    name: "names of months, a fraction and an offset",
    options: { timestampFormat: "%Y %b %d, %H:%M:%S.%f %z", bySource: true },
    header: "timestamp|meter_id|kWh_value\r\n",
    record: "2024 Feb 29, 23:45:00.0500 -05:30|meter-0017|0.5\r\n",
  },
  {
    name: "epoch seconds in JSON",
    options: { timestampFormat: "epoch-s", stamps: "end" },
    record: '{"timestamp":1706702400,"kWh_value":0.5,"meter_id":"a"}\n',
  },
  {
    name: "epoch milliseconds in a table, and an interval",
    options: { timestampFormat: "epoch-ms", interval: "30m" },
    header: "timestamp,kWh_value\n",
    record: (n) => `${1_706_702_400_000 + n * 1_800_000},0.5\n`,
  },
  {
    name: "date and time apart",
    options: { timestampField: "date", timeField: "time", inputTimezone: "Europe/Berlin" },
    header: "time,date,kWh_value\n",
    record: "13:45:00,2024-01-31,0.5\n",
  },
  {
    name: "date and time apart by a format, at both ends, with text between",
    options: {
      ...{ timestampField: "from", timeField: "at", endField: ["to", "until"], timestampFormat: "%d/%m/%Y %H:%M" },
      ...{
        inputTimezone: "Europe/Amsterdam",
        timezone: "Europe/Amsterdam",
        sourceField: ["EAN"],
        valueField: "Volume",
      },
    },
    header: "from;at;to;EAN;until;Volume\n",
    record: (n) => {
      const [date, time] = dayFirst(at(n)).replaceAll(".", "/").split(" ");
      const [endDate, endTime] = dayFirst(later(at(n)))
        .replaceAll(".", "/")
        .split(" ");
      return `${date};${time};${endDate};541;${endTime};0.5\n`;
    },
  },
  {
    name: "an end with an offset",
    options: { endField: ["end"], bySource: true, from: "2023-01-20", to: "2024-12-31" },
    header: "timestamp,end,meter_id,kWh_value\n",
    record: (n) => `${iso(at(n))}Z,${iso(later(at(n)))}+00:00,m,${n}.5\n`,
  },
  {
    name: "a wall time that an interval ends with",
    options: { interval: "15m", stamps: "end", inputTimezone: "America/St_Johns", from: "2023-01-20" },
    record: (n) => `{"timestamp":"${iso(at(n))}","kWh_value":${n}}\n`,
  },
  {
    name: "a register",
    options: { values: "register", bySource: true },
    record: (n) => `{"timestamp":"${iso(at(n))}Z","kWh_value":${1000 + n}.5,"meter_id":"m"}\n`,
  },
  {
    name: "a register with wall times, in Wh",
    options: { values: "register", unit: "Wh", inputTimezone: "Europe/Berlin" },
    header: "timestamp;kWh_value;meter_id\n",
    record: (n) => `${iso(at(n))};${1000 + n};m${n % 3}\n`,
  },
  {
    name: "readings that count once, at the ends of slots",
    options: { duplicates: "once", stamps: "end", timestampFormat: "%d.%m.%Y %H:%M", decimalComma: true },
    header: "timestamp;kWh_value\n",
    record: (n) => `${dayFirst(at(n))};-0,${n}\n`,
  },
  {
    name: "several values of a source, with an interval",
    options: { valueField: ["t1", "t2"], interval: "15m", bySource: true },
    header: "timestamp,meter_id,t1,t2\n",
    record: (n) => `${iso(at(n))}Z,meter-7,0.5,-${n}\n`,
  },
  {
    name: "several values",
    options: { valueField: ["t*"], bySource: true, unit: "Wh" },
    header: "timestamp;t1;note;t2\n",
    record: '2024-01-31T13:00Z;0.5;x;"7"\n',
  },
];

describe.each(FORMS)("$name", ({ options, header = "", record }) => {
  const plan = planOf(options ?? {}).scan;
  const recordAt = typeof record === "string" ? () => record : record;

  test.each([
    ["replaced", 1],
    ["inserted", 0],
  ])("with one byte %s is the same with and without layouts", (_, remove) => {
    const both = new Both(plan);
    const { length } = recordAt(0);
    let n = 0;
    let made = 0;
    for (let at = 0; at < length - 1; at++) {
      const rows = BYTES.flatMap((byte) => {
        const good = Buffer.from(recordAt(n + 1));
        const changed = Buffer.concat([good.subarray(0, at), Buffer.of(byte), good.subarray(at + remove)]);
        const all = [recordAt(n), recordAt(n), changed, recordAt(n + 1), recordAt(n + 2), recordAt(n + 3)];
        n += 4;
        made += 6;
        return all.map((row) => Buffer.from(row));
      });
      both.scan(Buffer.concat([Buffer.from(header), ...rows]));
    }
    both.compare();
    expect(both.taken).toBeGreaterThan(made / 4);
  });
});

describe.each(SHAPES)("$name with one byte", ({ options, header = "", record }) => {
  const plan = planOf(options ?? {}).scan;
  const good = Buffer.from(typeof record === "string" ? record : record(0));
  /** Every change of the record at a place, each followed by the record as it is, from which its layout is learnt again. */
  const changed = (change: (byte: number) => Buffer) =>
    Buffer.concat([
      Buffer.from(header),
      good,
      good,
      ...Array.from({ length: 256 }, (_, byte) => [change(byte), good]).flat(),
    ]);

  test.each([
    ["replaced", 1],
    ["inserted", 0],
  ])("%s gives the same with and without layouts", (_, remove) => {
    const both = new Both(plan);
    for (let at = 0; at < good.length - 1; at++) {
      const change = (byte: number) =>
        Buffer.concat([good.subarray(0, at), Buffer.of(byte), good.subarray(at + remove)]);
      both.scan(changed(change));
    }
    both.compare();
    expect(both.taken).toBeGreaterThan(200 * good.length);
  });
});
