/** The bytes of a member of a zip archive, with its length and checksum checked. */
import { createInflateRaw } from "node:zlib";
import { RunError } from "../../base/errors.js";
import { codeOf } from "../../base/system-error.js";
import { BLOCK_BYTES, through } from "../engine.js";
import type { ZipMember } from "../input.js";
import { crc32 } from "./crc32.js";
import { LOCAL_HEADER } from "./directory.js";
import type { ZipSource } from "./source.js";

/** Bytes read at a time. */
const BLOCK = 256 * 1024;

/** Ways to compress that are not read, by their numbers. */
const METHODS: Readonly<Record<number, string>> = {
  ...{ 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz", 98: "PPMd", 99: "AES encryption" },
};

/**
 * Unpacks a member. At most a few blocks are in memory.
 * @param name for messages
 * @throws RunError if it is encrypted, compressed in a way that is not read, or damaged; what the turn throws
 */
export async function* readMember(
  source: ZipSource,
  member: ZipMember,
  name: string,
  turn: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  if (member.encrypted || member.method === 99)
    throw new RunError("input_encrypted", `${name}: it is encrypted; unpack the archive with its password`);
  if (member.method !== 0 && member.method !== 8) {
    const method = METHODS[member.method] ?? `method ${member.method}`;
    throw new RunError(
      "input_method",
      `${name}: it is compressed with ${method}, which is not read; unpack the archive, or make it again with Deflate`,
    );
  }
  const stored = bytesOf(source, member, name, turn);
  const pieces = member.method === 0 ? stored : through(createInflateRaw({ chunkSize: BLOCK_BYTES }), stored);
  let length = 0;
  let crc = 0;
  try {
    for await (const piece of pieces) {
      length += piece.length;
      // It would go on for as long as the archive wants.
      if (length > member.size) break;
      crc = crc32(piece, crc);
      yield piece;
    }
  } catch (error) {
    if (!codeOf(error).startsWith("Z_")) throw error;
    throw damaged(name, codeOf(error) === "Z_BUF_ERROR" ? "it ends early" : (error as Error).message);
  }
  if (length > member.size) throw damaged(name, "it is longer than the archive says");
  if (length < member.size) throw damaged(name, "it is shorter than the archive says");
  if (crc !== member.crc) throw damaged(name, "its checksum is wrong");
}

/** The bytes of a member as they are in the archive. */
async function* bytesOf(
  source: ZipSource,
  { offset, packed }: ZipMember,
  name: string,
  turn: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(LOCAL_HEADER);
  if (source.read(header, offset) < LOCAL_HEADER || header.readUInt32LE(0) !== 0x04034b50)
    throw damaged(name, "its header is not where the archive says");
  const start = offset + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  for (let at = 0; at < packed; ) {
    await turn();
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, packed - at));
    const bytes = source.read(block, start + at);
    if (bytes === 0) throw damaged(name, "it ends early");
    at += bytes;
    yield block.subarray(0, bytes);
  }
}

function damaged(name: string, detail: string): RunError {
  return new RunError(
    "input_damaged",
    `${name}: this member of the archive is damaged (${detail}); copy or fetch the archive again`,
  );
}
