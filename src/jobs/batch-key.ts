/**
 * What a batch's key stands for. Options that say what holds by default, but in the place of what a recognised profile, or NEM12, has by itself: they
 * change what such an input means, and no other one. So they are part of the key only where they do.
 */
import { shaOfBatch } from "../pipeline/contribute.js";
import type { IngestionPlan } from "../pipeline/plan.js";
import type { Scan } from "../pipeline/totals.js";
import type { ScanPlan } from "../scan/plan.js";
import type { Notes } from "../store/store.js";
import { zoneOf } from "../time/zone.js";
import type { OptionEntry } from "./option.js";
import type { ReadOptions } from "./options.js";
import { readAsOf } from "./read-as.js";
import { READ } from "./read-options.js";

export interface Shas {
  /** Hash of the content, and of what changes its meaning. */
  readonly sha: string;
  /** The same without options that only matter for inputs with a meaning of their own, if there are any. */
  readonly plainSha: string | undefined;
}

/** From the SHA-256 of an input's bytes to what its key stands for. */
export type ShasOf = (body: string) => Shas;

/** @param given the options of the user, without those of a profile */
export function shasOf(plan: IngestionPlan, given: ReadOptions): ShasOf {
  const { exportMark } = plan.scan;
  const replacing = [...replacingOf(given), ...(exportMark === undefined ? [] : [exportMark])];
  return (body) => {
    const plain = shaOfBatch(body, plan, []);
    return replacing.length > 0
      ? { sha: shaOfBatch(body, plan, [], replacing), plainSha: plain }
      : { sha: plain, plainSha: undefined };
  };
}

/** Fixes what an input's key stands for, once it has been read. @returns whether that has changed */
export function settleKey(
  arrival: { -readonly [Name in keyof Shas]: Shas[Name] | undefined } & { known: unknown },
  shasOf: ShasOf,
  { inputs, flags: qualityFlags }: Scan,
  plan: ScanPlan,
): boolean {
  const { sha: before } = arrival;
  const { sha, plainSha = sha } =
    before === undefined ? shasOf(inputs[0].sha256 as string) : { ...arrival, sha: before };
  const readAs = readAsOf(inputs, plan).map(({ profile }) => profile);
  const own = plan.exportMark !== undefined || hasOwnMeaning({ readAs, qualityFlags });
  arrival.sha = own ? sha : plainSha;
  arrival.plainSha = undefined;
  if (arrival.sha === before) return false;
  arrival.known = undefined;
  return true;
}

/** What holds by default of options whose entries have no fixed value. */
const DEFAULTS: Readonly<Record<string, (value: string) => boolean>> = {
  inputTimezone: (zone) => zoneOf(zone).name === "UTC",
  encoding: (name) => /^utf-?8$/i.test(name),
  unit: (unit) => unit === "kWh",
  profile: (name) => name === "none",
};

/** Their names. @param given the options of the user, without those of a profile */
export function replacingOf(given: ReadOptions): string[] {
  return Object.entries<OptionEntry>(READ).flatMap(([name, entry]) => {
    const value = given[name as keyof ReadOptions];
    return value !== undefined && isDefault(name, entry, value) ? [name] : [];
  });
}

function isDefault(name: string, { kind, default: usual }: OptionEntry, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (kind === "flag") return value === false;
  return DEFAULTS[name]?.(String(value)) ?? value === usual;
}

/** Whether what was read had a meaning of its own: it was recognised as a profile, or had NEM12's flags of quality. */
export function hasOwnMeaning({ readAs, qualityFlags }: Pick<Notes, "readAs" | "qualityFlags">): boolean {
  return readAs.length > 0 || Object.keys(qualityFlags).length > 0;
}
