/** The arguments of a command: its options, checked one by one, and the rest. */
import { parseArgs } from "node:util";
import { UsageError } from "../base/errors.js";
import { nearest } from "../base/suggestion.js";
import { parseValue, withValue } from "../jobs/option-values.js";
import type { Flag } from "./options.js";

export interface Arguments {
  readonly inputs: string[];
  /** Values by the names of options in code. With `help` among them, errors in the rest do not matter. */
  readonly flags: Record<string, unknown>;
}

/** @throws UsageError for the first argument that is wrong */
export function parseArguments(args: readonly string[], known: readonly Flag[]): Arguments {
  const byName = new Map(known.flatMap((flag) => [flag.long, flag.short ?? flag.long].map((name) => [name, flag])));
  const options = known.map(({ long, short, value }) => [
    long.slice(2),
    { type: value === undefined ? "boolean" : "string", ...(short && { short: short.slice(1) }) } as const,
  ]);
  // Errors get our own messages, so nothing is refused here.
  const { tokens, positionals } = parseArgs({
    ...{ args: [...args], options: Object.fromEntries(options), strict: false, allowPositionals: true, tokens: true },
  });
  const given = tokens.filter((token) => token.kind === "option");
  if (given.some(({ rawName }) => byName.get(rawName)?.name === "help"))
    return { inputs: positionals, flags: { help: true } };
  const flags: Record<string, unknown> = {};
  for (const [i, { rawName, value, inlineValue }] of given.entries()) {
    // `-v=x` is parsed as `-v -= -x`.
    if (rawName === "-=") throw noValue(given[i - 1]!.rawName);
    const flag = byName.get(rawName);
    if (flag === undefined) throw unknownOption(rawName, known);
    flags[flag.name] = checkedValue(flag, { rawName, value, inlineValue }, flags[flag.name]);
  }
  return { inputs: positionals, flags };
}

/** @param known one of these is suggested if it is similar */
export function unknownOption(name: string, known: readonly Pick<Flag, "long">[]): UsageError {
  const names = Array.from(known, ({ long }) => long);
  const full = name.replace(/\btz$/, "timezone");
  const longer = names.filter((long) => full.length > 4 && long.startsWith(full));
  const meant = longer.length === 1 ? longer[0] : nearest(full, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new UsageError("unknown_option", `unknown option '${name}'${hint}`);
}

function noValue(name: string): UsageError {
  return new UsageError("bad_option_value", `option ${name} takes no value`);
}

interface Given {
  /** As written: `-o` or `--output`. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value was written in the same argument. */
  readonly inlineValue: boolean | undefined;
}

/** @param before earlier values of the same option */
function checkedValue({ long, value: placeholder, entry }: Flag, given: Given, before: unknown): unknown {
  const { rawName, value, inlineValue } = given;
  if (placeholder === undefined) {
    if (inlineValue) throw noValue(rawName);
    return true;
  }
  // A forgotten value must not swallow the next option.
  if (value === undefined || (!inlineValue && /^--|^-[A-Za-z]$/.test(value))) {
    const follows = value === undefined ? "" : `, but ${value} follows; if that is the value, write ${long}=${value}`;
    throw new UsageError(
      "missing_option_value",
      `option ${rawName} needs a value: ${rawName} ${placeholder}${follows}`,
    );
  }
  // Otherwise it would name a folder `=DIR`.
  if (inlineValue && !rawName.startsWith("--") && value.startsWith("="))
    throw new UsageError("bad_option_value", `option ${rawName} takes its value after a space, or write ${long}=…`);
  const several = entry.kind === "texts" || entry.kind === "names";
  if (before !== undefined && !several)
    throw new UsageError("repeated_option", `option ${long} is given twice; give it once`);
  const parsed = parseValue(entry, value);
  if (typeof parsed === "string") throw new UsageError("bad_option_value", `${long}: "${value}" ${parsed}`);
  return several ? withValue(entry.kind, before, parsed.value) : parsed.value;
}
