/**
 * The fields of a record, as a format finds them: for each wanted field its kind and its bytes in the window. A string's
 * bytes are those between its quotes.
 */
import type { ScanPlan } from "./plan.js";
import { isPattern, ValueNames } from "./value-names.js";

export const Kind = {
  absent: 0,
  string: 1,
  /** A JSON string with escapes in it, or a CSV cell with doubled quotes. */
  escaped: 2,
  number: 3,
  true: 4,
  false: 5,
  null: 6,
  object: 7,
  array: 8,
  /** A CSV cell: text that may be a number. */
  cell: 9,
  /** A CSV cell with doubled quotes. */
  quotedCell: 10,
} as const;

/**
 * Indexes of the wanted fields: timestamp, value, then the source fields, then those that there are of the time, the interval's
 * end (or its date and its time), its length, the unit, and what records are selected by.
 */
export const TIMESTAMP = 0;
export const VALUE = 1;
export const SOURCE = 2;

/** The number of the column that `#3` stands for, counted from 1; 0 for other names. */
export function columnNumber(field: string): number {
  return /^#[1-9]\d{0,4}$/.test(field) ? Number(field.slice(1)) : 0;
}

/** Is no name in UTF-8. */
const NO_NAME = Uint8Array.of(255);

/** Options that name fields. */
export type FieldOption =
  | "timestampField"
  | "valueField"
  | "sourceField"
  | "timeField"
  | "endField"
  | "durationField"
  | "unitField"
  | "only"
  | "profile";

export class Fields {
  /** That of the value is the current one's, if there are several. */
  readonly names: string[];
  /** How several values are found; `undefined`: the value is one field. */
  readonly several: ValueNames | undefined;
  /** Whether the current record, or table, has several: fields from `valuesFrom` on. */
  isSeveral = false;
  readonly valuesFrom: number;
  /** Whether several values are those of a day, one after another, of one source. */
  readonly isDay: boolean;
  /** The names of several values. */
  values: string[] = [];
  /** Whether they are those of a table's columns, in each record the same. */
  isTable = false;
  /** The number of the current one. */
  selected = 0;
  /** As UTF-8. */
  private valueBytes: Uint8Array[] = [];
  /** The name of the current value, of several, as UTF-8. */
  valueName: Uint8Array = new Uint8Array(0);
  /** The numbers of the values that were found in the current record, by their names. */
  private readonly found = new Map<string, number>();
  /** Names or patterns that no field of the current record fits. */
  lacking: readonly string[] = [];
  /** The index after the last source field. */
  readonly sourcesEnd: number;
  /** The index of the time's field; -1 if it has none. */
  readonly time: number;
  /** The index of the unit's field; -1 if it has none. */
  readonly unit: number;
  /** The index of the field that tells export; -1 if none does. */
  readonly exportField: number;
  /** The indexes of the fields that records are selected by. */
  readonly only: readonly number[];
  /** Fields from this one on are not read from records that the kernel counts: they are as in the record that it learnt. */
  readonly literalFrom: number;
  /** The indexes of the interval's end, and of its length; -1 if that has no field. */
  readonly ends: readonly number[];
  readonly duration: number;
  /** The names as UTF-8. */
  readonly nameBytes: Uint8Array[];
  kind: Uint8Array;
  start: Int32Array;
  end: Int32Array;

  constructor(plan: ScanPlan) {
    const { timestampField, valueFields, sourceFields, timeField, endFields, durationField, unitField, only } = plan;
    this.several = plan.several ? new ValueNames([...new Set(valueFields)]) : undefined;
    this.isDay = plan.interval?.length === "columns";
    const names = [timestampField, valueFields[0] as string, ...sourceFields];
    this.names = names;
    this.sourcesEnd = names.length;
    const add = (name: string | undefined) => (name === undefined ? -1 : names.push(name) - 1);
    this.time = add(timeField);
    this.ends = endFields.map(add);
    this.duration = add(durationField);
    this.literalFrom = names.length;
    this.unit = this.indexOf(unitField);
    this.only = only.map(({ name }) => this.indexOf(name));
    const { exportMark } = plan;
    this.exportField = this.indexOf(exportMark !== undefined && "field" in exportMark ? exportMark.field : undefined);
    this.nameBytes = this.names.map((name) => new TextEncoder().encode(name));
    if (this.several !== undefined) this.nameBytes[VALUE] = NO_NAME;
    this.valuesFrom = this.names.length;
    this.kind = new Uint8Array(this.names.length);
    this.start = new Int32Array(this.names.length);
    this.end = new Int32Array(this.names.length);
  }

  /** The index of the field with a name, which is added if there is none. */
  private indexOf(name: string | undefined): number {
    if (name === undefined) return -1;
    const known = this.names.indexOf(name);
    return known >= 0 ? known : this.names.push(name) - 1;
  }

  /** The option that names a field. */
  optionOf(field: number): FieldOption {
    if (field === TIMESTAMP) return "timestampField";
    if (field === VALUE) return "valueField";
    if (field < this.sourcesEnd) return "sourceField";
    if (field === this.time) return "timeField";
    if (field === this.unit) return "unitField";
    if (this.only.includes(field)) return "only";
    if (field === this.exportField) return "profile";
    return field === this.duration ? "durationField" : "endField";
  }

  clear(): void {
    this.kind.fill(Kind.absent);
  }

  set(field: number, kind: number, start: number, end: number): void {
    this.kind[field] = kind;
    this.start[field] = start;
    this.end[field] = end;
  }

  /** The names that make an object a record. */
  get needed(): readonly string[] {
    return [this.names[TIMESTAMP] as string, ...(this.several?.literal ?? [this.names[VALUE] as string])];
  }

  /** Names the values of the records that follow: those of several; `undefined`: there is one. */
  useValues(names: readonly string[] | undefined): void {
    this.isSeveral = names !== undefined;
    this.isTable = names !== undefined;
    this.lacking = [];
    if (names === undefined) {
      if (this.several !== undefined) this.names[VALUE] = this.several.names[0] as string;
      return;
    }
    this.values = [...names];
    this.valueBytes = names.map((name) => Buffer.from(name));
    this.reserve(names.length);
  }

  /** Forgets the values of the record before. */
  clearFound(): void {
    this.found.clear();
    this.values.length = 0;
    this.valueBytes.length = 0;
  }

  /** Keeps what is set as the value as that of one of several fields; of a name that comes twice, the last counts. */
  keepFound(name: string): void {
    let n = this.found.get(name);
    if (n === undefined) {
      n = this.values.push(name) - 1;
      this.valueBytes.push(Buffer.from(name));
      this.found.set(name, n);
      this.reserve(n + 1);
    }
    this.set(this.valuesFrom + n, this.kind[VALUE], this.start[VALUE], this.end[VALUE]);
    this.kind[VALUE] = Kind.absent;
  }

  /** Chooses the values among those that were kept. */
  chooseFound(several: ValueNames): void {
    const { values } = this;
    const { chosen, lacking } = several.choose(values);
    this.lacking = lacking;
    this.isTable = false;
    const [only] = several.names;
    this.isSeveral = several.names.length > 1 || only === undefined || !this.found.has(only) || !isPattern(only);
    if (!this.isSeveral) {
      this.select(this.found.get(only as string) as number);
      return;
    }
    for (let n = 0; n < values.length; n++) if (!chosen[n]) this.kind[this.valuesFrom + n] = Kind.absent;
  }

  /** Whether the record has a value that is given by its name, not by a pattern. */
  get hasNamedValue(): boolean {
    if (this.several === undefined) return this.kind[VALUE] !== Kind.absent;
    return this.several.literal.some((name) => this.found.has(name));
  }

  /** Whether one of several values is there. */
  has(n: number): boolean {
    return this.kind[this.valuesFrom + n] !== Kind.absent;
  }

  /** Whether one of several values is not there, or empty. */
  isEmpty(n: number): boolean {
    const at = this.valuesFrom + n;
    const kind = this.kind[at];
    if (kind === Kind.absent || kind === Kind.null) return true;
    return kind !== Kind.number && this.start[at] === this.end[at];
  }

  /** Sets the value to one of several. */
  select(n: number): void {
    const from = this.valuesFrom + n;
    this.selected = n;
    this.set(VALUE, this.kind[from], this.start[from], this.end[from]);
    this.names[VALUE] = this.values[n] as string;
    this.valueName = this.valueBytes[n] as Uint8Array;
  }

  private reserve(values: number): void {
    const length = this.valuesFrom + values;
    if (length <= this.kind.length) return;
    const { kind, start, end } = this;
    this.kind = new Uint8Array(2 * length);
    this.start = new Int32Array(2 * length);
    this.end = new Int32Array(2 * length);
    this.kind.set(kind);
    this.start.set(start);
    this.end.set(end);
  }

  /** The index of the wanted field whose name is in `bytes[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    for (let f = 0; f < this.nameBytes.length; f++) {
      const name = this.nameBytes[f];
      if (name.length !== length) continue;
      let i = 0;
      while (i < length && bytes[start + i] === name[i]) i++;
      if (i === length) return f;
    }
    return -1;
  }
}
