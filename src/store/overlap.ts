/** Finds what a batch brings again: quarter hours that count already with the same energy and as many readings. */
import type { WarningText } from "../base/warning.js";
import type { CellColumns } from "../tally/cell.js";
import { instantLabel } from "../time/period.js";
import { QUARTER } from "../time/slot-width.js";
import { zoneOf } from "../time/zone.js";
import { unpackDay } from "./cells.js";
import { DAY_CELLS } from "./day-cells.js";

/** Quarter hours that must be the same, of one source or of all together: fewer may be chance. */
const FEWEST = 8;
const FEWEST_OF_ALL = 20;
/** Characters of an id in a message. */
const MOST_OF_ID = 100;
/** The share of those that both have: the others were revised, or are alike by chance. */
const NEARLY_ALL = 0.7;
/** Energies that must be among them: a load that is always the same is the same by chance. */
const FEWEST_ENERGIES = 3;
/** What counts may be the batch's several times over. */
const MOST_TIMES = 8;

interface Found {
  /** Quarter hours that both have, and those of them that are the same. A zero is like any other, so it tells nothing. */
  both: number;
  same: number;
  /** Those with as many readings, but another energy. */
  other: number;
  /** The first and last that are the same. */
  first: number;
  last: number;
  /** The lower halves of some of their energies. */
  readonly energies: Set<number>;
}

export class Overlap {
  private readonly sources = new Map<number, Found>();
  /** The first quarter hour in which readings of the batch and of others begin. */
  shared: { readonly source: number; readonly slot: number } | undefined;

  /**
   * Compares a day of the batch with what counts of it.
   * @param day since 1970-01-01
   * @param cells packed
   */
  compare(source: number, day: number, cells: Uint8Array, counts: CellColumns): void {
    const { energy, count } = unpackDay(cells);
    let found: Found | undefined;
    for (let q = 0; q < DAY_CELLS; q++) {
      // Where none of the batch's readings begins, there is none to come again.
      if (count[q] < 1 || counts.count[q] === 0) continue;
      const at = day * DAY_CELLS + q;
      if (this.shared === undefined || at < this.shared.slot) this.shared = { source, slot: at };
      const times = counts.count[q] / count[q];
      const same = Number.isInteger(times) && times <= MOST_TIMES && isProduct(counts.energy, energy, 4 * q, times);
      if (same && isZero(energy, 4 * q)) continue;
      found ??= this.of(source);
      found.both++;
      if (!same && times === 1) found.other++;
      if (!same) continue;
      found.same++;
      found.first = Math.min(found.first, at);
      found.last = Math.max(found.last, at);
      if (found.energies.size < FEWEST_ENERGIES) found.energies.add(energy[4 * q] + energy[4 * q + 1] * 2 ** 32);
    }
  }

  private of(source: number): Found {
    const known = this.sources.get(source);
    if (known !== undefined) return known;
    const found = {
      both: 0,
      same: 0,
      other: 0,
      first: Number.POSITIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      energies: new Set<number>(),
    };
    this.sources.set(source, found);
    return found;
  }

  /** @param nameOf the id of a source; `""` for the unnamed one */
  warning(nameOf: (source: number) => string): WarningText | undefined {
    return this.again(nameOf) ?? this.revised(nameOf);
  }

  /** The warning for a delivery that corrects an earlier one, which counts, too. */
  private revised(nameOf: (source: number) => string): WarningText | undefined {
    const found = [...this.sources].filter(([, { both, other }]) => both >= FEWEST && other >= NEARLY_ALL * both);
    const [first] = found;
    if (first === undefined) return undefined;
    const others =
      found.length === 1 ? "" : `, and of ${found.length - 1} other ${found.length === 2 ? "source" : "sources"}`;
    return {
      code: "revised",
      message: `${first[1].both} quarter hours of ${named(nameOf(first[0]))} count already with as many readings and another energy${others}. Is it a correction, which is to replace what counts?`,
    };
  }

  private again(nameOf: (source: number) => string): WarningText | undefined {
    const again = [...this.sources].filter(([, { both, same }]) => same > 0 && same >= NEARLY_ALL * both);
    const of = (what: "both" | "same") => [...this.sources.values()].reduce((sum, found) => sum + found[what], 0);
    const energies = new Set(again.flatMap(([, found]) => [...found.energies]));
    const [most] = again.sort(([, a], [, b]) => b.energies.size - a.energies.size || b.same - a.same);
    if (most === undefined || energies.size < FEWEST_ENERGIES) return undefined;
    const [source, found] = most;
    const together = of("same") >= FEWEST_OF_ALL && of("same") >= NEARLY_ALL * of("both");
    if (!together && (found.same < FEWEST || found.energies.size < FEWEST_ENERGIES)) return undefined;
    const others =
      again.length === 1 ? "" : `, and of ${again.length - 1} other ${again.length === 2 ? "source" : "sources"}`;
    return {
      code: "duplicates",
      message: `${found.same} quarter hours of ${named(nameOf(source))} between ${label(found.first)} and ${label(found.last)} count already with the same energy and as many readings${others}. Did a delivery come twice, or do deliveries overlap?`,
    };
  }
}

/** The instant of a quarter hour, for people. */
export function label(slot: number): string {
  return instantLabel(zoneOf("UTC"), slot * QUARTER) as string;
}

/** Whether the energy at `sum[at…]` is so many times that at `energy[at…]`. */
function isProduct(sum: Uint32Array, energy: Uint32Array, at: number, times: number): boolean {
  let carry = 0;
  for (let i = at; i < at + 4; i++) {
    const word = energy[i] * times + carry;
    if (sum[i] !== word % 2 ** 32) return false;
    carry = Math.floor(word / 2 ** 32);
  }
  return true;
}

function isZero(energy: Uint32Array, at: number): boolean {
  return energy[at] === 0 && energy[at + 1] === 0 && energy[at + 2] === 0 && energy[at + 3] === 0;
}

/** A source in a message. @param id `""` for the unnamed one */
export function named(id: string): string {
  return id === "" ? "the source without an id" : `source ${JSON.stringify(id.slice(0, MOST_OF_ID))}`;
}
