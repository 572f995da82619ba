/** Decompresses gzip (RFC 1952): one or more members in a row, each with its checksum and length checked. */
import { createGunzip } from "node:zlib";
import { codeOf } from "../base/system-error.js";
import { cutOff, damaged, followed } from "./broken.js";
import { BLOCK_BYTES, through } from "./engine.js";

/**
 * @param name for messages
 * @throws RunError if the stream is damaged, ends early, or is followed by something else
 */
export async function* gunzip(compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const engine = createGunzip({ chunkSize: BLOCK_BYTES });

  let first: number | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    let given = 0;
    for await (const piece of compressed) {
      first ??= piece[0];
      yield piece;
      given += piece.length;
      // At a zero byte after a member, the engine stops silently, whatever follows.
      if (engine.bytesWritten < given) throw followed(name, "gzip");
    }
  }

  try {
    yield* through(engine, watched());
  } catch (error) {
    const code = codeOf(error);
    if (!code.startsWith("Z_")) throw error;
    if (code === "Z_BUF_ERROR") throw cutOff(name, "gzip");
    const { message } = error as Error;
    throw message === "incorrect header check" && first === 0x1f
      ? followed(name, "gzip")
      : damaged(name, "gzip", message);
  }
}
