/** A store on a disk that fills up: what has no room is refused, nothing of it counts, and the store goes on after. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDuckdb } from "../../dist/store/duckdb/store.js";
import { packParts, type Rows } from "../../dist/store/packed.js";
import type { NewBatch } from "../../dist/store/store.js";
import { CELL_WORDS, PAGE_SLOTS } from "../../dist/tally/cell.js";
import { QUARTER_CLOCK } from "../../dist/tally/quarter-pages.js";
import { zoneOf } from "../../dist/time/zone.js";
import { until } from "../wait.mjs";
import { batchOf } from "./batches.js";
import { partFrom } from "./part.mjs";

let base: string;
let disk: string;
let mounted = false;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "electro-store-disk-"));
  disk = join(base, "disk");
  mkdirSync(disk);
});
afterEach(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(base, { recursive: true, force: true });
});

const mount = (...args: string[]) => spawnSync("mount", args).status === 0;

const template = batchOf(
  Array.from({ length: 20_000 }, (_, q) => {
    return { source: "m", slot: q, energy: (BigInt(q + 1) * 0x9e3779b97f4a7c15n) % 10n ** 30n, count: 1 };
  }),
);

/** Some 300 kB once packed: digits that have nothing in common. */
function large(n: number): NewBatch {
  const { contribution } = template;
  const { rows, totals } = contribution;
  const later = (some: Rows, n: number) => ({ ...some, day: some.day.map((day) => day + n * 210) });
  return {
    ...template,
    key: `large ${n}`,
    contribution: { ...contribution, rows: later(rows, n), totals: later(totals, n) },
  };
}

/** 20,000 days of one source, some 36 MB once packed: more than an engine of 64 MB holds of a transaction. */
function huge(): NewBatch {
  const cells = 20_000 * 96;
  const words = Uint32Array.from({ length: cells * CELL_WORDS }, (_, n) =>
    n % CELL_WORDS < 3 ? Math.imul(n + 1, 0x9e3779b1) >>> 0 : [0xffff, 1, 0][(n % CELL_WORDS) - 3]!,
  );
  const block = Int32Array.from({ length: cells / PAGE_SLOTS }, (_, page) => page);
  const part = partFrom(["m"], { source: new Uint32Array(block.length).fill(1), block, words });
  const contribution = packParts([part], QUARTER_CLOCK, zoneOf("UTC"));
  return { ...template, key: "huge", readings: cells, contribution };
}

/** Resolves once what nobody held any more has been collected, and told so. */
async function collected(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let told = false;
  const registry = new FinalizationRegistry(() => {
    told = true;
  });
  registry.register({}, undefined);
  await until("what nobody holds is collected", () => {
    collect();
    return told;
  });
}

describe("a full disk", () => {
  // Full while the log of changes is written, and while it is moved into the file.
  it.for([2 ** 30, 2 ** 20])(
    "is said, costs nothing that was acknowledged, and is got over (a log of %i bytes)",
    async (logBytes, { skip }) => {
      mounted = mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", disk);
      if (!mounted) skip("only root may mount a small file system in memory");
      const open = () => openDuckdb(join(disk, "electro.duckdb"), { memory: 2 ** 28, maxSources: 9, logBytes });
      const store = await open();
      let kept = 0;
      const refused: { code: string; message: string }[] = [];
      for (let n = 0; refused.length < 3; n++)
        await store.ingest(large(n)).then(
          () => kept++,
          (error) => refused.push(error),
        );
      expect(kept).toBeGreaterThan(5);
      for (const { code, message } of refused) {
        expect(code).toBe("disk_full");
        expect(message.replace(disk, "")).toBe("store /electro.duckdb: the disk is full; free some space on it");
      }
      await expect(store.ready()).rejects.toMatchObject({ code: "disk_full" });
      expect(await store.state()).toMatchObject({ batches: kept });
      expect(await store.batchOfKey("large 0")).toMatchObject({ state: "counts" });

      expect(mount("-o", "remount,size=60m", disk)).toBe(true);
      await store.ready();
      const { batch, repeated } = await store.ingest(large(kept));
      expect([batch.readings, repeated]).toEqual([20_000, false]);
      expect(await store.check()).toEqual([]);
      await store.close();
      const again = await open();
      expect(await again.state()).toMatchObject({ batches: kept + 1, readings: 20_000 * (kept + 1) });
      expect(await again.check()).toEqual([]);
      await again.close();
    },
  );

  it("leaves nothing behind of a batch that takes more than memory", async ({ skip }) => {
    mounted = mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", disk);
    if (!mounted) skip("only root may mount a small file system in memory");
    const store = await openDuckdb(join(disk, "electro.duckdb"), { memory: 2 ** 26, maxSources: 9 });
    const refused = await store.ingest(huge()).catch(({ code }) => code);
    expect(refused).toBe("disk_full");
    expect(mount("-o", "remount,size=500m", disk)).toBe(true);
    // What of the engine nobody holds any more is disposed of.
    for (let round = 0; round < 3; round++) await collected();
    expect(await store.check()).toEqual([]);
    const { batch } = await store.ingest(large(0));
    expect(await store.retract(batch.id)).toMatchObject({ state: "retracted" });
    expect(await store.check()).toEqual([]);
    expect(await store.state()).toMatchObject({ batches: 0, sources: 0, readings: 0, energy: 0n });
    expect(await store.ingest(huge())).toMatchObject({ repeated: false });
    await store.close();
  });
});
