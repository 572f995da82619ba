/** What becomes of one JSON record: the kernel takes it, or it is judged the ordinary way, and its layout is learnt. */
import type { Message } from "../base/message.js";
import type { Context } from "./context.js";
import { explain, type Outline } from "./explain.js";
import { SOURCE } from "./fields.js";
import { JsonRecords } from "./json-record.js";
import { RecordSearch } from "./json-search.js";
import type { Layouts } from "./layouts.js";

const COMMA = 44;

/** Bytes between two records that are worth remembering. */
const MAX_SEPARATOR = 64;

export class RecordIntake {
  readonly json: JsonRecords;
  /** The bytes between two records, as they were first seen. */
  separator: Uint8Array | undefined;
  /** Layouts of records in an array and at the top level: what follows a record there differs, and is part of them. */
  private readonly layoutsOf: [top: Layouts | undefined, array: Layouts | undefined] = [undefined, undefined];
  /** The last good record that the kernel did not take, with its fields still in place: from and to, or -1. */
  private learnFrom = -1;
  private learnTo = -1;
  /** Tokens of the pointer to what is read now as a record: none at the top level. */
  at: readonly string[] = [];

  constructor(
    private readonly context: Context,
    /** Those in use. */
    private layouts: Layouts,
    private inArray: boolean,
  ) {
    this.json = new JsonRecords(context.fields);
    this.layoutsOf[inArray ? 1 : 0] = layouts;
  }

  /** What the layouts in use have the kernel do; can be sent to a worker. */
  get programs(): readonly Uint8Array[] {
    return this.layouts.programs;
  }

  /** What was read last is not to be learnt: its bytes may have moved. */
  forget(): void {
    this.learnFrom = -1;
  }

  /** To be called where an array of records begins or ends. */
  useLayouts(inArray: boolean): void {
    if (this.inArray === inArray) return;
    this.learnFrom = -1;
    this.inArray = inArray;
    const which = inArray ? 1 : 0;
    const known = this.layoutsOf[which];
    this.layouts = known ?? this.layouts.another();
    this.layoutsOf[which] = this.layouts;
    this.layouts.install();
  }

  /** Lets the kernel take what fits a layout; a record that it did not know is learnt first. */
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

  /** Whether nothing stands in [from, to) but what separates two records: blanks, and one comma if in an array. */
  private separates(from: number, to: number): boolean {
    const { json } = this;
    const p = json.blanks(from);
    if (!this.inArray) return p === to;
    return json.bytes[p] === COMMA && json.blanks(p + 1) === to;
  }

  /** Judges the record in [p, next), whose fields are set. */
  take(p: number, next: number): number {
    const { json, context } = this;
    context.slow++;
    if (json.badTextAt >= 0) {
      const { bytes } = context.kernel;
      context.reject("bad_text", explain.badText(bytes, p, next, json.badTextAt, json.badText), p, next);
      return next;
    }
    const code = context.take(p);
    if (code === undefined) {
      this.learnFrom = p;
      this.learnTo = next;
      return next;
    }
    json.bytes = context.kernel.bytes;
    const found = code.startsWith("missing") ? this.outline(p, next) : undefined;
    context.reject(code, explain.field(code, context, found), p, next, explain.fieldName(code, context));
    return next;
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
    return new RecordSearch(this.context.fields.names.slice(0, SOURCE));
  }

  /** A bad value that is not a record: the bytes in [p, next). */
  refuse(code: string, message: Message, p: number, next: number): number {
    this.context.slow++;
    this.context.reject(code, message, p, next);
    return next;
  }
}
