/** A batch that the engine cannot write takes no other with it, though they share a transaction. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../dist/store/open.js";
import { batchOf } from "./batches.js";

it("a batch that cannot be written fails alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-poison-"));
  const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`);
  const good = (slot: number) => batchOf([{ source: "a", slot, energy: 1n, count: 1 }], { key: `good ${slot}` });
  // No column holds such a sum, which no scan makes.
  const poison = { ...good(0), key: "poison", energy: 2n ** 130n };
  const answers = await Promise.allSettled([good(1), good(2), poison, good(3)].map((batch) => store.ingest(batch)));
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect((answers[2] as PromiseRejectedResult).reason).toMatchObject({ code: "store_failed" });
  await store.ready();
  expect(await store.state()).toMatchObject({ batches: 3, readings: 3, energy: 3n });
  expect(await store.batchOfKey("poison")).toBeUndefined();
  expect(await store.check()).toEqual([]);
  await store.close();
  rmSync(folder, { recursive: true });
});
