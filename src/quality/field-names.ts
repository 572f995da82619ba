/** What the names and texts of a record's fields tell: power instead of energy, and which field could be the source. */
import { type Message, option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";

/** A field of a record: its name, nested ones with dots, and its value as text. */
export type Field = readonly [name: string, text: string];

/** Words for units of power: the whole word, or the end of one that is put together, such as `loadKW`. */
const POWER_WORD = /^(?:[kmg]?w|(?:kilo|mega)?watts?)$/i;
const POWER_END = /[a-z](?:[kKM]?W|[kK]w|(?:Kilo|Mega)?[wW]atts?)$/;
const ENERGY = /w[\s.·⋅∙*-]?h(?:[^a-z]|$)|wh|watt.?hour/i;
/** Words for what says the unit of a value. */
const UNIT_WORD = /^(?:units?|uom|einheit|eenheid|unit[eé]|unidad|unità|jednotka)$/i;
/** By their letters alone. */
const UNITS: Readonly<Record<string, string>> = { wh: "Wh", mwh: "MWh", gwh: "GWh" };
/** Words for whose reading it is; `LCLid` and the like end with one. */
const SOURCE_WORD = new RegExp(
  `^(?:(?:lcl|meter|device|sensor|site|customer|household|account|user|client)?id|${[
    "meter|meters?name|source|device|sensor|site|station|channel|name|serial|location|building|asset|entity|feeder|ship|berth",
    "charger|customer|household|house|home|inverter|plug|account|tenant|address|circuit|apartment",
    "ean|mpan|mprn|nmi|pod|prm|malo|melo|(?:mess|markt)lokation(?:en)?|z(?:ae|ä)hl(?:er|punkt).*",
  ].join("|")})$`,
  "i",
);
/** Words for what names the record itself. */
const RECORD_WORD = /^(?:row|reading|record|uuid|guid|event|message|transaction|index|line)$/i;
/** Names that a message lists. */
const MOST_NAMES = 5;

/**
 * Warns where the value's field, or a field that has its unit, is named after power.
 * @param input the input's name in messages
 * @param values names of the values' fields
 * @param others names of the other fields that readings are taken from
 */
export function powerWarning(
  input: string,
  values: readonly string[],
  others: readonly string[],
  fields: readonly Field[],
): Warning | undefined {
  const wanted = new Set([...values, ...others]);
  const unit = fields.find(([name, text]) => !wanted.has(name) && has(UNIT_WORD, name) && isPower(text));
  const value = values.find(isPower);
  if (unit === undefined && value === undefined) return undefined;
  const named = unit === undefined ? `field ${JSON.stringify(value)}` : `${unit[0]} ${JSON.stringify(unit[1])}`;
  return {
    code: "power",
    message: say`${input}: ${named} looks like power, not the energy of intervals: the sums would be wrong. If each is the average of an interval, say ${option("values", "power")}${inUnit(unit === undefined ? (value as string) : unit[1])} and how long it is, such as ${option("interval", "15m")}`,
  };
}

function inUnit(text: string): Message {
  const unit = powerUnitOf(text);
  return unit === undefined ? "" : say`, ${option("unit", unit)}`;
}

/** The unit of power that a name or text has, if that is not kW, which is what power is in by itself. */
export function powerUnitOf(text: string): "W" | "MW" | undefined {
  // The prefix of `kW` is no word, and `mW` is a thousandth.
  const words = text.replace(/([a-jln-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);
  if (words.some((word) => /^(w|watts?)$/i.test(word))) return "W";
  return words.some((word) => /^(MW|Megawatts?|megawatts?|mw)$/.test(word)) ? "MW" : undefined;
}

function isPower(text: string): boolean {
  if (ENERGY.test(text)) return false;
  const words = text.split(/[^A-Za-z]+/);
  return words.some((word) => POWER_WORD.test(word) || POWER_END.test(word)) || /^power$/i.test(text);
}

/** Whether a field's name says that it is the source. */
export function isSourceName(name: string): boolean {
  return has(SOURCE_WORD, name) && !has(RECORD_WORD, name);
}

/** The unit of energy that a field's name has, if that is not kWh: as `--unit` has it, in whatever case the name has it. */
export function energyUnitOf(name: string): string | undefined {
  // `energyWh` has an end of its own, and `kWh` has not.
  const words = name.replace(/([a-fh-jln-z])([A-Z])/g, "$1 $2");
  return UNITS[/(?:^|[^A-Za-z])([MG]?Wh)(?:$|[^A-Za-z])/i.exec(words)?.[1]?.toLowerCase() ?? ""];
}

/** Whether a field's name says that it has the unit of values. */
export function isUnitName(name: string): boolean {
  return has(UNIT_WORD, name);
}

/** Whether a name has a word in it: `meterName` and `meter_name` have `meter`. */
function has(word: RegExp, name: string): boolean {
  return name
    .replace(/([a-zäöü])([A-ZÄÖÜ])/g, "$1 $2")
    .split(/[^A-Za-zÄÖÜäöü]+/)
    .some((each) => word.test(each));
}

/**
 * Warns where a record has no source, though other fields could be one, or the user named a field for it.
 * @param wanted names of the fields that readings are taken from: timestamp, value, then those of the source
 * @param asked whether the user named the source's field
 */
export function noSourceWarning(
  input: string,
  wanted: readonly string[],
  fields: readonly Field[],
  asked: boolean,
): Warning | undefined {
  const [timestamp, value, ...sources] = wanted;
  if (fields.some(([name, text]) => sources.includes(name) && text !== "")) return undefined;
  const others = fields.map(([name]) => name).filter((name) => ![timestamp, value, ...sources].includes(name));
  const likely = others.filter(isSourceName);
  const [first] = likely;
  if (first === undefined && !asked) return undefined;
  const listed = (likely.length > 0 ? likely : others)
    .slice(0, MOST_NAMES)
    .map((name) => JSON.stringify(name))
    .join(", ");
  const what = sources.map((name) => JSON.stringify(name)).join(" or ");
  const hint =
    first === undefined
      ? say`${listed === "" ? "" : ` (found: ${listed})`}; is ${option("sourceField")} right?`
      : say`. ${likely.length === 1 ? `Is it in the field ${listed}` : `Is it in one of the fields ${listed}`}? Try ${option("sourceField", first)}`;
  return {
    code: "no_source",
    message: say`${input}: no reading has a source (a field ${what}), so all are counted together${hint}`,
  };
}
