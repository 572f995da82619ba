/** The command line as a whole: its commands, their help, and the messages for wrong usage. */

import { UsageError } from "../base/errors.js";
import { say, textOf } from "../base/message.js";
import { nearest } from "../base/suggestion.js";
import { defaultOf, type OptionEntry, saysOf } from "../jobs/option.js";
import { version } from "../jobs/version.js";
import { parseArguments, unknownOption } from "./arguments.js";
import type { CommandDefinition } from "./command.js";
import { aggregateCommand } from "./commands/aggregate.js";
import { backupCommand } from "./commands/backup.js";
import { checkCommand } from "./commands/check.js";
import { compactCommand } from "./commands/compact.js";
import { exportCommand } from "./commands/export.js";
import { loadCommand } from "./commands/load.js";
import { profilesCommand } from "./commands/profiles.js";
import { qualityCommand } from "./commands/quality.js";
import { retractCommand } from "./commands/retract.js";
import { serveCommand } from "./commands/serve.js";
import { tokenCommand } from "./commands/token.js";
import { flagsOf } from "./options.js";
import { STATUS } from "./status.js";
import { PROGRAM_HELP } from "./terminal/help.js";
import { type HelpPage, helpText } from "./terminal/help-page.js";
import type { Out } from "./terminal/out.js";
import { earlyFormat, openEarlyLog } from "./terminal/process-log.js";
import { type World, wantsColour } from "./world.js";

/** In the order of the help. */
const COMMANDS: readonly CommandDefinition[] = [
  aggregateCommand,
  loadCommand,
  exportCommand,
  qualityCommand,
  serveCommand,
  tokenCommand,
  checkCommand,
  retractCommand,
  backupCommand,
  compactCommand,
  profilesCommand,
];

/** Help is wrapped to fit the terminal, and is never wider than this. */
const WIDEST = 98;

/** Does what the arguments say, and resolves to the exit status. Rejects only for a defect of Electro. */
export async function run(args: readonly string[], world: World): Promise<number> {
  try {
    return await chosen(args, world)();
  } catch (error) {
    if (error instanceof UsageError) return usageError(error, args, world);
    throw error;
  }
}

type Action = () => Promise<number>;

/** @returns what to do. @throws UsageError */
function chosen([first, ...rest]: readonly string[], world: World): Action {
  // Without arguments, the help is shown as for wrong usage.
  if (first === undefined) return show(PROGRAM, world, world.stderr, STATUS.usage);
  const command = COMMANDS.find(({ name }) => name === first);
  if (command === undefined) return other(first, rest[0], world);
  const { inputs, flags } = parseArguments(rest, flagsOf(command.name));
  if (flags["help"]) return show(pageOf(command), world);
  if (command.argument === undefined && inputs.length > 0)
    throw new UsageError("excess_arguments", `electro ${first} takes options only, no arguments`);
  return () => command.run(inputs, flags, world);
}

/** The action for a first argument that is not a command. @throws UsageError */
function other(first: string, second: string | undefined, world: World): Action {
  if (["help", "--help", "-h"].includes(first)) {
    if (first !== "help" || second === undefined || second.startsWith("-")) return show(PROGRAM, world);
    const command = COMMANDS.find(({ name }) => name === second);
    if (command === undefined) throw unknownCommand(second);
    return show(pageOf(command), world);
  }
  if (["--version", "-V", "version"].includes(first)) return print(`${version()}\n`, world.stdout);
  if (!first.startsWith("-")) throw unknownCommand(first);
  const name = /^--[^=]+|^-[A-Za-z]/.exec(first)?.[0] ?? first;
  const owner = COMMANDS.find((one) => flagsOf(one.name).some(({ long, short }) => long === name || short === name));
  if (owner === undefined) throw unknownOption(name, [{ long: "--version" }, { long: "--help" }]);
  throw new UsageError("unknown_option", `option ${name} goes after the command, as in electro ${owner.name} ${name}`);
}

function unknownCommand(name: string): UsageError {
  const meant = nearest(name, [...COMMANDS.map((command) => command.name), "help", "version"]);
  const hint = meant === undefined ? "; files are summed with electro aggregate INPUT…" : `; did you mean ${meant}?`;
  return new UsageError("unknown_command", `unknown command '${name}'${hint}`);
}

const PROGRAM: HelpPage = {
  usage: "electro COMMAND [options]",
  description: "Exact hourly and daily energy sums from kWh readings.",
  groups: {
    Options: [
      ["-V, --version", "print the version"],
      ["-h, --help", "print this help"],
    ],
    Commands: [
      ...COMMANDS.map(({ name, summary }) => [name, summary] as const),
      ["help", "print the help of a command"],
      ["version", "print the version"],
    ],
  },
  after: PROGRAM_HELP,
};

function pageOf({ name, usage, description, argument, help }: CommandDefinition): HelpPage {
  const groups: Record<string, [string, string][]> = argument === undefined ? {} : { Arguments: [argument] };
  for (const { long, short, value, entry } of flagsOf(name)) {
    const term = `${short === undefined ? "    " : `${short}, `}${long}${value === undefined ? "" : ` ${value}`}`;
    groups[entry.heading] ??= [];
    groups[entry.heading]?.push([term, plain(entry)]);
  }
  return { usage: `electro ${name} ${usage}`, description, groups, after: help };
}

/** The help text of an option. */
function plain(entry: OptionEntry): string {
  const value = entry.kind === "flag" ? undefined : defaultOf(entry);
  const text = value === undefined ? saysOf(entry) : say`${saysOf(entry)} (default: ${value})`;
  return textOf(text, "commandLine").replaceAll("`", "");
}

function show(page: HelpPage, world: World, out: Out = world.stdout, status: number = STATUS.done) {
  const width = Math.min(out.columns() ?? WIDEST, WIDEST);
  return print(helpText(page, width, wantsColour(out, world.env)), out, status);
}

function print(text: string, out: Out, status: number = STATUS.done): Action {
  return async () => {
    await out.write(text);
    return status;
  };
}

function usageError(error: UsageError, args: readonly string[], world: World): number {
  openEarlyLog(args, world)({ level: "error", code: error.code, message: textOf(error.said, "commandLine") });
  const command = COMMANDS.some(({ name }) => name === args[0]) ? `electro ${args[0]}` : "electro";
  if (earlyFormat(args) === "text") void world.stderr.write(`See ${command} --help.\n`);
  return STATUS.usage;
}
