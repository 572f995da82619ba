/** Who reads a store while it is closed, or opened anew. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../../dist/store/open.js";
import { until } from "../../wait.mjs";
import { batchOf } from "../batches.js";

it("a store that closes lets those end who read, and turns away those who wait to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-readers-"));
  try {
    const url = `duckdb:${join(folder, "electro.duckdb")}`;
    const store = await openStore(url);
    await store.ingest(batchOf([{ source: "a", slot: 20_000 * 96, energy: 1n, count: 1 }]));
    let goOn = () => {};
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const begun: Promise<void>[] = [];
    const reads = Array.from({ length: 12 }, () =>
      store.read(async (reader) => {
        begun.push(told);
        await told;
        return (await reader.sources({ limit: 9 })).length;
      }),
    );
    const ends = Promise.allSettled(reads);
    await until("four read", () => begun.length === 4);
    const closing = store.close();
    goOn();
    await closing;
    const outcomes = (await ends).map((end) => (end.status === "fulfilled" ? end.value : end.reason.code));
    expect(outcomes).toEqual([1, 1, 1, 1, ...new Array(8).fill("store_closed")]);

    const again = await openStore(url);
    expect(await again.check()).toEqual([]);
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
