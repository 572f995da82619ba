/** The error of a batch that must be apart from others, and is not. */
import { StoreError } from "../base/errors.js";
import { bySurface, type Message, option, say } from "../base/message.js";
import { instantLabel } from "../time/period.js";
import { QUARTER } from "../time/slot-width.js";
import { zoneOf } from "../time/zone.js";
import type { BatchName } from "./watchers.js";

/** What is there: where, and which batch it came with. */
export interface There {
  readonly source: string;
  readonly slot: number;
  readonly batch: BatchName;
}

export class ReadingsThere extends StoreError {
  constructor(readonly there: There) {
    super("readings_there", readingsThere(there, there.batch.id));
  }
}

/**
 * @param place `undefined`: nothing that is to be told
 * @param batch the same
 */
export function readingsThere(place: Omit<There, "batch"> | undefined, batch: string | undefined): Message {
  const where =
    place === undefined
      ? "some of the readings' times and sources"
      : `source ${JSON.stringify(place.source)} at ${instantLabel(zoneOf("UTC"), place.slot * QUARTER)}`;
  const which = batch === undefined ? "another batch" : `batch ${batch}`;
  const replace = say`${option("replace", true)} takes this file instead of its former content`;
  return say`the store has readings of ${where} already, from ${which}, and which of them are later is not told apart yet: revisions come with a later version. ${bySurface({ commandLine: replace, library: replace, http: say`${option("replaces", batch ?? "ID")} takes this body instead of that batch` })}; nothing was stored`;
}
