/** What a check of a store has found: differences with the names of sources and days, and sums in words. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { energyText } from "../../tally/energy.js";
import { dayText } from "../../time/period.js";
import type { Difference } from "../store.js";
import { sumOf } from "./change.js";
import { ID, ROWS_A_TURN, rowsOf } from "./table.js";

/** The most differences that are reported. */
const TOLD = 100;

/** A difference that has its source's number. */
interface Numbered extends Omit<Difference, "source" | "day"> {
  readonly number?: number;
  readonly day?: number;
}

export class Report {
  private readonly said: Numbered[] = [];
  private done = 0;

  constructor(private readonly signal: AbortSignal | undefined) {}

  say(difference: Numbered): void {
    if (this.said.length < TOLD) this.said.push(difference);
  }

  /** Whether so many rows have been processed that it is time to yield. */
  get due(): boolean {
    return ++this.done % ROWS_A_TURN === 0;
  }

  async giveTurn(): Promise<void> {
    await nextTurn();
    this.signal?.throwIfAborted();
  }

  async named(connection: DuckDBConnection): Promise<Difference[]> {
    const all: Difference[] = [];
    for (const { number, day, message, ...rest } of this.said) {
      const [row] = number ? await rowsOf(connection, `SELECT ${ID} FROM sources WHERE number = $1`, number) : [];
      const source = row?.[0] as string | undefined;
      const named = source === undefined ? `source number ${number}` : `source ${JSON.stringify(source)}`;
      const about = number === undefined ? "" : number === 0 ? "all sources" : named;
      const on = day === undefined ? "" : `day ${dayText(day)}`;
      const place = [about, on].filter((part) => part !== "").join(", ");
      all.push({
        message: place === "" ? message : `${place}: ${message}`,
        ...(source !== undefined && { source }),
        ...(day !== undefined && { day: dayText(day) }),
        ...rest,
      });
    }
    return all;
  }
}

/** What is known of a source; first and last are slots. */
export interface Known {
  first: number;
  last: number;
  readings: number;
  energy: bigint;
}

export function cellsText(cells: Uint8Array): string {
  const { readings, energy } = sumOf(cells);
  return sumText(readings, energy);
}

export function sumText(readings: number, energy: bigint): string {
  return `${readings} ${readings === 1 ? "reading" : "readings"} with ${energyText(energy)} kWh`;
}

export function knownText({ first, last, readings, energy }: Known): string {
  const at = (slot: number) => new Date(slot * 900_000).toISOString().replace(":00.000Z", "Z");
  return `${sumText(readings, energy)} from ${at(first)} to ${at(last)}`;
}
