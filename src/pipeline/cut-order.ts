/** The order of rows of a file that was read in parts: what the threads know of it is put together again. */
import { RunError } from "../base/errors.js";
import type { FileInput } from "../input/input.js";
import type { Kernel } from "../scan/kernel.js";
import { NO_SOURCE, type Runs } from "../scan/row-columns.js";
import type { Scanner } from "../scan/scanner.js";
import { type Part, withIds } from "../tally/tally.js";
import type { Thread } from "./thread.js";
import type { Counted } from "./totals.js";

/**
 * Renumbers what another thread knows of the order of rows: its sources get their numbers in this thread's kernel.
 * @param orders of the parts that the thread read, all of which it counted in `counted`
 * @param of this thread's provisional sources, by input
 */
export function renumber(
  orders: readonly Runs[],
  counted: Counted,
  of: ReadonlyMap<number, number>,
  kernel: Kernel,
): void {
  const numberOf = numbersHere(counted, of, kernel);
  for (const order of orders)
    for (let n = 0; n < order.source.length; n++)
      if (order.source[n] !== NO_SOURCE) order.source[n] = numberOf(order.source[n]);
}

/** The numbers in this thread's kernel of the sources of another one. The parameters are those of `renumber`. */
export function numbersHere(
  { part, spilled, unnamed }: Counted,
  of: ReadonlyMap<number, number>,
  kernel: Kernel,
): (source: number) => number {
  const { ids, idEnds } = (part ?? spilled) as Pick<Part, "ids" | "idEnds">;
  const numbers = new Map<number, number>([[0, 0]]);
  for (const [index, { source }] of unnamed) numbers.set(source, of.get(index) ?? 0);
  return (source) => {
    let number = numbers.get(source);
    if (number === undefined) {
      const id = ids.subarray(idEnds[source - 1], idEnds[source]);
      // Of a source that turned out to have no id.
      number = id.length === 0 ? 0 : kernel.sourceOf(id);
      numbers.set(source, number);
    }
    return number;
  };
}

/** What a worker has counted, once the ends of all inputs have told the sources. @param here numbers of its sources in this kernel */
export function named(counted: Counted, here: ReadonlyMap<number, number>, { kernel }: Scanner): Counted {
  const { part, spilled, unnamed } = counted;
  const ids = new Map<number, Uint8Array>();
  for (const [index, { source }] of unnamed) ids.set(source, kernel.idOf(here.get(index) ?? 0));
  if (ids.size === 0) return counted;
  return { ...counted, part: part && withIds(part, ids), spilled: spilled && withIds(spilled, ids) };
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
