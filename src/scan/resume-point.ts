/** How the rest of an input is read by itself. */
import type { Header } from "./tokens.js";

/** The state needed to resume reading in the middle of an input. Can be sent to a worker. */
export type ResumePoint =
  | {
      readonly format: "json";
      /** At the top level; or in an array: before its first record, before a comma, or before a record. */
      readonly state: "top" | "first" | "comma" | "value";
      /** The bytes between one record and the next, once seen. */
      readonly separator: Uint8Array | undefined;
      readonly programs: readonly Uint8Array[];
      /** Tokens of the pointer to the array; none if no enclosing object could name the source of its records. */
      readonly pointer: readonly string[];
    }
  | {
      readonly format: "csv";
      readonly header: Header;
      /** The number of the known table that it was recognised as, counted from 1; 0 where it was not. */
      readonly known: number;
      readonly programs: readonly Uint8Array[];
    };
