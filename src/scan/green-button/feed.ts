/** What a Green Button document holds: entries with their links, types of readings, and blocks of them. Plain data. */

/** An Atom entry, or the document itself where it has none. */
export interface Entry {
  id: string;
  self: string;
  up: string;
  readonly related: string[];
}

/** A ReadingType. What it does not say is `undefined`. */
export interface ReadingType {
  readonly entry: Entry;
  readonly values: Map<string, string>;
}

/** The readings of one IntervalBlock: those from `first` to `end` of the feed. */
export interface Block {
  readonly entry: Entry;
  /** Epoch seconds, as it says. */
  start: string;
  readonly first: number;
  end: number;
}

/** A UsagePoint, or a MeterReading. */
export interface Described {
  readonly entry: Entry;
  /** The kind of its ServiceCategory. */
  service: string;
}

export interface Feed {
  readonly types: ReadingType[];
  readonly blocks: Block[];
  readonly usagePoints: Described[];
  readonly meterReadings: Described[];
  /** Of each reading, as it stands there: `""` where it is not. And its line, counted from 0. */
  readonly starts: string[];
  readonly durations: string[];
  readonly values: string[];
  readonly lines: number[];
}

export function newFeed(): Feed {
  return {
    ...{ types: [], blocks: [], usagePoints: [], meterReadings: [] },
    ...{ starts: [], durations: [], values: [], lines: [] },
  };
}

export function newEntry(): Entry {
  return { id: "", self: "", up: "", related: [] };
}

/** Bytes that a feed takes, about. */
export function bytesOf({ values, blocks }: Feed): number {
  return values.length * 200 + blocks.length * 500;
}
