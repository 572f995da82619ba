/**
 * The table of options, and which of them a command, its job, and a call of the service have. From it are made: the command
 * line's flags and help, the library's types and checks, the service's parameters and their description, the manifest's
 * options, and the tables in docs/.
 */
import { COMMAND_LINE_OPTIONS } from "./command-line-options.js";
import { JOB_OPTIONS } from "./job-options.js";
import { type Call, type Command, HEADING, type OptionEntry, type OptionTable, type ValuesOf } from "./option.js";

export const OPTIONS = { ...JOB_OPTIONS, ...COMMAND_LINE_OPTIONS };

type Table = typeof OPTIONS;

/** The entries that a command has. */
type OfCommand<C extends Command> = {
  [Name in keyof Table as C extends keyof Table[Name]["commands"] ? Name : never]: Table[Name];
};

/** The values of a command's arguments. */
export type FlagsOf<C extends Command> = ValuesOf<OfCommand<C>>;

/** Options that a job only has if it writes files. */
export type FilesOnly = {
  [Name in keyof Table]: Table[Name] extends { readonly library: "files" } ? Name : never;
}[keyof Table];

/** The options of a command's job. */
export type OptionsOf<C extends Command> = Omit<FlagsOf<C>, keyof typeof COMMAND_LINE_OPTIONS>;

/** The entries that a call of the service has. */
type OfCall<C extends Call> = {
  [Name in keyof Table as Table[Name] extends { readonly http: { readonly calls: readonly (infer One)[] } }
    ? C extends One
      ? Name
      : never
    : never]: Table[Name];
};

const ORDER: readonly string[] = Object.values(HEADING);

/** A command's options in the order in which they are shown, each as the command has it. */
export function entriesOf(command: Command, table: OptionTable = OPTIONS): [name: string, entry: OptionEntry][] {
  const entries = Object.entries(table).flatMap(([name, entry]): [string, OptionEntry][] => {
    const own = entry.commands[command];
    return own === undefined ? [] : [[name, { ...entry, ...own }]];
  });
  return entries.sort(([, a], [, b]) => ORDER.indexOf(a.heading) - ORDER.indexOf(b.heading));
}

/** The flags of a command that are options of its job. */
export function jobOptions<C extends Command>(flags: FlagsOf<C>): OptionsOf<C> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name]) => !Object.hasOwn(COMMAND_LINE_OPTIONS, name)),
  ) as OptionsOf<C>;
}

/** The options of a call of the service, each as the service has it. */
export function parametersOf<C extends Call>(call: C): OfCall<C> {
  return Object.fromEntries(
    Object.entries<OptionEntry>(OPTIONS).flatMap(([name, entry]) =>
      entry.http?.calls.includes(call) ? [[name, { ...entry, ...entry.http }]] : [],
    ),
  ) as OfCall<C>;
}
