/** What cumulative readings mean, as users are promised it: everything sorted, and every rule looked up in whole lists. */

/** A reading, or an exchange. Instants in nanoseconds since 1970, values in 10⁻¹⁸ kWh. */
export interface Shown {
  readonly source: string;
  readonly at: bigint;
  readonly value: bigint;
  /** Of an exchange, `value` is its `old_end`. */
  readonly newStart?: bigint;
}

export interface Rules {
  readonly register: "meter" | "counter";
  readonly rollover: bigint | undefined;
  /** Nanoseconds. */
  readonly gap: bigint | undefined;
  readonly across: "spread" | "end" | "drop";
}

/** Energy by slot, and what is counted there. */
export interface Cell {
  energy: bigint;
  readings: number;
  covers: number;
}

export interface Energies {
  /** By source and number of the quarter hour. */
  readonly cells: Map<string, Map<number, Cell>>;
  readonly events: Record<string, number>;
}

const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
const QUARTER = 900n * SECOND;
const DAY = 24n * HOUR;

/** One reading of a meter's life, after conflicts and repetitions are gone. */
interface Mark {
  readonly at: bigint;
  readonly value: bigint;
}

export function registerEnergies(all: readonly Shown[], rules: Rules): Energies {
  const cells: Energies["cells"] = new Map();
  const events: Record<string, number> = {};
  const happened = (event: string) => {
    events[event] = (events[event] ?? 0) + 1;
  };
  for (const source of new Set(all.map((shown) => shown.source))) {
    const own = new Map<number, Cell>();
    const cellAt = (at: bigint): Cell => {
      const slot = Number(at / QUARTER);
      const cell = own.get(slot) ?? { energy: 0n, readings: 0, covers: 0 };
      own.set(slot, cell);
      return cell;
    };
    const lives = livesOf(
      all.filter((shown) => shown.source === source),
      happened,
    );
    /** Instants at which something counts, and whether energy begins or ends there. */
    const instants = new Map<bigint, { begins: boolean; ends: boolean }>();
    for (const life of lives) {
      const counting = withoutBlips(life, rules, happened);
      for (const { at } of counting) if (!instants.has(at)) instants.set(at, { begins: false, ends: false });
      for (let n = 1; n < counting.length; n++) {
        const [before, after] = [counting[n - 1]!, counting[n]!];
        const energy = between(before, after, rules, happened);
        if (energy === undefined) continue;
        const isFar = rules.gap !== undefined && after.at - before.at > rules.gap;
        if (isFar && rules.across === "drop") {
          happened("dropped");
          continue;
        }
        if (isFar && rules.across === "end") {
          happened("at_end");
          const cell = cellAt(after.at - 1n);
          cell.energy += energy;
          cell.covers++;
        } else {
          instants.get(before.at)!.begins = true;
          spread(before.at, after.at, energy, cellAt);
        }
        instants.get(after.at)!.ends = true;
      }
    }
    for (const [at, { begins, ends }] of instants) cellAt(!begins && ends ? at - 1n : at).readings++;
    if (own.size > 0) cells.set(source, own);
  }
  return { cells, events };
}

/** The readings of each meter that stood there, in order. */
function livesOf(all: readonly Shown[], happened: (event: string) => void): Mark[][] {
  const lives: Mark[][] = [[]];
  const times = [...new Set(all.map(({ at }) => at))].sort((a, b) => (a < b ? -1 : 1));
  for (const at of times) {
    const here = all.filter((shown) => shown.at === at);
    const values = new Set(here.filter((one) => one.newStart === undefined).map(({ value }) => value));
    const exchanges = here.filter((one) => one.newStart !== undefined);
    const pairs = new Set(exchanges.map(({ value, newStart }) => `${value} ${newStart}`));
    if (pairs.size === 0 && values.size === 1) lives.at(-1)!.push({ at, value: [...values][0]! });
    else if (pairs.size === 1 && [...values].every((v) => v === exchanges[0]!.value || v === exchanges[0]!.newStart)) {
      happened("exchange");
      lives.at(-1)!.push({ at, value: exchanges[0]!.value });
      lives.push([{ at, value: exchanges[0]!.newStart! }]);
    } else happened("conflict");
  }
  return lives;
}

function withoutBlips(life: readonly Mark[], { register }: Rules, happened: (event: string) => void): Mark[] {
  if (register === "counter") return [...life];
  const counting: Mark[] = [];
  life.forEach((mark, n) => {
    const before = counting.at(-1);
    const soon = life.slice(n + 1, n + 4).filter(({ at }) => at - mark.at <= 2n * HOUR);
    if (before !== undefined && mark.value < before.value && soon.some(({ value }) => value >= before.value))
      happened("blip");
    else counting.push(mark);
  });
  return counting;
}

function between(before: Mark, after: Mark, rules: Rules, happened: (event: string) => void): bigint | undefined {
  if (after.at - before.at > 400n * DAY) {
    happened("gap");
    return undefined;
  }
  const difference = after.value - before.value;
  if (difference >= 0n) return difference;
  if (rules.register === "counter") {
    if (after.value * 10n >= before.value * 9n) return difference;
    happened("restart");
    return after.value;
  }
  const { rollover } = rules;
  if (rollover !== undefined && before.value * 10n > rollover * 9n && after.value * 10n < rollover) {
    happened("rollover");
    return after.value + rollover - before.value;
  }
  happened("fell");
  return undefined;
}

function spread(from: bigint, to: bigint, energy: bigint, cellAt: (at: bigint) => Cell): void {
  const size = energy < 0n ? -energy : energy;
  let places = 6n;
  while (places < 18n && size % 10n ** (18n - places) !== 0n) places++;
  const unit = 10n ** (18n - places);
  const until = (at: bigint) => ((size / unit) * (at - from)) / (to - from);
  let done = 0n;
  for (let at = from; at < to; ) {
    const end = (at / QUARTER + 1n) * QUARTER < to ? (at / QUARTER + 1n) * QUARTER : to;
    const cell = cellAt(at);
    cell.energy += (until(end) - done) * unit * (energy < 0n ? -1n : 1n);
    if (at !== from) cell.covers++;
    done = until(end);
    at = end;
  }
}
