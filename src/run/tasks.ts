/** How the reading of many inputs, or of a large one, is shared out: as tasks that any thread may take. */

import type { Warning } from "../domain/suspicion.js";
import type { FileInput } from "../input/input.js";
import type { Shape } from "../scan/context.js";
import type { BadRecord } from "../scan/plan.js";
import type { Runs } from "../scan/row-columns.js";
import type { Scanned } from "../scan/scanner.js";

/** Bytes of a part of a large file. */
export const PART_BYTES = 16 * 1024 * 1024;

export interface Task {
  /** Which of the run's inputs. */
  readonly index: number;
  readonly input: FileInput;
  /** A part of a file that is read in parts; `undefined`: all of it. */
  readonly part: PartOfFile | undefined;
}

export interface PartOfFile {
  /** Byte of the file at which the part's first record begins, or, where it is only guessed, at which to begin looking. */
  readonly from: number;
  readonly guess: boolean;
  /** No record that begins here or later is the part's. */
  readonly to: number;
  readonly shape: Shape;
}

/** What came of a task. */
export interface TaskResult extends Scanned {
  readonly task: number;
  /** Byte at which the first record was found to begin. */
  readonly start: number;
  /** Whether it ended where its array does, rather than at its limit or the file's end. */
  readonly arrayEnded: boolean;
  readonly bad: readonly BadRecord[];
  readonly warnings: readonly Warning[];
  /** Of a part: what is known of the order of its rows, where that matters. */
  readonly order: Runs | undefined;
  /** Why it could not be read on. `line` and `byte` count from the part's first. */
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Where the text is broken; `undefined` where reading itself failed. */
  readonly at?: { readonly line: number; readonly offset: number; readonly fromFirst?: boolean };
  /** It is not about the input: the whole run ends with it. */
  readonly ofRun?: boolean;
}

/** The parts of a file from `from` on: the first begins exactly there, in the given shape, the others somewhere near their start. */
export function partsOf(index: number, input: FileInput, from: number, shape: Shape): Task[] {
  const middle: Shape = shape.format === "json" && shape.state !== "top" ? { ...shape, state: "value" } : shape;
  const tasks: Task[] = [];
  for (let at = from; at < input.size; at += PART_BYTES) {
    const first = at === from;
    tasks.push({ index, input, part: { from: at, guess: !first, to: at + PART_BYTES, shape: first ? shape : middle } });
  }
  return tasks;
}

/**
 * Whether parts fit together: each must end where the next begins, and none but the last may see the end of its array.
 * @param results of one file, in the order of its parts
 */
export function fitTogether(results: readonly TaskResult[]): boolean {
  return results.every((result, i) => {
    const next = results[i + 1];
    return next === undefined || (result.failure === undefined && !result.arrayEnded && result.end === next.start);
  });
}
