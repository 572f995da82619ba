/** Some readings of one input, as checks look at them. Their findings are likely, never certain, so they lead to warnings only. */

/** In reading order. */
export interface Sample {
  readonly length: number;
  /** The number of each reading's source. */
  readonly source: Uint32Array;
  /** Epoch seconds, or wall seconds if timestamps have no offset. */
  readonly second: Float64Array;
  /** Approximate energies. */
  readonly kWh: Float64Array;
}

/** Maps the number of a source to its id; `""` for the unnamed source. */
export type NameOf = (source: number) => string;

/** The readings of one source, ordered by time, then by reading order. */
export interface Series {
  readonly source: number;
  readonly second: Float64Array;
  readonly kWh: Float64Array;
}

export const HOUR = 3600;
export const DAY = 86_400;

/** The series of all sources in a sample, in order of first occurrence. */
export function seriesOf(sample: Sample): Series[] {
  const { length, source } = sample;
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const of = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    let number = numbers.get(source[i]!);
    if (number === undefined) {
      number = counts.push(0) - 1;
      numbers.set(source[i]!, number);
    }
    counts[number]!++;
    of[i] = number;
  }
  const all = Array.from(numbers, ([source, number]): Series => {
    return { source, second: new Float64Array(counts[number]!), kWh: new Float64Array(counts[number]!) };
  });
  const filled = new Uint32Array(all.length);
  for (let i = 0; i < length; i++) {
    const at = filled[of[i]!]!++;
    const { second, kWh } = all[of[i]!]!;
    second[at] = sample.second[i]!;
    kWh[at] = sample.kWh[i]!;
  }
  return all.map(ascending);
}

/** A series sorted by time; most are sorted already. */
function ascending(series: Series): Series {
  const { source, second, kWh } = series;
  let i = 1;
  while (i < second.length && second[i]! >= second[i - 1]!) i++;
  if (i >= second.length) return series;
  const indices = Array.from(second.keys()).sort((a, b) => second[a]! - second[b]!);
  return {
    source,
    second: Float64Array.from(indices, (i) => second[i]!),
    kWh: Float64Array.from(indices, (i) => kWh[i]!),
  };
}

/** The sources that a warning is about, as the subject of a sentence. */
export function subject(series: readonly Series[], nameOf: NameOf): string {
  const name = nameOf(series[0]!.source);
  const first = name === "" ? "the source without an id" : `source ${JSON.stringify(name)}`;
  if (series.length === 1) return first;
  return `${first} and ${series.length - 1} ${series.length === 2 ? "other" : "others"}`;
}
