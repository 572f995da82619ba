/** Decompresses zstd (RFC 8878): one or more frames in a row. A frame's checksum is checked if it has one. */
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { codeOf } from "../base/system-error.js";
import { cutOff, damaged } from "./broken.js";
import { BLOCK_BYTES, through } from "./engine.js";
import { decodeInWorker } from "./zstd-decoder.js";
import { framesOf } from "./zstd-frames.js";

/** Node has had zstd since 22.15 and 23.8. */
const createZstdDecompress = (zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Transform })
  .createZstdDecompress;

/**
 * @param name for messages
 * @throws RunError if the stream is damaged, ends early, or is followed by something else
 */
export async function* unzstd(compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const chunks = framesOf(compressed, name);
  if (createZstdDecompress === undefined) {
    yield* decodeInWorker(chunks, name);
    return;
  }
  try {
    yield* through(createZstdDecompress({ chunkSize: BLOCK_BYTES }), flat(chunks));
  } catch (error) {
    if (codeOf(error) === "Z_BUF_ERROR") throw cutOff(name, "zstd");
    if (/^Z(STD)?_/.test(codeOf(error))) throw damaged(name, "zstd", (error as Error).message);
    throw error;
  }
}

async function* flat(chunks: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<Uint8Array> {
  for await (const pieces of chunks) yield* pieces;
}
