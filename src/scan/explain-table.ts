/** The options that would read a table, as far as its first rows tell them. */
import { type OptionNamed, option } from "../base/message.js";
import { isSourceName } from "../quality/field-names.js";
import { readInstant } from "../time/read-instant.js";
import { suggestFormats } from "../time/suggest-format.js";
import type { ScanPlan } from "./plan.js";

/** Rows below the header that are looked at. */
const SAMPLE_ROWS = 40;
const TIME = /^\d{1,2}[:.]\d{2}([:.]\d{2})?(\s?[AP]M)?$/i;
/** Names of values in several languages, and of what are other numbers. */
const VALUE_NAME =
  /k?wh|energ|énerg|consum|consom|usage|verbrauch|verbruik|bezug|einspeis|afname|prelievo|import|export|^(value|wert|valeur|valor|valore|waarde|menge|volume|amount|quantity|reading)$/i;
const OTHER_NAME =
  /cost|price|kosten|preis|co[uû]t|prijs|precio|prezzo|temp|power|leistung|puissance|potencia|\bk?w\b/i;
/** The end of an interval. */
const END_NAME = /\b(end|until|to|bis|ende|tot|fin|hasta|fine)\b/i;
const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const COMMA = /^-?(0|[1-9]\d*)(,\d+)?$/;
const POINT_GROUPS = /^-?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d*)(,\d+)?$/;
const COMMA_GROUPS = /^-?([1-9]\d{0,2}(,\d{3})+|0|[1-9]\d*)(\.\d+)?$/;
const UNIT = /(?:^|[^A-Za-z])(Wh|MWh|GWh)(?:$|[^A-Za-z])/;

/** Numbers, as the options say they are written; the first form that all of them have. */
const NUMBERS: readonly (readonly [form: RegExp, options: readonly OptionNamed[]])[] = [
  [PLAIN, []],
  [COMMA, [option("decimalComma", true)]],
  [POINT_GROUPS, [option("thousands", "."), option("decimalComma", true)]],
  [COMMA_GROUPS, [option("thousands", ",")]],
];

/**
 * @param names of the columns @param rows the cells of those below
 * @returns `undefined` where something is missing, or could be meant in two ways
 */
export function tableAdvice(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  plan: ScanPlan,
): OptionNamed[] | undefined {
  const sample = rows.filter((cells) => cells.length >= names.length).slice(0, SAMPLE_ROWS);
  if (sample.length === 0 || new Set(names).size < names.length) return undefined;
  const columns = names.map((name, at) => ({ name, cells: sample.map((cells) => cells[at] as string) }));
  const stamp = timestampOf(columns, plan);
  if (stamp === undefined) return undefined;
  const others = columns.filter(({ name }) => !stamp.names.includes(name));
  const value = valueColumn(others, plan);
  if (value === undefined) return undefined;
  const sources = others.filter(({ name }) => name !== value.name && isSourceName(name));
  const source = !plan.sourceAsked && sources.length === 1 ? [option("sourceField", sources[0]?.name)] : [];
  return [...stamp.options, ...value.options, ...source];
}

interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** What reads the timestamps, and the names of the columns that they are in. */
function timestampOf(columns: readonly Column[], plan: ScanPlan) {
  const asked = columns.filter(({ name }) => name === plan.timestampField);
  const among = asked.length > 0 ? asked : columns;
  const named = ({ name }: Column) => (name === plan.timestampField ? [] : [option("timestampField", name)]);
  const whole = among.flatMap((column) => {
    const format = formatOf(column.cells, plan);
    return format === undefined ? [] : [{ names: [column.name], options: [...named(column), ...format] }];
  });
  const starts = whole.filter(({ names: [name] }) => !END_NAME.test(name ?? ""));
  // The first of several is where a reading begins.
  if (whole.length > 0) return starts[0] ?? whole[0];
  const times = columns.filter(({ cells }) => cells.every((cell) => TIME.test(cell)));
  const time = times.filter(({ name }) => !END_NAME.test(name))[0] ?? times[0];
  if (time === undefined || plan.timeField !== undefined) return undefined;
  const dates = among.flatMap((column) => {
    const format = formatOf(
      column.cells.map((date, n) => `${date} ${time.cells[n]}`),
      plan,
    );
    if (format === undefined || column === time) return [];
    const options = [...named(column), option("timeField", time.name), ...format];
    return [{ names: [column.name, time.name], options }];
  });
  return dates.filter(({ names: [name] }) => !END_NAME.test(name ?? ""))[0] ?? dates[0];
}

/** What reads all of these timestamps; `undefined` where nothing does, or more than one format. */
function formatOf(texts: readonly string[], { timestampFormat }: ScanPlan): OptionNamed[] | undefined {
  if (timestampFormat !== undefined) return undefined;
  if (texts.every(isInstant)) return [];
  const [first = "", ...others] = texts;
  const common = suggestFormats(first).filter(({ format }) =>
    others.every((text) => suggestFormats(text).some((other) => other.format === format)),
  );
  const [only] = common;
  if (only === undefined || common.length > 1 || only.format.startsWith("epoch-")) return undefined;
  return [option("timestampFormat", only.format)];
}

function isInstant(text: string): boolean {
  const bytes = Buffer.from(text);
  return readInstant(bytes, 0, bytes.length, { wall: 0, fraction: false, nanos: 0, offset: 0 });
}

/** What reads the values: those of the only column that is named like one, or of the only one that has numbers. */
function valueColumn(columns: readonly Column[], plan: ScanPlan) {
  const [asked] = plan.valueFields;
  const numbers = columns.flatMap(({ name, cells }) => {
    const filled = cells.filter((cell) => cell !== "");
    const form = NUMBERS.find(([form]) => filled.every((cell) => form.test(cell)));
    if (form === undefined || filled.length === 0) return [];
    const missing = filled.length < cells.length && !plan.missing.includes("") ? [option("missing", "")] : [];
    const given = (one: OptionNamed) => one.option === "decimalComma" && plan.decimalComma;
    const unit = plan.unitPower === KWH ? UNIT.exec(name)?.[1] : undefined;
    return [
      {
        name,
        options: [
          ...(name === asked ? [] : [option("valueField", name)]),
          ...(unit === undefined ? [] : [option("unit", unit)]),
          ...form[1].filter((one) => !given(one)),
          ...missing,
        ],
      },
    ];
  });
  const likely = numbers.filter(
    ({ name }) => name === asked || (VALUE_NAME.test(name) && !OTHER_NAME.test(name) && !isSourceName(name)),
  );
  const others = numbers.filter(({ name }) => !OTHER_NAME.test(name) && !isSourceName(name));
  const found = likely.length > 0 ? likely : others;
  return found.length === 1 ? found[0] : undefined;
}

const KWH = 18;
