/** What the kernel exports; `kernel/index.ts` says what each does. */
export interface Exports {
  memory: WebAssembly.Memory;
  start(): void;
  windowStart(): number;
  heapBytes(): number;
  allocated(): number;
  setLimit(bytes: number): void;
  clear(): void;
  lineEnd(from: number, to: number): number;
  countLines(from: number, to: number): number;
  scan(p: number, end: number, limit: number): number;
  layoutsChanged(): void;
  source(at: number, length: number): number;
  /** Ranges of time that intervals cover: see kernel/ranges.ts. */
  extendRange(source: number, from: number, to: number): number;
  rangeFrom(source: number): number;
  rangeTo(source: number): number;
  setRange(source: number, from: number, to: number): void;
  rangeCount(): number;
  /** A day's values: see kernel/day.ts. */
  readDay(p: number, end: number, k: number, count: number, unit: number): number;
  hashDay(count: number, flagged: boolean): void;
  countDay(source: number, from: number, length: number, count: number, width: number, negate: boolean): void;
  /** The sources of a table's columns: see kernel/columns.ts. */
  forgetColumns(): void;
  noteColumn(source: number, column: number, count: number, number: number): void;
  /** Provisional sources: see kernel/provisional.ts. */
  openSource(): number;
  pinSource(source: number): void;
  settleSource(source: number, into: number): void;
  hasReadings(source: number): number;
  settled(source: number): number;
  sourceCount(): number;
  entryOf(source: number): number;
  pageCount(): number;
  pageTable(): number;
  pageTableSize(): number;
  addScaled(
    source: number,
    plane: number,
    slot: number,
    second: number,
    mantissa: number,
    power: number,
    negative: boolean,
  ): void;
  addLimbs(
    source: number,
    plane: number,
    slot: number,
    second: number,
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    negative: boolean,
  ): void;
  addPart(
    source: number,
    plane: number,
    slot: number,
    mantissa: number,
    power: number,
    negative: boolean,
    covers: number,
  ): void;
  addPartLimbs(
    source: number,
    plane: number,
    slot: number,
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    covers: number,
  ): void;
  placeScaled(
    source: number,
    plane: number,
    slot: number,
    second: number,
    mantissa: number,
    power: number,
    negative: boolean,
    readings: number,
  ): void;
  addScaledSize(mantissa: number, power: number): void;
  addSize(l0: number, l1: number, l2: number, l3: number): void;
  place(
    source: number,
    plane: number,
    slot: number,
    second: number,
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    readings: number,
  ): void;
}
