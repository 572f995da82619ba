/** The columns of a table whose header does not fit, and what is told of them. */
import type { OptionNamed } from "../base/message.js";

/** A column of the first rows. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** Columns, and the options that read them. */
export interface Told {
  readonly names: readonly string[];
  readonly options: readonly OptionNamed[];
  /** The time from one row to the next, as `--interval` has it, where it is always the same. */
  readonly step?: string | undefined;
}
