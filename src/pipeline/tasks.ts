/**
 * How the reading of many inputs, or of a large one, is shared out: as tasks, of which any thread may take some at a time.
 * What all threads need for that, and the numbers that come of it, lie in memory that they share.
 */

import { deserialize, serialize } from "node:v8";
import type { Message } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { FileInput } from "../input/input.js";
import type { ResumePoint } from "../scan/context.js";
import type { BadRecord } from "../scan/plan.js";
import type { Runs } from "../scan/row-columns.js";
import type { ScanResult } from "../scan/scanner.js";

/** Bytes of a part of a large file. */
export const PART_BYTES = 16 * 1024 * 1024;

/** So many bytes, or so many tasks, are taken at a time: some milliseconds' work. */
const LOT_BYTES = 1024 * 1024;
const LOT_TASKS = 256;

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
  readonly resumePoint: ResumePoint;
}

/** What came of a task, in numbers. */
export interface TaskNumbers extends ScanResult {
  /** Byte at which the first record was found to begin. */
  readonly start: number;
  /** Whether it ended where its array does, rather than at its limit or the file's end. */
  readonly arrayEnded: boolean;
}

/** What else came of a task: of most tasks nothing. */
export interface TaskNotes {
  readonly task: number;
  readonly bad: readonly BadRecord[];
  readonly warnings: readonly Warning[];
  /** Of a part: what is known of the order of its rows, where that matters. */
  readonly order: Runs | undefined;
  /** Why it could not be read on. `line` and `byte` count from the part's first. */
  readonly failure: Failure | undefined;
}

const NO_NOTES: Omit<TaskNotes, "task"> = { bad: [], warnings: [], order: undefined, failure: undefined };

export type TaskResult = TaskNumbers & Omit<TaskNotes, "task">;

export interface Failure {
  readonly code: string;
  readonly message: Message;
  /** Where the text is broken; `undefined` where reading itself failed. */
  readonly at?: { readonly line: number; readonly offset: number; readonly fromFirst?: boolean };
  /** What it came from, where one thread does all: it may be something that no thread can be sent. */
  readonly cause?: unknown;
  /** It is not about the input: the whole run ends with it. */
  readonly ofRun?: boolean;
}

/** How many tasks there will be, at least. */
export function leastTasks(inputs: readonly FileInput[]): number {
  return inputs.length + Math.floor(inputs.reduce((sum, input) => sum + input.size, 0) / PART_BYTES);
}

/** The parts of a file from `from` on: the first begins exactly there, at the resume point, the others somewhere near their start. */
export function partsOf(index: number, input: FileInput, from: number, resumePoint: ResumePoint): Task[] {
  const middle: ResumePoint =
    resumePoint.format === "json" && resumePoint.state !== "top" ? { ...resumePoint, state: "value" } : resumePoint;
  const tasks: Task[] = [];
  for (let at = from; at < input.size; at += PART_BYTES) {
    const first = at === from;
    tasks.push({
      index,
      input,
      part: { from: at, guess: !first, to: at + PART_BYTES, resumePoint: first ? resumePoint : middle },
    });
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

/** Tasks that are taken together, in a form that any thread can read without a copy of all others. */
export type Lot = SharedArrayBuffer;

/** Shares tasks out into lots, in the order in which they are added. */
export class Lots {
  readonly all: Lot[] = [];
  /** Tasks that were added: the number of the next one. */
  count = 0;
  private open: Task[] = [];
  private bytes = 0;

  add(task: Task): void {
    const { input, part } = task;
    const bytes = part === undefined ? input.size : Math.min(part.to, input.size) - part.from;
    if (this.open.length === LOT_TASKS || (this.open.length > 0 && this.bytes + bytes > LOT_BYTES)) this.close();
    this.open.push(task);
    this.bytes += bytes;
    this.count++;
  }

  /** To be called after the last task. */
  close(): void {
    if (this.open.length === 0) return;
    const bytes = serialize({ first: this.count - this.open.length, tasks: this.open });
    const lot = new SharedArrayBuffer(bytes.length);
    new Uint8Array(lot).set(bytes);
    this.all.push(lot);
    this.open = [];
    this.bytes = 0;
  }
}

/** The tasks of a lot, and the number of the first. */
export function tasksOf(lot: Lot): { first: number; tasks: Task[] } {
  return deserialize(Buffer.from(new Uint8Array(lot)));
}

/** Numbers of a task. */
const EACH = 7;

/** The numbers that came of each task, for all threads to write and to be read when they are done. */
export class Outcomes {
  private readonly numbers: Float64Array;

  constructor(readonly memory: SharedArrayBuffer) {
    this.numbers = new Float64Array(memory);
  }

  static for(tasks: number): Outcomes {
    return new Outcomes(new SharedArrayBuffer(tasks * EACH * 8));
  }

  set(task: number, { records, readings, slow, lines, end, start, arrayEnded }: TaskNumbers): void {
    const { numbers } = this;
    const at = task * EACH;
    numbers[at] = records;
    numbers[at + 1] = readings;
    numbers[at + 2] = slow;
    numbers[at + 3] = lines;
    numbers[at + 4] = end;
    numbers[at + 5] = start;
    numbers[at + 6] = arrayEnded ? 1 : 0;
  }

  /** @param notes what else came of it */
  of(task: number, { bad, warnings, order, failure }: Omit<TaskNotes, "task"> = NO_NOTES): TaskResult {
    const { numbers } = this;
    const at = task * EACH;
    return {
      records: numbers[at],
      readings: numbers[at + 1],
      slow: numbers[at + 2],
      lines: numbers[at + 3],
      end: numbers[at + 4],
      start: numbers[at + 5],
      arrayEnded: numbers[at + 6] === 1,
      bad,
      warnings,
      order,
      failure,
    };
  }
}
