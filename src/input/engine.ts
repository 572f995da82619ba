/** Runs bytes through one of Node's decompression streams, which work on another thread. */
import type { Transform } from "node:stream";

/** Output block size of a decompression stream: large, since each block costs a thread switch. */
export const BLOCK_BYTES = 512 * 1024;

/**
 * Writes the pieces to the engine and yields its output. A piece is requested when the engine has consumed the previous
 * one. At most a few blocks are in memory, however much a piece expands.
 * @throws what the pieces or the engine throw
 */
export async function* through(engine: Transform, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let resume = () => {};
  // A destroyed engine may never call back for its current piece.
  engine.once("close", () => resume());
  const write = (piece: Uint8Array) =>
    new Promise<void>((resolve) => {
      resume = resolve;
      engine.write(piece, () => resolve());
    });
  async function feed(): Promise<void> {
    for await (const piece of pieces) {
      await write(piece);
      if (engine.destroyed) return;
    }
    engine.end();
  }

  let failure: unknown;
  const feeding = feed().catch((error: Error) => {
    failure = error;
    engine.destroy(error);
  });
  try {
    yield* engine as AsyncIterable<Uint8Array>;
    await feeding;
    if (failure !== undefined) throw failure;
  } finally {
    engine.destroy();
    await feeding;
  }
}
