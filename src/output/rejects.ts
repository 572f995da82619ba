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
  private readonly open = new RejectLine();
  private lines = "";

  constructor(
    private readonly file: TemporaryFile,
    private readonly putInPlace?: () => void,
  ) {}

  /** Adds a record, or what else is wrong with the last one. @throws RunError if the disk fails */
  add(reject: Reject): void {
    if (this.open.join(reject)) return;
    this.lines += this.open.end();
    this.open.begin(reject);
    this.count++;
    if (this.lines.length >= BUFFER_LENGTH) this.flush();
  }

  /** Flushes the file, and moves it to its destination if it has one of its own. @throws RunError if the disk fails */
  finish(): Written {
    this.lines += this.open.end();
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

/** The line of a record to which reasons may still come: several values of one record may be bad, and its text comes once. */
export class RejectLine {
  private first: Reject | undefined;
  /** The fields of the other bad values, by reason. */
  private more = new Map<string, string[]>();

  /** @returns whether it is about the same record as the last one, and was added to its line */
  join({ input, byte, record, reason, field = "" }: Reject): boolean {
    const { first } = this;
    if (byte === undefined || first?.byte !== byte || first.record !== record || first.input !== input) return false;
    const fields = this.more.get(reason);
    if (fields === undefined) this.more.set(reason, [field]);
    else fields.push(field);
    return true;
  }

  /** Call `end` before. */
  begin(reject: Reject): void {
    this.first = reject;
  }

  /** The line as JSON, with its line end; empty if there is none. */
  end(): string {
    const { first, more } = this;
    if (first === undefined) return "";
    this.first = undefined;
    this.more = new Map();
    return `${lineOf(first, more)}\n`;
  }
}

function lineOf(
  { input, record, line, byte, reason, message, bytes, size = bytes.length }: Reject,
  more: ReadonlyMap<string, string[]>,
): string {
  const truncated = size >= TOO_LONG || bytes.length < size;
  const excerpt = truncated ? beginning(bytes) : bytes;
  const buffer = Buffer.from(excerpt.buffer, excerpt.byteOffset, excerpt.length);
  return JSON.stringify({
    ...{ input, record, line },
    ...(byte === undefined ? {} : { byte }),
    ...{ reason, message },
    ...(more.size === 0 ? {} : { more: Object.fromEntries(more) }),
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
