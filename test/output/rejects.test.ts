import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerText, thisOwner } from "../../dist/base/owner.js";
import type { Reject } from "../../dist/output/reject.js";
import { openRejects } from "../../dist/output/rejects-file.js";

let base: string;
let path: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "electro-rejects-"));
  path = join(base, "bad.ndjson");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const PLACE = { input: "a.json", record: 7, line: 9, reason: "bad_timestamp", message: "no such day" };

function written(...rejects: Reject[]): string {
  const writer = openRejects(path);
  for (const reject of rejects) writer.add(reject);
  expect(writer.count).toBe(rejects.length);
  writer.finish();
  return readFileSync(path, "utf8");
}

/** What a run before has left: only bad records are replaced. */
const OLD = '{"input":"a.json","record":1,"line":1,"reason":"not_json"}\n';

describe("a bad record", () => {
  it("is stored word for word, with its position and the reason, as one line", () => {
    const text = '{"timestamp": "2024-02-30",\r\n\t"x": "ä\u0000\u2028"}';
    expect(written({ ...PLACE, bytes: Buffer.from(text) })).toBe(
      '{"input":"a.json","record":7,"line":9,"reason":"bad_timestamp","message":"no such day",' +
        '"text":"{\\"timestamp\\": \\"2024-02-30\\",\\r\\n\\t\\"x\\": \\"ä\\u0000\u2028\\"}"}\n',
    );
  });

  it("may have the byte that it begins at", () => {
    expect(written({ ...PLACE, byte: 0, bytes: Buffer.from("x") })).toContain('"line":9,"byte":0,"reason"');
  });

  it("is stored as base64 if it is not UTF-8", () => {
    const bytes = Uint8Array.of(0x7b, 0xff, 0x7d);
    expect(JSON.parse(written({ ...PLACE, bytes }))).toEqual({ ...PLACE, base64: "e/99" });
  });

  it("keeps its byte-order mark", () => {
    expect(JSON.parse(written({ ...PLACE, bytes: Buffer.from("\ufeffx") })).text).toBe("\ufeffx");
  });

  it("can be restored to its original bytes, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array(),
            fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
          ),
        ),
        (records) => {
          const lines = written(...records.map((bytes, i) => ({ ...PLACE, record: i + 1, bytes }))).split("\n");
          expect(lines.pop()).toBe("");
          const back = lines
            .map((line) => JSON.parse(line))
            .map(({ text, base64 }) => Buffer.from(text ?? base64, text === undefined ? "base64" : "utf8"));
          expect(back.map((bytes) => bytes.toString("hex"))).toEqual(
            records.map((bytes) => Buffer.from(bytes).toString("hex")),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it("just under 16 MiB is complete", () => {
    const bytes = Buffer.alloc((16 << 20) - 1, "x");
    expect(JSON.parse(written({ ...PLACE, bytes }))).toEqual({ ...PLACE, text: bytes.toString() });
  });

  it("of 16 MiB or more is cut to its first 64 KiB, and says how long it was", () => {
    const bytes = Buffer.alloc(16 << 20, "x");
    const cut = { ...PLACE, truncated: true, bytes: 16 << 20, text: "x".repeat(65_536) };
    expect(JSON.parse(written({ ...PLACE, bytes }))).toEqual(cut);
    expect(JSON.parse(written({ ...PLACE, bytes: bytes.subarray(0, 100_000), size: 16 << 20 }))).toEqual(cut);
  });

  it.each(["ä", "電", "😀"])("is cut between two %s, not inside one", (letter) => {
    for (let before = 0; before < 4; before++) {
      const text = "x".repeat(before) + letter.repeat(40_000);
      const kept = JSON.parse(written({ ...PLACE, bytes: Buffer.from(text), size: 20 << 20 })).text;
      expect(text.startsWith(kept)).toBe(true);
      expect(Buffer.byteLength(kept)).toBeGreaterThan(65_536 - 4);
    }
  });

  it("that is not UTF-8 is cut as base64", () => {
    const bytes = Buffer.alloc(70_000, 0x80);
    const { base64 } = JSON.parse(written({ ...PLACE, bytes, size: 20 << 20 }));
    expect(Buffer.from(base64, "base64").length).toBeGreaterThan(65_536 - 4);
  });
});

describe("a file of the user's choice", () => {
  it("appears when it is complete, and reports its bytes and hash", () => {
    writeFileSync(path, OLD);
    const writer = openRejects(path);
    for (let record = 1; record <= 2000; record++) writer.add({ ...PLACE, record, bytes: Buffer.alloc(100, "x") });
    expect(readFileSync(path, "utf8")).toBe(OLD);
    const { bytes, sha256 } = writer.finish();
    const text = readFileSync(path);
    expect(bytes).toBe(text.length);
    expect(sha256).toBe(createHash("sha256").update(text).digest("hex"));
    expect(text.toString().split("\n")).toHaveLength(2001);
    expect(readdirSync(base)).toEqual(["bad.ndjson"]);
    writer.abandon();
    expect(readdirSync(base)).toEqual(["bad.ndjson"]);
  });

  it("is empty if there were no bad records", () => {
    writeFileSync(path, OLD);
    expect(written()).toBe("");
  });

  it("is unchanged if it is abandoned", () => {
    writeFileSync(path, OLD);
    const writer = openRejects(path);
    writer.add({ ...PLACE, bytes: Buffer.from("x") });
    writer.abandon();
    expect(readFileSync(path, "utf8")).toBe(OLD);
    expect(readdirSync(base)).toEqual(["bad.ndjson"]);
  });

  it("may be behind a link, which stays", () => {
    writeFileSync(join(base, "real.ndjson"), OLD);
    symlinkSync("real.ndjson", path);
    written({ ...PLACE, bytes: Buffer.from("x") });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(base, "real.ndjson"), "utf8")).toContain('"text":"x"');
    expect(readdirSync(base).sort()).toEqual(["bad.ndjson", "real.ndjson"]);
  });

  it("may be something other than a file, which is not replaced", () => {
    const writer = openRejects("/dev/null");
    writer.add({ ...PLACE, bytes: Buffer.from("x") });
    expect(writer.finish().bytes).toBeGreaterThan(50);
    writer.abandon();
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("may be written by two runs at once: the last one's stays, complete", () => {
    const [one, two] = [openRejects(path), openRejects(path)];
    one.add({ ...PLACE, bytes: Buffer.from("one") });
    two.add({ ...PLACE, bytes: Buffer.from("two") });
    two.finish();
    one.finish();
    expect(readFileSync(path, "utf8")).toContain('"text":"one"');
    expect(readdirSync(base)).toEqual(["bad.ndjson"]);
  });

  it("is cleared of what killed runs left, and of nothing else", () => {
    const dead = { ...thisOwner(), pid: Number(spawnSync(process.execPath, ["-p", "process.pid"]).stdout) };
    const stale = `.electro-bad.ndjson.${ownerText(dead)}.0.tmp`;
    const others = [
      `.electro-other.ndjson.${ownerText(dead)}.0.tmp`,
      `.electro-bad.ndjson.${ownerText({ ...dead, host: "elsewhere" })}.0.tmp`,
      ".electro-bad.ndjson.tmp",
    ];
    for (const name of [stale, ...others]) writeFileSync(join(base, name), "");
    written();
    expect(readdirSync(base).sort()).toEqual([...others, "bad.ndjson"].sort());
  });

  it.each([
    ["no/bad.ndjson", "cannot write BASE/no/bad.ndjson: there is no such folder; create it, or choose another place"],
    ["folder", "cannot write BASE/folder: it is a folder; name a file in it"],
    [
      "file/bad",
      "cannot write BASE/file/bad: a part of the path is a file, not a folder; choose another place, or move that file away",
    ],
  ])("%s is refused at once", (name, message) => {
    mkdirSync(join(base, "folder"));
    writeFileSync(join(base, "file"), "");
    expect(() => openRejects(join(base, name))).toThrow(message.replace("BASE", base));
  });
});
