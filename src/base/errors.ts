import { type Message, textOf } from "./message.js";

/**
 * What a user can cause. Two kinds, told apart by the exit status they lead to; `code` is stable and
 * machine-readable; `said` is for people and says what happened, where, and what to do; `message` is that in the words
 * of the library.
 * Anything else that is thrown is a defect of Electro.
 */
export class ElectroError extends Error {
  /** @param option that is wrong, by its name in code, where one is */
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

/** A store refuses, or cannot go on. Exit status 1. */
export class StoreError extends RunError {}
