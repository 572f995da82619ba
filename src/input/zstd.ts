/** Unpacking zstd (RFC 8878): one frame or several in a row; a frame's checksum is checked where it has one. */
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { ElectroError } from "../domain/errors.js";
import { cutOff, damaged } from "./broken.js";
import { through, UNPACKED_BLOCK } from "./engine.js";
import { codeOf } from "./reason.js";
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
    yield* inWebAssembly(pieces, name);
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

/** The same code of zstd's makers, compiled to WebAssembly, for a Node that does not bring it. */
async function* inWebAssembly(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const { ZSTDDecoder } = await import("zstddec/stream");
  const decoder = new ZSTDDecoder();
  await decoder.init();

  // The decoder pulls pieces at once, without waiting, at most one for each block that it gives. So one is kept ready.
  let ready: Uint8Array | undefined;
  let pulled = false;
  const blocks = decoder.decodeStreaming({
    *[Symbol.iterator]() {
      while (ready !== undefined) {
        const piece = ready;
        ready = undefined;
        pulled = true;
        yield piece;
      }
    },
  });

  const source = pieces[Symbol.asyncIterator]();
  /** Whether the last block was empty: then the piece was used up, unless the decoder has met an error. */
  let idle = false;
  try {
    for (;;) {
      if (ready === undefined) {
        const { done, value } = await source.next();
        if (done !== true) ready = value;
      }
      pulled = false;
      const block = blocks.next();
      if (block.done === true) return;
      if (block.value.length > 0) yield block.value;
      // It says nothing of errors, but stays where it is.
      else if (idle && !pulled) throw damaged(name, "zstd", "the checksum or the data is wrong");
      idle = block.value.length === 0;
    }
  } catch (error) {
    if (error instanceof ElectroError) throw error;
    throw damaged(name, "zstd", (error as Error).message);
  } finally {
    await source.return?.(undefined);
  }
}
