/** What a scanning thread does when its cells take more memory than they may: it lays them down in a file, and counts on. */
import { dirname } from "node:path";
import { RunError } from "../domain/errors.js";
import { HourSorter, type Sorted, type SortQuestion } from "../domain/hour-cells.js";
import type { Part } from "../domain/tally.js";
import { onDisk } from "../output/failure.js";
import { freeBytes, spaceText } from "../output/space.js";
import { type SpillIndex, SpillWriter } from "../store/spill.js";

/** Where cells may be laid down, and for what question; plain data. */
export interface SpillPlan {
  /** Path of a file for each name of letters and digits is this, the name, then `.tmp`. */
  readonly prefix: string;
  /** As messages call the place. */
  readonly shown: string;
  readonly question: SortQuestion;
}

/** All that one thread has counted. */
export interface Spilled {
  readonly index: SpillIndex;
  readonly sorted: Sorted;
  /** As in `Part`. */
  readonly ids: Uint8Array;
  readonly idEnds: Uint32Array;
}

export class Spiller {
  private readonly sorter: HourSorter;
  private writer: SpillWriter | undefined;

  /** @param name of the file: one for each thread */
  constructor(
    private readonly plan: SpillPlan,
    private readonly name: string,
  ) {
    this.sorter = new HourSorter(plan.question);
  }

  /** Whether anything lies in the file. */
  get used(): boolean {
    return this.writer !== undefined;
  }

  /** Writes the last part and says where everything is. */
  last(part: Part): Spilled {
    this.write(part);
    return this.finish(part);
  }

  /**
   * Writes all cells of a part, whose sources have the numbers that they had the last time.
   * @throws RunError where the disk refuses
   */
  write(part: Part): void {
    const { prefix, shown } = this.plan;
    onDisk(shown, () => {
      this.writer ??= new SpillWriter(`${prefix}${this.name}.tmp`);
      for (const cells of this.sorter.sort(part)) this.writer.add(cells);
    });
  }

  /**
   * Looks whether what is to come will fit the disk too, if it is like what has come; to be called when all is written.
   * @param read bytes of input that it came from
   * @param left bytes of input that are not read yet, by any thread
   * @throws RunError `no_space`
   */
  foresee(read: number, left: number): void {
    if (this.writer === undefined || read === 0) return;
    const needed = (this.writer.bytes / read) * left;
    const free = freeBytes(dirname(this.plan.prefix));
    if (needed > free)
      throw new RunError(
        "no_space",
        `the sums take more than --memory allows, and to merge them on the disk needs about ${spaceText(needed)} more in ${this.plan.shown}, where ${spaceText(free)} are free; free some space, choose a place on another disk with --output, or allow more with --memory`,
      );
  }

  /**
   * Says where everything is.
   * @param sources of all parts
   */
  finish(sources: Pick<Part, "ids" | "idEnds" | "seen">): Spilled {
    const index = onDisk(this.plan.shown, () => (this.writer as SpillWriter).finish());
    const { sorted } = this.sorter;
    const { from, to } = this.plan.question;
    // Cells may be of no source in particular where no period is given; then all sources seen are in it.
    if (from === undefined && to === undefined) sorted.present = sources.seen;
    return { index, sorted, ids: sources.ids, idEnds: sources.idEnds };
  }
}
