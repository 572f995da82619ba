/** The options that would read a table, as far as its first rows tell them: by the cells, and by the names of columns. */
import { type OptionNamed, option } from "../base/message.js";
import { isSourceName, isUnitName } from "../quality/field-names.js";
import { isNoValue } from "../tally/decimal.js";
import { ENERGY_UNITS } from "./energy-units.js";
import { type Column, isTime, LIKELY_EPOCH, timesAdvice } from "./explain-times.js";
import type { ScanPlan } from "./plan.js";

/** Rows below the header that are looked at. */
const SAMPLE_ROWS = 40;
/** Names of values in several languages, and of what are other numbers. */
const VALUE_NAME =
  /k?wh|energ|énerg|consum|consom|usage|verbrauch|verbruik|bezug|einspeis|afname|prelievo|import|export|^(value|wert|valeur|valor|valore|waarde|menge|volume|amount|quantity|reading)$/i;
const OTHER_NAME =
  /cost|price|kosten|preis|co[uû]t|prijs|precio|prezzo|temp|power|leistung|puissance|potencia|\bk?w\b/i;
const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const COMMA = /^-?(0|[1-9]\d*)(,\d+)?$/;
const POINT_GROUPS = /^-?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d*)(,\d+)?$/;
const COMMA_GROUPS = /^-?([1-9]\d{0,2}(,\d{3})+|0|[1-9]\d*)(\.\d+)?$/;
const UNIT = /(?:^|[^A-Za-z])(Wh|MWh|GWh)(?:$|[^A-Za-z])/i;
/** As `--unit` has them, by their letters alone. */
const UNITS: Readonly<Record<string, string>> = { wh: "Wh", mwh: "MWh", gwh: "GWh" };
/** The comma may be the decimal mark or may group digits. */
const EITHER = /^-?[1-9]\d{0,2},\d{3}$/;
/** An id that is a number, not a value. */
const LONG_NUMBER = /^\d{9,}$/;

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

/**
 * The options that would read a table with these rows, of which the first one with several cells is the header, unless it
 * has readings.
 * @param commas whether commas separate the cells
 * @returns `undefined` where something is missing, or could be meant in two ways
 */
export function tableAdvice(
  rows: readonly (readonly string[])[],
  plan: ScanPlan,
  commas: boolean,
): OptionNamed[] | undefined {
  const first = rows.findIndex((cells, n) => {
    const filled = cells.filter((cell) => cell !== "").length;
    return filled > 1 && (rows[n + 1]?.length === cells.length || (rows.length === 1 && cells.some(isTime)));
  });
  const header = rows[first];
  if (header === undefined) return undefined;
  // No header has nothing but numbers.
  const isNumbers = header.some((cell) => LIKELY_EPOCH.test(cell)) && header.every(isNumber);
  const isReading = isNumbers || header.some(isTime);
  if (isReading && (first > 0 || !plan.header)) return undefined;
  const names = isReading ? header.map((_, n) => `#${n + 1}`) : header;
  const sample = rows
    .slice(isReading ? 0 : first + 1)
    .filter((cells) => cells.length >= names.length)
    .slice(0, SAMPLE_ROWS);
  if (sample.length === 0) return undefined;
  const columns = names
    .map((name, at) => ({ name, cells: sample.map((cells) => cells[at] as string) }))
    .filter(({ name }) => name !== "" && names.indexOf(name) === names.lastIndexOf(name));
  const times = timesAdvice(columns, plan);
  if (times === undefined) return undefined;
  const others = columns.filter(({ name }) => !times.names.includes(name));
  const unit = plan.unitField === undefined ? others.find(hasUnits) : undefined;
  const value = valueColumn(
    others.filter((one) => one !== unit),
    unit === undefined ? plan : { ...plan, unitField: unit.name },
    commas,
  );
  if (value === undefined) return undefined;
  const units = unit === undefined ? [] : [option("unitField", unit.name)];
  const sources = others.filter(({ name }) => name !== value.name && isSourceName(name));
  const source = !plan.sourceAsked && sources.length === 1 ? [option("sourceField", sources[0]?.name)] : [];
  return [...(isReading ? [option("header", "none")] : []), ...times.options, ...value.options, ...units, ...source];
}

/** What reads the values: those of the only column that is named like one, or of the only one that has numbers. */
function valueColumn(columns: readonly Column[], plan: ScanPlan, commas: boolean) {
  const [asked] = plan.valueFields;
  const numbers = columns.flatMap(({ name, cells }) => {
    const none = (cell: string) => cell === "" || isNoValue(cell);
    const filled = cells.filter((cell) => !none(cell));
    const form = NUMBERS.find(([form]) => filled.every((cell) => form.test(cell)));
    if (form === undefined || filled.length === 0) return [];
    if (commas && form[0] === COMMA && filled.every((cell) => EITHER.test(cell))) return [];
    const missing = [...new Set(cells.filter(none))].filter((text) => !plan.missing.includes(text));
    const given = (one: OptionNamed) => one.option === "decimalComma" && plan.decimalComma;
    // `energyWh` has an end of its own, and `kWh` has not.
    const words = name.replace(/([a-fh-jln-z])([A-Z])/g, "$1 $2");
    const known = plan.unitPower !== KWH || plan.unitField !== undefined;
    const unit = known ? undefined : UNITS[UNIT.exec(words)?.[1]?.toLowerCase() ?? ""];
    return [
      {
        name,
        isId: filled.every((cell) => LONG_NUMBER.test(cell)),
        options: [
          ...(name === asked ? [] : [option("valueField", name)]),
          ...(unit === undefined ? [] : [option("unit", unit)]),
          ...form[1].filter((one) => !given(one)),
          ...missing.map((text) => option("missing", text)),
        ],
      },
    ];
  });
  const likely = numbers.filter(
    ({ name }) => name === asked || (VALUE_NAME.test(name) && !OTHER_NAME.test(name) && !isSourceName(name)),
  );
  const others = numbers.filter(({ name, isId }) => !isId && !OTHER_NAME.test(name) && !isSourceName(name));
  const found = likely.length > 0 ? likely : others;
  return found.length === 1 ? found[0] : undefined;
}

function isNumber(cell: string): boolean {
  return NUMBERS.some(([form]) => form.test(cell));
}

/** Whether a column has the unit of each row, for some of them one of energy. */
function hasUnits({ name, cells }: Column): boolean {
  return isUnitName(name) && cells.some((cell) => ENERGY_UNITS[cell.toLowerCase()] !== undefined);
}

const KWH = 18;
