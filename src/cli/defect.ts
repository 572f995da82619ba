/** Logs a defect of Electro: an apology for everyone, the stack only with `-v`. */
import type { Log } from "./terminal/log.js";

export function logDefect(error: unknown, log: Log): void {
  const message = error instanceof Error ? error.message : String(error);
  log({
    level: "error",
    code: "defect",
    message: `sorry, this is a defect of Electro: ${message} (please report it to its maintainers, with the command and its output with -v)`,
  });
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const line of stack.split("\n").slice(1)) log({ level: "debug", message: line.trim() });
}
