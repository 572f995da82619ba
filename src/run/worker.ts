/** A worker thread: scans tasks as the main thread does, and sends what came of them. */
import { parentPort } from "node:worker_threads";
import type { Part } from "../domain/tally.js";
import { kernelCode } from "../scan/kernel.js";
import type { ScanPlan } from "../scan/plan.js";
import { Scanner } from "../scan/scanner.js";
import { Shared } from "./shared.js";
import type { Task, TaskResult } from "./tasks.js";
import { Thread } from "./thread.js";

export interface Order {
  readonly plan: ScanPlan;
  /** The kernel, compiled. */
  readonly code: WebAssembly.Module;
  readonly tasks: readonly Task[];
  readonly memory: SharedArrayBuffer;
  readonly budget: number;
  readonly number: number;
}

export interface Delivery {
  readonly results: TaskResult[];
  readonly part: Part;
  readonly rounded: number;
  /** Σ|value| in 10⁻¹⁸ kWh; `undefined` if it has become too large. */
  readonly absolute: bigint | undefined;
}

parentPort?.once("message", async ({ plan, code, tasks, memory, budget, number }: Order) => {
  kernelCode(code);
  const scanner = new Scanner(plan);
  const results = await new Thread(scanner, new Shared(memory, budget), number).run(tasks);
  const { kernel, judge } = scanner;
  const part = kernel.part(true);
  const delivery: Delivery = { results, part, rounded: judge.rounded, absolute: kernel.absolute };
  const buffers = [
    part.ids,
    part.idEnds,
    part.seen,
    part.pageSource,
    part.pagePlane,
    part.pageBlock,
    part.pageWord,
    part.pageUsed,
    part.pageSums,
    part.words,
  ];
  parentPort?.postMessage(
    delivery,
    buffers.map((array) => array.buffer as ArrayBuffer),
  );
});
