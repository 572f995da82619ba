/**
 * What commander would let pass, refused before it looks: an option's name swallowed as another one's value, a value
 * for an option that has none, and `-o=DIR`, which would name a folder `=DIR`.
 */
import type { Command, Option } from "commander";
import { UsageError } from "../base/errors.js";

/** The arguments, for commander. Throws a UsageError for what is above, and for a command's option before it. */
export function checkedArguments(args: readonly string[], program: Command): string[] {
  const [first = "", second = ""] = args;
  const command = commandOf(program, first);
  if (command) return [first, ...checkedOptions(args.slice(1), command)];
  // Of an unknown command help knows nothing, but a near miss may be found.
  if (first === "help" && second && !commandOf(program, second)) return [second];
  checkPlace(first, program);
  return [...args];
}

function checkPlace(first: string, program: Command): void {
  const [name] = splitOption(first);
  if (findOption(program, name)) return;
  const owner = program.commands.find((command) => findOption(command, name));
  if (owner) {
    throw new UsageError(
      "unknown_option",
      `option ${name} goes after the command, as in electro ${owner.name()} ${name}`,
    );
  }
}

function checkedOptions(rest: readonly string[], command: Command): string[] {
  const args = [...rest];
  const checked: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") return [...checked, ...args.slice(i)];
    const flagOfGroup = /^-[A-Za-z]{2,}$/.test(arg) && findOption(command, arg.slice(0, 2));
    if (flagOfGroup && !flagOfGroup.required) {
      // `-qv` is `-q -v`.
      args.splice(i + 1, 0, `-${arg.slice(2)}`);
      checked.push(arg.slice(0, 2));
      continue;
    }
    const [name, value] = splitOption(arg);
    const option = findOption(command, name);
    // An unknown one without its value, so that a near miss is still found. It is an error in any case.
    checked.push(option ? arg : name);
    if (!option) continue;
    if (value !== undefined) checkAttached(name, option);
    else if (option.required) checked.push(checkedValue(name, option, args[++i]));
  }
  return checked;
}

function checkedValue(name: string, option: Option, value: string | undefined): string {
  if (value !== undefined && !/^--|^-[A-Za-z]$/.test(value)) return value;
  const placeholder = /<(.*)>/.exec(option.flags)?.[1];
  const follows =
    value === undefined ? "" : `, but ${value} follows; if that is the value, write ${option.long}=${value}`;
  throw new UsageError("missing_option_value", `option ${name} needs a value: ${name} ${placeholder}${follows}`);
}

/** `--name=value` and `-n=value` in two. */
function splitOption(arg: string): [name: string, value: string | undefined] {
  const match = /^(--[^=]+|-[A-Za-z])=(.*)$/s.exec(arg);
  return match ? [match[1] as string, match[2]] : [arg, undefined];
}

function commandOf(program: Command, name: string): Command | undefined {
  return program.commands.find((command) => command.name() === name);
}

function findOption(command: Command, name: string): Option | undefined {
  return command.options.find((option) => option.short === name || option.long === name);
}

function checkAttached(name: string, option: Option): void {
  if (!option.required) throw new UsageError("bad_option_value", `option ${name} takes no value`);
  if (!name.startsWith("--")) {
    throw new UsageError("bad_option_value", `option ${name} takes its value after a space, or write ${option.long}=…`);
  }
}
