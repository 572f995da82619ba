/** What `electro load` adds to a store, input by input. */

import type { Input } from "../input/input.js";
import type { Contributed } from "../pipeline/contribute.js";
import type { Batch, Notes } from "../store/store.js";
import { energyText } from "../tally/energy.js";
import type { Choice } from "./decide.js";
import type { LoadedInput } from "./results.js";

/** An input that is to become a batch. */
export interface Addition {
  readonly choice: Extract<Choice, { kind: "add" }>;
  readonly contributed: Contributed;
  readonly rejected: number;
  readonly notes: Notes;
  readonly rejects: readonly Uint8Array[];
}

/** For an input from which nothing came in. */
export const NOTHING = { readings: 0, kWh: "0", rejected: 0, rounded: 0 };

export function addedResult(
  { name }: Input,
  batch: Batch,
  contributed: Contributed,
  { rejected, notes }: Pick<Addition, "rejected" | "notes">,
): LoadedInput {
  const outcome = batch.replaces === undefined ? "added" : "replaced";
  const { readings, rounded } = contributed;
  return {
    name,
    outcome,
    batch: batch.id,
    readings,
    kWh: energyText(contributed.energy),
    rejected,
    rounded,
    ...notedOf(notes),
  };
}

/** Of an input without a reading. */
export function emptyResult({ name }: Input, rejected: number, notes: Notes): LoadedInput {
  return { ...NOTHING, name, outcome: "empty", batch: null, rejected, ...notedOf(notes) };
}

/** The members of a result that most inputs do not have. */
function notedOf({ leftOut, readAs: [profile] }: Notes): Pick<LoadedInput, "leftOut" | "profile"> {
  return {
    ...(Object.keys(leftOut).length === 0 ? {} : { leftOut }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** An input's name in the ledger: an absolute path or an address, which is the same wherever the command is run. */
export function fileOf(input: Input): string | undefined {
  if (input.kind === "file") return input.member === undefined ? input.path : `${input.path}:${input.member.name}`;
  return "stdin" in input.from ? undefined : input.name;
}
