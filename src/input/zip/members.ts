/** The members of an archive as inputs. */
import { fstatSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WarningText } from "../../base/warning.js";
import { skippedWarnings } from "../endings.js";
import { openFile } from "../file.js";
import type { FileInput } from "../input.js";
import { WorkbookReader } from "../workbook/workbook.js";
import { readDirectory } from "./directory.js";
import { fileSource } from "./source.js";

/**
 * Lists an archive; a workbook is one input.
 * @throws RunError if it cannot be read, or has nothing to read; the signal's reason if it is aborted
 */
export async function membersOf(
  archive: FileInput,
  signal: AbortSignal | undefined,
): Promise<{ members: FileInput[]; warnings: WarningText[] }> {
  const file = openFile(archive);
  try {
    const source = fileSource(file.fd, fstatSync(file.fd).size, archive.name);
    const { members, skipped, workbook } = await readDirectory(source, archive.name, signal);
    if (workbook !== undefined) {
      const reader = new WorkbookReader(source, workbook, archive.name, async () => signal?.throwIfAborted());
      const warnings = await reader.warnings();
      file.verify();
      return { members: [{ ...archive, compression: "workbook" }], warnings };
    }
    file.verify();
    return {
      members: members.map((member) => ({
        ...archive,
        name: `${archive.name}:${member.name}`,
        member,
        size: member.size,
      })),
      warnings: skippedWarnings(archive.name, skipped, "in an archive"),
    };
  } finally {
    file.close();
  }
}

/** The rows of a workbook's first sheet as CSV. @throws RunError if it cannot be read; the signal's reason if it is aborted */
export async function* workbookRows(input: FileInput, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openFile(input);
  try {
    const source = fileSource(file.fd, fstatSync(file.fd).size, input.name);
    const { workbook = new Map() } = await readDirectory(source, input.name, signal);
    yield* new WorkbookReader(source, workbook, input.name, async () => {
      await nextTurn();
      signal.throwIfAborted();
    }).rows();
    file.verify();
  } finally {
    file.close();
  }
}
