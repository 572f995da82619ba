/**
 * Which batch a key belongs to. The newest keys are in memory, up to `run` of them; when there are more, they are written
 * as one run, sorted into buckets by their hash, so that a lookup reads one small row of each run. Memory does not grow
 * with the number of batches, and a lookup among five million takes a few milliseconds for a whole group.
 * These are only hashes of 44 bits; the ledger's text decides.
 */
import { createHash } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { append, integerList, rowsOf, TYPES } from "./table.js";

/** Keys of a run: 2 KB a bucket. */
const RUN = 1 << 20;
const BUCKET_BITS = 12;
const BUCKETS = 1 << BUCKET_BITS;
/** The most keys of a bucket in one row: the engine stores values longer than 4 KB elsewhere. */
const ROW_KEYS = 500;

const { BIGINT, BLOB, INTEGER } = TYPES;

/** What a batch is looked up by: its key, preceded by its sender, if it has one. Neither contains a line end. */
export function nameOf(key: string, sender: string | undefined): string {
  return sender === undefined ? key : `${sender}\n${key}`;
}

/**
 * The same, plus the names of batches of schema 2 and earlier, whoever sent them: the key alone.
 * @param from the first batch of a later schema
 */
export function withFormerNames(names: ReadonlySet<string>, from: number): ReadonlySet<string> {
  if (from === 1) return names;
  return new Set([...names].flatMap((name) => [name, name.slice(name.indexOf("\n") + 1)]));
}

/** The 64 bits that stand for a name in the ledger. */
export function hashOf(name: string): bigint {
  return createHash("sha256").update(name).digest().readBigInt64LE();
}

const bucketOf = (hash: bigint) => Number(BigInt.asUintN(BUCKET_BITS, hash));
const tagOf = (hash: bigint) => Number(BigInt.asUintN(32, hash >> BigInt(BUCKET_BITS)));

export class Keys {
  private capacity = 1 << 12;
  private tag = new Uint32Array(this.capacity);
  private bucket = new Uint16Array(this.capacity);
  /** Number of the batch, counted from `from`, plus 1; 0 if there is none. */
  private batch = new Uint32Array(this.capacity);
  private size = 0;

  /** @param from number of the first batch whose key is not in a run yet */
  constructor(
    private from: number,
    private readonly run = RUN,
  ) {}

  /** Reads the keys that are not in a run yet. */
  static async open(connection: DuckDBConnection, from: number, run?: number): Promise<Keys> {
    const keys = new Keys(from, run);
    const rows = await connection.stream(
      `SELECT seq, key_hash FROM batches WHERE seq >= ${from} AND key_hash IS NOT NULL`,
    );
    for await (const chunk of rows.yieldRows())
      for (const [seq, hash] of chunk) keys.insert(Number(seq), hash as bigint);
    return keys;
  }

  /** Remembers a name once its batch is on disk. */
  learn(name: string, seq: number): void {
    this.insert(seq, hashOf(name));
  }

  /** Whether there are so many keys in memory that they should be written. */
  get full(): boolean {
    return this.size >= this.run;
  }

  /**
   * Numbers of the batches in memory that may have these names. Call this before the transaction begins in which `older` is
   * called: then a run that is written meanwhile hides nothing.
   */
  recent(names: Iterable<string>): Set<number> {
    const found = new Set<number>();
    for (const name of names) this.search(hashOf(name), found);
    return found;
  }

  /** The same for those in runs. */
  async older(connection: DuckDBConnection, names: Iterable<string>): Promise<Set<number>> {
    const found = new Set<number>();
    const tags = new Map<number, Set<number>>();
    for (const name of names) {
      const hash = hashOf(name);
      const bucket = bucketOf(hash);
      tags.set(bucket, (tags.get(bucket) ?? new Set()).add(tagOf(hash)));
    }
    if (tags.size === 0 || this.from === 1) return found;
    const rows = await rowsOf(
      connection,
      "SELECT first_batch, bucket, entries FROM key_runs WHERE bucket IN (SELECT unnest($1))",
      integerList(tags.keys()),
    );
    for (const [first, bucket, entries] of rows as [bigint, number, Uint8Array][]) {
      const wanted = tags.get(bucket) as Set<number>;
      const pairs = pairsOf(entries);
      for (let n = 0; n < pairs.length; n += 2) if (wanted.has(pairs[n])) found.add(Number(first) + pairs[n + 1]);
    }
    return found;
  }

  /**
   * Writes the keys in memory as a run.
   * @param next number of the next batch: all before it are in the run
   */
  async write(connection: DuckDBConnection, next: number): Promise<void> {
    await connection.run("BEGIN TRANSACTION");
    try {
      const buckets: number[] = [];
      const entries: Uint8Array[] = [];
      for (const [bucket, bytes] of this.packed()) {
        buckets.push(bucket);
        entries.push(bytes);
      }
      await append(connection, "key_runs", [BIGINT, INTEGER, BLOB], buckets.length, [
        () => this.from,
        (n) => buckets[n],
        (n) => entries[n],
      ]);
      await rowsOf(connection, "UPDATE now SET keys_from = $1", next);
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
    this.from = next;
    this.size = 0;
    this.batch.fill(0);
  }

  private insert(seq: number, hash: bigint): void {
    if (this.size * 2 >= this.capacity) this.grow();
    this.put(tagOf(hash), bucketOf(hash), seq - this.from + 1);
    this.size++;
  }

  private put(tag: number, bucket: number, batch: number): void {
    let at = tag & (this.capacity - 1);
    while (this.batch[at] !== 0) at = (at + 1) & (this.capacity - 1);
    this.tag[at] = tag;
    this.bucket[at] = bucket;
    this.batch[at] = batch;
  }

  private search(hash: bigint, found: Set<number>): void {
    const tag = tagOf(hash);
    const bucket = bucketOf(hash);
    for (let at = tag & (this.capacity - 1); this.batch[at] !== 0; at = (at + 1) & (this.capacity - 1))
      if (this.tag[at] === tag && this.bucket[at] === bucket) found.add(this.from + this.batch[at] - 1);
  }

  private grow(): void {
    const { tag, bucket, batch } = this;
    this.capacity *= 2;
    this.tag = new Uint32Array(this.capacity);
    this.bucket = new Uint16Array(this.capacity);
    this.batch = new Uint32Array(this.capacity);
    for (let at = 0; at < batch.length; at++) if (batch[at] !== 0) this.put(tag[at], bucket[at], batch[at]);
  }

  /** The rows of a run: a bucket's tags and batches, as pairs of 32 bits. */
  private *packed(): Iterable<[bucket: number, entries: Uint8Array]> {
    const ends = new Uint32Array(BUCKETS + 1);
    for (let at = 0; at < this.capacity; at++) if (this.batch[at] !== 0) ends[this.bucket[at] + 1]++;
    for (let bucket = 0; bucket < BUCKETS; bucket++) ends[bucket + 1] += ends[bucket];
    const starts = ends.slice();
    const pairs = new Uint32Array(this.size * 2);
    const all = new Uint8Array(pairs.buffer);
    for (let at = 0; at < this.capacity; at++) {
      if (this.batch[at] === 0) continue;
      const n = starts[this.bucket[at]]++ * 2;
      pairs[n] = this.tag[at];
      pairs[n + 1] = this.batch[at] - 1;
    }
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      for (let n = ends[bucket]; n < ends[bucket + 1]; n += ROW_KEYS)
        yield [bucket, all.subarray(n * 8, Math.min(n + ROW_KEYS, ends[bucket + 1]) * 8)];
  }
}

/** Tags and batches of a run's row, alternating; batches count from the run's first. In the machine's byte order. */
function pairsOf(entries: Uint8Array): Uint32Array {
  // A copy is aligned to four bytes, as 32-bit numbers must be.
  return new Uint32Array(new Uint8Array(entries).buffer);
}

/** Differences between the runs and the ledger, whose keys before `from` must all be in them. */
export async function checkKeys(connection: DuckDBConnection, from: number): Promise<string[]> {
  let ledger = 0n;
  let runs = 0n;
  const mix = (seq: number, bucket: number, tag: number) =>
    BigInt(seq) * (BigInt(tag) * BigInt(BUCKETS) + BigInt(bucket) + 1n);
  const batches = await connection.stream(
    `SELECT seq, key_hash FROM batches WHERE seq < ${from} AND key_hash IS NOT NULL`,
  );
  for await (const chunk of batches.yieldRows())
    for (const [seq, hash] of chunk as [bigint, bigint][]) ledger += mix(Number(seq), bucketOf(hash), tagOf(hash));
  const rows = await connection.stream("SELECT first_batch, bucket, entries FROM key_runs");
  for await (const chunk of rows.yieldRows())
    for (const [first, bucket, entries] of chunk as unknown as [bigint, number, { bytes: Uint8Array }][]) {
      const pairs = pairsOf(entries.bytes);
      for (let n = 0; n < pairs.length; n += 2) runs += mix(Number(first) + pairs[n + 1], bucket, pairs[n]);
    }
  return ledger === runs ? [] : ["keys: the lookup tables do not agree with the ledger"];
}
