/** Inputs whose readings have no source, and are of the same time: they may be of several meters, and count as one source. */
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { Contributed } from "../pipeline/contribute.js";
import { unpackDay } from "../store/cells.js";
import { DAY_CELLS } from "../store/day-cells.js";
import { cellsOf, type Packed } from "../store/packed.js";

/** Quarter hours: deliveries that follow one another may share a reading at their border. */
const SHARED = 4;

interface Unnamed extends Extent {
  readonly name: string;
}

/** The first and the last quarter hour, as slots. */
interface Extent {
  readonly first: number;
  readonly last: number;
}

export class UnnamedInputs {
  private readonly all: Unnamed[] = [];

  /**
   * Notes an input, if it has readings without a source.
   * @param strict whether it does not come in if it causes the warning, which is then returned
   */
  note(name: string, { contribution }: Pick<Contributed, "contribution">, strict: boolean): Warning | undefined {
    const extent = extentOf(contribution, contribution.sources.indexOf(""));
    if (extent === undefined) return undefined;
    this.all.push({ name, ...extent });
    const warning = strict ? this.warning() : undefined;
    if (warning !== undefined) this.all.pop();
    return warning;
  }

  /** One warning for all; none where they are of different times, as the months of one meter are. */
  warning(): Warning | undefined {
    const byTime = this.all.toSorted((a, b) => a.first - b.first || a.last - b.last);
    let [latest] = byTime;
    let count = 0;
    let pair: readonly [Unnamed, Unnamed] | undefined;
    for (const one of byTime.slice(1)) {
      if (Math.min(latest.last, one.last) - one.first >= SHARED) {
        count++;
        pair ??= [latest, one];
      }
      if (one.last > latest.last) latest = one;
    }
    if (pair === undefined) return undefined;
    const [a, b] = pair;
    const others = count === 1 ? "" : `, and ${count - 1} other ${count === 2 ? "input" : "inputs"}`;
    return {
      code: "unnamed_sources",
      message: say`${a.name} and ${b.name}${others} have readings without a source at the same times, and these count as one source; if they are of several meters, load files with a field that tells these apart (${option("sourceField")})`,
    };
  }
}

/** Where the readings of a source of a batch begin. @param source its place; none where it is negative */
function extentOf({ rows }: Packed, source: number): Extent | undefined {
  let [first, last] = [-1, -1];
  for (let row = 0; source >= 0 && row < rows.day.length; row++) {
    if (rows.source[row] !== source) continue;
    if (first < 0 || rows.day[row] < rows.day[first]) first = row;
    if (last < 0 || rows.day[row] > rows.day[last]) last = row;
  }
  if (first < 0) return undefined;
  const isUsed = (count: number) => count !== 0;
  return {
    first: rows.day[first] * DAY_CELLS + unpackDay(cellsOf(rows, first)).count.findIndex(isUsed),
    last: rows.day[last] * DAY_CELLS + unpackDay(cellsOf(rows, last)).count.findLastIndex(isUsed),
  };
}
