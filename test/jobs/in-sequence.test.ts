/** With one worker every file operation ends before the next begins: all calls of the file system in a process are noted. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { CHECKED } from "../input/zstd-samples.js";
import { inFolder } from "../oracle/electro.js";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const TRACE = new URL("trace.mjs", import.meta.url).href;
const DAYS = 40;

interface Traced {
  readonly thread: number;
  readonly calls: Record<string, number>;
  readonly overlaps: readonly [string, readonly string[]][];
}

/** Runs the command to its end. @param stdin a file @returns what its threads say of their calls, the main one first */
async function traced(folder: string, args: readonly string[], stdin?: string): Promise<Traced[]> {
  const child = spawn(process.execPath, ["--import", TRACE, MAIN, ...args, "-q"], {
    cwd: folder,
    stdio: [stdin === undefined ? "ignore" : openSync(join(folder, stdin), "r"), "ignore", "pipe", "pipe"],
    timeout: 100_000,
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [status, stderr, lines] = await Promise.all([ended, text(child.stderr!), text(child.stdio[3] as Readable)]);
  expect([status, stderr.replaceAll(/^warning: .*\n/gm, "")]).toEqual([0, expect.not.stringContaining("error")]);
  const threads = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Traced);
  return threads.sort((a, b) => a.thread - b.thread);
}

/** Half a megabyte of readings over the days, some of them bad. */
function readings(source: string): string {
  let lines = "";
  for (let n = 0; n < 6000; n++) {
    const time = new Date(Date.UTC(2024, 0, 1) + ((n * 7919) % (DAYS * 24 * 60)) * 60_000).toISOString();
    const at = n % 9 === 8 ? "never" : time;
    lines += `{"timestamp":"${at}","kWh_value":${n / 8},"meter_id":"${source}-${n % 3}"}\n`;
  }
  return lines;
}

/** Inputs in every form that is read in its own way. */
function prepare(folder: string): void {
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, "in/deep"), { recursive: true });
  put("in/a.ndjson", readings("a"));
  put("in/b.ndjson.gz", gzipSync(readings("b")));
  put(
    "in/deep/c.json",
    `[${readings("c")
      .replaceAll(/"never"/g, '"2024-01-05T00:00:00Z"')
      .trimEnd()
      .replaceAll("\n", ",")}]`,
  );
  put("in/deep/d.csv", "timestamp,kWh_value\n2024-01-05T00:00:00Z,1\n");
  put("in/e.ndjson.zst", CHECKED);
  put("bad.ndjson", '{"timestamp":"never","kWh_value":1}\n'.repeat(30_000));
}

const SKIP = ["--on-error", "skip", "--by-source"];

test("with one worker every file operation of a run ends before the next begins", () =>
  inFolder(async (folder) => {
    prepare(folder);
    for (const [args, stdin] of [
      [["aggregate", "in", ...SKIP, "--hash-inputs", "--workers", "1"]],
      [["aggregate", "in", ...SKIP, "--rejects", "bad.txt", "--memory", "100MB", "--workers", "1"]],
      [["aggregate", "-", ...SKIP, "--workers", "1"], "bad.ndjson"],
    ] as const) {
      const [main, ...others] = await traced(folder, args, stdin);
      expect(main!.overlaps).toEqual([]);
      expect(others.map(({ calls }) => calls)).toEqual(others.map(() => ({})));
      const { files } = JSON.parse(readFileSync(join(folder, "output_data/manifest.json"), "utf8"));
      if (stdin === undefined) expect(files.length).toBeGreaterThan(DAYS);
      // Each of the files was flushed, so the calls were seen.
      expect(main!.calls["fsyncSync"]).toBeGreaterThan(files.length);
    }
  }));

test("with one worker an export does one file operation after another, too", () =>
  inFolder(async (folder) => {
    prepare(folder);
    await traced(folder, ["load", "in", "--on-error", "skip"]);
    const [main] = await traced(folder, ["export", "--by-source", "--workers", "1"]);
    expect(main!.overlaps).toEqual([]);
    expect(main!.calls["fsyncSync"]).toBeGreaterThan(DAYS);
  }));

test("with more of them a file is flushed while the next is written", () =>
  inFolder(async (folder) => {
    prepare(folder);
    const [main] = await traced(folder, ["aggregate", "in", ...SKIP, "--workers", "2"]);
    expect(main!.overlaps).toContainEqual(["openSync", ["fdatasync"]]);
  }));
