/** A store whose latest changes are missing says so each time, whatever took them away; one that has all says nothing. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";

import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../dist/store/open.js";
import type { Store, StoreNotice } from "../../../dist/store/store.js";
import { batchOf } from "../batches.js";

const OPEN = pathToFileURL("dist/store/open.js").href;
const KILLED = pathToFileURL("test/store/killed.mjs").href;
const BATCHES = 40;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-mark-"));
  path = join(folder, "electro.duckdb");
});
afterEach(() => rmSync(folder, { recursive: true }));

const one = (slot: number) =>
  batchOf([{ source: "a", slot: 20_000 * 96 + slot, energy: 1n, count: 1 }], { key: `one ${slot}` });

/** Opens the store, does something with it and closes it. @returns what was told, and what `use` returned */
async function within<T>(use: (store: Store) => Promise<T>, at = path): Promise<{ told: StoreNotice[]; value: T }> {
  const told: StoreNotice[] = [];
  const store = await openStore(`duckdb:${at}`, { tell: (notice) => told.push(notice) });
  try {
    return { told, value: await use(store) };
  } finally {
    await store.close();
  }
}

const batchesIn = (store: Store) => store.state().then(({ batches }) => batches);
const codes = (told: readonly StoreNotice[]) => told.map(({ code }) => code);

/** A process that has `count` batches acknowledged, and is killed. */
async function fillAndDie(count = BATCHES): Promise<void> {
  const script = `
    const { openStore } = await import("${OPEN}");
    const { batchFor } = await import("${KILLED}");
    const store = await openStore("duckdb:${path}");
    for (let n = 0; n < ${count}; n++) await store.ingest(batchFor(n));
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

function copyAll(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from))
    if (name.startsWith("electro.duckdb")) copyFileSync(join(from, name), join(to, name));
}

/** Hashes of a folder's files. */
function contents(at: string): string[] {
  return readdirSync(at).map(
    (name) =>
      `${name} ${createHash("sha256")
        .update(readFileSync(join(at, name)))
        .digest("hex")}`,
  );
}

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("a log that was cut", () => {
  it("anywhere opens whole without a word, or is told of on every start", async () => {
    await fillAndDie();
    const log = readFileSync(`${path}.wal`);
    const seed = Number(process.env["ELECTRO_SEED"] ?? Date.now() % 1e9);
    const random = randomOf(seed);
    const anywhere = Array.from({ length: 8 }, () => Math.floor(random() * log.length));
    const cuts = [0, 1, log.length - 1, log.length, ...anywhere];
    let whole = 0;
    for (const [n, cut] of cuts.entries()) {
      const copy = join(folder, `cut-${n}`);
      copyAll(folder, copy);
      const at = join(copy, "electro.duckdb");
      truncateSync(`${at}.wal`, cut);
      const first = await within(batchesIn, at);
      const said = `a log cut at ${cut} of ${log.length}, seed ${seed}`;
      if (first.value === BATCHES) whole++;
      expect(codes(first.told), said).toEqual(first.value === BATCHES ? [] : ["batches_missing"]);
      if (first.value === BATCHES) continue;
      const missing = BATCHES - first.value;
      expect(first.told[0]!.message).toContain(
        missing === 1 ? "1 acknowledged batch is missing" : `${missing} acknowledged batches are missing`,
      );
      expect(first.told[0]!.level).toBe("error");
      const again = await within(batchesIn, at);
      expect([codes(again.told), again.value], said).toEqual([["batches_missing"], first.value]);
    }
    expect(whole).toBe(1);
  });

  it("away altogether is told of, and what comes in later does not hide it", async () => {
    await fillAndDie();
    rmSync(`${path}.wal`);
    const { told } = await within(async (store) => {
      expect(await batchesIn(store)).toBe(0);
      expect((await store.state()).incomplete).toBe(true);
      expect(await store.check()).toMatchObject([{ message: `${BATCHES} acknowledged batches are missing` }]);
      for (let slot = 0; slot < BATCHES + 5; slot++) await store.ingest(one(slot));
    });
    expect(codes(told)).toEqual(["batches_missing"]);
    expect(codes((await within(batchesIn)).told)).toEqual(["batches_missing"]);
    // The operator has accepted it.
    rmSync(`${path}.mark`);
    const accepted = await within(async (store) => [(await store.state()).incomplete, await store.check()]);
    expect(accepted).toEqual({ told: [], value: [false, []] });
    expect(existsSync(`${path}.mark`)).toBe(true);
  });

  it("is no longer told of once the right files have been put back", async () => {
    await fillAndDie();
    const kept = join(folder, "kept");
    copyAll(folder, kept);
    truncateSync(`${path}.wal`, statSync(`${path}.wal`).size >> 1);
    expect(codes((await within(batchesIn)).told)).toEqual(["batches_missing"]);
    for (const name of ["electro.duckdb", "electro.duckdb.wal"]) copyFileSync(join(kept, name), join(folder, name));
    expect(await within(batchesIn)).toMatchObject({ told: [{ code: "batches_found" }], value: BATCHES });
    expect(await within(batchesIn)).toEqual({ told: [], value: BATCHES });
  });
});

describe("a store's file", () => {
  it("that is copied without its log, while a process works on it, says so beside no mark", async () => {
    await fillAndDie();
    const copy = join(folder, "copy");
    mkdirSync(copy);
    const at = join(copy, "electro.duckdb");
    copyFileSync(path, at);
    for (let opened = 0; opened < 2; opened++) {
      const { told, value } = await within(batchesIn, at);
      expect(told).toMatchObject([{ code: "batches_missing", level: "error" }]);
      expect(told[0]!.message).toContain("acknowledged batches may be missing");
      expect(value).toBe(0);
    }
    rmSync(`${at}.mark`);
    expect((await within(batchesIn, at)).told).toEqual([]);
  });

  it("of an earlier state that is put back says how many batches it lacks", async () => {
    await within((store) => store.ingest(one(1)));
    copyFileSync(path, join(folder, "older"));
    await within(async (store) => {
      for (const slot of [2, 3, 4]) await store.ingest(one(slot));
    });
    copyFileSync(join(folder, "older"), path);
    const { told } = await within(async (store) => {
      for (const slot of [5, 6, 7, 8]) await store.ingest(one(slot));
    });
    expect(told).toMatchObject([{ code: "batches_missing" }]);
    expect(told[0]!.message).toContain("3 acknowledged batches are missing");
    // What came in afterwards is acknowledged, too.
    copyFileSync(join(folder, "older"), path);
    expect((await within(batchesIn)).told[0]!.message).toContain("7 acknowledged batches are missing");
  });

  it("that lacks a retraction only says so, until that is accepted", async () => {
    const { value } = await within((store) => store.ingest(one(1)));
    copyFileSync(path, join(folder, "older"));
    await within((store) => store.retract(value.batch.id));
    copyFileSync(join(folder, "older"), path);
    const { told } = await within((store) => store.ingest(one(2)));
    expect(told[0]!.message).toContain("1 acknowledged retraction or replacement is missing");
    expect(codes((await within(batchesIn)).told)).toEqual(["batches_missing"]);
    rmSync(`${path}.mark`);
    expect((await within(batchesIn)).told).toEqual([]);
  });

  it("of a clean stop is whole by itself, without a mark, too", async () => {
    await within((store) => store.ingest(one(1)));
    const copy = join(folder, "copy.duckdb");
    copyFileSync(path, copy);
    expect(await within(batchesIn, copy)).toEqual({ told: [], value: 1 });
  });

  it("without tables is the copy of a store that had all in its log, and is refused", async () => {
    const instance = await DuckDBInstance.create(path);
    instance.closeSync();
    const before = contents(folder);
    await expect(openStore(`duckdb:${path}`)).rejects.toMatchObject({
      code: "not_a_store",
      message: expect.stringMatching(/has no tables, .* copy both files together/),
    });
    expect(contents(folder)).toEqual(before);
  });
});

describe("a mark", () => {
  it("of another store is replaced with a word, one that cannot be read too", async () => {
    await within((store) => store.ingest(one(1)));
    rmSync(path);
    expect(codes((await within(batchesIn)).told)).toEqual(["other_store"]);
    expect(codes((await within((store) => store.ingest(one(2)))).told)).toEqual([]);
    const mark = readFileSync(`${path}.mark`);
    for (const damage of [
      "x",
      Buffer.alloc(512),
      mark.subarray(0, 500),
      mark.map((byte, n) => (n === 60 ? byte ^ 1 : byte)),
    ]) {
      writeFileSync(`${path}.mark`, damage);
      expect(codes((await within(batchesIn)).told)).toEqual(["mark_damaged"]);
      expect(codes((await within(batchesIn)).told)).toEqual([]);
    }
    // It was being made when the process was killed.
    writeFileSync(`${path}.mark`, "");
    expect(codes((await within(batchesIn)).told)).toEqual([]);
  });

  it("that cannot be written keeps nothing out, and is told of", async () => {
    await within((store) => store.ingest(one(1)));
    rmSync(`${path}.mark`);
    mkdirSync(`${path}.mark`);
    const { told, value } = await within(async (store) => {
      await store.ingest(one(2));
      return batchesIn(store);
    });
    expect([codes(told), value]).toEqual([["mark_damaged", "mark_failed"], 2]);
  });
});

describe("a log", () => {
  it("without its store is refused, by whoever opens it, and stays", async () => {
    await fillAndDie(3);
    rmSync(path);
    for (const end of [".wal", ".wal.checkpoint", ".wal.recovery"]) {
      for (const name of readdirSync(folder))
        if (/\.wal/.test(name)) copyFileSync(join(folder, name), join(folder, "log"));
      for (const name of readdirSync(folder)) if (/\.wal/.test(name)) rmSync(join(folder, name));
      copyFileSync(join(folder, "log"), path + end);
      for (const create of [true, false]) {
        await expect(openStore(`duckdb:${path}`, { create })).rejects.toMatchObject({
          code: "stray_log",
          message: expect.stringContaining(`${path}${end} does: a store's log of changes`),
        });
      }
      expect(readFileSync(path + end).equals(readFileSync(join(folder, "log")))).toBe(true);
      expect(existsSync(path)).toBe(false);
    }
  });

  it("of another file is not read into this one", async () => {
    await fillAndDie(5);
    const crashed = join(folder, "crashed");
    copyAll(folder, crashed);
    await within(async (store) => {
      for (let slot = 0; slot < 9; slot++) await store.ingest(one(slot));
      await store.backup(join(folder, "backup"));
    });
    // A backup is put in the place of a store whose log stays; and an older log beside a newer file.
    for (const file of ["backup", "electro.duckdb"]) {
      const at = join(folder, `beside ${file}`);
      mkdirSync(at);
      for (const end of [".wal", ".mark"])
        copyFileSync(join(crashed, `electro.duckdb${end}`), join(at, `electro.duckdb${end}`));
      copyFileSync(join(folder, file), join(at, "electro.duckdb"));
      const before = contents(at);
      await expect(openStore(`duckdb:${join(at, "electro.duckdb")}`)).rejects.toMatchObject({
        code: "log_mismatch",
        message: expect.stringContaining("nothing was changed"),
      });
      expect(contents(at)).toEqual(before);
    }
  });

  it("of a later state of the file is not read into an earlier one, whose batches had not ended yet", async () => {
    const early = await within(async (store) => {
      const { batch } = await store.ingest(one(1));
      await store.ingest(one(2));
      return batch.id;
    });
    copyFileSync(path, join(folder, "early"));
    await within((store) => store.retract(early.value));
    await fillAndDie(1);
    const log = readFileSync(`${path}.wal`);
    copyFileSync(join(folder, "early"), path);
    await expect(openStore(`duckdb:${path}`)).rejects.toMatchObject({ code: "log_mismatch" });
    expect(readFileSync(`${path}.wal`).equals(log)).toBe(true);
  });

  it("lies beside the store, also where a link led to a store that was not there yet", async () => {
    mkdirSync(join(folder, "disk"));
    symlinkSync("disk/real.duckdb", path);
    await fillAndDie(3);
    expect(
      readdirSync(join(folder, "disk"))
        .filter((name) => !name.startsWith("."))
        .sort(),
    ).toEqual(["real.duckdb", "real.duckdb.mark", "real.duckdb.wal"].sort());
    expect(await within(batchesIn)).toEqual({ told: [], value: 3 });
  });
});

describe("a store's files", () => {
  const modes = () =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
    );

  it("are their owner's alone, from the beginning", async () => {
    const before = process.umask(0o022);
    try {
      const store = await openStore(`duckdb:${path}`);
      const whileOpen = { "electro.duckdb": "600", "electro.duckdb.mark": "600", "electro.duckdb.wal": "600" };
      expect(modes()).toEqual({ ...whileOpen, ".electro.duckdb.tmp": "700" });
      for (let slot = 0; slot < 3; slot++) {
        await store.ingest(one(slot));
        expect(modes()).toEqual({ ...whileOpen, ".electro.duckdb.tmp": "700" });
      }
      await store.backup(join(folder, "backup"));
      expect(modes()["backup"]).toBe("600");
      await store.close();
      expect(modes()).toEqual({ "electro.duckdb": "600", "electro.duckdb.mark": "600", backup: "600" });
    } finally {
      process.umask(before);
    }
  });

  it("are their owner's also where root opened the store", async ({ skip }) => {
    if (userInfo().uid !== 0) skip("only root may give a file away");
    await within((store) => store.ingest(one(1)));
    for (const end of ["", ".mark"]) chownSync(path + end, 1234, 1234);
    rmSync(`${path}.mark`);
    const store = await openStore(`duckdb:${path}`);
    await store.ingest(one(2));
    for (const end of ["", ".wal", ".mark"]) expect([end, statSync(path + end).uid]).toEqual([end, 1234]);
    await store.close();
  });

  it("that others could read are closed to them, and a group that was let in stays so", async () => {
    await fillAndDie(3);
    for (const [end, mode] of [
      ["", 0o666],
      [".wal", 0o644],
      [".mark", 0o644],
    ] as const)
      chmodSync(path + end, mode);
    const store = await openStore(`duckdb:${path}`);
    await store.ingest(one(1));
    expect(modes()).toMatchObject({
      "electro.duckdb": "640",
      "electro.duckdb.mark": "640",
      "electro.duckdb.wal": "640",
    });
    await store.close();
  });
});
