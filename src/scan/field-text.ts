/** The text of a record's fields, with escapes and doubled quotes resolved. */
import { type Fields, Kind } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { unescapeCell, unescapeCellTo, unescapeString, unescapeStringTo } from "./unescape.js";

const BLANK = 32;

export class FieldText {
  /** Addresses of the text that was located last: valid until the next one is. */
  start = 0;
  end = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly fields: Fields,
  ) {}

  /** Locates a field's text: in the window, or, where something has to be resolved, in the kernel's scratch area. */
  locate(field: number): void {
    const { fields, kernel } = this;
    const kind = fields.kind[field];
    this.start = fields.start[field];
    this.end = fields.end[field];
    if (kind !== Kind.escaped && kind !== Kind.quotedCell) return;
    const to = kernel.scratch(this.end - this.start);
    this.end = this.copy(field, to);
    this.start = to;
  }

  /** Locates the texts of two fields, joined by a blank. */
  join(field: number, next: number): void {
    const { fields, kernel } = this;
    const { start, end } = fields;
    this.start = kernel.scratch(end[field] - start[field] + 1 + end[next] - start[next]);
    const to = this.copy(field, this.start);
    kernel.bytes[to] = BLANK;
    this.end = this.copy(next, to + 1);
  }

  /** Copies a field's text to an address; returns the end. */
  private copy(field: number, to: number): number {
    const { bytes } = this.kernel;
    const start = this.fields.start[field];
    const end = this.fields.end[field];
    const kind = this.fields.kind[field];
    if (kind === Kind.escaped) return unescapeStringTo(bytes, start, end, bytes, to);
    if (kind === Kind.quotedCell) return unescapeCellTo(bytes, start, end, bytes, to);
    for (let p = start; p < end; p++) bytes[to++] = bytes[p];
    return to;
  }

  /** A field's text, for messages. */
  plain(field: number): Uint8Array {
    const { fields, kernel } = this;
    const raw = kernel.bytes.subarray(fields.start[field], fields.end[field]);
    const kind = fields.kind[field];
    return kind === Kind.escaped ? unescapeString(raw) : kind === Kind.quotedCell ? unescapeCell(raw) : raw;
  }
}

export function isText(kind: number): boolean {
  return kind === Kind.string || kind === Kind.escaped || kind === Kind.cell || kind === Kind.quotedCell;
}
