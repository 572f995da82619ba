/** What every store does, whichever engine keeps it. An engine's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Reader, Store } from "../../dist/store/store.js";
import { addTo, batchOf, type Cell, cellsOf, expectedCells, totalsOf } from "./batches.js";

export interface Engine {
  /** Opens the store of this test: the first time a new one, after it was closed the same. */
  open(options?: { maxSources?: number }): Promise<Store>;
  /** Takes away what the test left. */
  remove(): Promise<void>;
}

const WH = 10n ** 15n;
const cell = (source: string, slot: number, energy: bigint, count = 1): Cell => ({ source, slot, energy, count });

/** All that a reader tells of some slots, by source. */
async function readAll(reader: Reader, from: number, to: number, sources?: readonly string[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const piece of reader.bySource({ from, to, sources })) cells.push(...cellsOf(piece));
  return cells;
}

export function storeContract(name: string, engineOf: () => Engine): void {
  describe(name, () => {
    let engine: Engine;
    let store: Store;
    beforeEach(async () => {
      engine = engineOf();
      store = await engine.open();
    });
    afterEach(async () => {
      await store.close();
      await engine.remove();
    });

    it("counts a batch wholly, and still after it was opened again", async () => {
      const cells = [cell("b", 5, 3n), cell("a", 100, -7n * WH, 3), cell("a", 99, 2n ** 100n), cell("", -1, 1n)];
      const { batch, repeated } = await store.ingest(batchOf(cells, { key: "k", sender: "s", file: "f", rejected: 2 }));
      expect(repeated).toBe(false);
      expect(batch).toMatchObject({ state: "counts", key: "k", sender: "s", file: "f", rejected: 2, sources: 3 });
      for (let opened = 0; opened < 2; opened++) {
        await store.read(async (reader) => {
          expect(await readAll(reader, -1000, 1000)).toEqual(expectedCells(addTo(new Map(), cells), -1000, 1000));
          expect(cellsOf(await reader.totals({ from: -1000, to: 1000 }))).toEqual(totalsOf(cells));
          expect(await reader.batch(batch.id)).toEqual(batch);
          expect(await reader.extent()).toEqual({ first: -1, last: 100 });
        });
        expect(await store.check()).toEqual([]);
        await store.close();
        store = await engine.open();
      }
    });

    it("knows a key again, and changes nothing then", async () => {
      const first = await store.ingest(batchOf([cell("a", 1, 1n)], { key: "k" }));
      const again = await store.ingest(batchOf([cell("a", 1, 1n)], { key: "k" }));
      expect(again).toEqual({ batch: first.batch, repeated: true });
      expect(await store.batchOfKey("k")).toEqual(first.batch);
      expect(await store.batchOfKey("l")).toBeUndefined();
      await expect(store.ingest(batchOf([cell("a", 2, 1n)], { key: "k" }))).rejects.toMatchObject({
        code: "key_reused",
      });
      expect(await store.state()).toMatchObject({ batches: 1, readings: 1, energy: 1n });
    });

    it("takes back exactly what a batch put in", async () => {
      const kept = [cell("a", 1, 5n), cell("b", 96, 1n)];
      await store.ingest(batchOf(kept));
      const { batch } = await store.ingest(batchOf([cell("a", 1, 7n), cell("a", -500, 7n), cell("c", 3, 1n)]));
      const ended = await store.retract(batch.id);
      expect(ended).toMatchObject({ id: batch.id, state: "retracted" });
      expect(await store.retract(batch.id)).toEqual(ended);
      expect(await store.retract("17-0123456789")).toBeUndefined();
      await store.read(async (reader) => {
        expect(await readAll(reader, -1000, 1000)).toEqual(kept);
        expect((await reader.sources({ limit: 10 })).map(({ id }) => id)).toEqual(["a", "b"]);
        expect(await reader.extent()).toEqual({ first: 1, last: 96 });
      });
      expect(await store.check()).toEqual([]);
    });

    it("replaces a batch once", async () => {
      const old = (await store.ingest(batchOf([cell("a", 1, 5n)]))).batch;
      const { batch } = await store.ingest(batchOf([cell("a", 1, 6n)], { replaces: old.id }));
      await store.read(async (reader) => {
        expect(await readAll(reader, 0, 10)).toEqual([cell("a", 1, 6n)]);
        expect(await reader.batch(old.id)).toMatchObject({ state: "replaced", replacedBy: batch.id });
      });
      const more = batchOf([cell("a", 1, 8n)]);
      await expect(store.ingest({ ...more, replaces: old.id })).rejects.toMatchObject({ code: "already_ended" });
      await expect(store.ingest({ ...more, replaces: "9-0123456789" })).rejects.toMatchObject({
        code: "no_such_batch",
      });
      expect(await store.check()).toEqual([]);
    });
  });
}
