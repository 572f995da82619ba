/** The members of an archive as inputs. */
import { fstatSync } from "node:fs";
import { openFile } from "../file.js";
import type { FileInput } from "../input.js";
import { readDirectory, type ZipDirectory } from "./directory.js";
import { fileSource } from "./source.js";

/**
 * Lists an archive.
 * @throws RunError if it cannot be read, or has nothing to read; the signal's reason if it is aborted
 */
export async function membersOf(
  archive: FileInput,
  signal: AbortSignal | undefined,
): Promise<{ members: FileInput[]; skipped: ZipDirectory["skipped"] }> {
  const file = openFile(archive);
  try {
    const source = fileSource(file.fd, fstatSync(file.fd).size, archive.name);
    const { members, skipped } = await readDirectory(source, archive.name, signal);
    file.verify();
    return {
      members: members.map((member) => ({
        ...archive,
        name: `${archive.name}:${member.name}`,
        member,
        size: member.size,
      })),
      skipped,
    };
  } finally {
    file.close();
  }
}
