/** Options as a library's callers may hand them over: none may be unknown or of the wrong type, or it would be silently of no effect. */

import { UsageError } from "../base/errors.js";
import { either, option, say } from "../base/message.js";
import { nearest } from "../base/suggestion.js";
import { JOB_OPTIONS } from "./job-options.js";
import type { OptionEntry, OptionTable } from "./option.js";

const TYPES = {
  ...{ text: "string", day: "string", choice: "string", flag: "boolean", whole: "number", size: "number" },
  ...{ texts: "object", choices: "object" },
} as const satisfies Record<OptionEntry["kind"], string>;

/**
 * @param files whether it is files that are written
 * @param others names that the caller takes besides
 * @throws UsageError `unknown_option`, `bad_option`, `bad_number`
 */
export function checkOptions(options: object, files: boolean, others: readonly string[] = []): void {
  const known = Object.entries<OptionEntry>(JOB_OPTIONS).filter(
    ([, { commands, library }]) => commands.aggregate && (files || library !== "files"),
  );
  const table: OptionTable = Object.fromEntries(known);
  for (const [name, value] of Object.entries(options)) {
    if (others.includes(name)) continue;
    if (!Object.hasOwn(table, name)) {
      const meant = nearest(name, Object.keys(table));
      throw new UsageError(
        "unknown_option",
        `there is no option ${JSON.stringify(name)}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      );
    }
    if (value !== undefined) checkValue(name, value, table[name]!);
  }
}

function checkValue(name: string, value: unknown, { kind, choices, empty, least = 0, most }: OptionEntry): void {
  const wanted = choices === undefined ? `a ${TYPES[kind]}` : either(choices);
  const right = typeof value === TYPES[kind] && (choices === undefined || choices.includes(value as string));
  if (!right)
    throw new UsageError("bad_option", `the option ${name} must be ${wanted}, not ${JSON.stringify(value)}`, {
      option: name,
    });
  if (value === "" && !empty) throw new UsageError("bad_option", say`${option(name)}: it is empty`, { option: name });
  if (typeof value !== "number") return;
  const top = most ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < least || value > top)
    throw new UsageError("bad_number", say`${option(name, value)}: it must be a whole number from ${least} to ${top}`, {
      option: name,
    });
}
