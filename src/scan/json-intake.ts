/** Takes in JSON records: the kernel counts those that fit a layout; the slow path validates the rest and learns their layouts. */

import type { Message } from "../base/message.js";
import type { Context, Excerpt } from "./context.js";
import { explain } from "./explain.js";
import type { Outline } from "./explain-missing.js";
import { jsonFields } from "./json-fields.js";
import { JsonRecords } from "./json-record.js";
import { RecordSearch } from "./json-search.js";
import type { Layouts } from "./layouts.js";
import type { Reason } from "./reasons.js";

const COMMA = 44;

/** Bytes. Of longer records, messages about one field do not look at the others. */
const LONGEST_SHOWN = 65_536;
/** Bytes. Longer separators are not remembered. */
const MAX_SEPARATOR = 64;

/** A bad record, if it is one. */
export interface UndecidedRecord {
  readonly code: Reason;
  readonly message: Message;
  readonly excerpt: Excerpt;
  readonly bytes: number;
  readonly field: string | undefined;
}

export class RecordIntake {
  readonly json: JsonRecords;
  /** The bytes between two records, as first seen. */
  separator: Uint8Array | undefined;
  /** Separate layouts for the top level and for arrays, since a layout includes the separator after the record. */
  private readonly layoutsOf: [top: Layouts | undefined, array: Layouts | undefined] = [undefined, undefined];
  /** The last good record that took the slow path, while its fields are still set; -1 if there is none. */
  private learnFrom = -1;
  private learnTo = -1;
  /** Tokens of the pointer to the current record: none at the top level. */
  at: readonly string[] = [];

  constructor(
    private readonly context: Context,
    private layouts: Layouts,
    private inArray: boolean,
  ) {
    this.json = new JsonRecords(context.fields);
    this.layoutsOf[inArray ? 1 : 0] = layouts;
  }

  /** The kernel programs of the layouts in use; can be sent to a worker. */
  get programs(): readonly Uint8Array[] {
    return this.layouts.programs;
  }

  /** Prevents the last record from being learnt: its bytes may have moved. */
  forget(): void {
    this.learnFrom = -1;
  }

  /** To be called when an array of records begins or ends. */
  useLayouts(inArray: boolean): void {
    if (this.inArray === inArray) return;
    this.learnFrom = -1;
    this.inArray = inArray;
    const which = inArray ? 1 : 0;
    const known = this.layoutsOf[which];
    this.layouts = known ?? this.layouts.fresh();
    this.layoutsOf[which] = this.layouts;
    this.layouts.install();
  }

  /** Learns the layout of the last record if it was unknown, then lets the kernel count what fits. Returns where it stopped. */
  fast(p: number, end: number, limit: number): number {
    const { layouts, context } = this;
    if (this.learnFrom >= 0 && this.separates(this.learnTo, p)) {
      if (this.separator === undefined && p - this.learnTo <= MAX_SEPARATOR)
        this.separator = context.kernel.bytes.slice(this.learnTo, p);
      layouts.learnJson(context, this.learnFrom, this.learnTo, p);
    }
    this.learnFrom = -1;
    return layouts.run(context, p, end, limit);
  }

  /** Whether [from, to) is a separator: blanks, and in an array one comma. */
  private separates(from: number, to: number): boolean {
    const { json } = this;
    const p = json.blanks(from);
    if (!this.inArray) return p === to;
    return json.bytes[p] === COMMA && json.blanks(p + 1) === to;
  }

  /** Validates the record in [p, next), whose fields are set, and counts or rejects it. */
  take(p: number, next: number): number {
    const { json, context } = this;
    context.slow++;
    if (json.badTextAt >= 0) {
      const { bytes } = context.kernel;
      context.reject(
        "bad_text",
        () => explain.badText(bytes, p, next, json.badTextAt, json.badText, context.encoding),
        p,
        next,
      );
      return next;
    }
    if (context.takeRecord(p, next, this.reject)) {
      this.learnFrom = p;
      this.learnTo = next;
    }
    return next;
  }

  /** Rejects the record in [p, next), or one of its values. */
  private readonly reject = (code: Reason, p: number, next: number): void => {
    const { json, context } = this;
    json.bytes = context.kernel.bytes;
    const found = () => (code.startsWith("missing") ? this.outline(p, next) : undefined);
    const field = () => explain.fieldName(code, context);
    const others = () => (next - p > LONGEST_SHOWN ? [] : jsonFields(json.bytes.subarray(p, next)));
    context.reject(code, () => explain.field(code, context, found(), others), p, next, field);
  };

  /** The record in [p, next), whose fields are set and lack the timestamp, as a bad one: for when it is known to be a record. */
  asBad(p: number, next: number): UndecidedRecord {
    const { context, json } = this;
    const place = { excerpt: context.excerptOf(p, next), bytes: next - p };
    if (json.badTextAt >= 0) {
      const message = explain.badText(context.kernel.bytes, p, next, json.badTextAt, json.badText, context.encoding);
      return { code: "bad_text", message, field: undefined, ...place };
    }
    const code = "missing_timestamp";
    const message = explain.field(code, context, this.outline(p, next));
    return { code, message, field: explain.fieldName(code, context), ...place };
  }

  private outline(p: number, next: number): Outline {
    const members = this.json.outline(p);
    const { found } = this.search(p, next);
    const others = members.flatMap(({ kind, tokens }) => (kind === "records" ? [tokens] : []));
    return { members, at: this.at, arrays: found.length > 0 ? found : others };
  }

  /** Looks for arrays of records in the object in [p, next). */
  search(p: number, next: number): RecordSearch {
    const search = this.newSearch();
    search.begin([]);
    search.feed(this.json.bytes, p, next);
    return search;
  }

  newSearch(): RecordSearch {
    return new RecordSearch(this.context.fields.needed);
  }

  /** Rejects the bytes in [p, next), which are not a record. */
  refuse(code: Reason, message: () => Message, p: number, next: number): number {
    this.context.slow++;
    this.context.reject(code, message, p, next);
    return next;
  }
}
