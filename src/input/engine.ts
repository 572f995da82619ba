/** Bytes through one of Node's unpacking streams, which work on a thread of their own. */
import type { Transform } from "node:stream";

/** Bytes that an unpacking stream hands out at once: large, since each block costs a change of threads. */
export const UNPACKED_BLOCK = 512 * 1024;

/**
 * Writes the pieces to the engine and yields what it makes of them. A piece is asked for when the engine has taken all
 * of the one before. At most a few blocks are under way, however much a piece unpacks to.
 * @throws what the pieces or the engine throw
 */
export async function* through(engine: Transform, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let resume = () => {};
  // A destroyed engine may never call back for the piece that it was at.
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
