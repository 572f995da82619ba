/** Options as a library's callers may hand them over: none may be unknown or of the wrong type, or it would be silently of no effect. */

import { UsageError } from "../base/errors.js";
import { either } from "../base/message.js";
import { nearest } from "../base/suggestion.js";
import type { AggregateOptions } from "./options.js";

const TYPES: Record<keyof AggregateOptions, "string" | "number" | "boolean"> = {
  timestampField: "string",
  valueField: "string",
  sourceField: "string",
  records: "string",
  unit: "string",
  decimalComma: "boolean",
  stamps: "string",
  inputTimezone: "string",
  repeatedHour: "string",
  timezone: "string",
  from: "string",
  to: "string",
  bySource: "boolean",
  maxDays: "number",
  output: "string",
  withCounts: "boolean",
  fileDate: "string",
  decimals: "number",
  rawIds: "boolean",
  force: "boolean",
  onError: "string",
  rejects: "string",
  strict: "boolean",
  workers: "number",
  memory: "number",
  hashInputs: "boolean",
};

const VALUES: Partial<Record<keyof AggregateOptions, readonly string[]>> = {
  unit: ["Wh", "kWh", "MWh"],
  stamps: ["start", "end"],
  repeatedHour: ["order", "first", "last", "fail"],
  fileDate: ["dd_mm", "iso"],
  onError: ["fail", "skip"],
};

/**
 * @param others names that the caller takes besides
 * @throws UsageError `unknown_option`, `bad_option`
 */
export function checkOptions(options: object, others: readonly string[] = []): void {
  for (const [name, value] of Object.entries(options)) {
    if (others.includes(name)) continue;
    if (!Object.hasOwn(TYPES, name)) {
      const meant = nearest(name, Object.keys(TYPES));
      throw new UsageError(
        "unknown_option",
        `there is no option ${JSON.stringify(name)}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      );
    }
    if (value === undefined) continue;
    const option = name as keyof AggregateOptions;
    if (typeof value !== TYPES[option])
      throw new UsageError("bad_option", `the option ${name} must be a ${TYPES[option]}, not ${JSON.stringify(value)}`);
    const values = VALUES[option];
    if (values !== undefined && !values.includes(value))
      throw new UsageError("bad_option", `the option ${name} must be ${either(values)}, not ${JSON.stringify(value)}`);
  }
}
