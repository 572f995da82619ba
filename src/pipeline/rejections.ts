/** What happens to bad records: they are counted by reason, reported, and passed on word for word. */

import { textOf } from "../base/message.js";
import type { Reject } from "../output/reject.js";
import type { BadRecord } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";
import type { RunContext } from "./run.js";

/** How many bad records are reported one by one, unless more are requested. */
const TOLD = 20;

export class Rejections {
  count = 0;
  readonly byReason: Record<string, number> = {};
  /** The first ones. */
  readonly first: Reject[] = [];

  /** Of so many bad records of each input words and bytes are wanted, of others only the reason. */
  readonly inWords: number;

  /**
   * @param keeps how many records `onReject` keeps word for word; it gets the first ones in any case
   * @param told how many were reported before
   */
  constructor(
    private readonly context: Pick<RunContext, "onEvent" | "surface" | "everyBadRecord">,
    private readonly onReject: (reject: Reject) => void,
    keeps: number,
    private readonly told = 0,
  ) {
    const { onEvent, everyBadRecord = onEvent !== undefined } = context;
    this.inWords = everyBadRecord ? Number.POSITIVE_INFINITY : Math.max(TOLD, keeps);
  }

  /** Counts bad records of which no more is wanted. */
  addUntold(code: Reason, count: number): void {
    this.byReason[code] = (this.byReason[code] ?? 0) + count;
    this.count += count;
    this.context.onEvent?.({ kind: "more_rejected", count });
  }

  add(input: string, bad: BadRecord | Reason): void {
    if (typeof bad === "string") {
      this.addUntold(bad, 1);
      return;
    }
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
