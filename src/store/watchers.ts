/**
 * Those who watch a store. An engine publishes each change once it is on disk and readers see it, and adds a watcher between
 * two changes only; so each hears every version from its first one on, in order.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Days of UTC since 1970, both inclusive. */
export interface ChangedDays {
  readonly first: number;
  readonly last: number;
}

/** What a new version of a store changed, of all sources or of those that are watched. */
export interface StoreChange {
  readonly version: number;
  /** Batches that began to count, and such that ended: those that have readings of a watched source. */
  readonly began: readonly BatchName[];
  readonly ended: readonly BatchName[];
  /** The first and the last day with such readings in these batches; `undefined` if there are none. */
  readonly days: ChangedDays | undefined;
  /** How many sources these batches have, each counted once. */
  readonly sources: number;
}

export interface BatchName {
  readonly id: string;
  readonly sender: string | undefined;
}

export interface Watch {
  /** The store's version when it began; later ones are told. */
  readonly version: number;
  stop(): void;
}

/** What one batch has of a source. */
export interface BatchPart {
  readonly batch: BatchName;
  /** Whether it ended; else it began. */
  readonly ends: boolean;
  readonly days: ChangedDays;
}

/** A change as an engine publishes it: as a whole, and by source for those sources that are watched. */
export interface Publication {
  readonly change: StoreChange;
  readonly bySource: ReadonlyMap<string, readonly BatchPart[]>;
}

interface Watcher {
  readonly tell: (change: StoreChange) => void;
  readonly sources: ReadonlySet<string> | undefined;
}

/** Sources that are looked up before yielding to the event loop. */
const SOURCES_A_TURN = 10_000;

export class Watchers {
  private readonly all = new Set<Watcher>();
  /** By how many each source is watched. */
  private readonly watched = new Map<string, number>();

  /** Whether there are any. */
  get any(): boolean {
    return this.all.size > 0;
  }

  /** The sources by which publications must tell what changed. */
  get sources(): Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size"> {
    return this.watched;
  }

  /** @returns what removes it */
  add(tell: (change: StoreChange) => void, sources?: readonly string[]): () => void {
    const watcher: Watcher = { tell, sources: sources && new Set(sources) };
    this.all.add(watcher);
    for (const id of watcher.sources ?? []) this.watched.set(id, (this.watched.get(id) ?? 0) + 1);
    return () => {
      if (!this.all.delete(watcher)) return;
      for (const id of watcher.sources ?? []) {
        const left = (this.watched.get(id) ?? 1) - 1;
        if (left > 0) this.watched.set(id, left);
        else this.watched.delete(id);
      }
    };
  }

  /** To be called in the order of versions, each time when the call before has resolved. */
  async publish({ change, bySource }: Publication): Promise<void> {
    let done = 0;
    for (const { tell, sources } of [...this.all]) {
      if (sources === undefined) {
        tell(change);
        continue;
      }
      tell(partOf(change.version, sources, bySource));
      done += Math.min(sources.size, bySource.size);
      if (done < SOURCES_A_TURN) continue;
      done = 0;
      await nextTurn();
    }
  }
}

/** What a change means for some sources. */
function partOf(version: number, sources: ReadonlySet<string>, bySource: Publication["bySource"]): StoreChange {
  const began = new Set<BatchName>();
  const ended = new Set<BatchName>();
  let days: ChangedDays | undefined;
  let changed = 0;
  const [few, many] = sources.size < bySource.size ? [sources, bySource] : [bySource, sources];
  for (const id of few.keys()) {
    if (!many.has(id)) continue;
    changed++;
    for (const part of bySource.get(id) ?? []) {
      (part.ends ? ended : began).add(part.batch);
      days = bothDays(days, part.days);
    }
  }
  return { version, began: [...began], ended: [...ended], days, sources: changed };
}

function bothDays(a: ChangedDays | undefined, b: ChangedDays): ChangedDays {
  return a === undefined ? b : { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}
