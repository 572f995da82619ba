/** A worker thread: scans tasks as the main thread does, and sends what came of them. */
import { parentPort } from "node:worker_threads";
import { kernelCode } from "../scan/kernel.js";
import type { ScanPlan } from "../scan/plan.js";
import { Scanner } from "../scan/scanner.js";
import type { Counted } from "./scanned.js";
import { Shared } from "./shared.js";
import { Spiller, type SpillPlan } from "./spill.js";
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
  readonly totalBytes: number;
  readonly spill: SpillPlan | undefined;
}

export interface Delivery extends Counted {
  readonly results: TaskResult[];
}

parentPort?.once("message", async (order: Order) => {
  kernelCode(order.code);
  const { number, totalBytes, spill } = order;
  const shared = new Shared(order.memory, order.budget);
  const spiller = spill && new Spiller(spill, `${number}`);
  const thread = new Thread(new Scanner(order.plan), shared, { number, totalBytes, spiller });
  const results = await thread.run(order.tasks);
  const failure = results.find((result) => result.failure?.ofRun)?.failure;
  const failed = failure ?? (await thread.attempt(async () => deliver({ results, ...thread.counted() })));
  if (failed !== undefined) parentPort?.postMessage(failed);
});

/** Cells are in shared memory; other arrays are handed over instead of copied. */
function deliver(delivery: Delivery): void {
  const { part, spilled, results } = delivery;
  const orders = results.flatMap(({ order }) => Object.values(order ?? {}));
  const members: unknown[] = [
    ...Object.values({ ...part, ...spilled, ...spilled?.index, ...spilled?.sorted }),
    ...orders,
  ];
  const arrays = members.filter((member) => ArrayBuffer.isView(member) && member.buffer instanceof ArrayBuffer);
  parentPort?.postMessage(
    delivery,
    arrays.map((array) => (array as Uint8Array<ArrayBuffer>).buffer),
  );
}
