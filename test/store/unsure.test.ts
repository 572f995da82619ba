/** A commit that failed as far as anyone was told: whether it counts is what the disk says, and each batch counts once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBConnection } from "@duckdb/node-api";
import { afterEach, expect, it, vi } from "vitest";
import { openStore } from "../../dist/store/open.js";
import type { StoreChange } from "../../dist/store/watchers.js";
import { batchOf } from "./batches.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ["was on disk all the same", true],
  ["was not", false],
])("a commit that failed and %s", async (_, onDisk) => {
  const folder = mkdtempSync(join(tmpdir(), "electro-unsure-"));
  const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`);
  const run = DuckDBConnection.prototype.run;
  let failures = 1;
  vi.spyOn(DuckDBConnection.prototype, "run").mockImplementation(async function (
    this: DuckDBConnection,
    ...args: Parameters<typeof run>
  ) {
    if (args[0] !== "COMMIT" || failures === 0) return run.apply(this, args);
    failures--;
    if (onDisk) await run.apply(this, args);
    throw new Error("IO Error: the flush failed");
  });
  const batches = [1, 2, 3].map((slot) => batchOf([{ source: "a", slot, energy: 1n, count: 1 }]));
  const heard: StoreChange[] = [];
  await store.watch((change) => heard.push(change), ["a"]);
  const told = await Promise.all(batches.map((batch) => store.ingest(batch)));
  expect(failures).toBe(0);
  expect(new Set(told.map(({ batch }) => batch.id)).size).toBe(3);
  expect(await store.state()).toMatchObject({ batches: 3, readings: 3, energy: 3n });
  expect((await store.read((reader) => reader.batches({ limit: 10 }))).map(({ id }) => id).sort()).toEqual(
    told.map(({ batch }) => batch.id).sort(),
  );
  // Each batch is told once, too, whichever commit it is in.
  expect(heard.flatMap(({ began }) => began.map(({ id }) => id)).sort()).toEqual(
    told.map(({ batch }) => batch.id).sort(),
  );
  const { version } = await store.read(async (reader) => ({ version: reader.version }));
  expect(heard.map((one) => one.version)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
  expect(await store.check()).toEqual([]);
  await store.close();
  rmSync(folder, { recursive: true });
});
