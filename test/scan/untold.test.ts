/** Bad records beyond those that somebody wants to see: only their reasons are worked out. */
import { expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";

const GOOD = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}';
const BAD = [
  GOOD.replace(":1}", ':"x"}'),
  GOOD.replace("kWh_value", "kWh"),
  GOOD.replace("01-31", "02-30"),
  "[1]",
  "7",
  "---",
  '{"timestamp":',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1 oops}',
];
const ROWS = ["2024-01-31T33:00:00Z,1", "2024-01-31T13:00:00Z,x", "a,b,c", '2024-01-31T13:00:00Z,"1'];

const of = (lines: readonly string[]) => [...lines, ...lines, ...lines].join("\n");

test.each([
  ["JSON", `${GOOD}\n${of(BAD)}\n${GOOD}`, 24],
  ["JSON in an array", `[${GOOD},${of(BAD.slice(0, 5)).replaceAll("\n", ",")},${GOOD}]`, 15],
  [
    "CSV",
    `timestamp,kWh_value\n2024-01-31T13:00:00Z,1\n${of(ROWS.slice(0, 3))}\n${ROWS[3]}\n2024-01-31T13:00:00Z,1`,
    10,
  ],
])("in %s the first ones are told in words, the others counted by reason", (_, text, count) => {
  const scanned = (inWords: number) => {
    const scanner = new Scanner(planOf({}).scan);
    scanner.inWords = inWords;
    const bad: (string | { code: string })[] = [];
    const scan = scanner.begin((one) => bad.push(one));
    scan.put(Buffer.from(text));
    scan.finish();
    return { bad, ...scan.result() };
  };
  const all = scanned(Number.POSITIVE_INFINITY);
  expect(all.bad).toHaveLength(count);
  const codes = all.bad.map((one) => (typeof one === "string" ? "" : one.code));
  expect(scanned(2)).toEqual({ ...all, bad: [...all.bad.slice(0, 2), ...codes.slice(2)] });
});
