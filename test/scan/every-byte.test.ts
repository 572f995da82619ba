// slow: not of the fast lane
/** Records with one byte changed, at every place and to every byte: a bad one may look like one that fits a layout. */
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Both } from "./both.mjs";

interface Shape {
  readonly name: string;
  readonly options?: Parameters<typeof planOf>[0];
  readonly header?: string;
  readonly record: string;
}

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

describe.each(SHAPES)("$name with one byte", ({ options, header = "", record }) => {
  const plan = planOf(options ?? {}).scan;
  const good = Buffer.from(record);
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
