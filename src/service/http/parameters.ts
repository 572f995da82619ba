/** The query parameters of each call: options from the table, and some of the service's own that no job has. */
import { option, textOf } from "../../base/message.js";
import type { OptionEntry } from "../../jobs/option.js";
import { parametersOf } from "../../jobs/option-table.js";
import { ADVERBS, RESOLUTIONS, type Resolution } from "../../time/resolution.js";

export type ParameterEntry = Omit<OptionEntry, "heading" | "commands">;

/** Parameters by their names in code. */
export type Parameters = Readonly<Record<string, ParameterEntry>>;

const OWN = {
  by: {
    kind: "choice",
    choices: ["source"],
    says: "a row for each source in each hour, day and so on, sources in the order of their UTF-8 bytes",
  },
  resolution: { kind: "choice", choices: RESOLUTIONS, says: "what a row stands for" },
  replaces: {
    kind: "text",
    says: "the id of a batch that stops counting in the same moment in which this one begins to: one of the same sender, unless the token has `admin`, too",
  },
  dryRun: {
    kind: "flag",
    says: "returns the receipt as it would be, and stores nothing: no batch has its id, and its key remains unused",
  },
  state: { kind: "choice", choices: ["counts", "retracted", "replaced"], says: "only the batches of this state" },
  sender: { kind: "text", says: "only the batches that were sent under the token of this name" },
  key: { kind: "text", says: "only the batches with this `Idempotency-Key`" },
  source: {
    kind: "text",
    empty: true,
    says: "only the batches with readings of this source, as long as any of them counts; empty: of the unnamed one",
  },
  file: { kind: "text", says: "only the batches that were loaded from the file with this path" },
  receivedFrom: {
    kind: "text",
    says: "only the batches that were received at this time or later: a day (of UTC), or ISO 8601 with an offset",
  },
  receivedTo: {
    kind: "text",
    says: "only the batches that were received before this time; a day includes all of it",
  },
  prefix: { kind: "text", says: "only sources whose ids begin with this text" },
  order: {
    kind: "choice",
    choices: ["id", "total"],
    default: "id",
    says: "`id`: by the UTF-8 bytes of the ids; `total`: the largest sum first",
  },
  bars: { kind: "choice", choices: ["day", "week", "month", "year"], default: "day", says: "what a bar stands for" },
  cursor: { kind: "text", says: "the `next` of the page before" },
  limit: { kind: "whole", least: 1, most: 1000, default: 100, says: "the most entries of a page" },
} as const satisfies Parameters;

const { by, resolution, replaces, dryRun, state, cursor, limit, prefix, order } = OWN;
const { sender, key, source, file, receivedFrom, receivedTo } = OWN;

export const PAGE = { limit, cursor };
export const BATCHES = { ...PAGE, state, sender, key, source, file, receivedFrom, receivedTo };
const { from, to, timezone, sources, export: exports } = parametersOf("summary");
export const SOURCES = { ...PAGE, prefix, order, from, to, timezone };
export const READINGS = { ...parametersOf("body"), replaces, dryRun };
export const SUMMARIES = { ...parametersOf("summary"), by };
export const PROFILE = { from, to, timezone, sources, export: exports, bars: OWN.bars };
export const AGGREGATE = { resolution, ...SUMMARIES, ...parametersOf("body") };
export const QUALITY = { ...parametersOf("quality"), ...PAGE };

/** The call for the summary by a resolution: `/v1/quarter-hourly`. */
export function summaryPath(resolution: Resolution): `/v1/${string}` {
  return `/v1/${ADVERBS[resolution].replaceAll("_", "-")}`;
}

/** The name of a parameter in a query: `max_findings`. */
export function parameterName(name: string, { each = name }: ParameterEntry): string {
  return textOf([option(each)], "http");
}
