/** What happens to bad records: they are counted by reason, reported, and passed on word for word. */

import { textOf } from "../base/message.js";
import type { Reject } from "../output/reject.js";
import type { BadRecord } from "../scan/plan.js";
import type { RunContext } from "./run.js";

/** How many bad records are reported one by one, unless more are requested. */
const TOLD = 20;

export class Rejections {
  count = 0;
  readonly byReason: Record<string, number> = {};
  /** The first ones. */
  readonly first: Reject[] = [];

  /** @param told how many were reported before */
  constructor(
    private readonly context: Pick<RunContext, "onEvent" | "surface">,
    private readonly onReject: (reject: Reject) => void,
    private readonly told = 0,
  ) {}

  add(input: string, bad: BadRecord): void {
    const { onEvent, surface = "library" } = this.context;
    const { code, field } = bad;
    const message = textOf(bad.message, surface);
    const record = bad.record + 1;
    const line = bad.line + 1;
    this.byReason[code] = (this.byReason[code] ?? 0) + 1;
    onEvent?.({
      kind: "rejected",
      message: `${input}: record ${record} (line ${line}): ${message}`,
      extra: this.told + this.count >= TOLD,
    });
    this.count++;
    const reject = {
      input,
      record,
      line,
      byte: bad.offset,
      reason: code,
      field,
      message,
      bytes: bad.text,
      size: bad.bytes,
    };
    if (this.first.length < TOLD) this.first.push(reject);
    this.onReject(reject);
  }
}
