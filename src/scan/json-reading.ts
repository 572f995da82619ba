/** What every part of the JSON format shares: where the scan stands, and what becomes of one record. */
import type { Message } from "../base/message.js";
import type { Context } from "./context.js";
import { explain, type Outline } from "./explain.js";
import { SOURCE } from "./fields.js";
import { JsonRecords } from "./json-record.js";
import { RecordSearch } from "./json-search.js";
import type { Layouts } from "./layouts.js";

export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;
export const OPEN_ARRAY = 91;
export const CLOSE_ARRAY = 93;
export const COMMA = 44;

/** Bytes between two records that are worth remembering. */
const MAX_SEPARATOR = 64;

/**
 * Where the scan stands: before a value at the top; in the array of records; in a container around it; in what is too
 * long to be looked at whole; in a line that is not JSON.
 */
export type State = "top" | InArray | "outerFirst" | "outerComma" | "outerNext" | "long" | "line";
export type InArray = "first" | "comma" | "value";

export abstract class JsonReading {
  protected readonly json: JsonRecords;
  protected abstract state: State;
  stopped = false;
  protected limit = Number.POSITIVE_INFINITY;
  /** The bytes between two records, as they were first seen. */
  protected separator: Uint8Array | undefined;
  /** Layouts of records in an array and at the top level: what follows a record there differs, and is part of them. */
  private readonly layoutsOf: [top: Layouts | undefined, array: Layouts | undefined] = [undefined, undefined];
  /** The last good record that the kernel did not take, with its fields still in place: from and to, or -1. */
  protected learnFrom = -1;
  private learnTo = -1;
  /** Tokens of the pointer to what is read now as a record: none at the top level. */
  protected at: readonly string[] = [];

  constructor(
    protected readonly context: Context,
    /** Those in use. */
    protected layouts: Layouts,
    private inArray: boolean,
  ) {
    this.json = new JsonRecords(context.fields);
    this.layoutsOf[inArray ? 1 : 0] = layouts;
  }

  /** To be called where an array of records begins or ends. */
  protected useLayouts(inArray: boolean): void {
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
  protected fast(p: number, end: number): number {
    const { layouts, context } = this;
    if (this.learnFrom >= 0 && this.separates(this.learnTo, p)) {
      if (this.separator === undefined && p - this.learnTo <= MAX_SEPARATOR)
        this.separator = context.kernel.bytes.slice(this.learnTo, p);
      layouts.learnJson(context, this.learnFrom, this.learnTo, p);
    }
    this.learnFrom = -1;
    return layouts.run(context, p, end, this.limit);
  }

  /** Whether nothing stands in [from, to) but what separates two records: blanks, and one comma if in an array. */
  private separates(from: number, to: number): boolean {
    const { json } = this;
    const p = json.blanks(from);
    if (!this.inArray) return p === to;
    return json.bytes[p] === COMMA && json.blanks(p + 1) === to;
  }

  /** Judges the record in [p, next), whose fields are set. */
  protected take(p: number, next: number): number {
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
    context.reject(code, explain.field(code, context, found), p, next);
    return next;
  }

  private outline(p: number, next: number): Outline {
    const members = this.json.outline(p);
    const { found } = this.search(p, next);
    const others = members.flatMap(({ kind, tokens }) => (kind === "records" ? [tokens] : []));
    return { members, at: this.at, arrays: found.length > 0 ? found : others };
  }

  /** Looks for arrays of records in the object in [p, next). */
  protected search(p: number, next: number): RecordSearch {
    const search = this.newSearch();
    search.begin([]);
    search.feed(this.json.bytes, p, next);
    return search;
  }

  protected newSearch(): RecordSearch {
    return new RecordSearch(this.context.fields.names.slice(0, SOURCE));
  }

  /** A bad value that is not a record: the bytes in [p, next). */
  protected refuse(code: string, message: Message, p: number, next: number): number {
    this.context.slow++;
    this.context.reject(code, message, p, next);
    return next;
  }
}
