/** A needed field is missing: which one may be meant. */
import { type Message, option, say, together } from "../base/message.js";
import { energyUnitOf } from "../quality/field-names.js";
import { cut, quoted } from "./excerpt.js";
import type { FieldOption } from "./fields.js";
import { pointer } from "./json-pointer.js";
import type { Member } from "./json-record.js";

/** Common names of the fields that Electro needs, for guessing which of a record's fields is meant. */
const LIKELY = {
  timestampField: /^(time_?stamp|date_?time|time|date|ts|at|when|start|end|period|interval|measured|recorded|read)/i,
  timeField: /(time|hour|clock|zeit|uhr|heure|hora|ora$)/i,
  valueField: /(k_?wh|energy|consumption|usage|value|wh$|reading|amount|quantity|import)/i,
  sourceField: /(meter|source|site|device|ean|mpan|id$)/i,
  endField: /(end|until|stop|\bto\b|bis|tot|fin)/i,
  durationField: /(duration|interval|period|length|dauer|minutes|seconds)/i,
  unitField: /(unit|uom|einheit)/i,
  // Any field may be meant.
  ...{ only: /$^/, profile: /$^/ },
} as const satisfies Record<FieldOption, RegExp>;
/** The unit power of kWh. */
const KWH = 18;

/** The field names that a record or a header has, for messages. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "no fields at all";
  const shown = names.slice(0, 12).map((name) => (/^[^\s,"()]+$/.test(name) ? cut(name) : quoted(name)));
  return `found: ${shown.join(", ")}${names.length > 12 ? ", …" : ""}`;
}

/** What was found in a record that lacks a needed field. */
export interface Outline {
  readonly members: readonly Member[];
  /** Tokens of the pointer to the record. */
  readonly at: readonly string[];
  /** Tokens of pointers, relative to the record, to arrays that may hold records. */
  readonly arrays: readonly (readonly string[])[];
}

/** A needed field is missing: names the fields found, and the option to set. */
export function missing(
  what: FieldOption,
  name: string,
  { members: found, at, arrays: [array] }: Outline,
  unitPower = KWH,
): Message {
  const told = `no ${name} (${listed(found.map((member) => member.name))})`;
  if (array !== undefined)
    return say`${told}; if the records are in ${pointer([...at, ...array])}, say ${option("records", pointer([...at, ...array]))}`;
  // Guess by the last part of a dotted name.
  const guess = found.find(({ name: full, kind }) => {
    const last = full.slice(full.lastIndexOf(".") + 1);
    return kind === "scalar" && LIKELY[what].test(last) && !(what === "valueField" && LIKELY.timestampField.test(last));
  });
  if (guess !== undefined) {
    const unit = what === "valueField" && unitPower === KWH ? energyUnitOf(guess.name) : undefined;
    const options = [option(what, guess.name), ...(unit === undefined ? [] : [option("unit", unit)])];
    return say`${told}; try ${together(options)}`;
  }
  if (found.length === 0) return told;
  return what === "only"
    ? say`${told}; is the name in ${option(what)} right?`
    : say`${told}; say which one it is with ${option(what)}`;
}

export const NOTHING: Outline = { members: [], at: [], arrays: [] };
