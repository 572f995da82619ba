/**
 * The fields of a record, as a format finds them: for each wanted field its kind and its bytes in the window. A string's
 * bytes are those between its quotes.
 */
import type { ScanPlan } from "./plan.js";

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
 * Indexes of the wanted fields: timestamp, value, then the source fields, in order of precedence, then those that there are of
 * the time, the interval's end (or its date and its time), and its length.
 */
export const TIMESTAMP = 0;
export const VALUE = 1;
export const SOURCE = 2;

/** The number of the column that `#3` stands for, counted from 1; 0 for other names. */
export function columnNumber(field: string): number {
  return /^#[1-9]\d{0,4}$/.test(field) ? Number(field.slice(1)) : 0;
}

/** Options that name fields. */
export type FieldOption = "timestampField" | "valueField" | "sourceField" | "timeField" | "endField" | "durationField";

export class Fields {
  readonly names: readonly string[];
  /** The index after the last source field. */
  readonly sourcesEnd: number;
  /** The index of the time's field; -1 if it has none. */
  readonly time: number;
  /** The indexes of the interval's end, and of its length; -1 if that has no field. */
  readonly ends: readonly number[];
  readonly duration: number;
  /** The names as UTF-8. */
  readonly nameBytes: readonly Uint8Array[];
  readonly kind: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;

  constructor(plan: ScanPlan) {
    const { timestampField, valueField, sourceFields, timeField, endFields, durationField } = plan;
    const names = [timestampField, valueField, ...sourceFields];
    this.names = names;
    this.sourcesEnd = names.length;
    const add = (name: string | undefined) => (name === undefined ? -1 : names.push(name) - 1);
    this.time = add(timeField);
    this.ends = endFields.map(add);
    this.duration = add(durationField);
    this.nameBytes = this.names.map((name) => new TextEncoder().encode(name));
    this.kind = new Uint8Array(this.names.length);
    this.start = new Int32Array(this.names.length);
    this.end = new Int32Array(this.names.length);
  }

  /** The option that names a field. */
  optionOf(field: number): FieldOption {
    if (field === TIMESTAMP) return "timestampField";
    if (field === VALUE) return "valueField";
    if (field < this.sourcesEnd) return "sourceField";
    if (field === this.time) return "timeField";
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
