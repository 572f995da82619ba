/** A copy of a store that works: whole, of one moment, and a store of its own; and nothing of it where it cannot be made. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDuckdb } from "../../../dist/store/duckdb/store.js";
import type { Batch, Store, StoreNotice } from "../../../dist/store/store.js";
import { until } from "../../wait.mjs";
import { addTo, expectedCells, readSources, readTotals, type Sums } from "../batches.js";
import { batchFor, cellsFor } from "../killed.mjs";

let folder: string;
let path: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "electro-copy-"));
  path = join(folder, "electro.duckdb");
  // The log is moved into the file after each transaction, unless that is being copied.
  store = await open(path);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const open = (at: string, tell?: (notice: StoreNotice) => void) =>
  openDuckdb(at, { memory: 2 ** 28, maxSources: 1000, logBytes: 1, tell });

/** Makes the file large, so that batches come in, and would be moved into it, while it is copied. */
async function pad(): Promise<void> {
  await store.close();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("CREATE TABLE padding AS SELECT uuid() || uuid() || uuid() AS text FROM range(500000)");
  connection.closeSync();
  instance.closeSync();
  store = await open(path);
}

async function batchesOf(of: Store): Promise<Batch[]> {
  return of.read(async (reader) => {
    const all: Batch[] = [];
    for (let before: string | undefined; ; before = all.at(-1)!.id) {
      const page = await reader.batches({ before, limit: 500 });
      if (page.length === 0) return all;
      all.push(...page);
    }
  });
}

/** Senders, some of which take batches back, and readers, until `stop` is called. */
function load() {
  /** By id what was acknowledged: the batch's number. */
  const sent = new Map<string, number>();
  const ended = new Set<string>();
  const ending = new Set<string>();
  let next = 0;
  let going = true;
  const sender = async () => {
    while (going) {
      const n = next++;
      const { batch } = await store.ingest(batchFor(n));
      sent.set(batch.id, n);
      if (n % 6 !== 5) continue;
      ending.add(batch.id);
      await store.retract(batch.id);
      ended.add(batch.id);
    }
  };
  const reader = async () => {
    while (going) await store.read((one) => readTotals(one, { from: 0, to: 3_000_000 }));
  };
  const all = Promise.all([...Array.from({ length: 8 }, sender), reader(), reader()]);
  const stop = async () => {
    going = false;
    await all;
  };
  const more = async (count: number) => {
    const enough = sent.size + count;
    await until(`${count} more batches`, () => sent.size >= enough);
  };
  return { sent, ended, ending, more, stop };
}

it("has every batch that was acknowledged before, each wholly or not at all, while others come in", async () => {
  const { sent, ended, ending, more, stop } = load();
  for (let round = 0; round < 3; round++) {
    await more(40);
    const before = { sent: [...sent.keys()], ended: [...ended] };
    const copy = join(folder, `copy-${round}`);
    expect(await store.backup(copy)).toBe(copy);
    expect(readdirSync(folder).filter((name) => name.includes(`copy-${round}`))).toEqual([`copy-${round}`]);

    const told: StoreNotice[] = [];
    const opened = await open(copy, (notice) => told.push(notice));
    try {
      expect(told).toEqual([]);
      expect(await opened.check()).toEqual([]);
      const there = new Map((await batchesOf(opened)).map((batch) => [batch.id, batch]));
      expect(before.sent.filter((id) => !there.has(id))).toEqual([]);
      expect(before.ended.filter((id) => there.get(id)?.state !== "retracted")).toEqual([]);
      const sums: Sums = new Map();
      for (const { id, key, state } of there.values()) {
        if (state === "counts") addTo(sums, cellsFor(Number(key!.slice("batch ".length))));
        else expect(ending.has(id)).toBe(true);
      }
      const found = await opened.read((reader) => readSources(reader, { from: 0, to: 3_000_000 }));
      expect(found).toEqual(expectedCells(sums, 0, 3_000_000));
      // It goes on by itself.
      expect((await opened.ingest(batchFor(1_000_000))).repeated).toBe(false);
    } finally {
      await opened.close();
    }
  }
  await stop();
  expect(await store.check()).toEqual([]);
});

it("is whole however many batches come in between two blocks of it", async () => {
  await pad();
  for (let n = 0; n < 10; n++) await store.ingest(batchFor(n));
  const file = await openFile(path, "r");
  const prototype = Object.getPrototypeOf(file) as typeof file;
  const write = prototype.write;
  let next = 10;
  vi.spyOn(prototype, "write").mockImplementation(async function (this: typeof file, ...args: unknown[]) {
    for (let more = 0; more < 3; more++) await store.ingest(batchFor(next++));
    return Reflect.apply(write, this, args);
  });
  try {
    await store.backup(join(folder, "copy"));
  } finally {
    vi.restoreAllMocks();
    await file.close();
  }
  expect(next).toBeGreaterThan(40);
  const copy = await open(join(folder, "copy"));
  expect(await copy.state()).toMatchObject({ batches: 10 });
  expect(await copy.check()).toEqual([]);
  await copy.close();
  expect(await store.check()).toEqual([]);
});

it("leaves the store to its process", async () => {
  await store.ingest(batchFor(1));
  await store.backup(join(folder, "copy"));
  const opening = `const { openStore } = await import("${pathToFileURL("dist/store/open.js").href}");
    await openStore("duckdb:${path}").catch(({ code }) => console.log(code));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", opening], { encoding: "utf8" });
  expect(stdout).toBe("store_in_use\n");
});

it("that is restored in the store's place is told of as another store, once, and misses nothing", async () => {
  await store.ingest(batchFor(1));
  await store.backup(join(folder, "copy"));
  await store.ingest(batchFor(2));
  await store.close();
  spawnSync("cp", [join(folder, "copy"), path]);
  const told: StoreNotice[] = [];
  for (let opened = 0; opened < 2; opened++) {
    store = await open(path, (notice) => told.push(notice));
    expect(await store.state()).toMatchObject({ batches: 1, incomplete: false });
    await store.close();
  }
  expect(told.map(({ code }) => code)).toEqual(["other_store"]);
});

describe("a copy that cannot be made", () => {
  const left = () => readdirSync(folder).filter((name) => /copy|backup/.test(name));

  it("is not there: its name is taken, another is under way, who wanted it has gone, the store is closed", async () => {
    for (let n = 0; n < 20; n++) await store.ingest(batchFor(7 * n));
    writeFileSync(join(folder, "taken"), "mine");
    await expect(store.backup(join(folder, "taken"))).rejects.toMatchObject({ code: "in_the_way" });
    expect(spawnSync("cat", [join(folder, "taken")], { encoding: "utf8" }).stdout).toBe("mine");
    const gone = new AbortController();
    const reason = new Error("gone");
    const aborted = store.backup(join(folder, "copy"), gone.signal);
    await expect(store.backup(join(folder, "copy-2"))).rejects.toMatchObject({ code: "backup_running" });
    gone.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(left()).toEqual([]);
    await expect(store.backup(join(folder, "copy"), AbortSignal.abort(reason))).rejects.toBe(reason);

    const outcome = store.backup(join(folder, "copy")).then(
      () => "made",
      ({ code }) => code,
    );
    await store.close();
    expect(["made", "backup_failed", "store_closed"]).toContain(await outcome);
    if ((await outcome) !== "made") expect(left()).toEqual([]);
    store = await open(path);
    expect(await store.check()).toEqual([]);
  });

  it("for want of room leaves the disk as it was", async ({ skip }) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status !== 0)
      skip("only root may mount a small file system in memory");
    try {
      await store.ingest(batchFor(1));
      await expect(store.backup(join(disk, "copy"))).rejects.toMatchObject({ code: "disk_full" });
      expect(readdirSync(disk)).toEqual([]);
      expect(spawnSync("mount", ["-o", "remount,size=50m", disk]).status).toBe(0);
      await store.backup(join(disk, "copy"));
      expect(readdirSync(disk)).toEqual(["copy"]);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});
