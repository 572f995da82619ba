/**
 * CSV by RFC 4180 with a header row (`csv-header.ts` finds it). Lines end with \n or \r\n. A quoted cell may hold anything; quotes in it are doubled.
 * Rows without any text are skipped. Blanks around a cell without quotes do not count, and `="5414"` is `5414`. A bad row
 * affects only its own line.
 */
import type { Context, Excerpt, Format } from "./context.js";
import { splitHeader } from "./csv-rows.js";
import { explain } from "./explain.js";
import { Kind } from "./fields.js";
import { INCOMPLETE, utf8Length } from "./json-value.js";
import type { Layouts } from "./layouts.js";
import { isBlank, lineEnd } from "./line.js";
import { MAX_RECORD } from "./plan.js";
import type { Reason } from "./reasons.js";
import type { ResumePoint } from "./resume-point.js";
import type { Header } from "./tokens.js";

const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;
const EQUALS = 61;

export class CsvFormat implements Format {
  private readonly cells: CsvCells;
  stopped = false;
  private limit = Number.POSITIVE_INFINITY;
  private learnFrom = -1;
  private learnTo = -1;
  /** The fewest cells that a row may have. */
  private readonly least: number;
  /** The current line, if it is longer than a record may be. */
  private longLine: Excerpt | undefined;

  constructor(
    private readonly context: Context,
    private readonly layouts: Layouts,
    private readonly header: Header,
  ) {
    this.cells = new CsvCells(header);
    const { fieldOf } = header;
    const needed = fieldOf.findLastIndex((field) => field >= 0) + 1;
    this.least = context.plan.shortRows ? needed : fieldOf.length;
    context.fields.useValues(header.values);
    context.kernel.exports.forgetColumns();
  }

  resumePoint(): ResumePoint | undefined {
    if (this.longLine !== undefined) return undefined;
    return { format: "csv", header: this.header, known: this.context.known, programs: this.layouts.programs };
  }

  recordEnded(): void {
    this.context.kernel.exports.forgetColumns();
  }

  scan(start: number, end: number, final: boolean, limit: number): number {
    this.learnFrom = -1;
    this.limit = limit;
    let p = start;
    while (p < end || (final && this.longLine !== undefined)) {
      const next = this.longLine === undefined ? this.row(p, end, final) : this.skipLine(this.longLine, p, end, final);
      if (next === INCOMPLETE) return p;
      p = next;
      if (this.stopped) break;
    }
    return p;
  }

  private row(p: number, end: number, final: boolean): number {
    const { context, cells } = this;
    const { bytes } = context.kernel;
    if (bytes[p] === NEWLINE) return p + 1;
    if (bytes[p] === RETURN && p + 1 < end && bytes[p + 1] === NEWLINE) return p + 2;
    if (p >= this.limit) {
      this.stopped = true;
      return p;
    }
    const fast = this.fast(p, end);
    if (fast > p) return fast;
    const next = cells.read(context, p, end, final);
    if (next === INCOMPLETE) {
      if (!final && end - p <= MAX_RECORD) return INCOMPLETE;
      return this.badLine(p, end, final, "a quote that is opened is not closed", cells.quoteAt);
    }
    if (cells.error !== undefined) return this.badLine(p, end, final, cells.error, cells.errorAt);
    if (cells.filled === 0) return next;
    const stop = cells.contentEnd;
    const columns = this.header.fieldOf.length;
    context.slow++;
    if (stop - p > MAX_RECORD) context.reject("too_long", () => explain.tooLong(bytes.slice(p, p + 256)), p, stop);
    else if (cells.badTextAt >= 0)
      context.reject(
        "bad_text",
        () => explain.badText(bytes, p, stop, cells.badTextAt, "not UTF-8", context.encoding),
        p,
        stop,
      );
    else if (cells.count < this.least || cells.filled > columns)
      context.reject("wrong_cells", () => explain.cells(bytes.subarray(p, stop), cells.count, columns), p, stop);
    else if (context.takeRecord(p, stop, this.reject) && cells.count >= columns) {
      this.learnFrom = p;
      this.learnTo = next;
    }
    return next;
  }

  /** Rejects the row in [p, stop), or one of its values. */
  private readonly reject = (code: Reason, p: number, stop: number): void => {
    const { context } = this;
    const { bytes } = context.kernel;
    const field = () => explain.fieldName(code, context);
    const { names, separator } = this.header;
    // A row may have more cells than the header.
    const others = () => {
      const cells = splitHeader(bytes.subarray(p, stop), separator) ?? [];
      return names.map((name, column) => [name, cells[column] ?? ""] as const);
    };
    context.reject(code, () => explain.field(code, context, undefined, others), p, stop, field);
  };

  /** @param at where the error is, perhaps in a later line */
  private badLine(p: number, end: number, final: boolean, error: string, at: number): number {
    const { context } = this;
    const { bytes } = context.kernel;
    const to = lineEnd(bytes, p, end);
    if (to === end && !final) {
      if (end - p <= MAX_RECORD) return INCOMPLETE;
      this.longLine = context.excerptOf(p, p + MAX_RECORD + 1);
      return p;
    }
    const stop = to > p && bytes[to - 1] === RETURN ? to - 1 : to;
    context.slow++;
    context.reject("bad_quote", () => explain.quote(bytes, p, stop, error, at), p, stop);
    return to < end ? to + 1 : to;
  }

  private skipLine(line: Excerpt, p: number, end: number, final: boolean): number {
    const { context } = this;
    const to = lineEnd(context.kernel.bytes, p, end);
    if (to === end && !final) return end;
    this.longLine = undefined;
    context.slow++;
    context.rejectExcerpt("too_long", explain.tooLong(line.text), line, context.offsetOf(to) - line.offset);
    return to < end ? to + 1 : to;
  }

  private fast(p: number, end: number): number {
    const { layouts } = this;
    if (this.learnFrom >= 0 && this.learnTo === p) layouts.learnCsv(this.context, this.header, this.learnFrom, p);
    this.learnFrom = -1;
    return layouts.run(this.context, p, end, this.limit);
  }
}

/** Reads a row's cells and sets the wanted fields. */
class CsvCells {
  count = 0;
  /** The number of the last cell that is not empty, counted from 1; 0 if all are empty. */
  filled = 0;
  error: string | undefined;
  errorAt = 0;
  /** The position of the last opening quote. */
  quoteAt = 0;
  badTextAt = -1;
  /** The end of the row's text, before its line end. */
  contentEnd = 0;

  constructor(private readonly header: Header) {}

  /** @returns the position after the line end, or INCOMPLETE */
  read(context: Context, p: number, end: number, final: boolean): number {
    const { bytes } = context.kernel;
    const { separator, fieldOf } = this.header;
    this.count = 0;
    this.filled = 0;
    this.error = undefined;
    this.badTextAt = -1;
    context.fields.clear();
    for (;;) {
      let kind: number = Kind.cell;
      let start = p;
      let stop: number;
      const quoted = p < end && bytes[p] === QUOTE;
      if (quoted) {
        this.quoteAt = p;
        start = ++p;
        for (;;) {
          while (p < end && bytes[p] !== QUOTE) p = this.step(bytes, p, end);
          if (p >= end) return INCOMPLETE;
          if (p + 1 >= end && !final) return INCOMPLETE;
          if (p + 1 >= end || bytes[p + 1] !== QUOTE) break;
          kind = Kind.quotedCell;
          p += 2;
        }
        stop = p++;
        this.contentEnd = p;
        if (kind === Kind.quotedCell && isQuotedFormula(bytes, start, stop)) {
          kind = Kind.cell;
          start += 3;
          stop -= 2;
        }
        if (p < end && bytes[p] !== separator && bytes[p] !== NEWLINE && bytes[p] !== RETURN)
          this.fail("text after a closing quote", p);
      } else {
        let c = p < end ? bytes[p] : NEWLINE;
        let quotes = 0;
        let firstQuote = p;
        while (p < end && c !== separator && c !== NEWLINE) {
          if (c === QUOTE && quotes++ === 0) firstQuote = p;
          p = c < 128 ? p + 1 : this.step(bytes, p, end);
          c = bytes[p];
        }
        stop = p;
        if (p < end && c === NEWLINE && p > start && bytes[p - 1] === RETURN) stop--;
        if (p >= end && final && p > start && bytes[p - 1] === RETURN) stop--;
        this.contentEnd = stop;
        while (start < stop && isBlank(bytes[start])) start++;
        while (stop > start && isBlank(bytes[stop - 1])) stop--;
        if (quotes === 2 && firstQuote === start + 1 && bytes[start] === EQUALS && bytes[stop - 1] === QUOTE) {
          start += 2;
          stop--;
        } else if (quotes > 0) this.fail("a quote inside a cell that is not quoted", firstQuote);
      }
      if (this.error !== undefined) return p;
      if (this.count < fieldOf.length && fieldOf[this.count] >= 0)
        context.fields.set(fieldOf[this.count], kind, start, stop);
      if (start < stop) this.filled = this.count + 1;
      this.count++;
      if (p < end && bytes[p] === separator) {
        p++;
        continue;
      }
      if (p < end && bytes[p] === RETURN) {
        if (p + 1 < end ? bytes[p + 1] !== NEWLINE : !final) {
          if (p + 1 >= end) return INCOMPLETE;
          this.fail("text after a closing quote", p);
          return p;
        }
        p++;
      }
      if (p < end) return p + 1;
      return final ? end : INCOMPLETE;
    }
  }

  private fail(error: string, at: number): void {
    if (this.error === undefined) this.errorAt = at;
    this.error ??= error;
  }

  /** Steps over one character, and records the position of the first that is not UTF-8. */
  private step(bytes: Uint8Array, p: number, end: number): number {
    if (bytes[p] < 128) return p + 1;
    const length = utf8Length(bytes, p, end);
    if (length > 0) return p + length;
    // If it is cut off at the end of the bytes, the row is read again with more, or the file ends here.
    if (this.badTextAt < 0) this.badTextAt = p;
    return p + 1;
  }
}

/** Whether the bytes between a cell's quotes are `=""5414""`: so spreadsheets write `="5414"`, text that is no number. */
function isQuotedFormula(bytes: Uint8Array, start: number, stop: number): boolean {
  if (stop - start < 5 || bytes[start] !== EQUALS || bytes[start + 1] !== QUOTE || bytes[stop - 1] !== QUOTE)
    return false;
  return bytes.indexOf(QUOTE, start + 3) === stop - 2;
}
