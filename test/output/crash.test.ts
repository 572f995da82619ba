/**
 * Runs killed by SIGKILL: before every third call of the file system for a few files, before many of them for a year's
 * files, and at moments that nobody chose. After each: every file is wholly old or wholly new, the manifest tells
 * which set is whole, and the next run finishes what was begun and leaves nothing behind.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFolder } from "../../dist/output/folder.js";
import { IN_MEMORY } from "../in-memory.js";
import { until } from "../wait.mjs";
import { filesOf, writeSet } from "./sets.mjs";

const DRIVER = fileURLToPath(new URL("driver.mjs", import.meta.url));
const NOTES = "notes.txt";
const NEVER = 1_000_000;

let base: string;
beforeAll(() => {
  // Of the flushes only the order matters here.
  base = mkdtempSync(join(IN_MEMORY, "electro-crash-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

type Call = readonly string[];
type Calls = { readonly made: number; readonly calls: readonly Call[] };

/** Runs the driver; what it did, or undefined if it was killed. */
function run(dir: string, set: string, killAt = NEVER, mode = "write"): Calls | undefined {
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, [DRIVER, dir, set, String(killAt), mode], {
    timeout: 100_000,
  });
  if (signal === "SIGKILL") return undefined;
  expect(status, String(stderr)).toBe(0);
  return JSON.parse(String(stdout));
}

/** A run that nobody kills; without a set, one that fails before it writes. */
async function runHere(dir: string, set?: string): Promise<void> {
  const folder = await openFolder(dir);
  try {
    if (set !== undefined) await writeSet(folder, set);
  } finally {
    folder.close();
  }
}

/** A folder with the output of `set`, and a file of the user's own. */
async function prepared(set: string): Promise<string> {
  const dir = join(base, set);
  await runHere(dir, set);
  writeFileSync(join(dir, NOTES), "mine");
  return dir;
}

let copies = 0;
function copyOf(dir: string): string {
  const copy = join(base, `copy-${copies++}`);
  cpSync(dir, copy, { recursive: true });
  return copy;
}

/** What is in a folder, by name, but for the user's file, which must be as it was. */
function contents(dir: string): Map<string, string> {
  const all = new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]));
  expect(all.get(NOTES)).toBe("mine");
  all.delete(NOTES);
  return all;
}

/** Which set the manifest speaks of. */
function setOf(found: Map<string, string>): string {
  return JSON.parse(found.get("manifest.json")!).electro.version;
}

/** Fails unless the folder holds this set, whole, as its manifest says, and nothing else. */
function expectWhole(dir: string, set: string): void {
  const found = contents(dir);
  const { electro, files } = JSON.parse(found.get("manifest.json")!);
  found.delete("manifest.json");
  expect(electro.version).toBe(set);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(filesOf(set)));
  const hashes = [...filesOf(set)].map(([name, text]) => [name, createHash("sha256").update(text).digest("hex")]);
  expect(files.map((file: { name: string; sha256: string }) => [file.name, file.sha256])).toEqual(hashes);
}

/** Fails unless every file is wholly of one of the two sets, and the manifest's is whole or a journal is there. */
function expectOldOrNew(dir: string, before: string, after: string): void {
  const found = contents(dir);
  const [old, fresh] = [filesOf(before), filesOf(after)];
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const possible = [old.get(name), fresh.get(name)];
    expect(possible.includes(found.get(name)), `${name} is neither old nor new`).toBe(true);
  }
  const set = setOf(found);
  expect([before, after]).toContain(set);
  if (set === before && found.has(".electro-journal.json")) return;
  const visible = [...found].filter(([name]) => !name.startsWith(".electro-") && name !== "manifest.json");
  expect(Object.fromEntries(visible)).toEqual(Object.fromEntries(filesOf(set)));
}

/** Kills a run of `after` over `before` at one call, and looks at what it leaves, then at what the next run makes of it. */
async function killAndCheck(
  old: string,
  [before, after, next]: readonly [string, string, string],
  killAt: number,
): Promise<boolean> {
  const dir = copyOf(old);
  const killed = run(dir, after, killAt) === undefined;
  expectOldOrNew(dir, before, after);
  const failing = copyOf(dir);
  await runHere(failing);
  expectWhole(failing, setOf(contents(failing)));
  await runHere(dir, next);
  expectWhole(dir, next);
  rmSync(dir, { recursive: true });
  rmSync(failing, { recursive: true });
  return killed;
}

/** Which call renames the journal, counted from 1. */
function journalIn({ made, calls }: Calls): number {
  expect(calls).toHaveLength(made);
  return 1 + calls.findIndex(([name, , to]) => name === "renameSync" && to === ".electro-journal.json");
}

describe("a run that is killed", () => {
  it("before its calls, with a few files", async () => {
    const old = await prepared("small1");
    const { made } = run(copyOf(old), "small2")!;
    expect(made).toBeGreaterThan(60);
    // Every third one; the others come another time.
    for (let killAt = 1 + (Date.now() % 3); killAt <= made; killAt += 3) {
      expect(await killAndCheck(old, ["small1", "small2", "small3"], killAt)).toBe(true);
    }
  });

  it("before many of its calls, with a year's files", async () => {
    const old = await prepared("year1");
    const { made, calls } = run(copyOf(old), "year2")!;
    const journal = journalIn({ made, calls });
    expect(calls.filter(([name]) => name === "renameSync")).toHaveLength(368);
    expect(calls.filter(([name, file]) => name === "unlinkSync" && file.startsWith("hourly_data_"))).toHaveLength(5);
    const spread = (from: number, to: number, steps: number) =>
      Array.from({ length: steps }, (_, step) => Math.floor(from + ((to - from) * (step + 0.5)) / steps));
    const moments = [...spread(1, journal, 4), ...spread(journal - 3, journal + 5, 4), ...spread(journal + 5, made, 6)];
    for (const killAt of moments) expect(await killAndCheck(old, ["year1", "year2", "year3"], killAt)).toBe(true);
  });

  it("while it finishes what another killed run began", async () => {
    const old = await prepared("small1");
    const whole = run(copyOf(old), "small2")!;
    for (let first = journalIn(whole) + 1; first <= whole.made; first += 25) {
      const half = copyOf(old);
      run(half, "small2", first);
      const more = run(copyOf(half), "small2", NEVER, "open")!.made;
      for (let second = 1; second <= more; second += 3) {
        const dir = copyOf(half);
        expect(run(dir, "small2", second, "open")).toBeUndefined();
        expectOldOrNew(dir, "small1", "small2");
        await runHere(dir);
        expectWhole(dir, "small2");
        rmSync(dir, { recursive: true });
      }
    }
  });

  it("from outside, at moments that nobody chose", async () => {
    const old = await prepared("year1");
    let killed = 0;
    for (let i = 0; killed < 6; i++) {
      const dir = copyOf(old);
      const child = spawn(process.execPath, [DRIVER, dir, "year2", String(NEVER)], { stdio: "ignore" });
      const ended = new Promise<string | null>((resolve) => child.on("exit", (_, by) => resolve(by)));
      // Some time after so many files are written, and perhaps too late; every fifth is killed at its start.
      const files = (365 * (i % 5)) / 5;
      const written = () => readdirSync(dir).filter((name) => name.startsWith(".electro-hourly")).length;
      await until(`${files} files are written`, () => child.exitCode !== null || written() >= files);
      child.kill("SIGKILL");
      if ((await ended) === "SIGKILL") killed++;
      expectOldOrNew(dir, "year1", "year2");
      await runHere(dir, "year3");
      expectWhole(dir, "year3");
      rmSync(dir, { recursive: true });
    }
  });
});

describe("what must be on the disk before what, should the power fail", () => {
  it("files before the journal, the journal before the first rename, all files before the manifest", async () => {
    const { calls } = run(copyOf(await prepared("small1")), "small2")!;
    const dirName = (call: Call) => call[0] === "fsyncSync" && call[1].startsWith("copy-");
    const at = (test: (call: Call) => boolean, from = 0) => {
      const found = calls.findIndex((call, i) => i >= from && test(call));
      expect(found).toBeGreaterThanOrEqual(from);
      return found;
    };
    const renameOf = (to: string) => at(([name, , target]) => name === "renameSync" && target === to);
    const journal = renameOf(".electro-journal.json");
    const manifest = renameOf("manifest.json");
    const removed = at(([name, file]) => name === "unlinkSync" && file === ".electro-journal.json");
    const places = [...filesOf("small2").keys()].map(renameOf);
    const removals = calls.flatMap(([name, file], i) =>
      name === "unlinkSync" && file.startsWith("hourly_data_") ? [i] : [],
    );

    expect(removals).toHaveLength(1);
    for (const name of [...filesOf("small2").keys(), "manifest.json", "journal.json"]) {
      const flushed = at(([call, file]) => call === "fsyncSync" && file === `.electro-${name}.tmp`);
      const lastWrite = calls.findLastIndex(([call, file]) => call === "writeSync" && file === `.electro-${name}.tmp`);
      expect(lastWrite).toBeLessThan(flushed);
      expect(flushed).toBeLessThan(journal);
    }
    const lastFile = at(([call, file]) => call === "closeSync" && file === ".electro-manifest.json.tmp");
    expect(at(dirName, lastFile)).toBeLessThan(journal);
    expect(at(dirName, journal)).toBeLessThan(Math.min(...places, ...removals));
    expect(at(dirName, Math.max(...places, ...removals))).toBeLessThan(manifest);
    expect(at(dirName, manifest)).toBeLessThan(removed);
    expect(at(dirName, removed)).toBeGreaterThan(removed);
  });

  it("one file is written before the next is opened", async () => {
    const { calls } = run(copyOf(await prepared("small1")), "small2")!;
    let open = "";
    for (const [name, file] of calls) {
      if (name === "openSync") open = file;
      if (name === "writeSync" && file.endsWith(".tmp")) expect(file).toBe(open);
    }
    const written = new Set(calls.flatMap(([name, file]) => (name === "writeSync" ? [file] : [])));
    expect(written.size).toBeGreaterThan(filesOf("small2").size);
  });
});
