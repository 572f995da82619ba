/** A worker thread: scans tasks as the main thread does, and reports the results. */
import { parentPort } from "node:worker_threads";
import { kernelCode } from "../scan/kernel-code.js";
import type { ScanPlan } from "../scan/plan.js";
import { Scanner } from "../scan/scanner.js";
import type { Room } from "./memory.js";
import { Shared } from "./shared.js";
import { Spiller, type SpillPlan } from "./spill.js";
import { type Failure, type Lot, Outcomes, type TaskNotes } from "./tasks.js";
import { Thread } from "./thread.js";
import type { Counted } from "./totals.js";

export interface Order {
  readonly plan: ScanPlan;
  /** As the scanner has it. */
  readonly inWords: number;
  /** The kernel, compiled. */
  readonly code: WebAssembly.Module;
  readonly lots: readonly Lot[];
  readonly outcomes: SharedArrayBuffer;
  readonly memory: SharedArrayBuffer;
  readonly room: Room;
  readonly number: number;
  readonly totalBytes: number;
  readonly spill: SpillPlan | undefined;
}

/** What a worker sends: notes about some of its tasks; at the end everything that it counted, or why it failed. */
export type Message = { readonly notes: readonly TaskNotes[] } | Counted | Failure;

parentPort?.once("message", async (order: Order) => {
  kernelCode(order.code);
  const { number, totalBytes, spill, room } = order;
  const shared = new Shared(order.memory);
  const spiller = spill && new Spiller(spill, `${number}`);
  const scanner = new Scanner(order.plan);
  scanner.inWords = order.inWords;
  const thread = new Thread(scanner, shared, { number, threads: "beside", totalBytes, spiller, room });
  const failure = await thread.run(order.lots, new Outcomes(order.outcomes), (notes) =>
    send(
      { notes },
      notes.flatMap((one) => Object.values(one.order ?? {})),
    ),
  );
  const failed = failure ?? (await thread.attempt(async () => deliver(thread.counted())));
  if (failed !== undefined) send(failed);
});

/** Cells are in shared memory; other arrays are transferred instead of copied. */
function deliver(counted: Counted): void {
  const { part, spilled, kept } = counted;
  send(counted, Object.values({ ...part, ...spilled, ...spilled?.file, ...spilled?.sorted, ...kept }));
}

/** @param members of the message: arrays among them are transferred */
function send(message: Message, members: readonly unknown[] = []): void {
  const arrays = members.filter((member) => ArrayBuffer.isView(member) && member.buffer instanceof ArrayBuffer);
  parentPort?.postMessage(
    message,
    arrays.map((array) => (array as Uint8Array<ArrayBuffer>).buffer),
  );
}
