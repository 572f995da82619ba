/** Which columns of a table the wanted fields are, by the names in its header. */
import { columnNumber, type Fields, SOURCE, VALUE } from "./fields.js";
import type { ScanPlan } from "./plan.js";
import type { Header } from "./tokens.js";

export interface Columns extends Pick<Header, "fieldOf" | "values"> {
  /** The first needed field that no column is; -1 if there is none. */
  readonly lacks: number;
  /** The name or pattern of a value that no column fits, if that is what is lacking. */
  readonly lacking: string | undefined;
  /** The names of columns that the same field may be, or that are values of the same name. */
  readonly twice: { readonly names: readonly string[]; readonly field: number } | undefined;
}

/** Whether the needed fields are given by the numbers of their columns alone, so that no name tells the header. */
export function isNumbered(plan: ScanPlan): boolean {
  const {
    timestampField,
    valueFields,
    timeField = "#1",
    endFields,
    durationField = "#1",
    unitField = "#1",
    only,
  } = plan;
  const selecting = only.map(({ name }) => name);
  return [timestampField, ...valueFields, timeField, ...endFields, durationField, unitField, ...selecting].every(
    (name) => columnNumber(name) > 0,
  );
}

export function columnsFor(names: readonly string[], fields: Fields): Columns {
  const { several } = fields;
  // Several values are looked for by themselves, those given by their names together with the other fields.
  const literal = several?.literal ?? [];
  const wanted = several === undefined ? fields.names : [...fields.names.with(VALUE, NO_NAME), ...literal];
  const columns = columnsOf(names, wanted);
  const named = columns.splice(fields.names.length);
  const taken = new Set(columns.flat());
  const patterns = (several?.patterns ?? []).map(
    (pattern) => [pattern, patternColumns(names, pattern, fields, taken)] as const,
  );
  let values: number[] | undefined;
  const [only] = several?.names ?? [];
  if (several?.names.length === 1 && patterns.length === 1 && patterns[0][1].some((at) => names[at] === only))
    columns[VALUE] = patterns[0][1];
  else if (several !== undefined)
    values = [...new Set([...named, ...patterns.map(([, found]) => found)].flat())].sort((a, b) => a - b);
  const lacking = [...literal.map((name, n) => [name, named[n]] as const), ...patterns].find(
    ([, found]) => found.length === 0,
  )?.[0];
  const hasValues = several === undefined ? columns[VALUE].length > 0 : lacking === undefined;
  const isNeeded = (field: number) => field < SOURCE || field >= fields.sourcesEnd || fields.only.includes(field);
  const lacks = columns.findIndex((found, field) =>
    field === VALUE ? !hasValues : isNeeded(field) && found.length === 0,
  );
  const valueNames = values?.map((at) => names[at] || `#${at + 1}`);
  const same = valueNames?.find((name, n) => valueNames.indexOf(name) < n);
  const field = [...columns, ...named].findIndex((found) => found.length > 1);
  const twice =
    field >= 0
      ? { names: [...columns, ...named][field].map((at) => names[at]), field: field < columns.length ? field : VALUE }
      : same === undefined
        ? undefined
        : { names: [same, same], field: VALUE };
  return {
    fieldOf: fieldsOf(columns, values ?? [], fields.valuesFrom, names.length),
    values: valueNames,
    lacks,
    lacking: lacks === VALUE ? lacking : undefined,
    twice,
  };
}

/** Is no column's name. */
const NO_NAME = "\0";

/** The columns that fit a pattern, but for those of other fields: the one of exactly that name comes first. */
function patternColumns(
  names: readonly string[],
  pattern: string,
  { several }: Fields,
  taken: ReadonlySet<number>,
): number[] {
  const free = names.map((name, at) => ({ name, at })).filter(({ at }) => !taken.has(at));
  const fitting = (is: (name: string) => boolean) => free.filter(({ name }) => is(name)).map(({ at }) => at);
  const exact = fitting((name) => name === pattern.trim());
  if (exact.length > 0) return exact;
  const found = fitting((name) => several?.fits(pattern, name) === true);
  return found.length > 0 ? found : fitting((name) => several?.fits(pattern, name, true) === true);
}

/** For each column the index of its wanted field, or -1. */
function fieldsOf(
  columns: readonly (readonly number[])[],
  values: readonly number[],
  valuesFrom: number,
  count: number,
): Int16Array {
  const fieldOf = new Int16Array(count).fill(-1);
  for (const [field, found] of columns.entries()) for (const column of found) fieldOf[column] = field;
  for (const [n, column] of values.entries()) fieldOf[column] = valuesFrom + n;
  return fieldOf;
}

/**
 * The columns that each wanted field may be: that of its number, or those of its name, or, where there is none, those whose
 * name differs only in case and that no other field has.
 */
function columnsOf(names: readonly string[], wanted: readonly string[]): number[][] {
  const withName = (is: (name: string) => boolean) => names.flatMap((name, column) => (is(name) ? column : []));
  const numbered = wanted.map((field) =>
    names.flatMap((_, column) => (column + 1 === columnNumber(field) ? column : [])),
  );
  const taken = new Set(numbered.flat());
  const free = (columns: readonly number[]) => columns.filter((column) => !taken.has(column));
  const exact = wanted.map((field, f) =>
    columnNumber(field) > 0 ? numbered[f] : free(withName((name) => name === field.trim())),
  );
  for (const column of exact.flat()) taken.add(column);
  return wanted.map((field, f) => {
    if (exact[f].length > 0 || columnNumber(field) > 0) return exact[f];
    const lower = field.trim().toLowerCase();
    const found = free(withName((name) => name.toLowerCase() === lower));
    for (const column of found) taken.add(column);
    return found;
  });
}
