/** Which records count at all: those that an option asks for, and those whose unit is one of energy. */

import { ENERGY_UNITS } from "./energy-units.js";
import { type FieldText, isText } from "./field-text.js";
import { type Fields, Kind } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { isBlank } from "./line.js";
import type { ScanPlan } from "./plan.js";

/** Units that are told apart in the counts, and characters of one. */
const MOST_UNITS = 20;
const UNIT_LENGTH = 20;

export class RecordFilter {
  /** Which of the fields to select by the last record had, as bits. */
  present = 0;
  /** The power of ten of the last record's unit; 0: it has none. */
  unitPower: number;
  private readonly wanted: readonly (readonly Uint8Array[])[];
  private readonly units = new Set<string>();

  constructor(
    private readonly kernel: Kernel,
    plan: ScanPlan,
    private readonly fields: Fields,
    private readonly text: FieldText,
  ) {
    this.unitPower = plan.unitPower;
    this.wanted = plan.only.map(({ values }) => values.map((one) => Buffer.from(one)));
  }

  /** Why the record whose fields are set does not count; `undefined` if it does. */
  why(): string | undefined {
    if (this.wanted.length > 0 && !this.isAskedFor()) return "only";
    return this.fields.unit < 0 ? undefined : this.otherUnit();
  }

  private isAskedFor(): boolean {
    const { fields, wanted } = this;
    this.present = 0;
    let asked = true;
    for (let n = 0; n < wanted.length; n++) {
      const field = fields.only[n];
      if (fields.kind[field] === Kind.absent) asked = false;
      else {
        this.present |= 1 << n;
        if (!this.isOneOf(field, wanted[n])) asked = false;
      }
    }
    return asked;
  }

  /** Whether a field's text, or a value that is not a string as it is written, is one of these. */
  private isOneOf(field: number, values: readonly Uint8Array[]): boolean {
    const { kernel, text } = this;
    text.locate(field);
    const found = kernel.bytes.subarray(text.start, text.end);
    return values.some((one) => Buffer.compare(one, found) === 0);
  }

  /** Reads the record's unit. @returns why it does not count, if the unit is none of energy */
  private otherUnit(): string | undefined {
    const { fields, kernel, text, units } = this;
    this.unitPower = 0;
    if (!isText(fields.kind[fields.unit])) return undefined;
    text.locate(fields.unit);
    let { start, end } = text;
    while (start < end && isBlank(kernel.bytes[start])) start++;
    while (start < end && isBlank(kernel.bytes[end - 1])) end--;
    if (start === end) return undefined;
    const unit = Buffer.from(kernel.bytes.subarray(start, Math.min(end, start + 4 * UNIT_LENGTH))).toString("utf8");
    const power = end - start <= 3 ? ENERGY_UNITS[unit.toLowerCase()] : undefined;
    if (power !== undefined) {
      this.unitPower = power;
      return undefined;
    }
    const shown = [...unit].slice(0, UNIT_LENGTH).join("");
    if (units.size < MOST_UNITS) units.add(shown);
    return units.has(shown) ? `unit ${shown}` : "other units";
  }
}
