import { type Message, textOf } from "./message.js";
import type { WarningText } from "./warning.js";

/**
 * An error that a user can cause. Its two kinds lead to different exit statuses. `code` is stable and machine-readable.
 * `said` is for people: what happened, where, and what to do. `message` is the same in the words of the library.
 * Anything else that is thrown is a defect of Electro.
 */
export class ElectroError extends Error {
  /** @param options `option`: the name in code of the wrong option, if there is one */
  constructor(
    readonly code: string,
    readonly said: Message,
    options?: { cause?: unknown; option?: string },
  ) {
    super(textOf(said, "library"), options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.option = options?.option;
  }

  readonly option: string | undefined;
}

/** Wrong usage: an option, a zone, a contradiction. Exit status 2. */
export class UsageError extends ElectroError {}

/** The input or the disk failed. Exit status 1. */
export class RunError extends ElectroError {}

/** A store refused something, or failed. Exit status 1. */
export class StoreError extends RunError {}

/** Warnings fail the run, since it is strict. */
export class StrictError extends RunError {
  constructor(
    said: Message,
    readonly warnings: readonly WarningText[],
  ) {
    super("strict", said);
  }
}
