/**
 * What a user can cause. Two kinds, told apart by the exit status they lead to; `code` is stable and
 * machine-readable, `message` is for people and says what happened, where, and what to do.
 * Anything else that is thrown is a defect of Electro.
 */
export class ElectroError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Wrong usage: an option, a zone, a contradiction. Exit status 2. */
export class UsageError extends ElectroError {}

/** The input or the disk failed. Exit status 1. */
export class RunError extends ElectroError {}

/** A store refuses, or cannot go on. Exit status 1. */
export class StoreError extends RunError {}
