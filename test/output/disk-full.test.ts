/** A full disk and a read-only one: small file systems in memory, which only root may mount. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunError } from "../../dist/base/errors.js";
import { type OutputFile, openFolder } from "../../dist/output/folder.js";
import { openRejects } from "../../dist/output/rejects-file.js";
import { sampleManifest } from "./sample.js";

const SIZE = 1 << 20;

let base: string;
let disk: string;
let mounted = false;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "electro-disk-"));
  disk = join(base, "disk");
  mkdirSync(disk);
  mounted = mount("-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", disk);
});
afterEach(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(base, { recursive: true, force: true });
});

function mount(...args: string[]): boolean {
  return spawnSync("mount", args).status === 0;
}

function file(name: string, bytes: number, letter: string): OutputFile {
  return {
    ...{ name, rows: 1 },
    *blocks() {
      for (let done = 0; done < bytes; done += 4096) yield Buffer.alloc(Math.min(4096, bytes - done), letter);
    },
  };
}

async function write(files: readonly OutputFile[]): Promise<void> {
  const folder = await openFolder(join(disk, "out"));
  try {
    await folder.write(files, sampleManifest);
  } finally {
    folder.close();
  }
}

async function failure(run: Promise<unknown>): Promise<[code: string, message: string]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RunError);
  const { code, message } = error as RunError;
  return [code, message.replaceAll(`${disk}/`, "")];
}

function contents(): Record<string, string> {
  const out = join(disk, "out");
  return Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name), "utf8")]));
}

const SKIPPED = "SKIPPED: only root may mount the small disk that this test fills";

describe("a full disk", () => {
  it("at any moment leaves the previous output as it was, and nothing else", async ({ skip }) => {
    if (!mounted) skip(SKIPPED);
    await write([file("hourly_data_01_01.csv", 1000, "o"), file("daily_data.csv", 1000, "o")]);
    const before = contents();
    const filler = join(disk, "filler");
    // From a disk that is all but full to one with room for all: each time one page more.
    let failed = 0;
    for (let room = 0; ; room++) {
      rmSync(filler, { force: true });
      writeFileSync(filler, Buffer.alloc(freeBytes() - room * 4096));
      const files = [
        file("hourly_data_01_01.csv", 9000, "n"),
        file("hourly_data_02_01.csv", 5000, "n"),
        file("daily_data.csv", 5000, "n"),
      ];
      const error = await write(files).then(
        () => undefined,
        (reason: RunError) => reason,
      );
      if (error === undefined) break;
      failed++;
      expect([error.constructor, error.code]).toEqual([RunError, "disk_full"]);
      expect(error.message.replaceAll(`${disk}/`, "")).toMatch(
        /^cannot write out(\/\S+)?: the disk is full; free some space, or choose a place on another disk$/,
      );
      expect(contents()).toEqual(before);
    }
    expect(failed).toBeGreaterThan(5);
    expect(contents()["daily_data.csv"]).toBe("n".repeat(5000));
    expect(Object.keys(contents()).sort()).toEqual([
      "daily_data.csv",
      "hourly_data_01_01.csv",
      "hourly_data_02_01.csv",
      "manifest.json",
    ]);
  });

  it("leads to the removal of a folder that was created for nothing", async ({ skip }) => {
    if (!mounted) skip(SKIPPED);
    const expected =
      "cannot write out/daily_data.csv: the disk is full; free some space, or choose a place on another disk";
    expect(await failure(write([file("daily_data.csv", 2 * SIZE, "n")]))).toEqual(["disk_full", expected]);
    expect(readdirSync(disk)).toEqual([]);
  });

  it("is reported for bad records too, and the existing file stays", ({ skip }) => {
    if (!mounted) skip(SKIPPED);
    const path = join(disk, "bad.ndjson");
    const old = '{"input":"a.json","record":1,"line":1,"reason":"not_json"}\n';
    writeFileSync(path, old);
    const rejects = openRejects(path, "bad.ndjson");
    const add = () => {
      for (let record = 1; record < 100; record++) {
        rejects.add({
          input: "a",
          record,
          line: record,
          reason: "bad_json",
          message: "no",
          bytes: Buffer.alloc(50_000, "x"),
        });
      }
    };
    expect(add).toThrow(
      "cannot write bad.ndjson: the disk is full; free some space, or choose a place on another disk",
    );
    rejects.abandon();
    expect(readdirSync(disk)).toEqual(["bad.ndjson"]);
    expect(readFileSync(path, "utf8")).toBe(old);
  });

  function freeBytes(): number {
    return Number(spawnSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" }).stdout.split("\n")[1]);
  }
});

describe("a read-only disk", () => {
  it("is reported before anything is read", async ({ skip }) => {
    if (!mounted) skip(SKIPPED);
    await write([file("daily_data.csv", 1000, "o")]);
    expect(mount("-o", "remount,ro", disk)).toBe(true);
    const expected = "cannot write out: the file system is read-only; choose another place";
    expect(await failure(openFolder(join(disk, "out")))).toEqual(["read_only_disk", expected]);
    expect(await failure(openFolder(join(disk, "new")))).toEqual(["read_only_disk", expected.replace("out", "new")]);
  });
});
