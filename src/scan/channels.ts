/** A table's column that has codes of import and of export: their readings are of one time and one meter, and would be added. */
import type { OptionNamed } from "../base/message.js";
import { option } from "../base/message.js";
import { directionOf } from "../quality/obis.js";
import type { Column } from "./explain-column.js";
import type { ScanPlan } from "./plan.js";

/** Names of columns that tell the channels, or registers, of a meter apart. */
const CHANNEL_NAME =
  /^(?:obis|register|channel|kanal|messkanal|kennzahl|direction|richtung|energierichtung)(?:[\s_.-]*(?:code|kennzahl|id|no|nr|name))?$/i;

/** Both kinds of code, each as it was found first. */
export interface Mixed {
  readonly name: string;
  readonly import: string;
  readonly export: string;
}

/** A column with codes of import and of export; `undefined` if these are not both there. */
export function mixedChannels({ name, cells }: Column): Mixed | undefined {
  const found = (direction: string) => cells.find((cell) => directionOf(cell) === direction);
  const [imported, exported] = [found("import"), found("export")];
  return imported === undefined || exported === undefined ? undefined : { name, import: imported, export: exported };
}

/** The column that tells channels apart, if there are several among these cells; `undefined` where the user has named it. */
export function channelColumn(columns: readonly Column[], plan: ScanPlan): Column | undefined {
  const named = [...plan.only.map(({ name }) => name), ...(plan.sourceAsked ? plan.sourceFields : [])];
  return columns.find((column) => {
    const { name, cells } = column;
    if (named.includes(name) || new Set(cells.filter((cell) => cell !== "")).size < 2) return false;
    return CHANNEL_NAME.test(name.trim()) || cells.every((cell) => directionOf(cell) !== undefined);
  });
}

/** What keeps channels from being added to each other: import alone, if it is one of them, or each as a source. */
export function channelAdvice(column: Column, source: readonly OptionNamed[]): OptionNamed[] {
  const mixed = mixedChannels(column);
  const imports = new Set(column.cells.filter((cell) => directionOf(cell) === "import"));
  const isKnown = column.cells.every((cell) => directionOf(cell) !== undefined);
  if (mixed !== undefined && isKnown && imports.size === 1)
    return [...source, option("only", `${column.name}=${mixed.import}`)];
  return [...source, option("sourceField", column.name)];
}
