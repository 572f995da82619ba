/** What a command says of itself; `program.ts` makes commander's command of it. */
import type { Option } from "commander";
import type { World } from "./world.js";

export interface CommandDefinition {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** What follows the command's name: `[options] INPUT…`. */
  readonly usage: string;
  /** Commander's words for the arguments, and what they are; `undefined`: there are none. */
  readonly argument?: readonly [name: string, description: string];
  readonly options: () => Option[];
  /** Below the options: examples and what else there is to know. */
  readonly help: string;
  /** Resolves to the exit status. @throws UsageError before anything began */
  run(args: readonly string[], flags: object, world: World): Promise<number>;
}
