/** The definition of a command; its options are in the table of options. */
import type { Command } from "../jobs/option.js";
import type { World } from "./world.js";

export interface CommandDefinition {
  readonly name: Command;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** The usage after the command's name: `[options] INPUT…`. */
  readonly usage: string;
  /** Name and description of the arguments; `undefined`: there are none. */
  readonly argument?: [name: string, description: string];
  /** The text below the options: examples and everything else worth knowing. */
  readonly help: string;
  /** Resolves to the exit status. @throws UsageError before anything begins */
  run(args: readonly string[], flags: object, world: World): Promise<number>;
}
