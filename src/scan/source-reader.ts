/** Reads whose reading a record is. */
import { type FieldText, isText } from "./field-text.js";
import { type Fields, Kind, SOURCE, VALUE } from "./fields.js";
import type { Kernel } from "./kernel.js";
import type { ScanPlan } from "./plan.js";
import type { Reason } from "./reasons.js";

const SLASH = 47;
/** Bytes of the ids of a row's sources, which all repeat the row's own. */
const MAX_ROW_IDS = 1024 * 1024;

export class SourceReader {
  /** Index of the field that named the source of the last good record; -1 for the unnamed source. */
  sourceField = -1;
  /** The provisional source of a column's values, where the object around the records is yet to tell whose they are. */
  unnamedColumn: (name: string) => number = () => 0;
  /** Whether the source that was read last is provisional. */
  isProvisional = false;
  /** The parts of an id, joined. */
  private joined = new Uint8Array(64);

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly fields: Fields,
    private readonly text: FieldText,
  ) {}

  /** Whether the id of a record with several values is good. */
  check(): Reason | undefined {
    const located = this.locateSource();
    return located < 0 || (located > 0 && this.isTooLong()) ? "bad_source" : undefined;
  }

  /** Whether the id that was located last is too long to be repeated for each of the record's values. */
  isTooLong(): boolean {
    return (this.text.end - this.text.start) * this.fields.values.length > MAX_ROW_IDS;
  }

  /** Locates the id of the record's source: 1; 0 if it has none; -1 if that is bad. */
  private locateSource(): number {
    const { kind } = this.fields;
    this.sourceField = -1;
    if (this.plan.sourceJoined) return this.locateParts();
    for (let f = SOURCE; f < this.fields.sourcesEnd; f++) {
      if (kind[f] === Kind.absent) continue;
      const located = this.locateId(f);
      if (located === 0) continue;
      this.sourceField = f;
      return located;
    }
    return 0;
  }

  /** The same for an id whose parts are in several fields: they are joined by `/`. */
  private locateParts(): number {
    const { fields, kernel, text } = this;
    let length = 0;
    let some = false;
    for (let f = SOURCE; f < fields.sourcesEnd; f++) {
      const located = fields.kind[f] === Kind.absent ? 0 : this.locateId(f);
      if (located < 0) {
        this.sourceField = f;
        return -1;
      }
      if (f > SOURCE) length = this.append(length, SLASH);
      if (located === 0) continue;
      some = true;
      for (let p = text.start; p < text.end; p++) length = this.append(length, kernel.bytes[p]);
    }
    if (!some) return 0;
    this.sourceField = SOURCE;
    text.start = kernel.scratch(length);
    text.end = text.start + length;
    kernel.bytes.set(this.joined.subarray(0, length), text.start);
    return 1;
  }

  private append(at: number, byte: number): number {
    if (at === this.joined.length) {
      const { joined } = this;
      this.joined = new Uint8Array(2 * at);
      this.joined.set(joined);
    }
    this.joined[at] = byte;
    return at + 1;
  }

  /** The number of the record's source, or -1 if its id is bad. */
  read(): number {
    const { kernel, fields, text } = this;
    const located = this.locateSource();
    if (located < 0) return -1;
    if (fields.isSeveral && !fields.isDay && this.plan.keep?.isExchange !== true) return this.columnSource(located > 0);
    this.isProvisional = located === 0 && kernel.unnamed > 0;
    return located > 0 ? kernel.source(text.start, text.end) : kernel.unnamed;
  }

  /** The number of the source that one of several values has: `SOURCE/COLUMN`. @param own whether the record has a source */
  private columnSource(own: boolean): number {
    const { kernel, fields, text } = this;
    const { valueName } = fields;
    for (const c of valueName) if (c === 0) return -1;
    this.isProvisional = !own && kernel.unnamed > 0;
    if (this.isProvisional) return this.unnamedColumn(fields.names[VALUE]);
    const row = fields.isTable && own ? kernel.source(text.start, text.end) : 0;
    const length = own ? text.end - text.start + 1 : 0;
    const to = kernel.scratch(length + valueName.length);
    if (own) {
      kernel.bytes.copyWithin(to, text.start, text.end);
      kernel.bytes[to + length - 1] = SLASH;
    }
    kernel.bytes.set(valueName, to + length);
    const number = kernel.source(to, to + length + valueName.length);
    if (fields.isTable) kernel.exports.noteColumn(row, fields.selected, fields.values.length, number);
    return number;
  }

  /** The number of the source whose id is in a field; 0 for `null` and `""`; -1 if the id is bad. */
  idIn(f: number): number {
    const { kernel, text } = this;
    const located = this.locateId(f);
    return located > 0 ? kernel.source(text.start, text.end) : located;
  }

  /** Locates the id in a field: 1; 0 for `null` and `""`; -1 if the id is bad. */
  private locateId(f: number): number {
    const { fields, kernel, text } = this;
    const kind = fields.kind[f];
    if (kind === Kind.null) return 0;
    if (kind !== Kind.number && !isText(kind)) return -1;
    text.locate(f);
    const { start, end } = text;
    if (kind !== Kind.number) {
      if (start === end) return 0;
      for (let p = start; p < end; p++) if (kernel.bytes[p] === 0) return -1;
      return 1;
    }
    for (let p = start; p < end; p++) {
      const c = kernel.bytes[p];
      if ((c < 48 || c > 57) && !(c === 45 && p === start)) return -1;
    }
    // The integer -0 is 0.
    if (end - start === 2 && kernel.bytes[start] === 45 && kernel.bytes[start + 1] === 48) text.start++;
    return 1;
  }
}
