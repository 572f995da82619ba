/** What is said of timestamps without an offset that a store is to keep: it remembers instants only. */
import { readingsAt } from "../domain/row-table.js";
import { blocksOf } from "../domain/slots.js";
import { CELL_WORDS, PAGE_SLOTS, type Part, Plane } from "../domain/tally.js";
import type { KeepPlan } from "./plan.js";

const WALLS: ReadonlySet<number> = new Set([Plane.wall, Plane.wallBorder, Plane.wallFine, Plane.wallFineBorder]);

/**
 * Warnings about an input's wall times: that they were taken for UTC, where nobody said what they are; and that a clock
 * change repeats or skips some.
 * @param said whether it was said which zone they are of
 */
export function wallWarnings(
  parts: readonly Part[],
  { clock, inputZone }: KeepPlan,
  said: boolean,
): { code: string; message: string }[] {
  const { all, repeated, skipped } = wallTimesOf(parts, { clock, inputZone });
  const warnings: { code: string; message: string }[] = [];
  if (all > 0 && !said)
    warnings.push({
      code: "no_offset",
      message: `${timestamps(all)} without an offset ${all === 1 ? "was" : "were"} taken for ${inputZone.name}; say whose clock ${all === 1 ? "it is" : "they are"} of with --input-timezone`,
    });
  if (repeated > 0)
    warnings.push({
      code: "repeated_wall_times",
      message: `${timestamps(repeated)} without an offset ${repeated === 1 ? "is" : "are"} repeated by a clock change, and taken for the earlier time`,
    });
  if (skipped > 0)
    warnings.push({
      code: "skipped_wall_times",
      message: `${timestamps(skipped)} without an offset ${skipped === 1 ? "is" : "are"} skipped by a clock change, and taken for the time after it`,
    });
  return warnings;
}

/** How many timestamps without an offset there are, and how many of them a clock change repeats or skips. */
export function wallTimesOf(parts: readonly Part[], { clock, inputZone }: Pick<KeepPlan, "clock" | "inputZone">) {
  const times = { all: 0, repeated: 0, skipped: 0 };
  for (const part of parts) {
    if (!part.pagePlane.some((plane) => WALLS.has(plane))) continue;
    const blocks = blocksOf([part], clock, inputZone);
    part.pagePlane.forEach((plane, page) => {
      if (!WALLS.has(plane)) return;
      const { change } = blocks.all[blocks.ofPage[0][page]];
      for (let i = 0; i < PAGE_SLOTS; i++) {
        const readings = readingsAt(part.words, part.pageWord[page] + i * CELL_WORDS);
        times.all += readings;
        if (change[i] === 1) times.repeated += readings;
        else if (change[i] === 2) times.skipped += readings;
      }
    });
  }
  return times;
}

function timestamps(count: number): string {
  return `${count} ${count === 1 ? "timestamp" : "timestamps"}`;
}
