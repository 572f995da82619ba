/** Decides whether a batch may come in or end, given the ledger and what came before it in the same transaction. */
import { StoreError } from "../../base/errors.js";
import type { Packed } from "../packed.js";
import type { Batch, Ingested, NewBatch } from "../store.js";
import type { BatchName } from "../watchers.js";
import { bothDays, checkPeriod, type Days, daysOfBatch } from "./days.js";
import { type LedgerRow, type Now, nameOfBatch, newRow, seqOf } from "./ledger.js";
import { inTurns } from "./table.js";
import { checkWays, type Ways } from "./ways.js";

/** The Σ |values| at which a store is full: 10²⁰ kWh. */
const ENERGY_LIMIT = 10n ** 38n;

export interface Added {
  readonly row: LedgerRow;
  readonly contribution: Packed;
  readonly rejects: readonly Uint8Array[];
}

/** What a store may hold, and the days that it holds. */
export interface Limits {
  readonly maxSources: number;
  readonly maxDays: number;
  readonly days: Days | undefined;
  /** The days without a batch that is to be replaced, by its number, if that makes a difference. */
  readonly daysWithout: ReadonlyMap<number, { readonly days: Days | undefined }>;
}

export class LedgerUpdate {
  readonly added: Added[] = [];
  readonly ended = new Map<number, LedgerRow>();
  /** The new sources of these batches, by number. */
  readonly created = new Map<number, string>();
  /** The days of these batches. */
  days: Days | undefined;

  /**
   * @param now changes with each batch
   * @param byName, bySeq rows of the ledger that the batches refer to
   * @param numbers of existing sources; new ones are added
   */
  constructor(
    public now: Now,
    private readonly byName: Map<string, LedgerRow>,
    private readonly bySeq: Map<number, LedgerRow>,
    readonly numbers: Map<string, number>,
    private readonly limits: Limits,
    private readonly received: number,
    private readonly sourceWays: Ways = { texts: new Map(), only: new Map() },
  ) {}

  /** The ways of kept sources, by number, as text. */
  get ways(): ReadonlyMap<number, string> {
    return this.sourceWays.texts;
  }

  get changed(): boolean {
    return this.added.length > 0 || this.ended.size > 0;
  }

  /** @throws StoreError as `Store.ingest` does, with nothing changed */
  async ingest(batch: NewBatch, owner: string | undefined): Promise<Ingested> {
    const name = nameOfBatch(batch);
    const known = name === undefined ? undefined : this.byName.get(name);
    if (known !== undefined) {
      if (known.batch.sha256 !== batch.sha256) throw keyReused(batch.key as string, known.batch.id);
      return { batch: this.latest(known).batch, repeated: true };
    }
    const replaced = batch.replaces === undefined ? undefined : this.toReplace(batch.replaces, owner);
    const { now, limits } = this;
    const held = (replaced && limits.daysWithout.get(replaced.seq)) ?? limits;
    checkPeriod(bothDays(held.days, this.days), batch, limits.maxDays);
    const absolute = now.absolute + batch.absolute - (replaced?.absolute ?? 0n);
    if (absolute >= ENERGY_LIMIT) throw tooMuchEnergy();
    const { contribution } = batch;
    const { kept } = contribution;
    if (this.ways.size > 0 || kept !== undefined) checkWays(contribution, this.numbers, this.sourceWays, replaced?.seq);
    const unknown: string[] = [];
    await inTurns(contribution.sources, (id) => {
      if (!this.numbers.has(id)) unknown.push(id);
    });
    if (now.sources + this.created.size + unknown.length > limits.maxSources && unknown.length > 0)
      throw tooManySources(unknown.length, limits.maxSources);

    const row = newRow(now.nextBatch, this.received, contribution.sources.length, batch);
    if (replaced !== undefined) this.end(replaced, row.batch.id);
    let nextSource = now.nextSource;
    await inTurns(unknown, (id) => {
      this.created.set(nextSource, id);
      this.numbers.set(id, nextSource++);
    });
    kept?.ways.forEach((way, n) => {
      const number = this.numbers.get(contribution.sources[n]) as number;
      if (way !== "" && !this.ways.has(number)) this.sourceWays.texts.set(number, way);
    });
    this.now = {
      ...this.now,
      nextBatch: row.seq + 1,
      nextSource,
      batches: this.now.batches + 1,
      readings: this.now.readings + batch.readings,
      energy: this.now.energy + batch.energy,
      absolute,
    };
    this.added.push({ row, contribution, rejects: batch.rejects ?? [] });
    this.days = bothDays(this.days, daysOfBatch(contribution));
    if (name !== undefined) this.byName.set(name, row);
    this.bySeq.set(row.seq, row);
    return { batch: row.batch, repeated: false };
  }

  /** The batch afterwards; `undefined` if there is none with that id. */
  retract(id: string, owner: string | undefined): LedgerRow["batch"] | undefined {
    const row = this.find(id, owner);
    if (row === undefined) return undefined;
    return (row.batch.state === "counts" ? this.end(row, undefined) : row).batch;
  }

  private end(row: LedgerRow, replacedBy: string | undefined): LedgerRow {
    const state = replacedBy === undefined ? "retracted" : "replaced";
    const ended: LedgerRow = { ...row, batch: { ...row.batch, state, ended: this.received, replacedBy } };
    this.ended.set(row.seq, ended);
    this.now = {
      ...this.now,
      batches: this.now.batches - 1,
      readings: this.now.readings - row.batch.readings,
      energy: this.now.energy - row.batch.energy,
      absolute: this.now.absolute - row.absolute,
    };
    return ended;
  }

  private toReplace(id: string, owner: string | undefined): LedgerRow {
    const row = this.find(id, owner);
    if (row === undefined)
      throw new StoreError(
        "no_such_batch",
        `there is no batch ${id}${owner === undefined ? "" : ` of ${owner}`} to replace; the ledger of batches lists the ids`,
      );
    const { state, replacedBy } = row.batch;
    if (state === "counts") return row;
    const what = state === "replaced" ? `was replaced by batch ${replacedBy}; replace that one` : "was retracted";
    throw new StoreError(
      "already_ended",
      `batch ${id} ${what}${state === "replaced" ? "" : "; send this one by itself"}`,
    );
  }

  /** Others' batches are treated as if they did not exist: nobody may learn which ids do. */
  private find(id: string, owner: string | undefined): LedgerRow | undefined {
    const row = this.bySeq.get(seqOf(id));
    if (row === undefined || row.batch.id !== id || (owner !== undefined && row.batch.sender !== owner))
      return undefined;
    return this.latest(row);
  }

  private latest(row: LedgerRow): LedgerRow {
    return this.ended.get(row.seq) ?? row;
  }
}

/** What those who watch the store are told of a batch. */
export function nameOnly({ id, sender }: Batch): BatchName {
  return { id, sender };
}

function keyReused(key: string, id: string): StoreError {
  return new StoreError(
    "key_reused",
    `the key "${key}" stands for other content, which came in as batch ${id}; send new content under a new key`,
  );
}

function tooMuchEnergy(): StoreError {
  return new StoreError(
    "too_much_energy",
    "with this batch, the sizes of all values in the store would add up to 1e20 kWh or more; check the unit of its values",
  );
}

function tooManySources(unknown: number, most: number): StoreError {
  return new StoreError(
    "too_many_sources",
    `the batch has ${unknown} new sources, with which the store would have more than ${most}, the most that it accepts; check its source field, or put them into another store`,
  );
}
