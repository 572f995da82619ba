/** Bad records as people and callers are told of them. */
import { RunError } from "../base/errors.js";
import type { Message } from "../base/message.js";

export interface Reject {
  /** The input's name, as messages show it. */
  readonly input: string;
  /** Which record of the input, counted from 1. */
  readonly record: number;
  /** The line it begins on, counted from 1. */
  readonly line: number;
  /** Where it begins, in bytes from the start of the unpacked input. */
  readonly byte?: number | undefined;
  /** The reason's code. */
  readonly reason: string;
  /** The name of the field that is missing or wrong, where it is one. */
  readonly field?: string | undefined;
  /** The reason, for people. */
  readonly message: string;
  /** The record as it came; of one that is too long to be kept, at least its first 64 KiB. */
  readonly bytes: Uint8Array;
  /** How many bytes the whole record has. Default: those given. */
  readonly size?: number | undefined;
}

/** Bad records fail the run. */
export class BadRecordsError extends RunError {
  constructor(
    said: Message,
    /** The first ones, 20 at most. */
    readonly rejected: readonly Reject[],
  ) {
    super("bad_records", said);
  }
}
