// slow: not of the fast lane
/** Where a bad record stands, and where an array breaks: also far into a file, at the borders of blocks, in every form. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aggregateIn, filesIn, READ, type Rejected, rejectedIn, type Seen, SKIP } from "./errors-support.js";

const MIB = 2 ** 20;
/** Bytes that are read at a time. */
const BLOCK = MIB / 2;

/** How records are written, and parted. */
interface Form {
  readonly name: string;
  readonly before: string;
  /** A good record, with text of a varying length. */
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly between: string;
  readonly after: string;
}

const json = (value: string, text: string) =>
  `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":${value},"meter_id":"m","note":"${text}"}`;
const pretty = (value: string, text: string) => JSON.stringify(JSON.parse(json(value, text)), null, 2);
const csv = (value: string, text: string) => `2024-01-31T13:00:00Z,${value},m,"${text}\n""x""\n"`;
const HEADER = "timestamp,kWh_value,meter_id,note";

const FORMS: readonly Form[] = [
  { name: "a.ndjson", before: "", good: (t) => json("1", t), bad: (t) => json('"x"', t), between: "\n", after: "\n" },
  { name: "crlf.ndjson", before: "", good: (t) => json("1", t), bad: (t) => json("x", t), between: "\r\n", after: "" },
  {
    name: "concatenated.json",
    before: "",
    good: (t) => json("1", t),
    bad: (t) => json("[]", t),
    between: "",
    after: "",
  },
  { name: "array.json", before: "[", good: (t) => json("1", t), bad: () => "[1,\n2]", between: ",\n", after: "]\n" },
  {
    name: "pretty.json",
    before: '{"data": [\n',
    good: (t) => pretty("1", t),
    bad: (t) => pretty("null", t),
    between: ",\n",
    after: '\n], "next": null}',
  },
  {
    name: "a.csv",
    before: `${HEADER}\n`,
    good: (t) => csv("1", t),
    bad: (t) => csv("x", t),
    between: "\n",
    after: "\n",
  },
  {
    name: "crlf.csv",
    before: `${HEADER}\r\n`,
    good: (t) => csv("1", t),
    bad: () => "2024-01-31T13:00:00Z,1",
    between: "\r\n",
    after: "\r\n",
  },
];

interface Made {
  readonly text: string;
  readonly bad: readonly Pick<Rejected, "record" | "line" | "byte" | "text">[];
  readonly good: number;
}

/** A dataset of some size in which records are bad that lie over a block's border, or begin right at it. */
function make(form: Form, size: number): Made {
  const parts: string[] = [form.before];
  const bad: Made["bad"][number][] = [];
  let byte = form.before.length;
  let line = 1 + form.before.split("\n").length - 1;
  let record = 0;
  for (let i = 0; byte < size; i++) {
    const text = "n".repeat(60 + ((i * 7919) % 380));
    let whole = form.good(text);
    const toBorder = BLOCK - (byte % BLOCK);
    const over = toBorder < whole.length || byte % BLOCK < 3;
    if (over) whole = form.bad(text);
    record++;
    if (over) bad.push({ record, line, byte, text: whole });
    parts.push(whole, form.between);
    byte += whole.length + form.between.length;
    line += whole.split("\n").length + form.between.split("\n").length - 2;
  }
  parts[parts.length - 1] = form.after;
  return { text: parts.join(""), bad, good: record - bad.length };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-places-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function expectPlaces(seen: Seen, input: string, made: Made): void {
  const kept = rejectedIn(filesIn(folder).get("bad.ndjson"));
  expect(kept.map(({ record, line, byte, text }) => ({ record, line, byte, text }))).toEqual(made.bad);
  const told = seen.said.filter((line) => line.startsWith(`${input}: record`));
  expect(told).toEqual(
    kept.slice(0, 20).map(({ record, line, message }) => `${input}: record ${record} (line ${line}): ${message}`),
  );
  expect(seen.said.find((line) => line.startsWith("total"))).toMatch(
    new RegExp(`^total ${made.good.toLocaleString("en")} kWh .* ${made.bad.length} records rejected`),
  );
}

const CHUNK = 3001;
function* pieces(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

describe.each(FORMS)("$name", (form) => {
  const made = make(form, 5.2 * MIB);
  const args = [...SKIP, "--rejects", "bad.ndjson", "-o", "out"];

  test("reports the correct position of every bad record, up to 5 MB into the file", async () => {
    expect(made.bad.length).toBeGreaterThanOrEqual(10);
    writeFileSync(join(folder, form.name), made.text);
    expectPlaces(await aggregateIn(folder, [form.name, ...args]), form.name, made);
  });

  test("reports the same through a pipe in small pieces, and compressed", async () => {
    const bytes = Buffer.from(made.text);
    expectPlaces(await aggregateIn(folder, ["-", ...args], pieces(bytes)), "standard input", made);
    const packed = `${form.name}.gz`;
    writeFileSync(join(folder, packed), gzipSync(bytes, { level: 1 }));
    expectPlaces(await aggregateIn(folder, [packed, ...args]), packed, made);
  });
});

test.each(["a.ndjson", "array.json", "a.csv"])("positions are correct with several workers: %s", async (name) => {
  const made = make(FORMS.find((form) => form.name === name)!, 33 * MIB);
  writeFileSync(join(folder, name), made.text);
  const args = [name, ...SKIP, "--rejects", "bad.ndjson", "-o", "out"];
  for (const workers of ["1", "2", "3"]) {
    expectPlaces(await aggregateIn(folder, [...args, "--workers", workers]), name, made);
  }
});

test("wrappers on separate lines are one dataset, with several workers too", async () => {
  const record = FORMS[0]!.good("n".repeat(80));
  const page = `{"page":1,"data":[${`${record},\n`.repeat(300)}${record}],"tags":["a"]}\n`;
  const count = Math.ceil((33 * MIB) / page.length);
  writeFileSync(join(folder, "pages.json"), page.repeat(count));
  for (const workers of ["1", "2", "3"]) {
    const seen = await aggregateIn(folder, ["pages.json", "--workers", workers, "-o", "out"]);
    expect(seen.said[0]).toBe(`${(301 * count).toLocaleString("en")} readings of 1 source, 2024-01-31 (UTC)`);
    expect(seen.said).toHaveLength(3);
  }
});

/** What stands in an array after many records, and the message without its place. */
const BREAKS: readonly (readonly [broken: string, message: RegExp])[] = [
  ["oops", /^not JSON: oops, which JSON does not have: oops, \{"timestamp"/],
  ['{"timestamp":NaN}', /^not JSON: NaN, which JSON does not have: \{"timestamp":NaN\}/],
  [`${READ} {}`, /^not JSON: neither , nor \] after a record: \{\}/],
  ['{"a":"b\nc"}', /^not JSON: the line ends inside a string: \{"a":"b c"\}/],
];
/** How far into what is broken it stops being JSON. */
const AT = [0, 13, READ.length + 1, 7];

test.each([0.6, 5.1, 33])("an array that breaks after %f MB says at which line and byte", async (size) => {
  const form = FORMS.find(({ name }) => name === "array.json")!;
  const record = form.good("n".repeat(200));
  const count = Math.ceil((size * 1e6) / record.length);
  const before = `[${`${record},\n`.repeat(count)}`;
  // What comes at the end of so much is all the same to how far it is.
  const breaks = size > 30 ? BREAKS.slice(0, 1) : BREAKS;
  for (const [i, [broken, message]] of breaks.entries()) {
    writeFileSync(join(folder, "broken.json"), `${before}${broken},\n${record}]`);
    for (const workers of size > 30 ? ["1", "2"] : ["1"]) {
      const seen = await aggregateIn(folder, ["broken.json", "--workers", workers, "-o", "none", ...SKIP]);
      const start = `error: broken.json: line ${count + 1}, byte ${before.length + AT[i]! + 1}: `;
      expect(seen.said[0]!.slice(0, start.length)).toBe(start);
      expect(seen.said[0]!.slice(start.length)).toMatch(message);
      expect(seen.status).toBe(1);
    }
  }
  writeFileSync(join(folder, "broken.json"), `${before}${record.slice(0, 100)}`);
  const seen = await aggregateIn(folder, ["broken.json", "-o", "none"]);
  expect(seen.said).toEqual([
    `error: broken.json: line ${count + 1}, byte ${before.length + 101}: the text ends inside the array of records: ` +
      "the file is cut off; copy or fetch it again",
  ]);
});
