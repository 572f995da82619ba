// A process that works on a store until it is killed: `node killed.mjs PATH FIRST`. A dozen senders at once; each says on
// standard output what it begins and what was acknowledged. What batch n contains follows from n.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { openDuckdb } from "../../dist/store/duckdb/store.js";
import { packParts } from "../../dist/store/packed.js";
import { QUARTER_CLOCK } from "../../dist/tally/quarter-pages.js";
import { zoneOf } from "../../dist/time/zone.js";
import { partOf } from "./part.mjs";

const utc = zoneOf("UTC");

const WH = 10n ** 15n;

/** Cells of batch n: one, or a few hundred. @param {number} n */
export function cellsFor(n) {
  const days = n % 7 === 0 ? 3 : 0;
  const cells = [];
  for (let i = 0; i <= days * 96; i++)
    cells.push({
      source: `meter ${(n + i) % 5}`,
      slot: 1_920_000 + (n % 400) + i,
      energy: BigInt(((n + i) % 3000) - 500) * WH,
      count: 1 + (n % 2),
    });
  return cells;
}

/** @param {number} n @returns {import("../../dist/store/store.js").NewBatch} */
export function batchFor(n, replaces = /** @type {string | undefined} */ (undefined)) {
  const cells = cellsFor(n);
  const slots = cells.map(({ slot }) => slot * 900);
  return {
    ...{ key: `batch ${n}`, sha256: createHash("sha256").update(String(n)).digest("hex"), replaces },
    ...{ sender: "s", file: undefined, rejected: 0, rounded: 0, first: Math.min(...slots), last: Math.max(...slots) },
    readings: cells.reduce((sum, { count }) => sum + count, 0),
    energy: cells.reduce((sum, { energy: one }) => sum + one, 0n),
    absolute: cells.reduce((sum, { energy: one }) => sum + (one < 0n ? -one : one), 0n),
    contribution: packParts([partOf(cells)], QUARTER_CLOCK, utc),
  };
}

const [, , path, first] = process.argv;
if (path !== undefined && first !== undefined) {
  // A short log and few keys in memory, so that death comes while they are moved, too.
  const store = await openDuckdb(path, { memory: 2 ** 28, maxSources: 1000, keyRun: 200, logBytes: 200_000 });
  const say = (/** @type {string} */ line) => writeSync(1, `${line}\n`);
  let next = Number(first);
  /** @type {string[]} */
  const mine = [];
  const sender = async () => {
    for (;;) {
      const n = next++;
      const old = n % 5 < 2 ? mine.splice(Math.floor(mine.length / 2), 1)[0] : undefined;
      if (old !== undefined && n % 5 === 0) {
        say(`end ${old}`);
        await store.retract(old);
        say(`ended ${old} retracted`);
        continue;
      }
      say(`send ${n}`);
      if (old !== undefined) say(`end ${old}`);
      const { batch } = await store.ingest(batchFor(n, old));
      say(`sent ${n} ${batch.id}`);
      if (old !== undefined) say(`ended ${old} replaced`);
      mine.push(batch.id);
    }
  };
  const reader = async () => {
    for (;;)
      await store.read(async (one) => {
        for await (const _ of one.totals({ from: 0, to: 3_000_000 }));
      });
  };
  const compactor = async () => {
    for (;;) {
      await store.compact();
      await new Promise(setImmediate);
    }
  };
  say("open");
  await Promise.all([...Array.from({ length: 12 }, sender), reader(), compactor()]);
}
