import { type Message, textOf } from "../base/message.js";
import type { Repeats } from "../time/repeated-hours.js";

/** How a repeated wall time is told: by the order of the rows, as the first or last of the two, or not at all, and it is bad. */
export type RepeatedHour = "order" | "first" | "last" | "fail";

/** What a scan is told: everything about how to read records, nothing about zones but tables. Can be sent to a worker. */
export interface ScanPlan {
  readonly timestampField: string;
  readonly valueField: string;
  /** In the order in which they win. */
  readonly sourceFields: readonly string[];
  /** Tokens of the JSON pointer to the array of records; `undefined`: found. */
  readonly records: readonly string[] | undefined;
  /** Power of ten that makes 10⁻¹⁸ kWh of a value's unit: 15, 18 or 21. */
  readonly unitPower: number;
  readonly decimalComma: boolean;
  readonly stampsEnd: boolean;
  /** Keep cells by source; else all in one, and sources only counted. */
  readonly bySource: boolean;
  /** Slots of instants: `width` seconds from `from` on (epoch seconds), one second before. */
  readonly instants: { readonly width: number; readonly from: number };
  /**
   * Slots of wall times: the same in wall seconds, and one second in `gaps` too (flat pairs, ascending: what a clock
   * change skips). Those that a change repeats become instants before they are counted in slots.
   */
  readonly walls: {
    readonly width: number;
    readonly from: number;
    readonly gaps: Float64Array;
    readonly repeats: Repeats;
  };
  readonly repeatedHour: RepeatedHour;
  /** Only looks for the record with this (epoch or wall) second, record by record. */
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
  /** Its number in what was scanned, from 0. */
  readonly record: number;
  /** Lines before it in what was scanned. */
  readonly line: number;
  /** Its first byte, counted from the input's (unpacked) first. */
  readonly offset: number;
  readonly bytes: number;
  /** Its bytes, at most `KEPT_BYTES` of them. */
  readonly text: Uint8Array;
  readonly code: string;
  /** The name of the field that is missing or wrong, where it is one. */
  readonly field: string | undefined;
  /** Field, excerpt and reason, as people read it. */
  readonly message: Message;
}

/** A record of more bytes than this is bad. */
export const MAX_RECORD = 16 * 1024 * 1024;
/** Of a record that is longer than is taken, this much is kept. */
export const KEPT_BYTES = 64 * 1024;

/** The input cannot be read on: what was counted of it must not be used. */
export class ScanFailure extends Error {
  constructor(
    /** Byte from the input's first at which it went wrong. */
    readonly offset: number,
    /** Lines before that byte in what was scanned. */
    readonly line: number,
    readonly code: string,
    readonly said: Message,
    /** Whether lines are counted from the input's first, wherever the scan has gone on since. */
    readonly fromFirst = false,
  ) {
    super(textOf(said, "library"));
  }
}
