/** Holds all bytes of a stream, for forms that are read from their end on. */
import { RunError } from "../base/errors.js";
import { bySurface, say } from "../base/message.js";

/** Bytes that are held. */
const MOST_HELD = 256 * 1024 * 1024;

/**
 * @param what it is, for messages
 * @throws RunError `input_too_large` if there are more than 256 MiB
 */
export async function hold(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > MOST_HELD)
      throw new RunError(
        "input_too_large",
        say`${name}: ${what} that is not on the disk may have ${MOST_HELD / 2 ** 20} MiB; ${bySurface({ http: "send it in several", commandLine: "save it, and name the file", library: "save it, and name the file" })}`,
      );
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces.splice(0)) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
