/** The order of many items whose columns are elsewhere: by their numbers, in steps, so that others get a turn in between. */

/** Items that are sorted at once, and items that are merged in a step: milliseconds' work. */
const RUN = 4096;
const STEP = 1 << 16;

/** The numbers 0 to `length` − 1 in the order of a comparison. The sort is stable; what is in order already takes one look. */
export function* sortedOrder(
  length: number,
  compare: (a: number, b: number) => number,
): Generator<undefined, Uint32Array> {
  let order = new Uint32Array(length);
  for (let n = 0; n < length; n++) order[n] = n;
  for (let from = 0; from < length; from += RUN) {
    order.subarray(from, from + RUN).sort(compare);
    yield;
  }
  let merged = length > RUN ? new Uint32Array(length) : order;
  for (let width = RUN; width < length; width *= 2) {
    for (let from = 0; from < length; from += 2 * width) {
      const middle = Math.min(from + width, length);
      const end = Math.min(from + 2 * width, length);
      if (middle === end || compare(order[middle - 1]!, order[middle]!) <= 0) {
        merged.set(order.subarray(from, end), from);
        yield;
        continue;
      }
      for (let a = from, b = middle, n = from; n < end; n++) {
        merged[n] = b === end || (a < middle && compare(order[a]!, order[b]!) <= 0) ? order[a++]! : order[b++]!;
        if (n % STEP === 0) yield;
      }
    }
    [order, merged] = [merged, order];
  }
  return order;
}
