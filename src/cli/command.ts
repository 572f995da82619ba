/** What a command says of itself; its options are in the table of options. */
import type { Command } from "../jobs/option.js";
import type { World } from "./world.js";

export interface CommandDefinition {
  readonly name: Command;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** What follows the command's name: `[options] INPUT…`. */
  readonly usage: string;
  /** What an argument is called, and what it is; `undefined`: there are none. */
  readonly argument?: [name: string, description: string];
  /** Below the options: examples and what else there is to know. */
  readonly help: string;
  /** Resolves to the exit status. @throws UsageError before anything began */
  run(args: readonly string[], flags: object, world: World): Promise<number>;
}
