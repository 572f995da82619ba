/** The order of rows of a file that was read in parts: what the threads know of it is put together again. */
import { RunError } from "../base/errors.js";
import type { FileInput } from "../input/input.js";
import type { Kernel } from "../scan/kernel.js";
import { NO_SOURCE, type Runs } from "../scan/row-columns.js";
import type { Thread } from "./thread.js";
import type { Counted } from "./totals.js";

/**
 * Renumbers what another thread knows of the order of rows: its sources get their numbers in this thread's kernel.
 * @param orders of the parts that the thread read, all of which it counted in `counted`
 * @param of this thread's provisional sources, by input
 */
export function renumber(
  orders: readonly Runs[],
  { part, spilled, unnamed }: Counted,
  of: ReadonlyMap<number, number>,
  kernel: Kernel,
): void {
  const sources = part ?? spilled;
  if (sources === undefined) return;
  const { ids, idEnds } = sources;
  const numbers = new Map<number, number>([[0, 0]]);
  for (const [index, { source }] of unnamed) numbers.set(source, of.get(index) ?? 0);
  for (const order of orders) {
    for (let n = 0; n < order.source.length; n++) {
      const source = order.source[n];
      let number = source === NO_SOURCE ? source : numbers.get(source);
      if (number === undefined) {
        number = kernel.sourceOf(ids.subarray(idEnds[source - 1], idEnds[source]));
        numbers.set(source, number);
      }
      order.source[n] = number;
    }
  }
}

/**
 * Puts together what the segments of a file, in their order, know of its rows, and settles it.
 * @throws RunError where that takes more memory or disk than there is
 */
export async function settleCut(
  { name }: FileInput,
  segments: readonly { readonly order: Runs | undefined }[],
  thread: Thread,
): Promise<void> {
  const { order } = thread.scanner;
  const failure = await thread.attempt(async () => {
    for (const segment of segments) {
      if (segment.order === undefined) continue;
      order.append(segment.order);
      await thread.reading.turn(0);
    }
    if (order.settle(name)) await thread.reading.turn(0);
  });
  if (failure?.ofRun) throw new RunError(failure.code, failure.message);
}
