/** Reads the value of a record, or tells that there is none. */
import { DECIMAL_OK, type Decimal, readDecimal } from "../tally/decimal.js";
import { type FieldText, isText } from "./field-text.js";
import { type Fields, Kind, VALUE } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { isBlank } from "./line.js";
import type { ScanPlan } from "./plan.js";

const COMMA = 44;
const POINT = 46;
const MINUS = 45;
const ZERO = 48;
/** Digits of a group. */
const GROUP = 3;

export class ValueReader {
  readonly decimal: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  private readonly thousands: Uint8Array | undefined;
  private readonly missing: readonly Uint8Array[];
  /** Whether a text that means that there is no reading is a number. */
  readonly missesNumbers: boolean;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly fields: Fields,
    private readonly texts: FieldText,
  ) {
    this.thousands = plan.thousands === undefined ? undefined : Buffer.from(plan.thousands);
    this.missing = plan.missing.map((one) => Buffer.from(one));
    this.missesNumbers = this.missing.some((one) =>
      [COMMA, POINT].some((mark) => readDecimal(one, 0, one.length, mark, 0, this.decimal) === DECIMAL_OK),
    );
  }

  /** Whether the value is one of the texts that mean that there is none; `null` is as the empty one. */
  isMissing(): boolean {
    const { fields, kernel, missing, texts: text } = this;
    if (missing.length === 0) return false;
    const kind = fields.kind[VALUE];
    if (kind === Kind.null) return missing.some(({ length }) => length === 0);
    if (kind !== Kind.number && !isText(kind)) return false;
    text.locate(VALUE);
    return missing.some((one) => isSame(one, kernel.bytes, text.start, text.end));
  }

  /** The value's text, for what is read again: without marks between groups of digits. */
  text(): string {
    const text = Buffer.from(this.texts.plain(VALUE)).toString("latin1");
    const { thousands } = this;
    return thousands === undefined ? text : text.replaceAll(Buffer.from(thousands).toString("latin1"), "");
  }

  /** Reads the value into `decimal`; returns a code of `readDecimal`, or -1 if it is no number. @param unitPower of the unit */
  read(unitPower: number): number {
    const { fields, decimal, plan, texts: text } = this;
    const { bytes } = this.kernel;
    const kind = fields.kind[VALUE];
    if (kind === Kind.number)
      return readDecimal(bytes, fields.start[VALUE], fields.end[VALUE], POINT, unitPower, decimal);
    if (!isText(kind)) return -1;
    text.locate(VALUE);
    let { start, end } = text;
    while (start < end && isBlank(bytes[start])) start++;
    while (start < end && isBlank(bytes[end - 1])) end--;
    const mark = plan.decimalComma ? COMMA : POINT;
    if (this.thousands === undefined) return readDecimal(bytes, start, end, mark, unitPower, decimal);
    return this.readGroups(this.thousands, start, end, mark, unitPower);
  }

  /** Reads a number whose digits may be in groups: the first has one to three and is not `0`, those after a mark have three. */
  private readGroups(thousands: Uint8Array, start: number, end: number, comma: number, unitPower: number): number {
    const { bytes } = this.kernel;
    const to = this.kernel.scratch(end - start);
    let at = to;
    let p = start;
    if (bytes[p] === MINUS) bytes[at++] = bytes[p++];
    const first = p;
    let group = 0;
    let groups = 0;
    for (; p < end; ) {
      if (isDigit(bytes[p])) {
        group++;
        bytes[at++] = bytes[p++];
        continue;
      }
      if (!isAt(thousands, bytes, p, end)) break;
      if (groups === 0 ? group < 1 || group > GROUP || bytes[first] === ZERO : group !== GROUP) return -1;
      groups++;
      group = 0;
      p += thousands.length;
    }
    if (groups > 0 && group !== GROUP) return -1;
    while (p < end) bytes[at++] = bytes[p++];
    return readDecimal(bytes, to, at, comma, unitPower, this.decimal);
  }
}

function isDigit(c: number): boolean {
  return c >= ZERO && c <= ZERO + 9;
}

function isAt(text: Uint8Array, bytes: Uint8Array, p: number, end: number): boolean {
  return p + text.length <= end && isSame(text, bytes, p, p + text.length);
}

function isSame(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
