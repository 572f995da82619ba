/** Inputs that are no datasets, and places that cannot be read from or written to. */
import { linkSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  aggregateIn,
  type Bytes,
  bytes,
  filesIn,
  inFolder,
  put,
  READ,
  rejectedIn,
  SKIP,
} from "./errors-support.js";

const NEITHER = "this is neither JSON nor CSV: it looks like";
const LINE = "neither JSON nor CSV with a header row: the first line is";
const ONE = "which has one column; columns are separated by commas, semicolons, tabs or vertical bars";
const utf16 = (text: string) => Buffer.from(text, "utf16le");
const swapped = (text: string) => utf16(text).swap16();

/** Content of a file, and what is said of its first byte. */
const NO_DATASET: readonly (readonly [what: string, content: Bytes, message: string])[] = [
  [
    "UTF-16 without a mark",
    utf16(READ),
    "the text is UTF-16 without a byte-order mark; say --encoding utf-16le, or utf-16be",
  ],
  [
    "UTF-16, big-endian, without a mark",
    swapped(`[${READ}]`),
    "the text is UTF-16 without a byte-order mark; say --encoding utf-16le, or utf-16be",
  ],
  [
    "CSV in UTF-16",
    utf16("timestamp,kWh_value\r\n"),
    "the text is UTF-16 without a byte-order mark; say --encoding utf-16le, or utf-16be",
  ],
  ["UTF-32", bytes([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), "the text is UTF-32; convert it to UTF-8"],
  [
    "an HTML page",
    "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n",
    `${NEITHER} an HTML page: perhaps an error or a login page in place of the data`,
  ],
  [
    "an HTML page in capitals",
    "<HTML>\n",
    `${NEITHER} an HTML page: perhaps an error or a login page in place of the data`,
  ],
  ["XML", "<a/>\n", `${NEITHER} XML; convert it to JSON or CSV`],
  ["zeros", Buffer.alloc(100_000), `${NEITHER} a binary file, not text`],
  ["an image", bytes([0x89], "PNG\r\n", [0x1a], "\n"), `${NEITHER} a binary file, not text`],
  ["bytes at random", bytes([0xff, 0x80, 0x99]), `${NEITHER} a binary file, not text`],
  [
    "a zip archive",
    gzipSync(bytes("PK", [3, 4, 20, 0, 0, 0])),
    `${NEITHER} a zip archive in compressed data; decompress it, and read the archive`,
  ],
  ["SQLite", "SQLite format 3\0", `${NEITHER} an SQLite database; export the readings as CSV or JSON`],
  ["bzip2", "BZh91AY", `${NEITHER} a bzip2 file; decompress it, or compress it with gzip or zstd`],
  [
    "compressed twice",
    gzipSync(gzipSync(READ)),
    `${NEITHER} gzip data, so it was compressed twice; decompress it once`,
  ],
  ["words", "hello world\n", `${LINE} "hello world", ${ONE}`],
  ["a number", "42", `${LINE} "42", ${ONE}`],
  ["a column", "timestamp/kWh_value\n", `${LINE} "timestamp/kWh_value", ${ONE}`],
  [
    "JavaScript",
    `callback([${READ}])`,
    `${LINE} "callback([{\\"timestamp\\":\\"2024-01-31T13:00:00Z\\",\\"kWh_value\\":1}…", ${ONE}`,
  ],
];

test.each(NO_DATASET)("a file that is not a dataset is refused with a reason: %s", async (_, content, message) => {
  const seen = await aggregate("a.json", content, ...SKIP);
  expect(seen.said).toEqual([`error: a.json: line 1, byte 1: ${message}`]);
  expect([seen.status, seen.files.size]).toEqual([1, 0]);
});

test("blanks before a wrong first line count for its line number", async () => {
  const seen = await aggregate("a.json", "\n\n  <html>");
  expect(seen.said[0]).toMatch(/^error: a\.json: line 3, byte 5: this is neither JSON nor CSV: it looks like an HTML/);
});

/** What stands in a folder, the arguments, and how the run ends. */
interface Place {
  readonly what: string;
  readonly files: Readonly<Record<string, Bytes>>;
  readonly args: readonly string[];
  readonly status: number;
  readonly message: string;
  readonly prepare?: (folder: string) => void;
}

const IS_OUTPUT =
  "this input is, or is inside, an output of the run; write to another place (--output DIR) or name other inputs";
const packed = gzipSync(READ.repeat(1000));
const damaged = Buffer.from(packed);
damaged[damaged.length - 6]! ^= 255;

const PLACES: readonly Place[] = [
  {
    what: "no such file, with one of a similar name",
    files: { "readings.json": READ },
    args: ["reading.json"],
    status: 1,
    message: "reading.json: there is no such file or folder; did you mean readings.json?",
  },
  { what: "no such file", files: {}, args: ["a.json"], status: 1, message: "a.json: there is no such file or folder" },
  {
    what: "no such folder",
    files: {},
    args: ["january/a.json"],
    status: 1,
    message: "january/a.json: there is no such file: there is no folder january",
  },
  {
    what: "a folder without datasets",
    files: { "docs/readme.txt": "x" },
    args: ["docs"],
    status: 1,
    message:
      "docs: there are no files to read in this folder: looked for .json, .jsonl, .ndjson, .csv, .xml, also with .gz or .zst, .parquet and .zip; " +
      "to read a file with another extension, such as readme.txt, name the file",
  },
  {
    what: "a pattern that nothing matches",
    files: {},
    args: ["*.json"],
    status: 1,
    message: "*.json: no file matches",
  },
  {
    what: "a link that leads nowhere",
    files: {},
    prepare: (folder) => symlinkSync("gone.json", join(folder, "a.json")),
    args: ["a.json"],
    status: 1,
    message: "a.json: it is a link to something that is not there",
  },
  {
    what: "gzip that is cut off",
    files: { "a.json.gz": packed.subarray(0, -10) },
    args: ["a.json.gz"],
    status: 1,
    message: "a.json.gz: the gzip stream ends early: the file is cut off; copy or fetch it again",
  },
  {
    what: "gzip that is damaged",
    files: { "a.json.gz": damaged },
    args: ["a.json.gz"],
    status: 1,
    message: "a.json.gz: the gzip stream is damaged (incorrect data check); copy or fetch it again",
  },
  {
    what: "gzip with something after it",
    files: { "a.json.gz": bytes(packed, "hello") },
    args: ["a.json.gz"],
    status: 1,
    message: "a.json.gz: the end of the gzip stream is followed by something that is not gzip",
  },
  {
    what: "the output folder as an input",
    files: { "output_data/a.json": READ },
    args: ["output_data"],
    status: 2,
    message: `output_data: ${IS_OUTPUT}`,
  },
  {
    what: "a file in the output folder as an input",
    files: { "output_data/a.json": READ },
    args: ["output_data/a.json"],
    status: 2,
    message: `output_data/a.json: ${IS_OUTPUT}`,
  },
  {
    what: "an input that is the output",
    files: { "a.json": READ },
    args: ["a.json", "--output", "a.json"],
    status: 2,
    message: `a.json: ${IS_OUTPUT}`,
  },
  {
    what: "an input that is where rejects go",
    files: { "a.json": READ },
    args: ["a.json", "--rejects", "./a.json"],
    status: 2,
    message: `a.json: ${IS_OUTPUT}`,
  },
  {
    what: "an input that is where rejects go, under another name",
    files: { "a.json": READ },
    prepare: (folder) => linkSync(join(folder, "a.json"), join(folder, "b.json")),
    args: ["a.json", "--rejects", "b.json"],
    status: 2,
    message: `a.json: ${IS_OUTPUT}`,
  },
  {
    what: "an output folder that is a file",
    files: { "a.json": READ, out: "mine" },
    args: ["a.json", "--output", "out"],
    status: 1,
    message: "cannot write to out: it is a file, not a folder; choose another output folder, or move that file away",
  },
  {
    what: "an output folder below a file",
    files: { "a.json": READ, out: "mine" },
    args: ["a.json", "--output", "out/january/files"],
    status: 1,
    message:
      "cannot write out/january/files: a part of the path is a file, not a folder; " +
      "choose another place, or move that file away",
  },
  {
    what: "an hourly file that is somebody else's",
    files: { "a.json": READ, "output_data/hourly_data_31_01.csv": "mine" },
    args: ["a.json"],
    status: 1,
    message:
      "output_data/hourly_data_31_01.csv is in the way: no manifest says that it is an earlier run's output; " +
      "move it away, choose another folder with --output, or have it replaced with --force",
  },
  {
    what: "rejects that are a folder",
    files: { "a.json": READ, "bad/x": "x" },
    args: ["a.json", "--rejects", "bad"],
    status: 1,
    message: "cannot write bad: it is a folder; name a file in it",
  },
  {
    what: "rejects in no folder",
    files: { "a.json": READ },
    args: ["a.json", "--rejects", "bad/x"],
    status: 1,
    message: "cannot write bad/x: there is no such folder; create it, or choose another place",
  },
];

describe.each(PLACES)("$what", ({ files, prepare, args, status, message }) => {
  test("is reported in one line, and nothing is changed", () =>
    inFolder(async (folder) => {
      for (const [name, content] of Object.entries(files)) put(folder, name, content);
      prepare?.(folder);
      const seen = await aggregateIn(folder, args);
      expect(seen.said).toEqual([`error: ${message}`]);
      expect(seen.status).toBe(status);
      for (const [name, content] of Object.entries(files))
        expect(readFileSync(join(folder, name)).equals(bytes(content as string))).toBe(true);
      const outputs = Object.keys(files).filter((name) => name.startsWith("output_data/"));
      expect([...seen.files.keys()]).toEqual(outputs.map((name) => name.slice("output_data/".length)));
    }));
});

test("a folder that contains its own output is read without it, run after run", () =>
  inFolder(async (folder) => {
    put(folder, "a.json", READ);
    put(folder, "sub/b.csv", "timestamp,kWh_value\n2024-01-31T13:00:00Z,2\n");
    put(folder, "output_data/old.json", READ);
    for (let i = 0; i < 2; i++) {
      const seen = await aggregateIn(folder, ["."]);
      expect(seen.status).toBe(0);
      expect(seen.files.get("daily_data.csv")).toBe("daily_timestamp,aggregated_kWh_value\n2024-01-31,3\n");
      expect(seen.files.get("old.json")).toBe(READ);
    }
  }));

test("a file of rejects in an input folder is not read", () =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, "in"));
    put(folder, "in/a.ndjson", `42\n${READ}\n`);
    for (let i = 0; i < 2; i++) {
      const seen = await aggregateIn(folder, ["in", ...SKIP, "--rejects", "in/bad.ndjson"]);
      expect(seen.status).toBe(0);
      expect(rejectedIn(filesIn(join(folder, "in")).get("bad.ndjson"))).toHaveLength(1);
    }
  }));
