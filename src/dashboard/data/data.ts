/** What the page asks for, from a service or from data that lies in the page itself. */
import type { ProfileDocument } from "../../profile/document.js";
import type { About } from "../../profile/extract.js";
import type { Days, Span } from "../days.js";

export type { About, ProfileDocument };

/** How export counts where sums would mix it with consumption. */
export type ExportRule = "subtract" | "add" | "skip";

export interface Question extends Partial<Days> {
  readonly timezone: string;
  /** None: all. */
  readonly sources: readonly string[];
  /** `undefined`: nobody said. A source by itself needs none, and stays positive. */
  readonly export?: ExportRule | undefined;
}

/** A row of a summary. */
export interface Row {
  readonly label: string;
  /** Empty for sums over all sources, and for the unnamed source. */
  readonly source: string;
  /** Exact decimal text. */
  readonly kWh: string;
  /** Readings that begin in it. */
  readonly readings: number;
  /** Whether a reading begins in it or covers a part of it; if not, nothing came. */
  readonly covered: boolean;
}

export type Resolution = "15min" | "hour" | Span;

export interface SourceEntry {
  readonly source_id: string;
  readonly first: string;
  readonly last: string;
  readonly readings: number;
  readonly total_kWh: string;
}

export interface SourcePage {
  readonly sources: readonly SourceEntry[];
  readonly next: string | null;
}

export interface SourceQuality {
  readonly source_id: string;
  readonly coverage: number | null;
  readonly gap_count: number | null;
  readonly extra_readings: number | null;
  readonly negative_quarter_hours: number;
  readonly interval_minutes: number | null;
}

export interface Batch {
  readonly batch_id: string;
  readonly state: "counts" | "retracted" | "replaced";
  readonly received: string;
  readonly ended: string | null;
  readonly readings: number;
  readonly rejected: number;
  readonly sources: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly total_kWh: string;
  readonly warnings: readonly Warning[];
  readonly sender: string | null;
  readonly file: string | null;
  readonly idempotency_key: string | null;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What was wrong with a record. */
export interface BadRecord {
  readonly record: number;
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface Receipt extends Batch {
  readonly rejects: readonly BadRecord[];
  readonly rejected_by_reason: Readonly<Record<string, number>>;
}

/** Answers about readings. All of them reject with a `Refusal` that says what to do. */
export interface Data {
  readonly profile: (question: Question, bars: Span, signal?: AbortSignal) => Promise<ProfileDocument>;
  readonly rows: (
    question: Question & { bySource?: boolean },
    resolution: Resolution,
    signal?: AbortSignal,
  ) => Promise<readonly Row[]>;
  readonly csv: (question: Question & { bySource?: boolean }, resolution: Resolution) => Promise<Blob>;
  readonly sources: (
    question: Question & { prefix: string; cursor?: string | undefined },
    signal?: AbortSignal,
  ) => Promise<SourcePage>;
  readonly quality: (question: Question, signal?: AbortSignal) => Promise<readonly SourceQuality[]>;
  /** What a report or a file that is looked at says of itself; `undefined`: it is a service. */
  readonly about: About | undefined;
}

/** Why a question was not answered, in words for people. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** Bad records, where a body was refused for them. */
    readonly rejects: readonly BadRecord[] = [],
  ) {
    super(message);
  }
}
