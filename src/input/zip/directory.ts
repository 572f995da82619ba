/** The members of a zip archive, as its directory lists them. */
import { type Entry, fromRandomAccessReader, getFileNameLowLevel, RandomAccessReader, type ZipFile } from "yauzl";
import { RunError } from "../../base/errors.js";
import { yieldToEventLoop } from "../../base/event-loop.js";
import { ENDINGS, isDataset, isHidden, Skipped } from "../endings.js";
import type { ZipMember } from "../input.js";
import type { ZipSource } from "./source.js";

/** Members of an archive. */
const MOST_MEMBERS = 100_000;
/** Bytes of the directory at the end of an archive: some hundred a member. */
const MOST_DIRECTORY = 64 * 1024 * 1024;
/** Bytes that are read at a time. */
const BLOCK = 256 * 1024;
/** Members that are listed before yielding to the event loop. */
const MEMBERS_A_TURN = 512;
/** What only a workbook has. */
const WORKBOOK = "xl/workbook.xml";
/** Names that begin with a dot, and those of folders; and what macOS keeps beside each file. */
const HIDDEN = /(^|\/)(\.(?!\.?\/)|__MACOSX\/)/;
const RESOURCES = /(^|\/)(\._|__MACOSX\/)/;
/** Bytes of a member's own header without its name. */
export const LOCAL_HEADER = 30;

export interface ZipDirectory {
  /** The datasets in it, in the order of their names' bytes. */
  readonly members: readonly ZipMember[];
  /** The other files in it. */
  readonly skipped: Skipped;
  /** Its members if it is a workbook, which is no archive of datasets. */
  readonly workbook: ReadonlyMap<string, ZipMember> | undefined;
}

/**
 * Reads the directory of an archive: its members are what a folder would give.
 * @param name for messages
 * @throws RunError if it is damaged or cut off, could be read in two ways, or has nothing to read; the signal's reason if it
 * is aborted
 */
export async function readDirectory(
  source: ZipSource,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ZipDirectory> {
  const all: ZipMember[] = [];
  const names = new Set<string>();
  const members: ZipMember[] = [];
  const skipped = new Skipped();
  try {
    for await (const entry of entriesOf(source, signal)) {
      const member = memberOf(entry);
      if (member.name.endsWith("/")) continue;
      if (all.length === MOST_MEMBERS) throw new Error(`it has more than ${MOST_MEMBERS} members`);
      all.push(member);
      if (HIDDEN.test(member.name)) {
        if (isHidden(member.name) && isDataset(member.name) && !RESOURCES.test(member.name)) skipped.hidden++;
        continue;
      }
      if (!isDataset(member.name)) {
        skipped.add(member.name);
        continue;
      }
      // Which of the two is meant cannot be told, and both could be one file in two versions.
      if (names.has(member.name)) throw new Error(`it has two members of the name ${member.name}; make it again`);
      names.add(member.name);
      members.push(member);
    }
    checkPlaces(all, source.size);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RunError) throw error;
    throw new RunError("input_damaged", `${name}: the zip archive cannot be read: ${reasonOf(error as Error)}`);
  }
  if (all.some((member) => member.name === WORKBOOK))
    return { members: [], skipped: new Skipped(), workbook: new Map(all.map((member) => [member.name, member])) };
  if (members.length === 0) {
    const other = all.length === 0 ? "it is empty" : `looked for ${ENDINGS}`;
    throw new RunError("no_files", `${name}: there are no files to read in this archive: ${other}`);
  }
  members.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { members, skipped, workbook: undefined };
}

async function* entriesOf(source: ZipSource, signal: AbortSignal | undefined): AsyncGenerator<Entry> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false };
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromRandomAccessReader(new Reader(source), source.size, options, (error, file) =>
      error ? reject(error) : resolve(file),
    );
  });
  let n = 0;
  for await (const entry of zip.eachEntry()) {
    if (++n % MEMBERS_A_TURN === 0) await yieldToEventLoop(signal);
    yield entry;
  }
}

function memberOf(entry: Entry): ZipMember {
  const raw = entry.fileName as unknown as Buffer;
  const flags = entry.generalPurposeBitFlag;
  const name = getFileNameLowLevel(flags, raw, entry.extraFields, false);
  return {
    name: name.replace(/[\0-\x1f\x7f-\x9f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
    offset: entry.relativeOffsetOfLocalHeader,
    packed: entry.compressedSize,
    size: entry.uncompressedSize,
    crc: entry.crc32,
    method: entry.compressionMethod,
    encrypted: (flags & 1) !== 0,
  };
}

/** Members that overlap are how a small archive unpacks to any size. @throws Error */
function checkPlaces(members: readonly ZipMember[], size: number): void {
  let before: ZipMember | undefined;
  for (const member of [...members].sort((a, b) => a.offset - b.offset)) {
    const end = before === undefined ? 0 : before.offset + LOCAL_HEADER + before.packed;
    if (member.offset < end) throw new Error(`its members ${before?.name} and ${member.name} overlap`);
    if (member.offset + LOCAL_HEADER + member.packed > size) throw new Error(`its member ${member.name} is cut off`);
    before = member;
  }
}

/** The library's messages that say more to its authors than to users. */
function reasonOf({ message }: Error): string {
  if (/^End of central directory record signature not found|Invalid comment length/.test(message))
    return "its end is missing or is followed by something else, so it is cut off; copy or fetch it again";
  if (/^multi-disk/.test(message)) return "it is one part of several; join them, or make it again as one";
  if (/encryption/.test(message)) return "it is encrypted; unpack it with its password";
  if (/unexpected EOF|signature|extra field|zip64|out of range|overflow/i.test(message))
    return "its directory is damaged; copy or fetch it again";
  return message;
}

/** Reads for the library, block by block, and not more than a directory may take. */
class Reader extends RandomAccessReader {
  private block = Buffer.alloc(0);
  private from = 0;
  private left = MOST_DIRECTORY;

  constructor(private readonly source: ZipSource) {
    super();
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    setImmediate(() => callback(this.fill(into.subarray(offset, offset + length), position)));
  }

  private fill(into: Buffer, position: number): Error | null {
    try {
      this.left -= into.length;
      if (this.left < 0) return new Error(`its directory is larger than ${MOST_DIRECTORY / 2 ** 20} MiB`);
      if (!(position >= 0 && position + into.length <= this.source.size)) return new Error("unexpected EOF");
      if (position < this.from || position + into.length > this.from + this.block.length) {
        const block = Buffer.allocUnsafe(Math.max(BLOCK, into.length));
        this.block = block.subarray(0, this.source.read(block, position));
        this.from = position;
        if (this.block.length < into.length) return new Error("unexpected EOF");
      }
      this.block.copy(into, 0, position - this.from);
      return null;
    } catch (error) {
      return error as Error;
    }
  }
}
