import { RunError } from "../base/errors.js";
import type { RunContext } from "./run.js";

/** What a run warned of: told at once, and kept for the manifest. */
export class Warnings {
  readonly all: { code: string; message: string }[] = [];

  constructor(private readonly emit: RunContext["onEvent"]) {}

  add(warning: { readonly code: string; readonly message: string } | undefined): void {
    if (warning === undefined) return;
    const { code, message } = warning;
    this.all.push({ code, message });
    this.emit?.({ kind: "warning", code, message });
  }

  /** To be called before anything is written. @throws RunError where there are warnings, and `strict` makes them errors */
  check(strict: boolean | undefined): void {
    const count = this.all.length;
    if (!strict || count === 0) return;
    throw new RunError("strict", `--strict: ${count} ${count === 1 ? "warning" : "warnings"}, so nothing was written`);
  }
}
