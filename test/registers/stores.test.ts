// slow: not of the fast lane
/** A store that keeps readings: whatever comes, is replaced or retracted, in whatever order, it has what the oracle makes of all that counts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ingestionPlanOf } from "../../dist/jobs/plan.js";
import { contributeInput } from "../../dist/pipeline/contribute.js";
import { Rejections } from "../../dist/pipeline/rejections.js";
import { openDuckdb } from "../../dist/store/duckdb/store.js";
import type { Ingested, NewBatch, Store } from "../../dist/store/store.js";
import { type Energies, registerEnergies, type Shown } from "../oracle/register.js";
import { readSources, readTotals } from "../store/batches.js";
import { lineOf, optionsOf, READINGS, RULES, SECOND } from "./cases.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 25);
const QUARTER = 900n * SECOND;

/** What a batch has, and which steps follow: each reading is in some of the batches. */
const RUN = fc.record({
  all: READINGS,
  rules: RULES,
  way: fc.constantFrom("register", "register", "register", "latest_register", "once", "latest"),
  /** For each reading, which batches have it, as bits. */
  masks: fc.infiniteStream(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(1, 2, 4, 8) }, fc.integer({ min: 1, max: 15 })),
  ),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom("ingest", "ingest", "ingest", "retract", "replace", "reopen"),
      which: fc.nat(4),
      other: fc.nat(10),
    }),
    { minLength: 2, maxLength: 10 },
  ),
});

type Batch = readonly Shown[];

/** By source and instant, the values of batches. */
function conflictsIn(batches: readonly Batch[], isLatest: boolean): Map<string, number> {
  const found = new Map<string, { values: Set<bigint>; pairs: Set<string>; batches: Set<number> }>();
  batches.forEach((batch, n) => {
    for (const { source, at, value, newStart } of isLatest ? lastOf(batch) : batch) {
      const key = `${source} ${at}`;
      const one = found.get(key) ?? { values: new Set(), pairs: new Set(), batches: new Set() };
      found.set(key, one);
      if (newStart === undefined) one.values.add(value);
      else one.pairs.add(`${value} ${newStart}`);
      one.batches.add(n);
    }
  });
  const agree = (values: Set<bigint>, [pair, ...more]: string[]) =>
    pair === undefined
      ? values.size === 1
      : more.length === 0 && [...values].every((value) => pair.split(" ").includes(String(value)));
  return new Map(
    [...found].flatMap(([key, { values, pairs, batches: of }]) => (agree(values, [...pairs]) ? [] : [[key, of.size]])),
  );
}

/** The last reading of each source and instant. */
function lastOf(all: readonly Shown[]): Shown[] {
  return [...new Map(all.map((one) => [`${one.source} ${one.at}`, one])).values()];
}

/** Energies at moments, of which equal ones count once. */
function energiesOf(all: readonly Shown[]): Energies {
  const cells: Energies["cells"] = new Map();
  const seen = new Map(all.map((one) => [`${one.source} ${one.at} ${one.value}`, one]));
  for (const { source, at, value } of seen.values()) {
    const own = cells.get(source) ?? new Map();
    cells.set(source, own);
    const slot = Number(at / QUARTER);
    const cell = own.get(slot) ?? { energy: 0n, readings: 0, covers: 0 };
    own.set(slot, cell);
    cell.energy += value;
    cell.readings++;
  }
  return { cells, events: {} };
}

async function batchOf(all: Batch, options: object): Promise<NewBatch> {
  const text = all.map(lineOf).join("");
  const input = { kind: "stream", name: "data", from: { stdin: Readable.from([Buffer.from(text)]) } } as const;
  const { scan: _, ...contributed } = await contributeInput(input, ingestionPlanOf(options), {
    ...{ workers: 1, memory: 1e9, hashInputs: false, emit: () => {}, surface: "library", signal: undefined },
    rejections: new Rejections({}, () => {}, 0),
  });
  return {
    ...contributed,
    ...{ key: undefined, sha256: undefined, replaces: undefined, sender: undefined, file: undefined, rejected: 0 },
  };
}

async function holds(store: Store, { cells }: Energies): Promise<void> {
  const expected = [...cells]
    .flatMap(([source, own]) => [...own].map(([slot, { energy, readings }]) => ({ source, slot, energy, readings })))
    .filter(({ readings }) => readings > 0);
  const key = ({ source, slot }: { source: string; slot: number }) => `${source}\0${String(slot).padStart(9)}`;
  const sorted = <T extends { source: string; slot: number }>(list: T[]) =>
    list.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  await store.read(async (reader) => {
    const range = { from: -3_000_000, to: 9_000_000 };
    const found = (await readSources(reader, range)).map(({ count, ...cell }) => ({
      ...cell,
      readings: Math.floor(count),
    }));
    const counted = found.filter(({ readings }) => readings > 0);
    expect(sorted(counted)).toEqual(sorted(expected));
    const all = [...cells.values()].flatMap((own) => [...own.values()]).reduce((sum, { energy }) => sum + energy, 0n);
    const totals = await readTotals(reader, range);
    expect(totals.reduce((sum, { count }) => sum + Math.floor(count), 0)).toBe(
      expected.reduce((sum, { readings }) => sum + readings, 0),
    );
    const sources = await reader.sources({ limit: 100 });
    expect(sources.reduce((sum, { energy }) => sum + energy, 0n)).toBe(all);
  });
  expect((await store.state()).energy).toBe(
    [...cells.values()].flatMap((own) => [...own.values()]).reduce((sum, { energy }) => sum + energy, 0n),
  );
}

test("holds what the oracle makes of the batches that count", async () => {
  const seen = { refused: 0, done: 0 };
  await fc.assert(
    fc.asyncProperty(RUN, async ({ all, rules, way, masks, steps }) => {
      const isRegister = way.endsWith("register");
      const isLatest = way.startsWith("latest");
      const readings = all.filter(({ newStart }) => newStart === undefined);
      const own = readings.map((one) => [one, masks.next().value as number] as const);
      const contents = [1, 2, 4, 8].map((bit) => own.filter(([, mask]) => (mask & bit) > 0).map(([one]) => one));
      if (way === "register") contents.push(all.filter(({ newStart }) => newStart !== undefined));
      const options = {
        ...(isRegister ? optionsOf(rules) : {}),
        ...(way === "register" ? {} : { duplicates: isLatest ? "latest" : "once" }),
      };
      const folder = mkdtempSync(join(tmpdir(), "electro-kept-"));
      const path = join(folder, "s.duckdb");
      const open = () => openDuckdb(path, { memory: 2e8, maxSources: 1000 });
      let store = await open();
      let counting: { id: string; content: Batch }[] = [];
      try {
        for (const { kind, which, other } of steps) {
          const target = counting.length === 0 ? undefined : counting[other % counting.length];
          if (kind === "reopen") {
            await store.close();
            store = await open();
            continue;
          }
          const content = kind === "retract" ? undefined : (contents[which] ?? []);
          if (content === undefined ? target === undefined : content.length === 0) continue;
          const rest = kind === "ingest" ? counting : counting.filter((one) => one !== target);
          const after = content === undefined ? rest : [...rest, { id: "", content }];
          const of = (batches: typeof counting) => batches.map((one) => one.content);
          const before = conflictsIn(of(counting), isLatest);
          const conflicts = [...conflictsIn(of(after), isLatest)].filter(
            ([key, batches]) => batches > 1 && !before.has(key),
          );
          const isRefused = isRegister && !isLatest && conflicts.length > 0;
          let result: Promise<unknown>;
          if (content === undefined) result = store.retract(target!.id);
          else {
            const batch = await batchOf(content, which === 4 ? { ...options, values: "exchange" } : options);
            result = store.ingest({ ...batch, replaces: kind === "replace" ? target?.id : undefined });
          }
          if (isRefused) {
            await expect(result).rejects.toMatchObject({ code: "register_conflict" });
            seen.refused++;
          } else {
            const done = (await result) as Ingested;
            counting = content === undefined ? rest : [...rest, { id: done.batch.id, content }];
          }
          const shown = counting.flatMap((one) => one.content);
          const effective = isLatest ? lastOf(shown) : shown;
          await holds(store, isRegister ? registerEnergies(effective, rules) : energiesOf(effective));
          expect(await store.check()).toEqual([]);
          seen.done++;
        }
      } finally {
        await store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: CASES },
  );
  expect(seen.done).toBeGreaterThan(CASES);
}, 600_000);
