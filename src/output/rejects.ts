/**
 * Writes bad records, word for word, as lines of JSON: where each was, why it is bad, and its text, or its bytes in base64
 * if they are not UTF-8. The file does not appear until it is finished.
 */
import { isUtf8 } from "node:buffer";
import type { TemporaryFile, Written } from "../base/temporary.js";
import type { Reject } from "./reject.js";

/** Bytes. A record of this size or more is truncated. */
const TOO_LONG = 16 << 20;
/** Bytes that a truncated record is cut to. */
const EXCERPT_BYTES = 64 << 10;
/** Lines are buffered up to about this many characters. */
const BUFFER_LENGTH = 1 << 16;

export class RejectsWriter {
  /** The number of records. */
  count = 0;
  private lines = "";

  constructor(
    private readonly file: TemporaryFile,
    private readonly putInPlace?: () => void,
  ) {}

  /** Adds a record. @throws RunError if the disk fails */
  add(reject: Reject): void {
    this.lines += `${rejectLine(reject)}\n`;
    this.count++;
    if (this.lines.length >= BUFFER_LENGTH) this.flush();
  }

  /** Flushes the file, and moves it to its destination if it has one of its own. @throws RunError if the disk fails */
  finish(): Written {
    this.flush();
    const written = this.file.finish();
    this.putInPlace?.();
    return written;
  }

  /** Removes the temporary file; does nothing once it is in place. Never fails. */
  abandon(): void {
    this.file.abandon();
  }

  private flush(): void {
    this.file.write(Buffer.from(this.lines));
    this.lines = "";
  }
}

/** A record as a line of JSON, without the line end. */
export function rejectLine({ input, record, line, byte, reason, message, bytes, size = bytes.length }: Reject): string {
  const truncated = size >= TOO_LONG || bytes.length < size;
  const excerpt = truncated ? beginning(bytes) : bytes;
  const buffer = Buffer.from(excerpt.buffer, excerpt.byteOffset, excerpt.length);
  return JSON.stringify({
    ...{ input, record, line },
    ...(byte === undefined ? {} : { byte }),
    ...{ reason, message },
    ...(truncated ? { truncated, bytes: size } : {}),
    ...(isUtf8(buffer) ? { text: buffer.toString("utf8") } : { base64: buffer.toString("base64") }),
  });
}

/** The first bytes of a record, cut between UTF-8 characters. */
function beginning(bytes: Uint8Array): Uint8Array {
  let end = Math.min(EXCERPT_BYTES, bytes.length);
  for (let back = 0; back < 3 && end > 0 && (bytes[end] & 0xc0) === 0x80; back++) end--;
  return bytes.subarray(0, end);
}
