/**
 * What is too long to be looked at whole, and what unpacks to much: it costs itself only, and the memory stays small.
 * Inputs are made while they are read.
 */
import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  aggregateIn,
  bytes,
  filesIn,
  inFolder,
  READ,
  type Rejected,
  rejectedIn,
  SKIP,
  totalsOf,
} from "./errors-support.js";

const MAIN = new URL("../../dist/bin/electro.js", import.meta.url).pathname;
const MIB = 2 ** 20;
/** What the process may take at its largest, in MiB. */
const MOST = 150;
/** The same, where what is unpacked runs ahead of the scan. */
const MOST_UNPACKED = 300;
const LONGER = "longer than 16 MiB; is a quote or a bracket missing? It begins";

/** Says on its fourth stream, at its end, how large the process was. */
const PEAK = `data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>writeSync(3,String(process.resourceUsage().maxRSS)))`;

type Pieces = Iterable<string | Uint8Array>;

interface Ended {
  readonly status: number | null;
  readonly said: string[];
  /** MiB. */
  readonly peak: number;
  readonly daily: string | undefined;
  readonly rejected: Rejected[];
}

/** Runs the command on what comes through its standard input. */
function electro(input: Pieces, ...args: string[]): Promise<Ended> {
  return inFolder(async (folder) => {
    const child = spawn(process.execPath, ["--import", PEAK, MAIN, "aggregate", "-", ...args], {
      cwd: folder,
      stdio: ["pipe", "ignore", "pipe", "pipe"],
    });
    const status = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [said, peak] = [text(child.stderr!), buffer(child.stdio[3] as Readable)];
    // A run that fails early closes its end.
    await pipeline(Readable.from(input, { objectMode: true }), child.stdin!).catch(() => {});
    const files = await status.then(() => filesIn(`${folder}/output_data`));
    return {
      status: await status,
      said: (await said).trimEnd().split("\n"),
      peak: Number(await peak) / 1024,
      daily: files.get("daily_data.csv"),
      rejected: rejectedIn(files.get("rejected.ndjson")),
    };
  });
}

const BLOCK = Buffer.alloc(MIB, "x");
const BLANKS = Buffer.alloc(MIB, " ");
function* much(mebibytes: number, block: Uint8Array = BLOCK): Generator<Uint8Array> {
  for (let i = 0; i < mebibytes; i++) yield block;
}

const HEAD = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,';
const SHOWN = `${LONGER} ${HEAD}"n":"xxxxx…`;

/** A dataset; the kWh that are left; what is said of its one bad record, if there is one. */
interface Case {
  readonly what: string;
  readonly input: () => Pieces;
  readonly kWh: number;
  readonly said?: string;
  readonly args?: readonly string[];
  /** MiB that the process may take, if more. */
  readonly most?: number;
}

const CASES: readonly Case[] = [
  {
    what: "a string of 40 MB on a line",
    input: function* () {
      yield `${READ}\n${HEAD}"n":"`;
      yield* much(40);
      yield `"}\n${READ}\n`;
    },
    kWh: 2,
    said: `record 2 (line 2): ${SHOWN}`,
  },
  {
    what: "a string of 40 MB in an array",
    input: function* () {
      yield `[${READ},\n${HEAD}"n":"`;
      yield* much(40);
      yield `"},\n${READ}]`;
    },
    kWh: 2,
    said: `record 2 (line 2): ${SHOWN}`,
  },
  {
    what: "a string of 40 MB that is an element of the array",
    input: function* () {
      yield `[${READ},"`;
      yield* much(40);
      yield `",${READ}]`;
    },
    kWh: 2,
    said: `record 2 (line 1): ${LONGER} "${"x".repeat(59)}…`,
  },
  {
    what: "a string of 40 MB beside the array of a wrapper, before it",
    input: function* () {
      yield '{"n":"';
      yield* much(40);
      yield `","data":[${READ},${READ}]}`;
    },
    kWh: 2,
  },
  {
    what: "a string of 40 MB beside the array of a wrapper, after it",
    input: function* () {
      yield `{"data":[${READ},${READ}],"n":"`;
      yield* much(40);
      yield '"}';
    },
    kWh: 2,
  },
  {
    what: "a key of 30 MB",
    input: function* () {
      yield `${READ}\n{"`;
      yield* much(30);
      yield `":1}\n${READ}\n`;
    },
    kWh: 2,
    said: `record 2 (line 2): ${LONGER} {"${"x".repeat(58)}…`,
  },
  {
    what: "a line of 40 MB that is not JSON, with a record at its end",
    input: function* () {
      yield `${READ}\n!`;
      yield* much(40);
      yield `${READ}\n${READ}\n`;
    },
    kWh: 2,
    said: `record 2 (line 2): not JSON: no { where a record was expected: !${"x".repeat(59)}…`,
  },
  {
    what: "a cell of 40 MB",
    input: function* () {
      yield "timestamp,kWh_value,n\n2024-01-31T13:00:00Z,1,a\n2024-01-31T13:00:00Z,1,";
      yield* much(40);
      yield "\n2024-01-31T13:00:00Z,1,b\n";
    },
    kWh: 2,
    said: `record 2 (line 3): ${LONGER} 2024-01-31T13:00:00Z,1,${"x".repeat(37)}…`,
  },
  {
    what: "a cell of 40 MB in quotes",
    input: function* () {
      yield 'timestamp,kWh_value,n\n2024-01-31T13:00:00Z,1,a\n2024-01-31T13:00:00Z,1,"';
      yield* much(40);
      yield '"\n2024-01-31T13:00:00Z,1,b';
    },
    kWh: 2,
    said: `record 2 (line 3): ${LONGER} 2024-01-31T13:00:00Z,1,"${"x".repeat(36)}…`,
  },
  {
    what: "40 MB of blanks before, between and after records",
    input: function* () {
      yield* much(40, BLANKS);
      yield READ;
      yield* much(40, BLANKS);
      yield `[`;
      yield* much(40, BLANKS);
      yield `${READ}]`;
      yield* much(40, BLANKS);
    },
    kWh: 2,
  },
  {
    what: "a wrapper of 40 MB, its array first",
    input: function* () {
      yield `{"data":[${READ}`;
      yield* much(40, Buffer.from(`,${READ}`.repeat(20_000)));
      yield '],"next":{"a":[1,2]},"tags":["x"]}';
    },
    kWh: 800_001,
  },
  {
    what: "a wrapper of 40 MB, its array after an empty one and records elsewhere",
    input: function* () {
      yield `{"errors":[],"old":{"readings":[${READ}]},"data":[${READ}`;
      yield* much(40, Buffer.from(`,${READ}`.repeat(20_000)));
      yield "]}";
    },
    kWh: 800_001,
  },
  {
    what: "40 MB that are an object with no array right in it",
    input: function* () {
      yield `${READ}\n{"data":{"readings":[${READ}`;
      yield* much(40, Buffer.from(`,${READ}`.repeat(20_000)));
      yield `]}}\n${READ}`;
    },
    kWh: 2,
    said: "record 2 (line 2): longer than 16 MiB; if it is not a record, and the records are in /data/readings, say --records /data/readings",
  },
  {
    what: "a wrapper of 40 MB, its array last",
    input: function* () {
      yield `{"meta":{"a":[1,{}]},"tags":[],"data":[${READ}`;
      yield* much(40, Buffer.from(`,${READ}`.repeat(20_000)));
      yield "]}";
    },
    kWh: 800_001,
  },
  {
    what: "a record of 40 MB with an array of objects in it",
    input: function* () {
      yield `${READ}\n${HEAD}"data":[${READ}`;
      yield* much(40, Buffer.from(`,${READ}`.repeat(20_000)));
      yield `]}\n${READ}`;
    },
    kWh: 2,
    said: `record 2 (line 2): ${LONGER} ${HEAD}"data":[{"…`,
  },
  {
    what: "20 MB on a line that is cut off",
    input: function* () {
      yield `${READ}\n${HEAD}"n":"`;
      yield* much(20);
      yield '",';
    },
    kWh: 1,
    said: `record 2 (line 2): ${SHOWN}`,
  },
];

test.each(CASES)("$what", async ({ input, kWh, said, args = [], most = MOST }) => {
  const ended = await electro(input(), ...SKIP, ...args);
  const bad = said === undefined ? [] : [`standard input: ${said}`];
  expect(ended.said.filter((line) => line.startsWith("standard input"))).toEqual(bad);
  expect(ended.daily).toBe(`daily_timestamp,aggregated_kWh_value\n2024-01-31,${kWh}\n`);
  expect(ended.status).toBe(0);
  expect(ended.peak).toBeLessThan(most);
  for (const record of ended.rejected) {
    expect(record.truncated).toBe(true);
    expect(record.bytes).toBeGreaterThan(16 * MIB);
    expect(record.text!.length).toBeGreaterThan(60_000);
  }
});

/** Datasets of which nothing can be trusted, and what is said. */
const FAILING: readonly Case[] = [
  {
    what: "a wrapper of 20 MB whose timestamp follows its array",
    input: function* () {
      yield `{"data":[${READ}`;
      yield* much(20, Buffer.from(`,${READ}`.repeat(20_000)));
      yield '],"timestamp":"2024-01-31T13:00:00Z"}';
    },
    kWh: 0,
    said: "line 1, byte 20400096: an object with the fields of a record and an array of objects; say --records /data if its records are there",
  },
  {
    what: "a wrapper of 20 MB with a second array of objects",
    input: function* () {
      yield `{"data":[${READ}`;
      yield* much(20, Buffer.from(`,${READ}`.repeat(20_000)));
      yield `],"more":[${READ}]}`;
    },
    kWh: 0,
    said: "line 1, byte 20400069: more than one array of objects: /data, /more; say which with --records /data",
  },
  {
    what: "20 MB of records elsewhere than in the empty array that follows them",
    input: function* () {
      yield `{"data":{"readings":[${READ}`;
      yield* much(20, Buffer.from(`,${READ}`.repeat(20_000)));
      yield ']},"errors":[]}';
    },
    kWh: 0,
    said: "line 1, byte 1: this object's only array, /errors, is empty, but there are records in /data/readings; say which with --records /data/readings",
  },
  {
    what: "20 MB of records elsewhere than in the empty array before them, small members around",
    input: function* () {
      yield `{"errors":[],"small":{"list":[{"a":1}]},"big":[[],{"x":[${READ}`;
      yield* much(20, Buffer.from(`,${READ}`.repeat(20_000)));
      yield `]}],"last":{"list":[${READ}]}}`;
    },
    kWh: 0,
    said: "line 1, byte 1: this object's only array, /errors, is empty, but there are records in /big/*/x, /last/list; say which with --records '/big/*/x'",
  },
  {
    what: "a wrapper of 20 MB that is cut off",
    input: function* () {
      yield `{"data":[${READ}`;
      yield* much(20, Buffer.from(`,${READ}`.repeat(20_000)));
    },
    kWh: 0,
    said: "line 1, byte 20400060: the text ends inside the array of records: the file is cut off; copy or fetch it again",
  },
  {
    what: "30 MB of opening brackets",
    most: 300,
    input: () => much(30, Buffer.alloc(MIB, "[")),
    kWh: 0,
    said: `line 1, byte ${30 * MIB + 1}: the text ends inside the array of records: the file is cut off; copy or fetch it again`,
  },
  {
    what: "a string of 40 MB in an array, broken by a line end",
    input: function* () {
      yield `[${READ},{"n":"`;
      yield* much(40);
      yield `\n${READ}]`;
    },
    kWh: 0,
    said: `line 1, byte ${40 * MIB + 59}: not JSON: the line ends inside a string: ${READ}]; inside an array the rest cannot be trusted`,
  },
  {
    what: "40 MB of zeros",
    input: () => much(40, Buffer.alloc(MIB)),
    kWh: 0,
    said: "line 1, byte 1: neither JSON nor CSV: the first line is longer than 16 MiB: it looks like a binary file, not text",
  },
  {
    what: "a header of 30 MB",
    input: function* () {
      yield "timestamp,kWh_value,";
      yield* much(30);
    },
    kWh: 0,
    said: `line 1, byte 1: neither JSON nor CSV: the first line is longer than 16 MiB: timestamp,kWh_value,${"x".repeat(40)}…`,
  },
];

test.each(FAILING)("$what fails the run", async ({ input, said, most = MOST }) => {
  const ended = await electro(input(), ...SKIP);
  expect(ended.said).toEqual([`error: standard input: ${said}`]);
  expect([ended.status, ended.daily]).toEqual([1, undefined]);
  expect(ended.peak).toBeLessThan(most);
});

describe("a gzip bomb", () => {
  const packed = (block: Buffer, times: number) => Array<Buffer>(times).fill(gzipSync(block, { level: 1 }));

  test.each([
    ["readings", () => packed(Buffer.from(`${READ}\n`.repeat(640_000)), 20), 12_800_000],
    ["blanks", () => packed(Buffer.alloc(64 * MIB, "\n"), 12), 0],
    ["one string", () => [gzipSync(`{"a":"`), ...packed(Buffer.alloc(64 * MIB, "x"), 8)], 0],
  ])("of %s takes little memory", async (_, make, kWh) => {
    const input = make();
    expect(input.reduce((sum, piece) => sum + piece.length, 0)).toBeLessThan(16 * MIB);
    const ended = await electro(input, ...SKIP);
    expect(ended.status).toBe(0);
    expect(ended.said.find((line) => line.startsWith("total"))).toMatch(`total ${kWh.toLocaleString("en")} kWh`);
    expect(ended.peak).toBeLessThan(MOST_UNPACKED);
  });
});

/** A record of exactly so many bytes. */
function recordOf(length: number, id = ""): Buffer {
  const head = `${HEAD}${id}"n":"`;
  return bytes(head, Buffer.alloc(length - head.length - 2, "x"), '"}');
}

/** Small ones before it teach the kernel how they are written, which then must not take one that is too long. */
const SMALL = `${HEAD}"n":"x"}`;

describe.each([
  ["on lines", "", "\n", "\n"],
  ["in an array", "[", ",", "]"],
])("a record of 16 MiB %s", (_, before, between, after) => {
  test.each([0, 5])("is good, and with one byte more is bad, after %d others", async (others) => {
    const made = (length: number) =>
      bytes(before, `${SMALL}${between}`.repeat(others), recordOf(length), between, SMALL, after);
    const good = await aggregate("a.json", made(16 * MIB));
    expect(good.said[0]).toBe(`${others + 2} readings of 1 source, 2024-01-31 (UTC)`);
    const bad = await aggregate("a.json", made(16 * MIB + 1), ...SKIP);
    expect(bad.said[0]).toMatch(
      `a.json: record ${others + 1} (line ${between === "\n" ? others + 1 : 1}): ${SHOWN.slice(0, -6)}`,
    );
    expect(totalsOf(bad)).toMatchObject({ readings: others + 1, rejectedByReason: { too_long: 1 } });
    const [kept] = rejectedIn(bad.files.get("rejected.ndjson"));
    expect(kept).toMatchObject({ truncated: true, bytes: 16 * MIB + 1 });
    expect(kept!.text).toBe(
      recordOf(64 * 1024 + 2)
        .toString()
        .slice(0, 64 * 1024),
    );
  });
});

test("a row of 16 MiB is good, and with one byte more is bad", async () => {
  const row = (length: number) => bytes("2024-01-31T13:00:00Z,1,", Buffer.alloc(length - 23, "x"));
  const made = (length: number) =>
    bytes("timestamp,kWh_value,n\n", "2024-01-31T13:00:00Z,1,x\n".repeat(4), row(length), "\n2024-01-31T13:00:00Z,1,x");
  expect(totalsOf(await aggregate("a.csv", made(16 * MIB)))).toMatchObject({ readings: 6 });
  const bad = await aggregate("a.csv", made(16 * MIB + 1), ...SKIP);
  expect(bad.said[0]).toMatch(`a.csv: record 5 (line 6): ${LONGER} 2024-01-31T13:00:00Z,1,xxx`);
  expect(totalsOf(bad)).toMatchObject({ readings: 5, rejectedByReason: { too_long: 1 } });
});

test("a record that is nested 100,000 deep is good", async () => {
  const deep = (open: string, close: string) => `${HEAD}"n":${open.repeat(100_000)}1${close.repeat(100_000)}}`;
  const content = `${deep("[", "]")}\n${deep('{"a":', "}")}\n${deep('[{"a":', "}]")}\n${HEAD}"n":${"[".repeat(100_000)}}`;
  const seen = await aggregate("a.json", content, ...SKIP);
  expect(totalsOf(seen)).toMatchObject({ readings: 3, rejected: 1 });
});

test("an id, a number and a fraction of 15 MB are taken as any other", async () => {
  const long = (c: string) => c.repeat(15 * MIB);
  const records = [
    `${HEAD}"meter_id":"${long("a")}"}`,
    `${HEAD}"meter_id":"\\n${long("b")}"}`,
    `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":0.${long("1")}}`,
    `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1e-${long("9")}}`,
    `{"timestamp":"2024-01-31T13:00:00.${long("0")}Z","kWh_value":1}`,
  ];
  const seen = await aggregate("a.json", records.join("\n"));
  expect(seen.said.slice(0, 2)).toEqual([
    "5 readings of 3 sources, 2024-01-31 (UTC)",
    "total 3.111111111111111111 kWh · 24 hours, 23 of them filled with 0 · 2 rounded",
  ]);
});

test("a record that is long, bad, and comes in small pieces is one bad record", () =>
  inFolder(async (folder) => {
    const record = recordOf(15 * MIB);
    record[record.length - 1] = 93;
    const pieces = Array.from({ length: Math.ceil(record.length / 4096) }, (_, i) =>
      record.subarray(i * 4096, (i + 1) * 4096),
    );
    const seen = await aggregateIn(folder, ["-", ...SKIP], [...pieces, Buffer.from(`\n${READ}`)]);
    expect(totalsOf(seen)).toMatchObject({ readings: 1, rejectedByReason: { not_json: 1 } });
  }));
