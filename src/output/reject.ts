/** Bad records as reported to people and to callers. */
import { RunError } from "../base/errors.js";
import type { Message } from "../base/message.js";

export interface Reject {
  /** The input's name in messages. */
  readonly input: string;
  /** The record's number in the input, counted from 1. */
  readonly record: number;
  /** The line it begins on, counted from 1. */
  readonly line: number;
  /** Offset of its first byte in the decompressed input. */
  readonly byte?: number | undefined;
  /** The reason's code. */
  readonly reason: string;
  /** The name of the missing or wrong field, if there is one. */
  readonly field?: string | undefined;
  /** The reason, for people. */
  readonly message: string;
  /** The record as received; if it is too long, at least its first 64 KiB. */
  readonly bytes: Uint8Array;
  /** The size of the whole record in bytes. Default: that of `bytes`. */
  readonly size?: number | undefined;
}

/** The run failed because of bad records. */
export class BadRecordsError extends RunError {
  constructor(
    said: Message,
    /** The first ones, at most 20. */
    readonly rejected: readonly Reject[],
  ) {
    super("bad_records", said);
  }
}
