/** The error of a batch that must be apart from others, and is not. */
import { StoreError } from "../base/errors.js";
import { bySurface, type Message, option, say } from "../base/message.js";
import { instantLabel } from "../time/period.js";
import { QUARTER } from "../time/slot-width.js";
import { zoneOf } from "../time/zone.js";
import type { Batch } from "./store.js";

/** A batch that counts, by what a message may tell of it. */
export type BatchThere = Pick<Batch, "id" | "sender" | "file">;

/** What is there: where, and which batch it came with. */
export interface There {
  readonly source: string;
  readonly slot: number;
  readonly batch: BatchThere;
  /** Whether that batch has all of the refused readings, each quarter hour with the same energy. */
  readonly same: boolean;
}

export class ReadingsThere extends StoreError {
  constructor(readonly there: There) {
    super("readings_there", readingsThere(there, there.batch));
  }
}

/**
 * @param there `undefined`: nothing that is to be told
 * @param batch the same
 * @param mayReplace whether the sender of the refused readings may replace that batch
 */
export function readingsThere(
  there: There | undefined,
  batch: BatchThere | undefined,
  mayReplace = batch !== undefined,
): Message {
  const which = batch === undefined ? "another batch" : `batch ${batch.id}`;
  if (there?.same)
    return `the store has all of these readings already, from ${which}, with the same energy in each quarter hour, so there is nothing to add; nothing was stored`;
  const where =
    there === undefined
      ? "some of the readings' times and sources"
      : `source ${JSON.stringify(there.source)} at ${instantLabel(zoneOf("UTC"), there.slot * QUARTER)}`;
  const advice =
    batch !== undefined && mayReplace
      ? howToReplace(batch)
      : "only who sent that batch, or a token with the scope admin, can replace or retract it";
  return say`the store has readings of ${where} already, from ${which}, and which of them are later is not told apart yet: revisions come with a later version. ${advice}; nothing was stored`;
}

/** Both ways replace all of the batch. */
function howToReplace({ id, file }: BatchThere): Message {
  const query = `POST /v1/readings?replaces=${id}`;
  const send = bySurface({
    commandLine: `serve the store (electro serve) and send this file to it: ${query}`,
    library: `send it to a service of the store: ${query}`,
  });
  const load =
    file === undefined || /^https?:/.test(file)
      ? say`To replace that batch, ${send}`
      : say`To replace that batch, put all that is to count instead of it into ${file}, which it came from, and load that with ${option("replace", true)}; or ${send}`;
  const over = say`${option("replaces", id)} takes this body instead of all of that batch`;
  return say`${bySurface({ commandLine: load, library: load, http: over })}`;
}
