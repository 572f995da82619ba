/** What all readings of a run look like together, by those that went through the sieve. */
import type { Warning } from "../base/warning.js";
import { type Duplicates, duplicatesIn, type Sieved } from "../quality/duplicates.js";
import { type Overlapping, overlappingIn } from "../quality/overlapping.js";
import { registerWarning } from "../quality/registers.js";
import { DAY, HOUR, type Sample } from "../quality/sample.js";
import { sparseWarning } from "../quality/sparse-readings.js";

export interface Overall {
  /** Readings that came twice, if there are many. */
  readonly duplicates: Duplicates | undefined;
  /** Intervals that overlap, if any do. */
  readonly overlapping: Overlapping | undefined;
  /** Of kinds of readings, where more was read than one input's sample. */
  readonly warnings: readonly Warning[];
  /** Whether all are of about one time of day. */
  readonly oneTime: boolean;
  /** Whether any has a source. */
  readonly named: boolean;
}

/** Clocks change by an hour. */
const ONE_TIME = 1.5 * HOUR;
const HASHES = 2 ** 32;

/**
 * @param nameOf the id of a source, by the number of its sieve and its own there
 * @param label what messages call the inputs
 * @param deep whether there is more than the samples of inputs have shown
 */
export function overallOf(
  sieves: readonly Sieved[],
  nameOf: (sieve: number, source: number) => string,
  label: string,
  deep: boolean,
): Overall {
  const warnings = deep ? kindsOf(sieves, nameOf, label) : [];
  return {
    duplicates: duplicatesIn(sieves, nameOf),
    overlapping: overlappingIn(
      sieves.map(({ covered }) => covered),
      nameOf,
    ),
    warnings,
    oneTime: areOfOneTime(sieves),
    named: areNamed(sieves, nameOf),
  };
}

function kindsOf(
  sieves: readonly Sieved[],
  nameOf: (sieve: number, source: number) => string,
  label: string,
): readonly Warning[] {
  const below = Math.min(...sieves.map((sieved) => sieved.below));
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const most = sieves.reduce((sum, { hash }) => sum + hash.length, 0);
  const source = new Uint32Array(most);
  const second = new Float64Array(most);
  const kWh = new Float64Array(most);
  let length = 0;
  sieves.forEach((sieved, sieve) => {
    const numberOf = new Map<number, number>();
    for (let n = 0; n < sieved.hash.length; n++) {
      if (sieved.hash[n] >= below) continue;
      let number = numberOf.get(sieved.source[n]);
      if (number === undefined) {
        const name = nameOf(sieve, sieved.source[n]);
        number = numbers.get(name) ?? names.push(name) - 1;
        numbers.set(name, number);
        numberOf.set(sieved.source[n], number);
      }
      source[length] = number;
      second[length] = sieved.second[n];
      kWh[length++] = sieved.kWh[n];
    }
  });
  const sample: Sample = { length, source, second, kWh };
  const name = (source: number) => names[source];
  const share = (below + 1) / HASHES;
  // Readings that cover days are not fewer than they should be.
  const covers = sieves.some(({ covered }) => covered !== undefined);
  const sparse = covers ? undefined : sparseWarning(label, sample, name, share);
  return [registerWarning(label, sample, name), sparse].filter((warning) => warning !== undefined);
}

function areNamed(sieves: readonly Sieved[], nameOf: (sieve: number, source: number) => string): boolean {
  return sieves.some(({ source }, sieve) => source.some((number) => number > 0 && nameOf(sieve, number) !== ""));
}

function areOfOneTime(sieves: readonly Sieved[]): boolean {
  let first: number | undefined;
  for (const { second } of sieves)
    for (const at of second) {
      first ??= at;
      const off = Math.abs(at - first) % DAY;
      if (Math.min(off, DAY - off) > ONE_TIME) return false;
    }
  return true;
}
