/** The command line as a whole: its commands, their help, and what is said of wrong usage. */

import { Command, CommanderError, Option } from "commander";
import { UsageError } from "../base/errors.js";
import { textOf } from "../base/message.js";
import { version } from "../jobs/version.js";
import { checkedArguments } from "./arguments.js";
import type { CommandDefinition } from "./command.js";
import { aggregateCommand } from "./commands/aggregate.js";
import { backupCommand } from "./commands/backup.js";
import { checkCommand } from "./commands/check.js";
import { exportCommand } from "./commands/export.js";
import { loadCommand } from "./commands/load.js";
import { qualityCommand } from "./commands/quality.js";
import { serveCommand } from "./commands/serve.js";
import { tokenCommand } from "./commands/token.js";
import { STATUS } from "./status.js";
import { PROGRAM_HELP } from "./terminal/help.js";
import { earlyFormat, openEarlyLog } from "./terminal/process-log.js";
import { type World, wantsColour } from "./world.js";

/** In the order in which help lists them. */
const COMMANDS: readonly CommandDefinition[] = [
  aggregateCommand,
  loadCommand,
  exportCommand,
  qualityCommand,
  serveCommand,
  tokenCommand,
  checkCommand,
  backupCommand,
];

/** Help is wrapped to fit the terminal, and never wider than this. */
const WIDEST = 98;

/** Does what the arguments say and resolves to the exit status. Rejects only where Electro has a defect. */
export async function run(args: readonly string[], world: World): Promise<number> {
  let chosen: (() => Promise<number>) | undefined;
  const program = buildProgram(world, (command) => {
    chosen = command;
  });
  try {
    program.parse(checkedArguments(args, program), { from: "user" });
    return (await chosen?.()) ?? STATUS.done;
  } catch (error) {
    if (error instanceof UsageError) return usageError(error, args, world);
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return STATUS.done;
    // Without a command, commander shows the help, on standard error.
    if (error.code === "commander.help") return STATUS.usage;
    return usageError(asUsageError(error), args, world);
  }
}

function buildProgram(world: World, choose: (command: () => Promise<number>) => void): Command {
  const program = new Command("electro");
  program
    .description("Exact hourly and daily energy sums from kWh readings.")
    .usage("COMMAND [options]")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [COMMAND]", "print the help of a command")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(world.stdout.columns() ?? WIDEST, WIDEST),
      getErrHelpWidth: () => Math.min(world.stderr.columns() ?? WIDEST, WIDEST),
      getOutHasColors: () => wantsColour(world.stdout, world.env),
      getErrHasColors: () => wantsColour(world.stderr, world.env),
    })
    .configureHelp({
      styleTitle: (title) => `\x1b[1m${title}\x1b[0m`,
      optionTerm: (option) => (option.short ? option.flags : `    ${option.flags}`).replace(/[<>]/g, ""),
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText("after", PROGRAM_HELP);

  for (const definition of COMMANDS) {
    addCommand(program, definition, (args, flags) => choose(() => definition.run(args, flags, world)));
  }
  return program;
}

function addCommand(
  program: Command,
  { name, summary, description, usage, argument, options, help }: CommandDefinition,
  chosen: (args: string[], flags: object) => void,
): void {
  const command = program.command(name).summary(summary).description(description).usage(usage);
  command.addHelpText("after", help);
  if (argument === undefined) command.action((flags: object) => chosen([], flags));
  else command.argument(...argument).action((args: string[], flags: object) => chosen(args, flags));
  for (const option of options()) command.addOption(option);
  command.addHelpOption(new Option("-h, --help", "print this help").helpGroup("What to show:"));
}

/** Commander's words, on one line. */
function asUsageError(error: CommanderError): UsageError {
  const code = error.code.replace(/^commander\./, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*)\?\)$/s, "; did you mean $1?")
    .replace(/^too many arguments for '(.*)'\. .*$/s, "electro $1 takes options only, no arguments");
  const lost = code === "unknown_command" && !message.includes("; did you mean");
  const hint = lost ? "; files are summed with electro aggregate INPUT…" : "";
  return new UsageError(code, message + hint);
}

function usageError(error: UsageError, args: readonly string[], world: World): number {
  openEarlyLog(args, world)({ level: "error", code: error.code, message: textOf(error.said, "commandLine") });
  const command = COMMANDS.some(({ name }) => name === args[0]) ? `electro ${args[0]}` : "electro";
  if (earlyFormat(args) === "text") void world.stderr.write(`See ${command} --help.\n`);
  return STATUS.usage;
}
