/** What a scanning thread does when its cells take too much memory: it writes them to a file, and continues counting. */

import { dirname } from "node:path";
import { diskError, onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { freeBytes, spaceText } from "../output/space.js";
import { type SpillFile, SpillWriter } from "../store/spill.js";
import { HourSorter, type Sorted, type SortQuestion } from "../tally/hour-cells.js";
import type { PageList } from "../tally/page-list.js";
import type { Part } from "../tally/tally.js";
import { ROW_SECONDS } from "../time/resolution.js";

/** Where cells may be written, and for which question; plain data. */
export interface SpillPlan {
  /** The path of a file is this, its name of letters and digits, and `.tmp`. */
  readonly prefix: string;
  /** The place as messages name it. */
  readonly displayName: string;
  readonly question: SortQuestion;
}

/** Everything that one thread has counted. */
export interface Spilled {
  readonly file: SpillFile;
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
    readonly plan: SpillPlan,
    private readonly name: string,
  ) {
    this.sorter = new HourSorter(plan.question);
  }

  /** Seconds of a row. */
  get rowSeconds(): number {
    return ROW_SECONDS[this.plan.question.rows];
  }

  /** Whether anything has been written. */
  get used(): boolean {
    return this.writer !== undefined;
  }

  /** Writes the last cells and returns where everything is. @param sources of all cells written */
  last(list: PageList, sources: Pick<Part, "ids" | "idEnds" | "seen">): Spilled {
    this.write(list);
    return this.finish(sources);
  }

  /**
   * Writes all cells of a list, whose sources have the same numbers as before.
   * @throws RunError where the disk refuses
   */
  write(list: PageList): void {
    for (const _ of this.writing(list));
  }

  /** The same, with pauses. @throws RunError where the disk refuses */
  *writing(list: PageList): Generator<undefined, void> {
    const { prefix, displayName } = this.plan;
    try {
      this.writer ??= new SpillWriter(`${prefix}${this.name}.tmp`);
      const { writer } = this;
      yield* this.sorter.sort(list, (section) => writer.add(section));
    } catch (error) {
      throw diskError(error, displayName);
    }
  }

  /**
   * Estimates whether the rest will fit on the disk too. Call this when all cells so far are written.
   * @param read bytes of input that these came from
   * @param left bytes of input that no thread has read yet
   * @throws RunError `no_space`
   */
  foresee(read: number, left: number): void {
    if (this.writer === undefined || read === 0) return;
    const needed = (this.writer.bytes / read) * left;
    const free = freeBytes(dirname(this.plan.prefix));
    if (needed > free)
      throw new RunError(
        "no_space",
        say`the sums take more than ${option("memory")} allows, and merging them on the disk needs about ${spaceText(needed)} more in ${this.plan.displayName}, where ${spaceText(free)} are free; free some space, choose a place on another disk with ${option("output")}, or allow more with ${option("memory")}`,
      );
  }

  /**
   * Returns where everything is.
   * @param sources of all cells written
   */
  finish(sources: Pick<Part, "ids" | "idEnds" | "seen">): Spilled {
    const file = onDisk(this.plan.displayName, () => (this.writer as SpillWriter).finish());
    const { sorted } = this.sorter;
    const { from, to } = this.plan.question;
    // Without a period, cells may belong to no particular source; then all sources seen are present.
    if (from === undefined && to === undefined) sorted.present = sources.seen;
    return { file, sorted, ids: sources.ids, idEnds: sources.idEnds };
  }
}
