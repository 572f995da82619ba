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
  const part = kernel.part();
  const delivery: Delivery = { results, part, rounded: judge.rounded, absolute: kernel.absolute };
  // The cells are in shared memory; the rest goes over without a copy.
  const lists = Object.values(part).filter((value) => ArrayBuffer.isView(value) && value !== part.words);
  parentPort?.postMessage(
    delivery,
    lists.map((list) => list.buffer as ArrayBuffer),
  );
});
