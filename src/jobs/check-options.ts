/** Checks options from a library's caller: an unknown one, or one of the wrong type, must not be silently ignored. */

import { inspect } from "node:util";
import { UsageError } from "../base/errors.js";
import { either, option, say } from "../base/message.js";
import { nearest } from "../base/suggestion.js";
import { JOB_OPTIONS } from "./job-options.js";
import type { Command, OptionEntry, OptionTable } from "./option.js";

const TYPES = {
  ...{ text: "string", day: "string", choice: "string", flag: "boolean", whole: "number", size: "number" },
  ...{ texts: "string", choices: "string", names: "string" },
} as const satisfies Record<OptionEntry["kind"], string>;

/**
 * @param command whose job it is
 * @param files whether files are written
 * @param others further names that the caller accepts
 * @throws UsageError `unknown_option`, `bad_option`, `bad_number`
 */
export function checkOptions(
  options: object,
  { command, files, others = [] }: { command: Command; files: boolean; others?: readonly string[] },
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new UsageError("bad_option", `the options must be an object, not ${shown(options)}`);
  const table: OptionTable = Object.fromEntries(
    Object.entries<OptionEntry>(JOB_OPTIONS).filter(
      ([, { commands, library }]) => commands[command] !== undefined && (files || library !== "files"),
    ),
  );
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
  const several = kind === "texts" || kind === "choices" || (kind === "names" && Array.isArray(value));
  const one = choices === undefined ? `a ${TYPES[kind]}` : either(choices);
  const some = kind === "choices" ? `an array of one or more of ${choices?.join(", ")}` : "an array of strings";
  const isRight = (one: unknown) =>
    typeof one === TYPES[kind] && (choices === undefined || choices.includes(one as string));
  const isList = Array.isArray(value) && value.every(isRight) && (kind === "texts" || value.length > 0);
  if (!(several ? isList : isRight(value)))
    throw new UsageError("bad_option", `the option ${name} must be ${several ? some : one}, not ${shown(value)}`, {
      option: name,
    });
  const isEmpty = value === "" || (kind === "names" && several && (value as string[]).includes(""));
  if (isEmpty && !empty) throw new UsageError("bad_option", say`${option(name)}: it is empty`, { option: name });
  if (typeof value !== "number") return;
  const top = most ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < least || value > top)
    throw new UsageError("bad_number", say`${option(name, value)}: it must be a whole number from ${least} to ${top}`, {
      option: name,
    });
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : inspect(value);
}
