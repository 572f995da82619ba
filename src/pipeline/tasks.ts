/**
 * How the reading of many inputs, or of a large one, is distributed: as tasks, of which any thread takes some at a time.
 * What the threads need for that, and the resulting numbers, are in memory that they share.
 */

import { deserialize, serialize } from "node:v8";
import type { Message } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { FileInput } from "../input/input.js";
import { DELIVERED } from "../scan/deliveries.js";
import type { ScanResult } from "../scan/input-scan.js";
import type { BadRecords } from "../scan/plan.js";
import type { ResumePoint } from "../scan/resume-point.js";
import type { Runs } from "../scan/row-columns.js";

/** Bytes of a part of a large file. */
export const PART_BYTES = 16 * 1024 * 1024;

/** Bytes, or tasks, that are taken at a time: some milliseconds' work. */
const LOT_BYTES = 1024 * 1024;
const LOT_TASKS = 256;

export interface Task {
  /** The number of the run's input. */
  readonly index: number;
  readonly input: FileInput;
  /** A part of the file; `undefined`: all of it. */
  readonly part: PartOfFile | undefined;
}

export interface PartOfFile {
  /** The byte of the file at which the part's first record begins; if that is guessed, at which to begin looking. */
  readonly from: number;
  readonly guess: boolean;
  /** Records that begin here or later belong to the next part. */
  readonly to: number;
  readonly resumePoint: ResumePoint;
}

/** The numbers of a task's result. */
export interface TaskNumbers extends ScanResult {
  /** The byte at which the first record was found to begin. */
  readonly start: number;
  /** Whether it ended where its array does, rather than at its limit or the file's end. */
  readonly arrayEnded: boolean;
}

/** The rest of a task's result: for most tasks nothing. */
export interface TaskNotes {
  readonly task: number;
  readonly bad: BadRecords;
  readonly warnings: readonly Warning[];
  /** For a part: what is known about the order of its rows, if that matters. */
  readonly order: Runs | undefined;
  /** Why reading stopped early. `line` and `byte` count from the part's first. */
  readonly failure: Failure | undefined;
}

const NO_NOTES: Omit<TaskNotes, "task"> = {
  bad: { told: [], more: {} },
  warnings: [],
  order: undefined,
  failure: undefined,
};

export type TaskResult = TaskNumbers & Omit<TaskNotes, "task">;

export interface Failure {
  readonly code: string;
  readonly message: Message;
  /** Where the text is broken; `undefined` if reading itself failed. */
  readonly at?: { readonly line: number; readonly offset: number; readonly fromFirst?: boolean };
  /** The cause, if one thread does everything: it may be something that cannot be sent to a thread. */
  readonly cause?: unknown;
  /** It is not about the input: it ends the whole run. */
  readonly ofRun?: boolean;
}

/** The fewest tasks that there will be. */
export function leastTasks(inputs: readonly FileInput[]): number {
  return inputs.length + Math.floor(inputs.reduce((sum, input) => sum + input.size, 0) / PART_BYTES);
}

/** The parts of a file from `from` on: the first begins exactly there, at the resume point, the others near their start. */
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

/** Tasks that are taken together, in a form that a thread can read without copying all the others. */
export type Lot = SharedArrayBuffer;

/** Groups tasks into lots, in the order in which they are added. */
export class Lots {
  readonly all: Lot[] = [];
  /** Tasks added so far: the number of the next one. */
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

  /** Call this after the last task. */
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

/** Numbers for each task. */
const EACH = 13;

/** The numbers of each task's result: all threads write them, and they are read when the threads are done. */
export class Outcomes {
  private readonly numbers: Float64Array;

  constructor(readonly memory: SharedArrayBuffer) {
    this.numbers = new Float64Array(memory);
  }

  static for(tasks: number): Outcomes {
    return new Outcomes(new SharedArrayBuffer(tasks * EACH * 8));
  }

  set(task: number, one: TaskNumbers): void {
    const { records, readings, slow, lines, end, start, arrayEnded, headerLine, checked, present, known, delivered } =
      one;
    const { numbers } = this;
    const at = task * EACH;
    numbers[at] = records;
    numbers[at + 1] = readings;
    numbers[at + 2] = slow;
    numbers[at + 3] = lines;
    numbers[at + 4] = end;
    numbers[at + 5] = start;
    numbers[at + 6] = arrayEnded ? 1 : 0;
    numbers[at + 7] = headerLine;
    numbers[at + 8] = checked;
    numbers[at + 9] = present;
    numbers[at + 10] = known;
    numbers[at + 11] = delivered === undefined ? -1 : DELIVERED.indexOf(delivered);
    numbers[at + 12] = one.directions;
  }

  /** @param notes the rest of its result */
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
      headerLine: numbers[at + 7],
      checked: numbers[at + 8],
      present: numbers[at + 9],
      known: numbers[at + 10],
      delivered: DELIVERED[numbers[at + 11]],
      directions: numbers[at + 12],
      bad,
      warnings,
      order,
      failure,
    };
  }
}
