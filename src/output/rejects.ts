/**
 * Bad records, kept word for word as lines of JSON: where each was, why it is bad, and its text, or its bytes as
 * base64 if they are not UTF-8. Nothing is seen of the file until it is finished.
 */
import { isUtf8 } from "node:buffer";
import type { TemporaryFile, Written } from "../base/temporary.js";
import type { Reject } from "./reject.js";

/** A record of this size or more is cut. */
const TOO_LONG = 16 << 20;
/** What is kept of it. */
const KEPT = 64 << 10;
/** Lines are gathered until they have about this many characters. */
const GATHERED = 1 << 16;

export class RejectsWriter {
  /** How many records it holds. */
  count = 0;
  private lines = "";

  constructor(
    private readonly file: TemporaryFile,
    private readonly place?: () => void,
  ) {}

  /** Keeps a record. RunError when the disk refuses. */
  add(reject: Reject): void {
    this.lines += `${rejectLine(reject)}\n`;
    this.count++;
    if (this.lines.length >= GATHERED) this.flush();
  }

  /** Flushes the file, and puts it in its place if it has one of its own. RunError when the disk refuses. */
  finish(): Written {
    this.flush();
    const written = this.file.finish();
    this.place?.();
    return written;
  }

  /** Removes what was written; nothing, once it is in its place. Never fails. */
  abandon(): void {
    this.file.abandon();
  }

  private flush(): void {
    this.file.write(Buffer.from(this.lines));
    this.lines = "";
  }
}

/** A record's line, without its end: an object with its members in their order. */
export function rejectLine({ input, record, line, byte, reason, message, bytes, size = bytes.length }: Reject): string {
  const truncated = size >= TOO_LONG || bytes.length < size;
  const kept = truncated ? beginning(bytes) : bytes;
  const buffer = Buffer.from(kept.buffer, kept.byteOffset, kept.length);
  return JSON.stringify({
    ...{ input, record, line },
    ...(byte === undefined ? {} : { byte }),
    ...{ reason, message },
    ...(truncated ? { truncated, bytes: size } : {}),
    ...(isUtf8(buffer) ? { text: buffer.toString("utf8") } : { base64: buffer.toString("base64") }),
  });
}

/** The first bytes of a record, cut between two characters of UTF-8 rather than inside of one. */
function beginning(bytes: Uint8Array): Uint8Array {
  let end = Math.min(KEPT, bytes.length);
  for (let back = 0; back < 3 && end > 0 && (bytes[end] & 0xc0) === 0x80; back++) end--;
  return bytes.subarray(0, end);
}
