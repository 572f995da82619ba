/** Which column of a table has the values, and the options that read its numbers: told by the cells, and by the names. */
import { type OptionNamed, option } from "../base/message.js";
import { energyUnitOf, isSourceName, powerUnitOf } from "../quality/field-names.js";
import { isNoValue } from "../tally/decimal.js";
import type { Column } from "./explain-column.js";
import type { ScanPlan } from "./plan.js";

/** Names of values in several languages, of powers, and of what are other numbers. */
const VALUE_NAME =
  /k?wh|energ|énerg|consum|consom|usage|verbrauch|verbruik|bezug|einspeis|afname|prelievo|import|export|^(value|wert|valeur|valor|valore|waarde|menge|volume|amount|quantity|reading)$/i;
const POWER_NAME = /power|leistung|puissance|potencia|(?:^|[^a-z])[km]?w(?:$|[^a-z])|[a-z][kM]?W$/i;
const OTHER_NAME = /cost|price|kosten|preis|co[uû]t|prijs|precio|prezzo|temp/i;
const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const COMMA = /^-?(0|[1-9]\d*)(,\d+)?$/;
const POINT_GROUPS = /^-?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d*)(,\d+)?$/;
const COMMA_GROUPS = /^-?([1-9]\d{0,2}(,\d{3})+|0|[1-9]\d*)(\.\d+)?$/;
/** The comma may be the decimal mark or may group digits. */
const EITHER = /^-?[1-9]\d{0,2},\d{3}$/;
/** An id that is a number, not a value. */
const LONG_NUMBER = /^\d{9,}$/;
/** The unit power of kWh. */
const KWH = 18;

/** Numbers, as the options say they are written; the first form that all of them have. */
const NUMBERS: readonly (readonly [form: RegExp, options: readonly OptionNamed[]])[] = [
  [PLAIN, []],
  [COMMA, [option("decimalComma", true)]],
  [POINT_GROUPS, [option("thousands", "."), option("decimalComma", true)]],
  [COMMA_GROUPS, [option("thousands", ",")]],
  ...["'", " ", "\u00a0", "\u202f"].flatMap((mark) => {
    const groups = `^-?([1-9]\\d{0,2}(${mark}\\d{3})+|0|[1-9]\\d*)`;
    return [
      [new RegExp(`${groups}(\\.\\d+)?$`), [option("thousands", mark)]],
      [new RegExp(`${groups}(,\\d+)?$`), [option("thousands", mark), option("decimalComma", true)]],
    ] as const;
  }),
];

/** Whether a cell is a number, in whatever form. */
export function isNumber(cell: string): boolean {
  return NUMBERS.some(([form]) => form.test(cell));
}

/** What reads the numbers in these cells, with the unit of energy that the name has; `undefined` if they are none. */
export function numbersAdvice({ name, cells }: Column, plan: ScanPlan, commas: boolean): OptionNamed[] | undefined {
  const none = (cell: string) => cell === "" || isNoValue(cell);
  const filled = cells.filter((cell) => !none(cell));
  const form = NUMBERS.find(([form]) => filled.every((cell) => form.test(cell)));
  if (form === undefined || filled.length === 0) return undefined;
  if (commas && form[0] === COMMA && filled.every((cell) => EITHER.test(cell))) return undefined;
  const missing = [...new Set(cells.filter(none))].filter((text) => !plan.missing.includes(text));
  const known = plan.unitPower !== KWH || plan.unitField !== undefined;
  const unit = known ? undefined : plan.interval?.power ? powerUnitOf(name) : energyUnitOf(name);
  return [
    ...(unit === undefined ? [] : [option("unit", unit)]),
    ...form[1].filter((one) => one.option !== "decimalComma" || !plan.decimalComma),
    ...missing.map((text) => option("missing", text)),
  ];
}

/** What reads the values: those of the only column that is named like one, or of the only one that has numbers. */
export function valueColumn(columns: readonly Column[], plan: ScanPlan, commas: boolean) {
  const [asked] = plan.valueFields;
  const isPower = plan.interval?.power === true;
  const numbers = columns.flatMap((column) => {
    const { name, cells } = column;
    const options = numbersAdvice(column, plan, commas);
    if (options === undefined) return [];
    return [
      {
        name,
        isId: cells.every((cell) => cell === "" || LONG_NUMBER.test(cell)),
        options: [...(name === asked ? [] : [option("valueField", name)]), ...options],
      },
    ];
  });
  const isOther = (name: string) =>
    OTHER_NAME.test(name) || isSourceName(name) || (!isPower && POWER_NAME.test(name) && !/wh/i.test(name));
  const isNamed = (name: string) => (isPower ? POWER_NAME : VALUE_NAME).test(name);
  const likely = numbers.filter(({ name }) => name === asked || (isNamed(name) && !isOther(name)));
  const others = numbers.filter(({ name, isId }) => !isId && !isOther(name));
  const found = likely.length > 0 ? likely : others;
  return found.length === 1 ? found[0] : undefined;
}

/** The only column that is named after power, not energy, and has numbers. */
export function powerColumn(columns: readonly Column[]): Column | undefined {
  const found = columns.filter(({ name, cells }) => POWER_NAME.test(name) && !/wh/i.test(name) && cells.some(isNumber));
  return found.length === 1 ? found[0] : undefined;
}
