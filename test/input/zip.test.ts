/** Zip archives: each member is an input of its own, and what is wrong with one is told. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";
import { resolveInputs } from "../../dist/input/resolve.js";
import { openStream } from "../../dist/input/stream.js";
import { electro } from "../oracle/electro.js";
import { type Member, zipOf } from "./zip-samples.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-zip-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes an archive, and reads all of its members. */
async function contentOf(
  bytes: Uint8Array,
): Promise<{ members: Record<string, string>; warnings: readonly { code: string; message: string }[] }> {
  writeFileSync(join(folder, "a.zip"), bytes);
  const { inputs, warnings } = await resolveInputs(["a.zip"], { cwd: folder, exclude: [] });
  const members: Record<string, string> = {};
  for (const input of inputs) {
    const blocks: Uint8Array[] = [];
    for await (const block of openStream(input)) blocks.push(block);
    members[input.name] = Buffer.concat(blocks).toString();
  }
  return { members, warnings };
}

const ONE = '{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1}\n';
const LONG = ONE.repeat(20_000);
const one = (more: Partial<Member> = {}): Buffer => zipOf([{ name: "a.ndjson", content: ONE, ...more }]);

describe("members are inputs", () => {
  test.each<[string, Partial<Member>]>([
    ["deflated", {}],
    ["stored", { method: 0 }],
    ["with sizes after the data", { descriptor: true }],
    ["with sizes for archives of more than 4 GiB", { zip64: true }],
    ["long", { content: LONG }],
    ["empty", { content: "", method: 0 }],
    ["compressed by itself", { name: "a.ndjson.gz", content: gzipSync(ONE) }],
  ])("%s", async (_, member) => {
    const { members } = await contentOf(one(member));
    const content = Buffer.isBuffer(member.content) ? ONE : (member.content ?? ONE);
    expect(members).toEqual({ [`a.zip:${member.name ?? "a.ndjson"}`]: content });
  });

  test("in the order of their names, without those that a folder would leave out, which are counted", async () => {
    const names = ["b.csv", "x/a.json", "read me.txt", "x/", ".hidden.csv", "__MACOSX/._b.csv", "y.TXT", "no ending"];
    const { members, warnings } = await contentOf(zipOf(names.map((name) => ({ name, content: name }))));
    expect(members).toEqual({ "a.zip:b.csv": "b.csv", "a.zip:x/a.json": "x/a.json" });
    expect(warnings.map(({ message }) => message)).toEqual([
      "a.zip: skipped 1 hidden file",
      "a.zip: skipped 3 files whose names do not say that they hold readings: 2 .txt, 1 without an ending; to read one, unpack the archive, and name it",
    ]);
  });

  test("under names that lead elsewhere, or control a terminal, since nothing is written there", async () => {
    const names = [
      "../a.csv",
      "/etc/b.csv",
      "c:\\d.csv",
      "e\u0000\u001b[31m.csv",
      Buffer.from([0x81, 0x2e, 0x63, 0x73, 0x76]),
    ];
    const { members } = await contentOf(zipOf(names.map((name) => ({ name, content: "x" }))));
    expect(Object.keys(members)).toEqual(
      ["../a.csv", "/etc/b.csv", "c:/d.csv", "e\\u0000\\u001b[31m.csv", "ü.csv"].map((name) => `a.zip:${name}`),
    );
  });
});

describe("what is wrong is told", () => {
  const bomb = deflateRawSync(Buffer.alloc(3_000_000));
  test.each<[string, Buffer, string]>([
    ["no members", zipOf([]), "there are no files to read in this archive: it is empty"],
    ["no dataset", one({ name: "a.txt" }), "there are no files to read in this archive: looked for .json"],
    ["a password", one({ flags: 1 }), "a.zip:a.ndjson: it is encrypted; unpack the archive with its password"],
    ["strong encryption", one({ flags: 0x41 }), "it is encrypted"],
    ["another method", one({ method: 14 }), "a.zip:a.ndjson: it is compressed with LZMA, which is not read"],
    ["an unknown method", one({ method: 77 }), "it is compressed with method 77"],
    ["an archive in it", one({ name: "b.zip", content: one() }), "a.zip:b.zip: it is an archive inside of an archive"],
    ["one under a wrong name", one({ content: one() }), "a.zip:a.ndjson: it is an archive inside of an archive"],
    [
      "a wrong checksum",
      one({ crc: 1 }),
      "a.zip:a.ndjson: this member of the archive is damaged (its checksum is wrong)",
    ],
    ["a wrong checksum of what is stored", one({ crc: 1, method: 0 }), "its checksum is wrong"],
    ["more than it says", one({ packed: bomb, size: 1000 }), "it is longer than the archive says"],
    ["less than it says", one({ size: 1000 }), "it is shorter than the archive says"],
    [
      "what is not deflated",
      one({ packed: Buffer.from("\xff\xff\xff") }),
      "a.zip:a.ndjson: this member of the archive is damaged (",
    ],
    [
      "what is deflated in part",
      one({ content: LONG, packed: deflateRawSync(LONG).subarray(0, 500) }),
      "damaged (it ends early)",
    ],
    ["a header elsewhere", one({ offset: 1 }), "damaged (its header is not where the archive says)"],
    ["a header behind the end", one({ offset: 5000 }), "its member a.ndjson is cut off"],
    [
      "members that overlap",
      zipOf(["a.csv", "b.csv"].map((name) => ({ name, content: ONE, offset: 0 }))),
      "its members a.csv and b.csv overlap",
    ],
    [
      "two of one name",
      zipOf(["a.csv", "a.csv"].map((name) => ({ name, content: ONE }))),
      "it has two members of the name a.csv",
    ],
    ["something behind it", Buffer.concat([one(), Buffer.from("x")]), "its end is missing or is followed by something"],
  ])("%s", async (_, bytes, message) => {
    await expect(contentOf(bytes)).rejects.toThrow(message);
  });

  test("cut at any byte", async () => {
    const whole = zipOf(
      ["a.csv", "b.csv"].map((name) => ({ name, content: ONE })),
      "a comment",
    );
    expect(Object.keys((await contentOf(whole)).members)).toHaveLength(2);
    for (let length = 4; length < whole.length; length++)
      await expect(contentOf(whole.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: "input_damaged",
      });
  });

  test("a byte changed anywhere, or what is read is the same", async () => {
    const whole = one({ zip64: true });
    for (let at = 4; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      const read = await contentOf(bytes).catch((error) => error);
      if (read instanceof Error)
        expect(read).toMatchObject({ name: "RunError", message: expect.stringMatching(/^a\.zip/) });
      else expect(Object.values(read.members), `byte ${at}`).toEqual([ONE]);
    }
  });
});

describe("jobs", () => {
  test("sum each member once, beside the files of a folder, on any number of threads", async () => {
    const sub = join(folder, "sub");
    rmSync(sub, { recursive: true, force: true });
    const { mkdirSync, readFileSync } = await import("node:fs");
    mkdirSync(sub);
    const csv = "timestamp,kWh_value\n2024-01-01T00:00:00Z,2\n";
    writeFileSync(join(sub, "a.csv"), csv);
    writeFileSync(
      join(sub, "more.zip"),
      zipOf([
        { name: "b.csv", content: csv },
        { name: "c.ndjson", content: LONG },
      ]),
    );
    for (const workers of ["1", "2"]) {
      const args = ["aggregate", "sub", "sub/more.zip", "--hash-inputs", "--workers", workers, "-o", "out", "--force"];
      const { status, stderr } = await electro(args, folder);
      expect([status, stderr]).toEqual([0, expect.stringContaining("total 20,004 kWh")]);
      const manifest = JSON.parse(readFileSync(join(folder, "out/manifest.json"), "utf8"));
      expect(manifest.inputs.map(({ name, readings }: { name: string; readings: number }) => [name, readings])).toEqual(
        [
          ["sub/a.csv", 1],
          ["sub/more.zip:b.csv", 1],
          ["sub/more.zip:c.ndjson", 20_000],
        ],
      );
      expect(manifest.inputs[0].sha256).toBe(manifest.inputs[1].sha256);
    }
  });

  test("load each member by its own bytes, and what is wrong with one costs the others nothing", async () => {
    const bad = '{"timestamp":"no","kWh_value":1}\n';
    const members = [
      { name: "a.ndjson", content: ONE },
      { name: "b.ndjson", content: bad },
      { name: "c.ndjson", content: ONE.replace("00:00:00", "01:00:00"), crc: 5 },
    ];
    writeFileSync(join(folder, "l.zip"), zipOf(members));
    writeFileSync(join(folder, "a.ndjson"), ONE);
    const first = await electro(["load", "l.zip"], folder);
    expect([first.status, first.stderr]).toEqual([1, expect.stringContaining("3 inputs: 1 added, 2 not loaded")]);
    expect(first.stderr).toContain("l.zip:b.ndjson: record 1 (line 1): ");
    expect(first.stderr).toContain("l.zip:c.ndjson: this member of the archive is damaged (its checksum is wrong)");
    const again = await electro(["load", "a.ndjson"], folder);
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("1 input: 1 already loaded")]);
  });

  test("replace the one member that has changed", async () => {
    const other = ONE.replace("00:00:00", "01:00:00").replace('"kWh_value":1', '"kWh_value":10');
    const archive = (second: string) =>
      writeFileSync(
        join(folder, "m.zip"),
        zipOf([
          { name: "a.ndjson", content: ONE },
          { name: "b.ndjson", content: second },
        ]),
      );
    const load = (...args: string[]) => electro(["load", "m.zip", "--store", "m.duckdb", ...args], folder);
    archive(other);
    expect((await load()).stderr).toContain("2 inputs: 2 added");
    archive(other.replace("10", "100"));
    expect((await load()).stderr).toMatch(/m\.zip:b\.ndjson: .*--replace.*\n2 inputs: 1 already loaded, 1 not loaded/s);
    const replaced = await load("--replace");
    expect(replaced.stderr).toContain("2 inputs: 1 replacing what was loaded before, 1 already loaded");
    expect(replaced.stderr).toContain("m.duckdb has 2 readings of 1 source in 2 batches");
  });

  test("read an archive that comes as a stream, as one input whose messages name the member", async () => {
    const members = [
      { name: "a.csv", content: "timestamp,kWh_value\n2024-01-01T00:00:00Z,2\n" },
      { name: "b.ndjson", content: `${ONE}{"timestamp":"2024-01-01T00:00:00Z","kWh_value":"x"}\n` },
      { name: "c.txt", content: "" },
    ];
    const args = ["aggregate", "-", "--on-error", "skip", "-o", "piped"];
    const { status, stderr } = await electro(args, folder, zipOf(members));
    expect([status, stderr]).toEqual([0, expect.stringContaining("total 3 kWh")]);
    expect(stderr).toContain("standard input:b.ndjson: record 2 (line 2): ");
    expect(stderr).toContain("standard input: skipped 1 file whose name does not say that it holds readings: 1 .txt");
    const cut = await electro(["aggregate", "-"], folder, zipOf([...members, { name: "d.json", content: "[{" }]));
    expect([cut.status, cut.stderr]).toEqual([1, expect.stringContaining("standard input:d.json: line 1, byte ")]);
    const broken = await electro(["aggregate", "-"], folder, zipOf(members).subarray(0, -1));
    expect(broken.stderr).toContain("standard input: the zip archive cannot be read: its end is missing");
    const loaded = await electro(["load", "-", "--store", "piped.duckdb"], folder, zipOf(members.slice(0, 1)));
    expect(loaded.stderr).toContain("1 input: 1 added");
    const { kWh, readings } = await aggregate(zipOf(members.slice(0, 1)));
    expect([kWh, readings]).toEqual(["2", 1]);
  });
});
