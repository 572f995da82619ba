/** What a scan finds out about a body. */
import type { Warning } from "../../base/warning.js";
import type { Overall } from "../../pipeline/overall.js";
import type { RegisterFindings } from "../../quality/register-findings.js";
import type { LeftOut } from "../../scan/left-out.js";
import type { KeptBatch } from "../../store/kept-rows.js";
import type { BadRecord } from "../../store/store.js";
import type { Part } from "../../tally/tally.js";
import type { RepeatedTimes } from "../../time/repeated-hours.js";

/** What to collect from a body besides its sums. */
export interface Wanted {
  /** SHA-256 of its bytes. */
  readonly hash: boolean;
  /** Signs that its readings are of the wrong kind. */
  readonly warnings: boolean;
  /** Its bad records, word for word. */
  readonly lines: boolean;
}

/** The result of a scan. The parts are views, valid until the scanner is used again. */
export interface Counted {
  readonly parts: readonly Part[];
  readonly readings: number;
  /** Whether its format delivers readings again. */
  readonly delivered: boolean;
  /** Whether any reading is export. */
  readonly hasExport: boolean;
  readonly rounded: number;
  readonly leftOut: LeftOut;
  /** Readings by their flag of quality, where their format has them. */
  readonly qualityFlags: LeftOut;
  /** The profiles that it, or members of it, were recognised by. */
  readonly readAs: readonly string[];
  readonly absolute: bigint;
  /** Readings that a store keeps themselves, if they are for one. */
  readonly kept: KeptBatch;
  readonly repeated: RepeatedTimes;
  readonly overall: Overall;
  /** What was found out about cumulative readings. */
  readonly registers: RegisterFindings;
  readonly rejected: Rejected;
  /** SHA-256 in hex of the bytes as sent, if wanted. */
  readonly sha256: string | undefined;
  readonly warnings: readonly Warning[];
  /** Numbers, from 1, of the records with the first and last timestamp with an offset, then without one, if known. */
  readonly ends: readonly (number | undefined)[];
}

/** The bad records of a body: how many for each reason, and the first few. */
export interface Rejected {
  readonly count: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly first: readonly BadRecord[];
  /** How many are stored word for word. */
  readonly stored: number;
  /** Those, as `BatchRejects` compresses them. */
  readonly lines: readonly Uint8Array[];
}
