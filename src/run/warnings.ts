import type { RunContext } from "./options.js";

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
}
