/** Bad records that a store keeps with their batch: word for word, as lines of JSON, up to a number and a size. */

import { gzipSync } from "node:zlib";
import { type Surface, textOf } from "../base/message.js";
import type { Warning, WarningText } from "../base/warning.js";
import type { Reject } from "../output/reject.js";
import { RejectLine } from "../output/rejects.js";
import type { BadRecord } from "../store/store.js";

/** The most records of a batch that are kept, and the most bytes of their lines. */
const MOST_REJECTS = 10_000;
const MOST_REJECT_BYTES = 4 * 1024 * 1024;
/** The first of them are in its receipt. */
const TOLD = 20;
/** The most characters of a warning: it may name a source, and ids may be of any length. */
const MOST_WARNING = 1000;

/** A warning as the ledger stores it. */
export function shortened(warning: Warning, surface: Surface): WarningText {
  const { code } = warning;
  const message = textOf(warning.message, surface);
  return { code, message: message.length > MOST_WARNING ? `${message.slice(0, MOST_WARNING)}…` : message };
}

/** Lines are compressed when they have about this many bytes. */
const PART_BYTES = 64 * 1024;

export class BatchRejects {
  /** The first few. */
  readonly first: BadRecord[] = [];
  /** How many bad records, or bad values of records with several, are kept, once `parts` was called. */
  count = 0;
  /** The last record, and how many of its values are bad. */
  private readonly open = new RejectLine();
  private inLine = 0;
  private bytes = 0;
  private full = false;
  private lines: string[] = [];
  private waiting = 0;
  private readonly compressed: Uint8Array[] = [];

  /** @param words whether records are kept word for word, or only the first ones reported */
  constructor(private readonly words: boolean) {}

  /** As `Rejections` has it. */
  get keeps(): number {
    // With one more, it is known that there are more.
    return this.words ? MOST_REJECTS + 1 : TOLD;
  }

  add(reject: Reject): void {
    const { input, record, line, reason, message } = reject;
    if (this.first.length < TOLD)
      this.first.push({ record, line, code: reason, message: `${input}: record ${record} (line ${line}): ${message}` });
    if (!this.words || this.full) return;
    if (this.count + this.inLine < MOST_REJECTS && this.open.join(reject)) {
      this.inLine++;
      return;
    }
    this.keep();
    this.full ||= this.count === MOST_REJECTS;
    if (this.full) return;
    this.open.begin(reject);
    this.inLine = 1;
  }

  /** Keeps the line of the last record. Those that are kept are the first ones, without a gap. */
  private keep(): void {
    const text = this.open.end();
    const bytes = Buffer.byteLength(text);
    if (this.bytes + bytes > MOST_REJECT_BYTES) {
      this.full = true;
      return;
    }
    this.count += this.inLine;
    this.inLine = 0;
    this.bytes += bytes;
    this.waiting += bytes;
    this.lines.push(text);
    if (this.waiting >= PART_BYTES) this.compress();
  }

  /** All lines, in parts that are compressed with gzip. */
  parts(): readonly Uint8Array[] {
    if (!this.full) this.keep();
    if (this.waiting > 0) this.compress();
    return this.compressed;
  }

  private compress(): void {
    this.compressed.push(gzipSync(this.lines.join(""), { level: 1 }));
    this.lines = [];
    this.waiting = 0;
  }
}
