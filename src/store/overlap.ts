/** Finds what a batch brings again: quarter hours that count already with the same energy and as many readings. */
import type { WarningText } from "../base/warning.js";
import type { CellColumns } from "../tally/cell.js";
import { instantLabel } from "../time/period.js";
import { QUARTER } from "../time/slot-width.js";
import { zoneOf } from "../time/zone.js";
import { DAY_CELLS, unpackDay } from "./cells.js";

/** Quarter hours of a source that must be the same: fewer may be chance. */
const FEWEST = 8;
/** Characters of an id in a message. */
const MOST_OF_ID = 100;
/** The share of those that both have: deliveries of different readings are alike now and then. */
const NEARLY_ALL = 0.9;

interface Found {
  /** Quarter hours that both have, and those of them that are the same. A zero is like any other, so it tells nothing. */
  both: number;
  same: number;
  /** The first and last that are the same. */
  first: number;
  last: number;
}

export class Overlap {
  private readonly sources = new Map<number, Found>();

  /**
   * Compares a day of the batch with what counts of it.
   * @param day since 1970-01-01
   * @param cells packed
   */
  compare(source: number, day: number, cells: Uint8Array, counts: CellColumns): void {
    const { energy, count } = unpackDay(cells);
    let found: Found | undefined;
    for (let q = 0; q < DAY_CELLS; q++) {
      if (count[q] === 0 || counts.count[q] === 0) continue;
      let zero = true;
      let same = count[q] === counts.count[q];
      for (let i = 4 * q; i < 4 * q + 4; i++) {
        if (energy[i] !== 0) zero = false;
        if (energy[i] !== counts.energy[i]) same = false;
      }
      if (zero && same) continue;
      found ??= this.of(source);
      found.both++;
      if (!same) continue;
      const slot = day * DAY_CELLS + q;
      found.same++;
      found.first = Math.min(found.first, slot);
      found.last = Math.max(found.last, slot);
    }
  }

  private of(source: number): Found {
    const known = this.sources.get(source);
    if (known !== undefined) return known;
    const found = { both: 0, same: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
    this.sources.set(source, found);
    return found;
  }

  /** @param nameOf the id of a source; `""` for the unnamed one */
  warning(nameOf: (source: number) => string): WarningText | undefined {
    const again = [...this.sources].filter(([, { both, same }]) => same >= FEWEST && same >= NEARLY_ALL * both);
    const [first] = again;
    if (first === undefined) return undefined;
    const [source, found] = first;
    const id = nameOf(source);
    const name = id === "" ? "the source without an id" : `source ${JSON.stringify(id.slice(0, MOST_OF_ID))}`;
    const others =
      again.length === 1 ? "" : `, and of ${again.length - 1} other ${again.length === 2 ? "source" : "sources"}`;
    return {
      code: "duplicates",
      message: `${found.same} quarter hours of ${name} between ${label(found.first)} and ${label(found.last)} count already with the same energy and as many readings${others}. Both count now. Did a delivery come twice, or do deliveries overlap?`,
    };
  }
}

function label(slot: number): string {
  return instantLabel(zoneOf("UTC"), slot * QUARTER) as string;
}
