// slow: not of the fast lane
/** Whatever is sent, replaced, retracted and asked in whatever order, the store has what plain maps of bigints have. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDuckdb } from "../../dist/store/duckdb/store.js";
import type { Batch, Store } from "../../dist/store/store.js";
import {
  addTo,
  batchOf,
  byBytes,
  type Cell,
  expectedCells,
  readSources,
  readTotals,
  type Sums,
  totalsOf,
  withoutExport,
} from "./batches.js";

/** Days at the ends of what can be read, and about a few neighbouring ones. */
const slot = fc.oneof(
  fc.integer({ min: 20_000 * 96 - 100, max: 20_000 * 96 + 300 }),
  fc.constantFrom(-25_567 * 96, 84_006 * 96 + 95, 0, -1),
);
const energy = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }).map((wh) => BigInt(wh) * 10n ** 15n),
  fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }),
);
const cell: fc.Arbitrary<Cell> = fc.record({
  source: fc.constantFrom("", "a", "B", "ä", "meter 9", "\u{1f50c}", "\uffee"),
  slot,
  energy,
  count: fc.integer({ min: 1, max: 3 }),
});
const cells = fc.array(cell, { maxLength: 12 });
const exports = fc.subarray(["", "a", "B", "\u{1f50c}"]);
const key = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ingest" as const), cells, exports, key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("replace" as const), cells, exports, which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("retract" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

/** Steps that are taken at once share a transaction. */
const steps = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

interface Known {
  readonly id: string;
  readonly cells: readonly Cell[];
  readonly exports: readonly string[];
  readonly key: number | undefined;
  state: Batch["state"];
}

async function holds(store: Store, sums: Sums, known: readonly Known[]): Promise<void> {
  const all: [number, number] = [-3_000_000, 9_000_000];
  const few: [number, number] = [20_000 * 96 - 7, 20_000 * 96 + 101];
  const exported = new Set(
    known
      .filter(({ state }) => state === "counts")
      .flatMap(({ cells, exports }) => exports.filter((id) => cells.some(({ source }) => source === id))),
  );
  await store.read(async (reader) => {
    for (const sources of [undefined, ["a", "\u{1f50c}", "nobody"]]) {
      const there = [...sums.keys()].filter((id) => sources?.includes(id) ?? true);
      expect(await reader.directions(sources)).toEqual({
        exports: there.some((id) => exported.has(id)),
        consumption: there.some((id) => !exported.has(id)),
      });
    }
    for (const [from, to] of [all, few])
      for (const sources of [undefined, ["a", "\u{1f50c}", "nobody"]]) {
        const expected = expectedCells(sums, from, to, sources);
        expect(await readSources(reader, { from, to, sources })).toEqual(expected);
        expect(await readTotals(reader, { from, to, sources })).toEqual(totalsOf(expected));
        expect(await reader.sourceCount({ from, to, sources })).toBe(
          new Set(expected.map(({ source }) => source)).size,
        );
        if (from === few[0]) continue;
        for (const rule of ["skip", "subtract"] as const) {
          const range = { from, to, sources, exports: rule };
          const own = withoutExport(expected, exported, rule);
          expect(await readSources(reader, range)).toEqual(own);
          expect(await readTotals(reader, range)).toEqual(totalsOf(own));
          expect(await reader.sourceCount(range)).toBe(new Set(own.map(({ source }) => source)).size);
        }
        const slots = withoutExport(expected, exported, "skip").map(({ slot }) => slot);
        expect(await reader.extent({ sources, exports: "skip" })).toEqual(
          slots.length === 0 ? undefined : { first: Math.min(...slots), last: Math.max(...slots) },
        );
      }
    const entries = [...sums]
      .sort(([a], [b]) => byBytes(a, b))
      .map(([id, slots]) => ({
        id,
        first: Math.min(...slots.keys()),
        last: Math.max(...slots.keys()),
        readings: [...slots.values()].reduce((sum, { count }) => sum + count, 0),
        energy: [...slots.values()].reduce((sum, { energy }) => sum + energy, 0n),
      }));
    expect(await reader.sources({ limit: 100 })).toEqual(entries);
    expect(await reader.sources({ after: entries[0]?.id ?? "", limit: 2 })).toEqual(entries.slice(1, 3));
    const states = (await reader.batches({ limit: 1000 })).map(({ id, state }) => ({ id, state }));
    expect(states).toEqual(known.map(({ id, state }) => ({ id, state })).reverse());
  });
  expect(await store.check()).toEqual([]);
}

describe("the embedded store", () => {
  it("has what plain maps have, after any steps", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        const folder = mkdtempSync(join(tmpdir(), "electro-model-"));
        // So few keys in memory that they are soon looked up on disk.
        const open = () => openDuckdb(join(folder, "s.duckdb"), { memory: 2 ** 28, maxSources: 100, keyRun: 3 });
        let store = await open();
        try {
          const known: Known[] = [];
          const sums: Sums = new Map();
          for (const round of rounds) {
            const before = known.length;
            const taken = new Set<Known>();
            await Promise.all(
              round.map(async (step) => {
                if (step.kind === "reopen") return;
                if (step.kind === "ingest") {
                  const same = known.slice(0, before).find((one) => one.key !== undefined && one.key === step.key);
                  const name = step.key === undefined ? undefined : `key ${step.key}`;
                  const answer = store.ingest(batchOf(step.cells, { key: name, sha256: "0".repeat(64) }, step.exports));
                  const { batch, repeated } = await answer;
                  if (same !== undefined) expect(batch.id).toBe(same.id);
                  if (repeated) return;
                  const { cells, exports, key } = step;
                  known.push({ id: batch.id, cells, exports, key, state: "counts" });
                  addTo(sums, step.cells);
                  return;
                }
                const one = known[step.which % Math.max(1, before)];
                // Of two that end one batch at once, the first does: which is judged elsewhere.
                if (one === undefined || taken.has(one)) return;
                taken.add(one);
                const ended = one.state;
                if (step.kind === "retract") {
                  const { state } = (await store.retract(one.id)) as Batch;
                  expect(state).toBe(ended === "counts" ? "retracted" : ended);
                  if (ended === "counts") addTo(sums, one.cells, -1);
                  one.state = state;
                  return;
                }
                const answer = store.ingest(batchOf(step.cells, { replaces: one.id }, step.exports));
                if (ended !== "counts") {
                  await expect(answer).rejects.toMatchObject({ code: "already_ended" });
                  return;
                }
                const { batch } = await answer;
                const { cells, exports } = step;
                known.push({ id: batch.id, cells, exports, key: undefined, state: "counts" });
                one.state = "replaced";
                addTo(addTo(sums, one.cells, -1), step.cells);
              }),
            );
            if (round.some(({ kind }) => kind === "reopen")) {
              await store.close();
              store = await open();
            }
            await holds(store, sums, known);
          }
        } finally {
          await store.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 6 },
    );
  });
});
