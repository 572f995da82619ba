/**
 * The slow path: validates one record, whose fields were found, and counts it if it is good. What is valid is decided
 * here, and in `time/` and `tally/`, for every format; the kernel only repeats what has passed here before.
 */

import { DECIMAL_OK, DECIMAL_TOO_LARGE, type Decimal, readDecimal } from "../tally/decimal.js";
import { DEFERRED, Plane } from "../tally/tally.js";
import { readInstant, type Stamp } from "../time/instant.js";
import { FormatReader } from "../time/read-format.js";
import { compileFormat } from "../time/timestamp-format.js";
import { type Fields, Kind, SOURCE, TIMESTAMP, VALUE } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { isBlank } from "./line.js";
import type { ScanPlan } from "./plan.js";
import type { Reason } from "./reasons.js";
import type { RowOrder } from "./row-order.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";
import { isSlow } from "./slow-days.js";
import { unescapeCell, unescapeCellTo, unescapeString, unescapeStringTo } from "./unescape.js";

const COMMA = 44;
const POINT = 46;
const BLANK = 32;

export class RecordValidator {
  /** Readings changed by rounding at the 18th decimal place. */
  rounded = 0;
  /** Index of the field that named the source of the last good record; -1 for the unnamed source. */
  sourceField = -1;
  /** Whether the kernel could count a record like the last good one. */
  teaches = true;
  private readonly stamp: Stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  private readonly decimal: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };

  /** Reads timestamps; `undefined` if they are ISO 8601. */
  private readonly format: FormatReader | undefined;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly fields: Fields,
    readonly order: RowOrder,
  ) {
    const { timestampFormat } = plan;
    this.format = timestampFormat === undefined ? undefined : new FormatReader(compileFormat(timestampFormat));
  }

  /** Counts the record whose fields are in the kernel's window, or returns why it is bad. */
  take(): Reason | undefined {
    const { fields, plan, decimal } = this;
    if (fields.kind[TIMESTAMP] === Kind.absent) return "missing_timestamp";
    if (fields.time >= 0 && fields.kind[fields.time] === Kind.absent) return "missing_timestamp";
    if (!this.readTimestamp()) return "bad_timestamp";
    if (plan.repeatedHour === "fail" && this.isRepeated()) return "repeated_wall_time";

    if (fields.kind[VALUE] === Kind.absent) return "missing_value";
    const read = this.readValue();
    if (read !== DECIMAL_OK) return read === DECIMAL_TOO_LARGE ? "value_too_large" : "bad_value";

    const source = this.readSource();
    if (source < 0) return "bad_source";
    if (decimal.rounded) this.rounded++;
    this.count(source);
    return undefined;
  }

  /** Reads the timestamp, or date and time joined by a blank, into `stamp`; false if it is not valid. */
  private readTimestamp(): boolean {
    const { fields, kernel, stamp, format } = this;
    const kind = fields.kind[TIMESTAMP];
    let start = fields.start[TIMESTAMP];
    let end = fields.end[TIMESTAMP];
    if (fields.time >= 0) {
      if (!isText(kind) || !isText(fields.kind[fields.time])) return false;
      end = this.joinTime();
      start = this.unescaped;
    } else if (kind === Kind.escaped || kind === Kind.quotedCell) {
      end = this.unescape(TIMESTAMP);
      start = this.unescaped;
    } else if (kind === Kind.number) {
      // Digits that are a number have lost their zeros: 0045 is 45. Only an epoch is a number.
      if (format?.format.epoch === undefined) return false;
    } else if (!isText(kind)) return false;
    if (format !== undefined) return format.read(kernel.bytes, start, end, stamp);
    return readInstant(kernel.bytes, start, end, stamp);
  }

  private readValue(): number {
    const { fields, decimal, plan } = this;
    const bytes = this.kernel.bytes;
    const kind = fields.kind[VALUE];
    if (kind === Kind.number)
      return readDecimal(bytes, fields.start[VALUE], fields.end[VALUE], POINT, plan.unitPower, decimal);
    const comma = plan.decimalComma ? COMMA : POINT;
    if (kind < Kind.string || (kind > Kind.escaped && kind < Kind.cell)) return -1;
    const plain = kind === Kind.string || kind === Kind.cell;
    let end = plain ? fields.end[VALUE] : this.unescape(VALUE);
    let start = plain ? fields.start[VALUE] : this.unescaped;
    while (start < end && isBlank(bytes[start])) start++;
    while (start < end && isBlank(bytes[end - 1])) end--;
    return readDecimal(bytes, start, end, comma, plan.unitPower, decimal);
  }

  /** The number of the record's source, or -1 if its id is bad. */
  private readSource(): number {
    const { kind } = this.fields;
    this.sourceField = -1;
    for (let f = SOURCE; f < this.fields.sourcesEnd; f++) {
      if (kind[f] === Kind.absent) continue;
      const source = this.idIn(f);
      if (source === 0) continue;
      if (source > 0) this.sourceField = f;
      return source;
    }
    return this.kernel.unnamed;
  }

  /** The number of the source whose id is in a field; 0 for `null` and `""`; -1 if the id is bad. */
  idIn(f: number): number {
    const { fields, kernel } = this;
    const kind = fields.kind[f];
    if (kind === Kind.null) return 0;
    let start = fields.start[f];
    let end = fields.end[f];
    if (kind === Kind.escaped || kind === Kind.quotedCell) {
      end = this.unescape(f);
      start = this.unescaped;
    }
    if (kind === Kind.string || kind === Kind.cell || kind === Kind.escaped || kind === Kind.quotedCell) {
      if (start === end) return 0;
      for (let p = start; p < end; p++) if (kernel.bytes[p] === 0) return -1;
      return kernel.source(start, end);
    }
    if (kind !== Kind.number) return -1;
    for (let p = start; p < end; p++) {
      const c = kernel.bytes[p];
      if ((c < 48 || c > 57) && !(c === 45 && p === start)) return -1;
    }
    // The integer -0 is 0.
    if (end - start === 2 && kernel.bytes[start] === 45 && kernel.bytes[start + 1] === 48)
      return kernel.source(start + 1, end);
    return kernel.source(start, end);
  }

  /** Whether the last good record was the one that the plan looks for. */
  found = false;

  private isRepeated(): boolean {
    const { order, stamp } = this;
    if (!Number.isNaN(stamp.offset)) return false;
    const change = order.changeAt(stamp);
    return change >= 0 && order.isRepeated(change, stamp);
  }

  private count(source: number): void {
    const { stamp, plan, order } = this;
    const wall = Number.isNaN(stamp.offset);
    this.teaches = !isSlow(this.kernel.bytes, wall, wall ? stamp.wall : stamp.wall - stamp.offset);
    // On days when a clock is put back, the order of all rows matters.
    const change = wall ? order.changeAt(stamp) : -1;
    if (change < 0) this.countAt(source, wall, wall ? stamp.wall : stamp.wall - stamp.offset);
    else if (plan.repeatedHour !== "order") {
      if (order.isRepeated(change, stamp)) this.countAt(source, false, order.instantOf(change, stamp));
      else this.countAt(source, true, stamp.wall);
    } else {
      if (order.mustWait(change, stamp)) this.add(source, DEFERRED, 0, stamp.wall);
      else this.countAt(source, true, stamp.wall);
      order.addRow(source, change, stamp);
    }
    const { lookFor } = plan;
    if (lookFor !== undefined)
      this.found = stamp.wall - (stamp.offset || 0) === (wall ? lookFor.wall : lookFor.instant);
  }

  /** Counts a reading in the slot of its second. @param second wall second if `wall`, else epoch second */
  private countAt(source: number, wall: boolean, second: number): void {
    const { stamp, plan } = this;
    const border = plan.stampsEnd && !stamp.fraction;
    let plane: number;
    let slot: number;
    if (wall) {
      const { width, from, gaps } = plan.walls;
      if (second < from || inGap(gaps, second)) {
        plane = border ? Plane.wallFineBorder : Plane.wallFine;
        slot = second;
      } else {
        slot = Math.floor(second / width);
        plane = border && slot * width === second ? Plane.wallBorder : Plane.wall;
      }
    } else {
      plane = planeOfInstant(plan, second, border);
      slot = slotOfInstant(plan, plane, second, border);
    }
    this.add(source, plane, slot, second);
  }

  private add(source: number, plane: number, slot: number, wholeSecond: number): void {
    const { stamp, decimal, kernel } = this;
    // Half a second stands for any fraction: it only matters whether a timestamp is on a whole second.
    const second = stamp.fraction ? wholeSecond + 0.5 : wholeSecond;
    if (decimal.big !== undefined) kernel.addBig(source, plane, slot, second, decimal.big, decimal.negative);
    else kernel.addScaled(source, plane, slot, second, decimal.mantissa, decimal.power, decimal.negative);
  }

  /** Address of the bytes that `unescape` wrote last. */
  private unescaped = 0;

  /** Writes a field's text, without escapes or doubled quotes, to the kernel's scratch area, valid until the next call; returns the end. */
  private unescape(field: number): number {
    const { fields, kernel } = this;
    this.unescaped = kernel.scratch(fields.end[field] - fields.start[field]);
    return this.copyPlain(field, this.unescaped);
  }

  /** Writes date and time, joined by a blank, as `unescape` does; returns the end. */
  private joinTime(): number {
    const { fields, kernel } = this;
    const { bytes } = kernel;
    const { start, end, time } = fields;
    const length = end[TIMESTAMP] - start[TIMESTAMP] + 1 + end[time] - start[time];
    this.unescaped = kernel.scratch(length);
    const to = this.copyPlain(TIMESTAMP, this.unescaped);
    bytes[to] = BLANK;
    return this.copyPlain(time, to + 1);
  }

  /** Copies a field's text, with escapes or doubled quotes resolved, to an address; returns the end. */
  private copyPlain(field: number, to: number): number {
    const { fields, kernel } = this;
    const { bytes } = kernel;
    const start = fields.start[field];
    const end = fields.end[field];
    const kind = fields.kind[field];
    if (kind === Kind.escaped) return unescapeStringTo(bytes, start, end, bytes, to);
    if (kind === Kind.quotedCell) return unescapeCellTo(bytes, start, end, bytes, to);
    for (let p = start; p < end; p++) bytes[to++] = bytes[p];
    return to;
  }

  /** A field's text with escapes or doubled quotes resolved. */
  plain(field: number): Uint8Array {
    const { fields, kernel } = this;
    const raw = kernel.bytes.subarray(fields.start[field], fields.end[field]);
    const kind = fields.kind[field];
    return kind === Kind.escaped ? unescapeString(raw) : kind === Kind.quotedCell ? unescapeCell(raw) : raw;
  }
}

function isText(kind: number): boolean {
  return kind === Kind.string || kind === Kind.escaped || kind === Kind.cell || kind === Kind.quotedCell;
}

/** Whether a second is in one of the ranges: flat ascending pairs [from, to). */
function inGap(gaps: Float64Array, second: number): boolean {
  let low = 0;
  let high = gaps.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (gaps[2 * middle + 1] <= second) low = middle + 1;
    else high = middle;
  }
  return low < gaps.length >> 1 && gaps[2 * low] <= second;
}
