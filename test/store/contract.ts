/** What every store does, whichever engine keeps it. An engine's test file calls this with a way to open it. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Batch, Snapshot, Store } from "../../dist/store/store.js";
import { addTo, batchOf, type Cell, expectedCells, readSources, readTotals, totalsOf } from "./batches.js";

export interface Engine {
  /** Opens the store of this test: the first time a new one, after it was closed the same. */
  open(options?: { maxSources?: number; maxDays?: number }): Promise<Store>;
  /** Takes away what the test left. */
  remove(): Promise<void>;
}

const WH = 10n ** 15n;
const cell = (source: string, slot: number, energy: bigint, count = 1): Cell => ({ source, slot, energy, count });

const readAll = (reader: Snapshot, from: number, to: number, sources?: readonly string[]) =>
  readSources(reader, { from, to, sources });

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
          expect(await readTotals(reader, { from: -1000, to: 1000 })).toEqual(totalsOf(cells));
          expect(await reader.batch(batch.id)).toEqual(batch);
          expect(await reader.extent()).toEqual({ first: -1, last: 100 });
        });
        expect(await store.check()).toEqual([]);
        await store.close();
        store = await engine.open();
      }
    });

    it("notes in the ledger what a batch drops of the one that it replaces, if that is a day or more", async () => {
      /** Half hours from one quarter hour on. */
      const half = (source: string, from: number, count: number) =>
        Array.from({ length: count }, (_, n) => cell(source, from + 2 * n, BigInt(n + 1) * WH));
      const dropped = async (before: Cell[], after: Cell[]) => {
        const { batch: old } = await store.ingest(batchOf(before));
        const { batch } = await store.ingest(batchOf(after, { replaces: old.id }));
        expect(await store.read((reader) => reader.batch(batch.id))).toEqual(batch);
        await store.retract(batch.id);
        const [warning] = batch.notes.warnings.filter(({ code }) => code === "not_replaced");
        return warning?.message.replace(old.id, "OLD");
      };
      const said = (source: string, count: string, from: string, to: string, others = "") =>
        `batch OLD, which it replaces, has readings of ${source} in ${count} between ${from} and ${to} for which it has none${others}; they count no more. Is it all of the new content?`;
      // Five days of UTC+10, and the third, the last or the first of them is not there again.
      const five = half("a", -40, 240);
      const without = (from: number, to: number) => five.filter(({ slot }) => slot < from || slot >= to);
      const a = 'source "a"';
      expect(await dropped(five, without(152, 248))).toBe(
        said(a, "48 quarter hours", "1970-01-02T14:00:00Z", "1970-01-03T13:30:00Z"),
      );
      expect(await dropped(five, without(344, 440))).toBe(
        said(a, "48 quarter hours", "1970-01-04T14:00:00Z", "1970-01-05T13:30:00Z"),
      );
      expect(await dropped(five, without(-40, 56))).toBe(
        said(a, "48 quarter hours", "1969-12-31T14:00:00Z", "1970-01-01T13:30:00Z"),
      );
      const one = [cell("", 7, 1n), cell("b", 7, 1n)];
      expect(await dropped([...five, ...one], five)).toBe(
        said(
          "the source without an id",
          "1 quarter hour",
          "1970-01-01T01:45:00Z",
          "1970-01-01T01:45:00Z",
          ", and of 1 other source",
        ),
      );
      // A shift by less than a day, missing hours, values, and another interval are corrections.
      expect(await dropped(five, half("a", -38, 240))).toBeUndefined();
      expect(await dropped(five, half("a", -40, 200))).toBe(undefined);
      expect(await dropped(five, without(152, 240))).toBeUndefined();
      expect(
        await dropped(
          five,
          five.filter(({ slot }) => slot % 4 === 0),
        ),
      ).toBeUndefined();
      expect(await dropped(one, [...one, ...five])).toBeUndefined();
      expect(await store.check()).toEqual([]);
    });

    it("notes in the ledger what a batch brings again, and counts it", async () => {
      const day = Array.from({ length: 24 }, (_, n) => cell("a", 4 * n, BigInt(n) * WH));
      const others = day.map(({ slot }) => cell("b", slot, 3n * WH, 4));
      const { batch: first } = await store.ingest(batchOf([...day, ...others]));
      expect(first.notes.warnings).toEqual([]);
      const { batch: again } = await store.ingest(batchOf([...day, ...others]));
      expect(again.notes.warnings).toEqual([
        {
          code: "duplicates",
          message:
            'so many quarter hours of source "a" between 1970-01-01T01:00:00Z and 1970-01-01T23:00:00Z count already with the same energy and as many readings, and of 1 other source. Did a delivery come twice, or do deliveries overlap?'.replace(
              "so many",
              "23",
            ),
        },
      ]);
      expect(await store.read((reader) => reader.batch(again.id))).toEqual(again);
      expect(await store.read((reader) => readTotals(reader, { from: 0, to: 96 }))).toEqual(
        totalsOf([...day, ...others, ...day, ...others]),
      );
      // What it replaces, what comes after, and what differs, is no duplicate.
      const { batch: instead } = await store.ingest(batchOf([...day], { replaces: again.id }));
      expect(instead.notes.warnings.map(({ code }) => code)).toEqual(["duplicates", "fewer_readings", "not_replaced"]);
      await store.retract(first.id);
      const { batch: corrected } = await store.ingest(batchOf(day, { replaces: instead.id }));
      expect(corrected.notes.warnings).toEqual([]);
      const more = day.map(({ slot, energy }) => cell("a", slot, energy + 1n));
      const { batch: other } = await store.ingest(batchOf(more));
      expect(other.notes.warnings).toEqual([
        {
          code: "revised",
          message:
            '24 quarter hours of source "a" count already with as many readings and another energy. Is it a correction, which is to replace what counts?',
        },
      ]);
      const { batch: half } = await store.ingest(batchOf([cell("a", 5000, 1n)], { replaces: other.id }));
      expect(half.notes.warnings).toEqual([
        { code: "fewer_readings", message: "it replaces 24 readings with 1; is it all of the new content?" },
        expect.objectContaining({ code: "not_replaced" }),
      ]);
      const few = Array.from({ length: 7 }, (_, n) => cell("c", n, BigInt(n) * WH));
      await store.ingest(batchOf(few));
      expect((await store.ingest(batchOf(few))).batch.notes.warnings).toEqual([]);
      const even = Array.from({ length: 50 }, (_, n) => cell("e", n, WH));
      await store.ingest(batchOf(even));
      expect((await store.ingest(batchOf(even))).batch.notes.warnings).toEqual([]);
      // Few quarter hours of each of many sources; a third time; and with some values revised.
      const quarter = (revised: bigint) =>
        Array.from({ length: 40 }, (_, n) => cell(`f${n}`, 7, BigInt(n) * WH + (n % 5 === 0 ? revised : 0n)));
      for (const [revised, count] of [
        [0n, 0],
        [0n, 1],
        [0n, 1],
        [7n, 1],
      ] as const)
        expect((await store.ingest(batchOf(quarter(revised)))).batch.notes.warnings).toHaveLength(count);
      const zeros = Array.from({ length: 50 }, (_, n) => cell("d", n, 0n));
      await store.ingest(batchOf(zeros));
      expect((await store.ingest(batchOf(zeros))).batch.notes.warnings).toEqual([]);
      expect(await store.check()).toEqual([]);
    });

    it("tells in a dry run what would come of a batch, and stores nothing", async () => {
      const cells = Array.from({ length: 9 }, (_, n) => cell("a", n, BigInt(n + 1) * WH));
      const before = await store.state();
      const { batch: tried } = await store.ingest(batchOf(cells, { key: "k" }), undefined, { dryRun: true });
      expect(tried).toMatchObject({ state: "counts", readings: 9, energy: 45n * WH });
      expect(await store.state()).toEqual({ ...before, bytes: expect.any(Number) });
      expect(await store.read((reader) => reader.batch(tried.id))).toBeUndefined();
      const { batch: kept, repeated } = await store.ingest(batchOf(cells, { key: "k" }));
      expect(repeated).toBe(false);
      const again = store.ingest(batchOf(cells, { key: "k" }), undefined, { dryRun: true });
      await expect(again).resolves.toMatchObject({ repeated: true, batch: kept });
      const twice = await store.ingest(batchOf(cells), undefined, { dryRun: true });
      expect(twice.batch.notes.warnings).toMatchObject([{ code: "duplicates" }]);
      const other = store.ingest(batchOf([cell("b", 1, 1n)], { key: "k", sha256: "0".repeat(64) }), undefined, {
        dryRun: true,
      });
      await expect(other).rejects.toMatchObject({ code: "key_reused" });
      const replaced = await store.ingest(batchOf([], { replaces: kept.id }), undefined, { dryRun: true });
      expect(replaced.repeated).toBe(false);
      expect((await store.read((reader) => reader.batch(kept.id)))?.state).toBe("counts");
      expect(await store.state()).toMatchObject({ readings: 9, batches: 1 });
      expect(await store.check()).toEqual([]);
    });

    it("stores nothing of a strict batch with warnings, and all of others beside it", async () => {
      const cells = Array.from({ length: 9 }, (_, n) => cell("a", n, BigInt(n + 1) * WH));
      await store.ingest(batchOf(cells), undefined, { strict: true });
      const all = await Promise.allSettled([
        store.ingest(batchOf([cell("b", 1, WH)])),
        store.ingest(batchOf(cells, { key: "k" }), undefined, { strict: true }),
        store.ingest(batchOf([cell("b", 2, WH)]), undefined, { strict: true }),
        store.ingest(batchOf([cell("b", 3, WH)])),
      ]);
      expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect(all[1]).toMatchObject({ reason: { code: "strict", warnings: [{ code: "duplicates" }] } });
      expect(await store.state()).toMatchObject({ readings: 12, batches: 4 });
      await expect(store.ingest(batchOf(cells, { key: "k" }))).resolves.toMatchObject({ repeated: false });
      expect(await store.check()).toEqual([]);
    });

    it("gives ids back as they came, whatever they begin with, page by page and after it was opened again", async () => {
      const ids = ["", " abc", "abc", "\uFEFF", "\uFEFFabc", "\uFEFF\uFEFFabc", "\uFFFFz", "\u{1F600}"];
      const cells = ids.map((id, n) => cell(id, 5, BigInt(n + 1)));
      for (let opened = 1; opened < 3; opened++) {
        await store.ingest(batchOf(cells));
        await store.read(async (reader) => {
          expect(await readAll(reader, 0, 10)).toEqual(
            expectedCells(addTo(opened === 1 ? new Map() : addTo(new Map(), cells), cells), 0, 10),
          );
          expect(await reader.unknown(ids)).toEqual([]);
          const paged: string[] = [];
          for (let after: string | undefined; paged.length <= ids.length; after = paged.at(-1)) {
            const [page] = await reader.sources({ after, limit: 1 });
            if (page === undefined) break;
            paged.push(page.id);
          }
          expect(paged).toEqual([...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
          for (const [n, id] of ids.entries())
            expect(await readTotals(reader, { from: 0, to: 10, sources: [id] })).toEqual(
              totalsOf(Array.from({ length: opened }, () => cells[n]!)),
            );
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
      expect(await store.batchesOfKeys(["l", "k", "m", "k"])).toEqual(new Map([["k", first.batch]]));
      expect(await store.batchesOfKeys([])).toEqual(new Map());
      await expect(store.ingest(batchOf([cell("a", 2, 1n)], { key: "k" }))).rejects.toMatchObject({
        code: "key_reused",
      });
      expect(await store.state()).toMatchObject({ batches: 1, readings: 1, energy: 1n });
    });

    it("has a key for each sender, and for whoever has no name", async () => {
      const one = batchOf([cell("a", 1, 1n)], { key: "k" });
      const senders = [undefined, "a", "b"];
      const told = await Promise.all([...senders, ...senders].map((sender) => store.ingest({ ...one, sender })));
      expect(told.map(({ repeated }) => repeated)).toEqual([false, false, false, true, true, true]);
      const other = batchOf([cell("a", 2, 1n)], { key: "k", sender: "c" });
      expect((await store.ingest(other)).repeated).toBe(false);
      await store.close();
      store = await engine.open();
      for (const [n, sender] of senders.entries()) {
        expect(await store.batchOfKey("k", sender)).toEqual(told[n]!.batch);
        expect(await store.ingest({ ...one, sender })).toEqual({ batch: told[n]!.batch, repeated: true });
      }
      expect(await store.batchOfKey("k", "d")).toBeUndefined();
      expect(await store.state()).toMatchObject({ batches: 4 });
    });

    it("lets a sender end its own batches only, where that is asked", async () => {
      const { batch } = await store.ingest(batchOf([cell("a", 1, 5n)], { sender: "a" }));
      const more = batchOf([cell("a", 1, 6n)], { sender: "b", replaces: batch.id });
      expect(await store.retract(batch.id, "b")).toBeUndefined();
      await expect(store.ingest(more, "b")).rejects.toMatchObject({ code: "no_such_batch" });
      expect(await store.state()).toMatchObject({ batches: 1, energy: 5n });
      expect((await store.retract(batch.id, "a"))?.state).toBe("retracted");
      // Also of one that has ended nothing is told.
      expect(await store.retract(batch.id, "b")).toBeUndefined();
      await expect(store.ingest(more, "b")).rejects.toMatchObject({ code: "no_such_batch" });
      await store.read(async (reader) => {
        expect(await reader.batches({ limit: 9, sender: "a" })).toHaveLength(1);
        expect(await reader.batches({ limit: 9, sender: "b" })).toHaveLength(0);
      });
    });

    it("keeps what there is to tell of a batch, and its bad records for as long as it counts", async () => {
      const notes = {
        rejectedByReason: { bad_value: 2 },
        rejects: [{ record: 2, line: 3, code: "bad_value", message: "ü" }],
        rejectsKept: 2,
        repeatedWallTimes: 1,
        skippedWallTimes: 0,
        leftOut: { missing: 3 },
        qualityFlags: { A: 3 },
        readAs: ["octopus"],
        warnings: [{ code: "register" as const, message: 'a "b"' }],
      };
      const rejects = [Uint8Array.of(1, 0, 255), Uint8Array.of(2)];
      const told = batchOf([cell("a", 1, 1n)], { key: "k", rejected: 2, notes, rejects });
      const { batch } = await store.ingest(told);
      const plain = (await store.ingest(batchOf([cell("a", 1, 1n)]))).batch;
      await store.close();
      store = await engine.open();
      expect(await store.batchOfKey("k")).toEqual(batch);
      expect(batch.notes).toEqual(notes);
      await store.read(async (reader) => {
        expect((await reader.rejects(batch.id)).map((part) => [...part])).toEqual([[1, 0, 255], [2]]);
        expect(await reader.rejects(plain.id)).toEqual([]);
        expect((await reader.batch(plain.id))?.notes).toEqual({ ...plain.notes, rejectedByReason: {}, warnings: [] });
      });
      await store.retract(batch.id);
      await store.read(async (reader) => {
        expect(await reader.rejects(batch.id)).toEqual([]);
        expect((await reader.batch(batch.id))?.notes).toEqual(notes);
      });
      expect(await store.check()).toEqual([]);
    });

    it("grows to so many days and no more, whatever ends meanwhile", async () => {
      await store.close();
      store = await engine.open({ maxDays: 10 });
      const on = (day: number, more = {}) => store.ingest(batchOf([cell("a", 96 * day + 95, 1n)], more));
      const refused = { code: "stretches_period" };
      // What is given at once is written together.
      const together = await Promise.allSettled([on(50), on(60), on(59), on(40)]);
      expect(together.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
      for (const one of together) if (one.status === "fulfilled") await store.retract(one.value.batch.id);
      const first = (await on(100)).batch;
      await expect(on(110)).rejects.toMatchObject(refused);
      await expect(on(90)).rejects.toMatchObject({ ...refused, second: (96 * 90 + 95) * 900, period: { days: 11 } });
      const last = (await on(109)).batch;
      const wide = batchOf([cell("a", 96 * 99, 1n), cell("a", 96 * 110, 1n)]);
      await expect(store.ingest(wide)).rejects.toMatchObject(refused);
      await store.retract(first.id);
      await on(118);
      await expect(on(100)).rejects.toMatchObject(refused);
      // In the place of the one at the other end there is room; the days of all others stay.
      await expect(on(119)).rejects.toMatchObject(refused);
      await on(119, { replaces: last.id });
      await expect(on(109)).rejects.toMatchObject(refused);
      await store.close();
      store = await engine.open({ maxDays: 10 });
      await expect(on(109)).rejects.toMatchObject(refused);
      await on(110);
      await store.read(async (reader) =>
        expect(await reader.extent()).toEqual({ first: 96 * 110 + 95, last: 96 * 119 + 95 }),
      );
    });

    it("says where its first and last readings come from, and which sources it does not know", async () => {
      const early = (await store.ingest(batchOf([cell("b", 3, 1n)]))).batch;
      const gone = (await store.ingest(batchOf([cell("a", 2, 1n)]))).batch;
      const late = (await store.ingest(batchOf([cell("a", 90, 1n), cell("a", 2, 1n)]))).batch;
      await store.retract(gone.id);
      await store.read(async (reader) => {
        expect(await reader.origin(2)).toMatchObject({ source: "a", batch: { id: late.id } });
        expect(await reader.origin(90)).toMatchObject({ source: "a", batch: { id: late.id } });
        expect(await reader.origin(3, { sources: ["b"] })).toMatchObject({ source: "b", batch: { id: early.id } });
        expect(await reader.origin(4)).toBeUndefined();
        expect(await reader.unknown(["c", "a", "", "c"])).toEqual(["c", ""]);
      });
    });

    it("has a source as export as long as a batch that counts has it so", async () => {
      const batch = (energy: bigint, exports: readonly string[]) => batchOf([cell("a", 1, energy)], {}, exports);
      const directions = () => store.read((reader) => reader.directions());
      await store.ingest(batch(5n, []));
      const one = await store.ingest(batch(7n, ["a"]));
      const two = await store.ingest(batch(9n, ["a"]));
      for (const { id } of [one.batch, two.batch]) {
        expect(await directions()).toEqual({ exports: true, consumption: false });
        await store.retract(id);
      }
      expect(await directions()).toEqual({ exports: false, consumption: true });
      expect(await store.check()).toEqual([]);
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

    it("judges batches that come at once one after another, each by itself", async () => {
      const old = (await store.ingest(batchOf([cell("a", 1, 5n)]))).batch;
      const same = batchOf([cell("a", 2, 1n)], { key: "k" });
      const answers = await Promise.allSettled([
        store.ingest(same),
        store.ingest(same),
        store.ingest(batchOf([cell("a", 3, 1n)], { key: "k" })),
        store.ingest(batchOf([cell("a", 4, 1n)], { replaces: old.id })),
        store.ingest(batchOf([cell("a", 5, 1n)], { replaces: old.id })),
        store.ingest(batchOf([cell("a", 6, 1n)], { replaces: "nothing" })),
        store.ingest(batchOf([cell("a", 7, 10n ** 38n)])),
        store.ingest(batchOf([cell("a", 8, 1n)])),
        store.retract(old.id),
      ]);
      expect(
        answers.map((answer) =>
          answer.status === "rejected"
            ? answer.reason.code
            : "repeated" in (answer.value as object)
              ? (answer.value as { repeated: boolean }).repeated
              : (answer.value as { state: string }).state,
        ),
      ).toEqual([
        false,
        true,
        "key_reused",
        false,
        "already_ended",
        "no_such_batch",
        "too_much_energy",
        false,
        "replaced",
      ]);
      await store.read(async (reader) =>
        expect((await readAll(reader, 0, 10)).map(({ slot }) => slot)).toEqual([2, 4, 8]),
      );
      expect(await store.check()).toEqual([]);
    });

    it("takes every one of many senders", async () => {
      const cells = Array.from({ length: 300 }, (_, n) => cell(`m${n % 7}`, n, BigInt(n) * WH));
      const ids = await Promise.all(cells.map(async (one) => (await store.ingest(batchOf([one]))).batch.id));
      expect(new Set(ids).size).toBe(300);
      await store.read(async (reader) => {
        expect(await readAll(reader, 0, 1000)).toEqual(expectedCells(addTo(new Map(), cells), 0, 1000));
        const listed: string[] = [];
        for (let before: string | undefined; listed.length < 300; before = listed.at(-1))
          listed.push(...(await reader.batches({ before, limit: 37 })).map(({ id }) => id));
        expect(listed.length).toBe(300);
        expect(new Set(listed)).toEqual(new Set(ids));
        const sources: string[] = [];
        for (let n = 0; n < 3; n++)
          sources.push(...(await reader.sources({ after: sources.at(-1), limit: 3 })).map(({ id }) => id));
        expect(sources).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6"]);
        const hash = createHash("sha256").update("m3").digest("hex");
        expect(await reader.sourceOf("m", hash)).toBe("m3");
        expect(await reader.sourceOf("m4", hash)).toBeUndefined();
      });
    });

    it("shows a reader one moment, whatever happens meanwhile", async () => {
      const { batch } = await store.ingest(batchOf([cell("a", 1, 5n)]));
      await store.read(async (reader) => {
        const { version } = reader;
        await store.ingest(batchOf([cell("b", 2, 6n)], { replaces: batch.id }));
        expect(await readAll(reader, 0, 10)).toEqual([cell("a", 1, 5n)]);
        expect((await reader.batches({ limit: 9 })).map(({ state }) => state)).toEqual(["counts"]);
        await store.read(async (later) => {
          expect(later.version).toBeGreaterThan(version);
          expect(await readAll(later, 0, 10)).toEqual([cell("b", 2, 6n)]);
        });
      });
      // What changes nothing is the same version still.
      const version = () => store.read(async (reader) => reader.version);
      const before = await version();
      await store.retract(batch.id);
      await store.ready();
      expect(await version()).toBe(before);
    });

    it("takes large batches in and back in parts, each day and source once", async () => {
      const many = (value: bigint, days: number) =>
        Array.from({ length: 60 }, (_, s) =>
          Array.from({ length: days }, (_, d) => cell(`s${s}`, 96 * d + (s % 96), value + BigInt(s))),
        ).flat();
      const [first, second] = [many(5n, 200), many(9n, 180)];
      const { batch } = await store.ingest(batchOf(first));
      const { batch: later } = await store.ingest(batchOf(second, { replaces: batch.id }));
      const readings = (cells: readonly Cell[]) => addTo(new Map(), cells);
      await store.read(async (reader) => {
        expect(await readAll(reader, 0, 20_000)).toEqual(expectedCells(readings(second), 0, 20_000));
        expect(await readTotals(reader, { from: 0, to: 20_000 })).toEqual(totalsOf(second));
        expect(await reader.extent()).toEqual({ first: 0, last: 179 * 96 + 59 });
      });
      expect(await store.check()).toEqual([]);
      await store.retract(later.id);
      expect(await store.check()).toEqual([]);
      expect(await store.state()).toMatchObject({ sources: 0, readings: 0 });
    }, 60_000);

    it("moves rows to give the space of ended batches back, and answers as before", async () => {
      const days = (n: number) =>
        Array.from({ length: 1000 }, (_, i) =>
          cell(`m${i % 100}`, 96 * Math.floor(i / 100) + n, 2n ** 100n + BigInt(i)),
        );
      const made: Batch[] = [];
      for (let n = 0; n < 7; n++)
        made.push((await store.ingest(batchOf(days(n), { key: `k${n}`, rejected: 1 }))).batch);
      await store.compact();
      for (const { id } of made.slice(0, 6)) await store.retract(id);
      const answers = () =>
        store.read(async (reader) => ({
          version: reader.version,
          cells: await readAll(reader, 0, 20_000),
          totals: await readTotals(reader, { from: 0, to: 20_000 }),
          batches: await reader.batches({ limit: 100 }),
          ofSource: await reader.batches({ limit: 100, source: "m1" }),
          sources: await reader.sources({ limit: 1000 }),
        }));
      const before = await answers();
      expect(before.ofSource.map(({ state }) => state)).toEqual(["counts", ...Array(6).fill("retracted")]);
      const { bytes } = await store.state();
      const done = await store.compact();
      expect(done.before).toBeGreaterThanOrEqual(bytes);
      // A small file may even grow by some pages: what is gained shows in large ones.
      expect(done.after).toBeGreaterThan(0);
      for (let opened = 0; opened < 2; opened++) {
        expect(await answers()).toEqual(before);
        expect(await store.check()).toEqual([]);
        const repeated = await store.ingest(batchOf(days(0), { key: "k0", rejected: 1 }));
        expect(repeated).toMatchObject({ repeated: true, batch: { id: made[0]?.id, state: "retracted" } });
        await store.close();
        store = await engine.open();
      }
    }, 60_000);

    it("is full at 1e20 kWh of any sign, until some go", async () => {
      const half = 5n * 10n ** 37n;
      const { batch } = await store.ingest(batchOf([cell("a", 1, -half)]));
      const more = batchOf([cell("a", 1, half)]);
      await expect(store.ingest(more)).rejects.toMatchObject({ code: "too_much_energy" });
      await store.ingest(batchOf([cell("a", 1, half - 1n)]));
      await store.retract(batch.id);
      expect(await store.state()).toMatchObject({ batches: 1, energy: half - 1n });
    });

    it("has no more sources than it may, until some go", async () => {
      await store.close();
      store = await engine.open({ maxSources: 2 });
      const { batch } = await store.ingest(batchOf([cell("a", 1, 1n), cell("b", 1, 1n)]));
      const third = batchOf([cell("b", 1, 1n), cell("c", 1, 1n)]);
      await expect(store.ingest(third)).rejects.toMatchObject({ code: "too_many_sources" });
      await store.ingest(batchOf([cell("b", 5, 1n)]));
      await store.retract(batch.id);
      await store.ingest(third);
      expect(await store.state()).toMatchObject({ sources: 2, batches: 2 });
      expect(await store.check()).toEqual([]);
    });

    it("keeps a batch in which no reading was", async () => {
      const { batch } = await store.ingest(batchOf([], { key: "empty", rejected: 3 }));
      expect(batch).toMatchObject({ readings: 0, sources: 0, first: undefined, last: undefined, rejected: 3 });
      await store.read(async (reader) => {
        expect(await reader.extent()).toBeUndefined();
        expect(await readTotals(reader, { from: 0, to: 10 })).toHaveLength(0);
        expect(await readAll(reader, 0, 10)).toEqual([]);
        expect(await reader.batch(batch.id)).toEqual(batch);
      });
    });

    it("finds the batches of a file that count, and those of a state", async () => {
      const of = (slot: number, file: string | undefined) => store.ingest(batchOf([cell("a", slot, 1n)], { file }));
      const ids = [(await of(1, "x.csv")).batch.id, (await of(2, "y.csv")).batch.id, (await of(3, "x.csv")).batch.id];
      await of(4, undefined);
      await store.retract(ids[1]);
      await store.read(async (reader) => {
        const found = await reader.batchesOfFiles(["x.csv", "y.csv", "nowhere.csv", "x.csv"]);
        expect([...found].map(([file, batches]) => [file, batches.map(({ id }) => id)])).toEqual([
          ["x.csv", [ids[2], ids[0]]],
        ]);
        expect(await reader.batchesOfFiles([])).toEqual(new Map());
        expect((await reader.batches({ limit: 9, state: "retracted" })).map(({ id }) => id)).toEqual([ids[1]]);
        expect(await reader.batches({ limit: 9, state: "counts" })).toHaveLength(3);
      });
    });

    it("does what it was given before it closes, and nothing after", async () => {
      const given = [1, 2, 3].map((slot) => store.ingest(batchOf([cell("a", slot, 1n)])));
      await store.close();
      expect((await Promise.all(given)).map(({ repeated }) => repeated)).toEqual([false, false, false]);
      await expect(store.ingest(batchOf([]))).rejects.toMatchObject({ code: "store_closed" });
      await expect(store.read(async () => 1)).rejects.toMatchObject({ code: "store_closed" });
      store = await engine.open();
      expect(await store.state()).toMatchObject({ batches: 3 });
    });
  });
}
