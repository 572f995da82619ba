/**
 * The table of options, and which of them a command, its job, and a call of the service have. The command line's flags and
 * help, the library's types and checks, the service's parameters and their description, the manifest's options and the
 * tables in docs/ are made from it.
 */
import { COMMAND_LINE_OPTIONS } from "./command-line-options.js";
import { JOB_OPTIONS } from "./job-options.js";
import { type Call, type Command, HEADING, type OptionEntry, type OptionTable, type ValuesOf } from "./option.js";

export const OPTIONS = { ...JOB_OPTIONS, ...COMMAND_LINE_OPTIONS };

type Table = typeof OPTIONS;

/** Those of the table that a command has. */
type OfCommand<C extends Command> = {
  [Name in keyof Table as C extends keyof Table[Name]["commands"] ? Name : never]: Table[Name];
};

/** What a command's arguments say. */
export type FlagsOf<C extends Command> = ValuesOf<OfCommand<C>>;

/** Options of a job only where it writes files. */
export type FilesOnly = {
  [Name in keyof Table]: Table[Name] extends { readonly library: "files" } ? Name : never;
}[keyof Table];

/** The options of a command's job. */
export type OptionsOf<C extends Command> = Omit<FlagsOf<C>, keyof typeof COMMAND_LINE_OPTIONS>;

/** Those of the table that a call of the service takes. */
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

/** Of a command's flags, those that are options of its job. */
export function jobOptions<C extends Command>(flags: FlagsOf<C>): OptionsOf<C> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name]) => !Object.hasOwn(COMMAND_LINE_OPTIONS, name)),
  ) as OptionsOf<C>;
}

/** The options that a call of the service takes, each as the service has it. */
export function parametersOf<C extends Call>(call: C): OfCall<C> {
  return Object.fromEntries(
    Object.entries<OptionEntry>(OPTIONS).flatMap(([name, entry]) =>
      entry.http?.calls.includes(call) ? [[name, { ...entry, ...entry.http }]] : [],
    ),
  ) as OfCall<C>;
}
