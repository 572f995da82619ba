/** What happens to bad records: counted by reason, told, and kept word for word. */
import type { RejectsWriter } from "../output/rejects.js";
import type { BadRecord } from "../scan/plan.js";
import type { RunEvent } from "./options.js";

/** How many bad records are told one by one, unless more is asked for. */
const TOLD = 20;

export class Rejections {
  count = 0;
  readonly byReason: Record<string, number> = {};

  constructor(
    private readonly emit: (event: RunEvent) => void,
    /** Opened when there is something to keep. */
    private readonly writer: (() => RejectsWriter) | undefined,
  ) {}

  add(input: string, bad: BadRecord): void {
    const { code, record, line } = bad;
    this.byReason[code] = (this.byReason[code] ?? 0) + 1;
    this.emit({
      kind: "rejected",
      message: `${input}: record ${record + 1} (line ${line + 1}): ${bad.message}`,
      extra: this.count >= TOLD,
    });
    this.count++;
    this.writer?.().add({
      input,
      record: record + 1,
      line: line + 1,
      byte: bad.offset,
      reason: code,
      message: bad.message,
      bytes: bad.text,
      size: bad.bytes,
    });
  }
}
