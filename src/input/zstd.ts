/** Unpacking zstd (RFC 8878): one frame or several in a row; a frame's checksum is checked where it has one. */
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { codeOf } from "../base/system-error.js";
import { cutOff, damaged } from "./broken.js";
import { through, UNPACKED_BLOCK } from "./engine.js";
import { decodeInWorker } from "./zstd-decoder.js";
import { framesOf } from "./zstd-frames.js";

/** Node has zstd from 22.15 and 23.8 on. */
const createZstdDecompress = (zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Transform })
  .createZstdDecompress;

/**
 * @param name for messages
 * @throws RunError if the stream is damaged, ends early, or is followed by something else
 */
export async function* unzstd(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const pieces = framesOf(packed, name);
  if (createZstdDecompress === undefined) {
    yield* decodeInWorker(pieces, name);
    return;
  }
  try {
    yield* through(createZstdDecompress({ chunkSize: UNPACKED_BLOCK }), pieces);
  } catch (error) {
    if (codeOf(error) === "Z_BUF_ERROR") throw cutOff(name, "zstd");
    if (/^Z(STD)?_/.test(codeOf(error))) throw damaged(name, "zstd", (error as Error).message);
    throw error;
  }
}
