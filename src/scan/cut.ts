/**
 * Guesses where a record begins in the middle of an input. The guess is right if the scan of what precedes it ends
 * exactly there.
 */
import { firstLiteral, lastLiteral } from "./layout-program.js";
import type { ResumePoint } from "./resume-point.js";

const NEWLINE = 10;

/** @returns the index at or after `from` in `bytes` at which a record most likely begins, or -1 */
export function guessRecord(bytes: Uint8Array, from: number, resumePoint: ResumePoint): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (resumePoint.format === "csv") return afterLine(buffer, from);
  let best = -1;
  for (const before of resumePoint.programs) {
    const tail = lastLiteral(before);
    for (const after of resumePoint.programs) {
      const at = buffer.indexOf(Buffer.concat([tail, firstLiteral(after)]), from);
      if (at >= 0 && (best < 0 || at + tail.length < best)) best = at + tail.length;
    }
  }
  if (best >= 0 || resumePoint.separator === undefined) return best;
  const between = Buffer.concat([Buffer.from("}"), resumePoint.separator, Buffer.from("{")]);
  const at = buffer.indexOf(between, from);
  return at < 0 ? -1 : at + between.length - 1;
}

/** The start of the next row that is not empty. */
function afterLine(buffer: Buffer, from: number): number {
  let at = buffer.indexOf(NEWLINE, from) + 1;
  if (at === 0) return -1;
  while (buffer[at] === NEWLINE || (buffer[at] === 13 && buffer[at + 1] === NEWLINE)) at += buffer[at] === 13 ? 2 : 1;
  return at < buffer.length ? at : -1;
}
