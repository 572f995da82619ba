/** Rows of quarter hours, as files by source have them, from cells. */
import type { Energies } from "../oracle/register.js";
import { valueText } from "./cases.js";

/** What each source's quarter hours hold, those that hold nothing left out; `undefined` if no day is open. */
export function rowsOf({ cells }: Pick<Energies, "cells">): string[] {
  const rows: string[] = [];
  for (const [source, own] of cells)
    for (const [slot, { energy, readings }] of own) {
      if (energy === 0n && readings === 0) continue;
      const sign = energy < 0n ? "-" : "";
      const at = new Date(slot * 900_000).toISOString().replace(".000Z", "Z");
      rows.push(`${at},${source},${sign}${valueText(energy < 0n ? -energy : energy)},${readings}`);
    }
  return rows.sort();
}

/** The same of tables, by name. */
export function filledRows(tables: Iterable<{ readonly name: string; readonly text: string }>): string[] {
  const rows: string[] = [];
  for (const { name, text } of tables)
    if (name.startsWith("quarter_hourly")) rows.push(...text.trimEnd().split("\n").slice(1));
  return rows.filter((row) => !row.endsWith(",0,0")).sort();
}
