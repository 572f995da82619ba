/**
 * What those who listen are told of changes of the store: one feed for all who may hear the same. The first change after a
 * pause is told at once; further ones that come within a moment are told together.
 */
import type { Store } from "../../store/store.js";
import type { BatchName, StoreChange, Watch } from "../../store/watchers.js";
import { dayText } from "../../time/period.js";
import { type Caller, visibleTo } from "../auth/access.js";
import { eventBytes } from "./streams.js";

/** Milliseconds between two events of a feed at least. */
const PAUSE_MS = 250;

interface ChangeEvent {
  readonly version: number;
  /** Days of UTC, both inclusive; null if there are none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly sources: number;
  readonly batch_id: string | null;
  readonly kind: "ingested" | "retracted" | "replaced";
}

export interface Listener {
  /** Called once: the events of later versions follow. */
  begin(version: number): void;
  send(event: Uint8Array): void;
}

export class Feeds {
  /** By what their listeners may hear. */
  private readonly feeds = new Map<string, Feed>();

  constructor(private readonly store: Store) {}

  /** @returns what resolves when the listener has begun, or rejects with StoreError; and what it leaves with in any case */
  join(caller: Caller, listener: Listener): { readonly begun: Promise<void>; leave(): void } {
    // A token that is limited is told the ids of its own batches only.
    const key = caller.sources === undefined ? "" : JSON.stringify([caller.name, ...caller.sources]);
    const feed = this.feeds.get(key) ?? new Feed(this.store, caller);
    this.feeds.set(key, feed);
    const leave = () => {
      if (feed.leave(listener) && this.feeds.get(key) === feed) this.feeds.delete(key);
    };
    return { begun: feed.join(listener), leave };
  }
}

class Feed {
  /** Each is told of versions after this one. */
  private readonly listeners = new Map<Listener, number>();
  private readonly watch: Promise<Watch>;
  /** The latest version that was heard of. */
  private heard = 0;
  private pending: ChangeEvent | undefined;
  private pause: NodeJS.Timeout | undefined;

  constructor(store: Store, caller: Caller) {
    const sender = visibleTo(caller);
    this.watch = store.watch((change) => this.hear(change, sender), caller.sources);
  }

  async join(listener: Listener): Promise<void> {
    this.listeners.set(listener, Number.POSITIVE_INFINITY);
    const { version } = await this.watch;
    this.heard = Math.max(this.heard, version);
    if (!this.listeners.has(listener)) return;
    this.listeners.set(listener, this.heard);
    listener.begin(this.heard);
  }

  /** @returns whether it was the last */
  leave(listener: Listener): boolean {
    if (!this.listeners.delete(listener) || this.listeners.size > 0) return false;
    clearTimeout(this.pause);
    this.watch.then(
      ({ stop }) => stop(),
      () => undefined,
    );
    return true;
  }

  private hear(change: StoreChange, sender: string | undefined): void {
    this.heard = change.version;
    if (change.began.length + change.ended.length === 0) return;
    const event = eventOf(change, sender);
    this.pending = this.pending === undefined ? event : together(this.pending, event);
    if (this.pause === undefined) this.tell();
  }

  private tell(): void {
    const event = this.pending;
    this.pending = this.pause = undefined;
    if (event === undefined) return;
    this.pause = setTimeout(() => this.tell(), PAUSE_MS);
    const bytes = eventBytes("change", event.version, event);
    for (const [listener, version] of [...this.listeners]) if (event.version > version) listener.send(bytes);
  }
}

/** @param sender the only one whose batches may be named; `undefined`: all */
function eventOf({ version, began, ended, days, sources }: StoreChange, sender: string | undefined): ChangeEvent {
  const [one, ...others]: readonly BatchName[] = began.length > 0 ? began : ended;
  const named = one !== undefined && others.length === 0 && (sender === undefined || one.sender === sender);
  return {
    version,
    from: days === undefined ? null : dayText(days.first),
    to: days === undefined ? null : dayText(days.last),
    sources,
    batch_id: named ? one.id : null,
    kind: ended.length === 0 ? "ingested" : began.length === 0 ? "retracted" : "replaced",
  };
}

/** One event for two, the later one last. */
function together(a: ChangeEvent, b: ChangeEvent): ChangeEvent {
  const all = [a, b].flatMap(({ from, to }) => (from === null || to === null ? [] : [from, to])).sort();
  return {
    version: b.version,
    from: all[0] ?? null,
    to: all.at(-1) ?? null,
    sources: a.sources + b.sources,
    batch_id: null,
    kind: a.kind === b.kind ? a.kind : "replaced",
  };
}
