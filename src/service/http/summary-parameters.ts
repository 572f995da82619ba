/** The query parameters that say which summary is wanted, and how it is written. */
import type { SummaryOptions } from "../../jobs/options.js";
import { defined } from "../service.js";
import type { Form } from "./encode.js";
import type { Limits } from "./limits.js";
import { anyText, flag, many, oneOf, text, type Values, wholeNumber } from "./query.js";

export const SUMMARY_PARAMETERS = {
  from: text,
  to: text,
  timezone: text,
  /** An empty one is the unnamed source. */
  source: many(anyText),
  by: oneOf("source"),
  with_counts: flag,
  decimals: wholeNumber(0, 18),
};

export function summaryOptionsOf(
  { from, to, timezone, by }: Omit<Values<typeof SUMMARY_PARAMETERS>, "source">,
  { days }: Limits,
): SummaryOptions {
  return { ...defined({ from, to, timezone }), bySource: by === "source", maxDays: days };
}

export function formOf(
  { with_counts = false, decimals }: Pick<Values<typeof SUMMARY_PARAMETERS>, "with_counts" | "decimals">,
  resolution: Form["resolution"],
  type: Form["type"],
): Form {
  return { resolution, type, withCounts: with_counts, decimals };
}
