/** Which records of a body have the first and the last timestamp. */
import type { Kernel } from "../../scan/kernel.js";

/** Ends of the counted time: the first and the last timestamp with an offset, and without one. */
const ENDS = 4;

export class BodyEnds {
  /** For each end, the number of its reading, and of the other records before it. */
  private readonly rank = new Array<number>(ENDS).fill(0);
  private readonly othersBefore = new Array<number>(ENDS).fill(0);

  /** Records the number of records so far that are no readings for each end that has changed since this was last called. */
  update(kernel: Kernel, otherRecords: number): void {
    const { rank, othersBefore } = this;
    for (let end = 0; end < ENDS; end++) {
      const now = kernel.rankOf(end);
      if (now === rank[end]) continue;
      rank[end] = now;
      othersBefore[end] = otherRecords;
    }
  }

  /** Their numbers, counted from 1, where they are known. */
  records(): (number | undefined)[] {
    return this.rank.map((reading, end) => (reading === 0 ? undefined : reading + (this.othersBefore[end] as number)));
  }
}
