/** What every store tells those who watch it, whichever engine keeps it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../dist/store/store.js";
import type { StoreChange, Watch } from "../../dist/store/watchers.js";
import { until } from "../wait.mjs";
import { batchOf, type Cell } from "./batches.js";
import type { Engine } from "./contract.js";

const cell = (source: string, day: number): Cell => ({ source, slot: day * 96 + 5, energy: 1n, count: 1 });

/** What is to be told of some batches, from their cells alone. */
function expected(began: Told[], ended: Told[], sources?: readonly string[]) {
  const own = (batches: Told[]) =>
    batches
      .map(({ id, cells }) => ({ id, cells: cells.filter(({ source }) => sources?.includes(source) ?? true) }))
      .filter(({ cells }) => sources === undefined || cells.length > 0);
  const cells = [...own(began), ...own(ended)].flatMap((one) => one.cells);
  const days = cells.map(({ slot }) => Math.floor(slot / 96)).sort((a, b) => a - b);
  return {
    began: own(began).map(({ id }) => id),
    ended: own(ended).map(({ id }) => id),
    days: days.length === 0 ? undefined : { first: days[0], last: days.at(-1) },
    sources: new Set(cells.map(({ source }) => source)).size,
  };
}

interface Told {
  readonly id: string;
  readonly cells: readonly Cell[];
}

export function watchContract(name: string, engineOf: () => Engine): void {
  describe(`${name}, watched`, () => {
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

    async function watched(sources?: readonly string[]): Promise<Watch & { heard: StoreChange[] }> {
      const heard: StoreChange[] = [];
      return { ...(await store.watch((change) => heard.push(change), sources)), heard };
    }

    const version = () => store.read(async (reader) => reader.version);

    it("tells what each change did, of all sources or of some", async () => {
      await store.ingest(batchOf([cell("a", 1)]));
      const some = [undefined, ["a"], ["b", "silent"], ["", "a", "c"], ["\ufeffd"]];
      const watchers = await Promise.all(some.map((sources) => watched(sources)));
      const before = await version();
      expect(watchers.map((one) => one.version)).toEqual(some.map(() => before));
      const steps: [began: Told[], ended: Told[]][] = [];
      const send = async (cells: Cell[], replaced?: Told): Promise<Told> => {
        const { batch } = await store.ingest(batchOf(cells, { replaces: replaced?.id }));
        steps.push([[{ id: batch.id, cells }], replaced === undefined ? [] : [replaced]]);
        return { id: batch.id, cells };
      };
      const end = async (one: Told): Promise<void> => {
        await store.retract(one.id);
        steps.push([[], [one]]);
      };
      const first = await send([cell("a", -3), cell("a", 7), cell("b", 2), cell("", 9), cell("\ufeffd", 4)]);
      const second = await send([cell("c", 30)]);
      const empty = await send([]);
      const third = await send([cell("b", 40), cell("a", 41)], first);
      await end(empty);
      await end(second);
      await end(third);
      // Nothing of this changes what counts.
      await store.retract(third.id);
      await store.ingest(batchOf([cell("a", 1)]), undefined, { dryRun: true });
      await expect(store.ingest(batchOf([cell("a", 1)], { replaces: "1-0000000000" }))).rejects.toThrow();
      await store.ready();
      await until("all are told", async () => watchers.every(({ heard }) => heard.length >= steps.length));
      watchers.forEach(({ heard }, n) => {
        const names = (batches: StoreChange["began"]) => batches.map(({ id }) => id);
        expect(heard.map((one) => ({ ...one, began: names(one.began), ended: names(one.ended) }))).toEqual(
          steps.map(([began, ended], s) => ({ version: before + s + 1, ...expected(began, ended, some[n]) })),
        );
      });
    });

    it("tells each version once and in order, and only what readers see, from whenever one begins to watch", async () => {
      const seen: Promise<void>[] = [];
      const watches: (Watch & { heard: StoreChange[] })[] = [];
      // Each batch has all of them, and each is watched by one only.
      const names = Array.from({ length: 12 }, (_, n) => `m${n}`);
      const cells = names.map((name) => cell(name, 1));
      const begin = async (sources: readonly string[] | undefined) => {
        const heard: StoreChange[] = [];
        const tell = (change: StoreChange) => {
          heard.push(change);
          seen.push(
            store.read(async (reader) => {
              expect(reader.version).toBeGreaterThanOrEqual(change.version);
              for (const { id } of change.began) expect(await reader.batch(id)).toMatchObject({ id });
            }),
          );
        };
        watches.push({ ...(await store.watch(tell, sources)), heard });
      };
      await begin(undefined);
      const sent = names.map(async (name, n) => {
        for (let m = 0; m < 20; m++) {
          await store.ingest(batchOf(cells));
          if (m !== n) continue;
          // Meanwhile, what others send is being written.
          await version();
          await begin(n % 4 === 0 ? undefined : [name]);
        }
      });
      await Promise.all(sent);
      const last = await version();
      await until("all are told", () => watches.every(({ heard }) => heard.at(-1)?.version === last));
      await Promise.all(seen);
      expect(watches).toHaveLength(1 + names.length);
      const [{ heard: all }] = watches as [(typeof watches)[0]];
      expect(all.flatMap(({ began }) => began)).toHaveLength(20 * names.length);
      for (const { version: from, heard } of watches) {
        expect(heard.map((one) => one.version)).toEqual(Array.from({ length: last - from }, (_, n) => from + n + 1));
        for (const one of heard) expect(new Set(one.began)).toEqual(new Set(all[one.version - 1]?.began));
      }
    });

    it("tells nothing more to whom it is enough", async () => {
      const [one, other] = [await watched(["a"]), await watched(["a"])];
      await store.ingest(batchOf([cell("a", 1)]));
      await until("both are told", () => one.heard.length + other.heard.length === 2);
      one.stop();
      one.stop();
      await store.ingest(batchOf([cell("a", 1)]));
      await until("the other is told", () => other.heard.length === 2);
      expect(other.heard[1]?.began).toHaveLength(1);
      expect(one.heard).toHaveLength(1);
      await store.close();
      await expect(store.watch(() => {})).rejects.toMatchObject({ code: "store_closed" });
    });
  });
}
