/** Which sources of a kernel are export, where inputs tell it and each source is to stay by itself. */
import type { Exports } from "./kernel-exports.js";

export class ExportSources {
  /** By number. */
  private readonly marked = new Set<number>();

  /** A reading of this source is export. */
  mark(source: number): void {
    this.marked.add(source);
  }

  /** 1 for each source of their kernel that is export; `undefined` where none is. */
  flags(kernel: Exports): Uint8Array | undefined {
    if (this.marked.size === 0) return undefined;
    const flags = new Uint8Array(kernel.sourceCount());
    for (const source of this.marked) flags[source] = flags[kernel.settled(source)] = 1;
    return flags;
  }

  reset(): void {
    this.marked.clear();
  }
}
