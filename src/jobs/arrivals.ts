/**
 * The inputs of a load, one after another, each with what the store knows about it. Many are hashed, and looked up in the
 * store, at a time.
 */

import { yieldToEventLoop } from "../base/event-loop.js";
import { hashFile } from "../input/hash.js";
import type { Input } from "../input/input.js";
import type { Store } from "../store/store.js";
import { fileOf } from "./additions.js";
import type { ShasOf } from "./batch-key.js";
import { contentsOf, type Known, knownOf } from "./known.js";
import type { WriteQueue } from "./write-queue.js";

/** The most inputs that are looked up together, and the most bytes: they are then still in the system's cache. */
const GROUP = 500;
const GROUP_BYTES = 16 * 1024 * 1024;
/** Files that are hashed before yielding to the event loop: reading an empty one never waits. */
const FILES_A_TURN = 16;

/** An input that is being loaded, or will be. */
export interface Arrival {
  /** Its number among the inputs. */
  readonly n: number;
  readonly input: Input;
  /** Hash of its content and of what changes its meaning; a stream's is known once it has been read. */
  sha: string | undefined;
  /** The same without options that only matter for inputs with a meaning of their own, if there are any. */
  plainSha: string | undefined;
  /** Why there is no hash. */
  failure: unknown;
  known: Known | undefined;
}

export class Arrivals {
  /** The rest of the group, after the current one. */
  private coming: Arrival[] = [];

  constructor(
    private readonly inputs: readonly Input[],
    private readonly store: Store,
    private readonly queue: WriteQueue,
    private readonly shasOf: ShasOf,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** All inputs in order. @throws StoreError, the signal's reason */
  async *all(): AsyncGenerator<Arrival, void> {
    for (let from = 0; from < this.inputs.length; ) {
      this.coming = await this.group(from);
      from += this.coming.length;
      for (let one = this.coming.shift(); one !== undefined; one = this.coming.shift()) yield one;
    }
  }

  /**
   * What the store knows about an input whose content is known, after all pending changes that affect it.
   * @throws StoreError
   */
  async known(one: Arrival): Promise<Known> {
    if (one.known === undefined) await this.ask([one]);
    const isOld = ({ known }: Arrival) => known !== undefined && this.queue.changes(contentsOf(known));
    if (isOld(one)) {
      await this.queue.done();
      const old = [one, ...this.coming].filter(isOld);
      this.queue.asked();
      await this.ask(old);
    }
    return one.known as Known;
  }

  private async group(from: number): Promise<Arrival[]> {
    const group: Arrival[] = [];
    for (let n = from, bytes = 0; n < this.inputs.length && n < from + GROUP; n++) {
      if (n % FILES_A_TURN === 0) await yieldToEventLoop(this.signal);
      const input = this.inputs[n];
      bytes += input.size ?? 0;
      if (n > from && bytes > GROUP_BYTES) break;
      const one: Arrival = { n, input, sha: undefined, plainSha: undefined, failure: undefined, known: undefined };
      group.push(one);
      if (input.kind === "stream") continue;
      try {
        // Hashing is faster than scanning, and usually there is nothing new.
        Object.assign(one, this.shasOf(await hashFile(input, this.signal)));
      } catch (error) {
        this.signal?.throwIfAborted();
        one.failure = error;
      }
    }
    this.queue.asked();
    await this.ask(group);
    return group;
  }

  /** Looks up those whose content is known in the store. */
  private async ask(arrivals: readonly Arrival[]): Promise<void> {
    const asked = arrivals.flatMap((one) =>
      one.sha === undefined ? [] : { one, sha: one.sha, plainSha: one.plainSha, file: fileOf(one.input) },
    );
    const known = await knownOf(this.store, asked);
    asked.forEach(({ one }, i) => {
      one.known = known[i];
    });
  }
}
