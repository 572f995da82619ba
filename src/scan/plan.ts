import { type Message, textOf } from "../base/message.js";
import type { Way, WayPart } from "../tally/way.js";
import type { Length } from "../time/interval.js";
import type { Repeats } from "../time/repeated-hours.js";
import type { Zone } from "../time/zone.js";
import type { Reason } from "./reasons.js";

/** How a repeated wall time is resolved: by the order of rows, as the first or the last of the two, or not: it is bad. */
export type RepeatedHour = "order" | "first" | "last" | "fail";

/** How readings cover time. */
export interface IntervalPlan {
  /** Of each; or what a field of the record says; or a record is a day, which its values divide into equal parts. */
  readonly length: Length | "duration" | "end" | "columns";
  /** Seconds of a bare number that is a length. */
  readonly durationUnit: number;
  /** Whether an end names the last unit of the interval. */
  readonly inclusive: boolean;
  /** Whether values are average powers in kW. */
  readonly power: boolean;
  /** Of timestamps without an offset, and of days and months. */
  readonly inputZone: Zone;
}

/** What is kept of readings until all inputs are known, since what counts depends on all of them. */
export interface KeepPlan {
  readonly way: Way;
  /** What of it was said; the rest is as it is where nothing is, and may be otherwise where a store knows better. */
  readonly said: readonly WayPart[];
  /** Whether records are exchanges of meters. */
  readonly isExchange: boolean;
  /** Whether the timestamp of a moment marks the end of a slot. */
  readonly stampsEnd: boolean;
  /** Of timestamps without an offset. */
  readonly inputZone: Zone;
}

/** What becomes of export where a file tells it from consumption: it is kept apart, or a choice was made; `ask`: one is needed. */
export type ExportRule = "apart" | "subtract" | "add" | "skip" | "ask";

/** What is export, in a table that tells it: the values of some columns (names or patterns), or records with one of some texts in a field. */
export type ExportMark =
  | { readonly columns: readonly string[] }
  | { readonly field: string; readonly values: readonly string[] };

/** The rows that readings are summed to. */
export interface RowsPlan {
  readonly zone: Zone;
  /** The first instant of the period that was asked for, in epoch seconds, if it was. */
  readonly from: number | undefined;
}

/** A table that is recognised by its header, and how it is read then. */
export interface KnownTable {
  readonly name: string;
  /** The names of all columns, for each form that the header may have. */
  readonly headers: readonly (readonly string[])[];
  /** As if the run had the same zones. */
  readonly plan: ScanPlan;
  /** The zone of its timestamps without an offset, if the user did not say it. */
  readonly zone: string | undefined;
  /** Why it cannot be read without an option that is missing. */
  readonly lacks: Message | undefined;
  /** Which option takes the place of what it says about what a reading covers. */
  readonly replaced?: Message | undefined;
}

/** How to read records. Of zones it has only tables. Can be sent to a worker. */
export interface ScanPlan {
  readonly timestampField: string;
  /** The field of the time, if that of the timestamp only has the date. */
  readonly timeField: string | undefined;
  /** How timestamps are written, as `time/timestamp-format.ts` compiles it; `undefined`: ISO 8601. */
  readonly timestampFormat: string | undefined;
  /** The fields of the values: one name; or several, or a pattern, and then each field is a source. */
  readonly valueFields: readonly string[];
  readonly several: boolean;
  /** Texts in the place of a value that mean that there is no reading. */
  readonly missing: readonly string[];
  /** In order of precedence, or the parts of the id. */
  readonly sourceFields: readonly string[];
  /** Whether the source fields are the parts of the id, joined by `/`. */
  readonly sourceJoined: boolean;
  /** The field that has each record's unit. */
  readonly unitField: string | undefined;
  /** Only records that have one of these values in each of these fields count. */
  readonly only: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** The mark between groups of digits. */
  readonly thousands: string | undefined;
  /** The encoding of text that has no byte-order mark; `undefined`: UTF-8. */
  readonly encoding: string | undefined;
  /** Whether rows may lack cells at their end, of columns that are not needed. */
  readonly shortRows: boolean;
  /** Whether tables have a header row. */
  readonly header: boolean;
  /** Tokens of the JSON pointer to the array of records; `undefined`: look for it. */
  readonly records: readonly string[] | undefined;
  /** Power of ten that converts a value to 10⁻¹⁸ kWh: 15, 18 or 21. */
  readonly unitPower: number;
  readonly decimalComma: boolean;
  readonly stampsEnd: boolean;
  /** Count cells by source. Otherwise all sources share cells, and sources are only counted. */
  readonly bySource: boolean;
  /** Whether the user named the field of the source. */
  readonly sourceAsked: boolean;
  /** Width of the slots of instants: `width` seconds from `from` (epoch seconds) on, one second before. */
  readonly instants: { readonly width: number; readonly from: number };
  /**
   * Width of the slots of wall times: the same in wall seconds, and one second in `gaps` too (times that a clock change
   * skips; flat pairs, ascending). Times that a change repeats become instants before they are counted in slots.
   */
  readonly walls: {
    readonly width: number;
    readonly from: number;
    readonly gaps: Float64Array;
    readonly repeats: Repeats;
  };
  readonly repeatedHour: RepeatedHour;
  /** The fields of an interval's end, or of its date and its time, and of its length. */
  readonly endFields: readonly string[];
  readonly durationField: string | undefined;
  /** Whether rows of totals are left out: readings are then kept until all inputs are known. */
  readonly skipTotals: boolean;
  /** How inputs are read that have exchanges of meters, if there are any. */
  readonly exchanges: ScanPlan | undefined;
  /** `undefined`: readings count one by one. */
  readonly keep: KeepPlan | undefined;
  /** `undefined`: a reading belongs to the moment of its timestamp. */
  readonly interval: IntervalPlan | undefined;
  readonly rows: RowsPlan;
  /** Of the days of meters' own formats. */
  readonly nemZone: Zone;
  readonly exports: ExportRule;
  /** `undefined`: nothing in a table is export. */
  readonly exportMark: ExportMark | undefined;
  /** Tables that are recognised by their headers, where these do not have the fields above. */
  readonly known: readonly KnownTable[];
  /** The zone of timestamps without an offset, where it is not that of the run: they become instants as they are read. */
  readonly ownZone: Zone | undefined;
  /** If set, the scan looks for the record at this second, without learning layouts. */
  readonly lookFor?: Sought;
}

export interface Sought {
  /** Epoch seconds of a timestamp with an offset. */
  readonly instant: number;
  /** Wall seconds of one without. */
  readonly wall: number;
}

/** A record that is not counted. */
export interface BadRecord {
  /** Its number in what was scanned, counted from 0. */
  readonly record: number;
  /** Lines before it in what was scanned. */
  readonly line: number;
  /** Offset of its first byte in the decompressed input. */
  readonly offset: number;
  readonly bytes: number;
  /** Its bytes, at most `EXCERPT_BYTES` of them. */
  readonly text: Uint8Array;
  readonly code: Reason;
  /** The name of the missing or wrong field, if there is one. */
  readonly field: string | undefined;
  /** Field, excerpt and reason. */
  readonly message: Message;
}

/** Bad records: the first ones, and how many more there are for each reason. */
export interface BadRecords {
  readonly told: BadRecord[];
  readonly more: Partial<Record<Reason, number>>;
}

/** Bytes. A longer record is bad. */
export const MAX_RECORD = 16 * 1024 * 1024;
/** Bytes of a record longer than `MAX_RECORD` that are reported. */
export const EXCERPT_BYTES = 64 * 1024;

/** The rest of the input cannot be read. What was counted of it must not be used. */
export class ScanFailure extends Error {
  constructor(
    /** Offset in the input of the error. */
    readonly offset: number,
    /** Lines before that byte in what was scanned. */
    readonly line: number,
    readonly code: string,
    readonly said: Message,
    /** Whether `line` is counted from the start of the input. */
    readonly fromFirst = false,
  ) {
    super(textOf(said, "library"));
  }
}
