/** The program of a layout, made from a good record: steps, as `kernel/steps.ts` has them under the same numbers. */
import { readInstant } from "../time/read-instant.js";
import type { Context } from "./context.js";
import { type Fields, Kind, SOURCE, TIMESTAMP, VALUE } from "./fields.js";
import type { Token } from "./tokens.js";

const Step = {
  end: 0,
  literal: 1,
  instant: 2,
  decimal: 3,
  source: 4,
  text: 5,
  sourceInteger: 6,
  number: 7,
  word: 8,
  formatted: 9,
  endInstant: 10,
  endFormatted: 11,
  part: 12,
} as const;
/** Which pair of parts makes the record's timestamp, and which the end of its interval; 0: it is one text. */
const Joined = { none: 0, own: 1, end: 2 } as const;
const TextMode = { json: 0, cell: 1, quoted: 2 } as const;
const STEP_BYTES = 48;
const MAX_STEPS = 80;
/** Bytes. The kernel is not taught longer timestamps. */
const MAX_TIMESTAMP = 255;
/** In the place of a form, for timestamps by a format. */
const NO_FORM = [0, 0, 0, 0, 0, 0, 0];
const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };

/**
 * The program for the bytes in [from, next), of which `tokens` (ascending) may differ from record to record.
 * @returns `undefined` if the kernel cannot count such records
 */
export function programOf(
  context: Context,
  tokens: readonly Token[] | undefined,
  from: number,
  next: number,
  separator: number,
): Uint8Array | undefined {
  if (tokens === undefined) return undefined;
  const { kernel, fields, validator, plan } = context;
  const { bytes } = kernel;
  const program = new Uint8Array(MAX_STEPS * STEP_BYTES);
  const view = new DataView(program.buffer);
  let steps = 0;
  let at = from;
  /** Adds a step, preceded by the literal bytes up to `to`. */
  const step = (op: number, to: number, ...needs: number[]): boolean => {
    while (to - at > 16) {
      if (!put(Step.literal, at + 16, [])) return false;
    }
    return put(op, to, needs);
  };
  const put = (op: number, to: number, needs: readonly number[]): boolean => {
    if (steps === MAX_STEPS) return false;
    const base = steps++ * STEP_BYTES;
    view.setUint32(base, op, true);
    view.setUint32(base + 4, to - at, true);
    program.set(needs, base + 8);
    program.set(bytes.subarray(at, to), base + 16);
    program.fill(255, base + 32, base + 32 + to - at);
    at = to;
    return true;
  };

  const winner = validator.source.sourceField;
  /** Parts of timestamps that were met. */
  let parts = 0;
  let values = 0;
  for (const token of tokens) {
    const { kind, start, end } = token;
    let fits = true;
    const several = fields.isSeveral && token.field >= fields.valuesFrom;
    if (token.field >= fields.literalFrom && !several) continue;
    const stamp = stampOf(token.field, fields);
    if (stamp !== undefined) {
      if (kind === Kind.escaped || kind === Kind.quotedCell) return undefined;
      const [first, second] = stamp.fields;
      if (second !== undefined) {
        const part = 2 * (stamp.joined - 1) + (token.field === first ? 0 : 1);
        fits = step(Step.part, start, token.mode, separator, part);
        at = end;
        parts |= 1 << part;
        const pair = 3 << (part & 2);
        if (!fits) return undefined;
        if ((parts & pair) !== pair) continue;
      }
      const isOwn = stamp.joined !== Joined.end;
      const joined = second === undefined ? Joined.none : stamp.joined;
      if (plan.timestampFormat !== undefined)
        fits = step(isOwn ? Step.formatted : Step.endFormatted, second === undefined ? start : end, ...NO_FORM, joined);
      else {
        const form = formOf(textOf(bytes, fields, first, second));
        if (form === undefined) return undefined;
        fits = step(isOwn ? Step.instant : Step.endInstant, second === undefined ? start : end, ...form, joined);
      }
    } else if (token.field === VALUE || several) {
      const comma = kind !== Kind.number && plan.decimalComma ? 44 : 46;
      if (kind === Kind.escaped || kind === Kind.quotedCell) return undefined;
      // In an unquoted cell, the comma would end the cell.
      if (token.mode === TextMode.cell && comma === separator) return undefined;
      fits = several
        ? step(Step.decimal, start, comma, token.field - fields.valuesFrom, 1)
        : step(Step.decimal, start, comma);
      values++;
    } else if (token.field >= SOURCE && (winner < 0 || token.field < winner)) {
      // A source field that was passed over (null or empty): the layout fits only records with the same value there.
      continue;
    } else if (winner >= 0 && token.field === winner) {
      if (kind === Kind.escaped || kind === Kind.quotedCell) return undefined;
      fits = kind === Kind.number ? step(Step.sourceInteger, start) : step(Step.source, start, token.mode, separator);
    } else if (kind === Kind.number) fits = step(Step.number, start);
    else if (kind === Kind.true || kind === Kind.false || kind === Kind.null) fits = step(Step.word, start);
    else {
      // Text with escapes or beyond ASCII becomes part of the literal: it may be the same in the records that follow.
      if (kind === Kind.escaped || kind === Kind.quotedCell || !isPlain(bytes, start, end)) continue;
      fits = step(Step.text, start, token.mode, separator);
    }
    if (!fits) return undefined;
    at = end;
  }
  if (fields.isSeveral && values !== fields.values.length) return undefined;
  if (!step(Step.end, next, fields.isSeveral ? values : 0)) return undefined;
  return fields.kind[TIMESTAMP] === Kind.absent ? undefined : program.slice(0, steps * STEP_BYTES);
}

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let p = start; p < end; p++) if (bytes[p] < 32 || bytes[p] > 126) return false;
  return true;
}

/** The timestamp that a field has, or a part of one; `undefined` for other fields. */
function stampOf(field: number, { time, ends }: Fields): { fields: readonly number[]; joined: 1 | 2 } | undefined {
  if (field === TIMESTAMP || (field >= 0 && field === time))
    return { fields: time < 0 ? [TIMESTAMP] : [TIMESTAMP, time], joined: Joined.own };
  return field >= 0 && ends.includes(field) ? { fields: ends, joined: Joined.end } : undefined;
}

/** The bytes of one field, or of two, joined by a blank. */
function textOf(bytes: Uint8Array, { start, end }: Fields, first: number, second: number | undefined): Uint8Array {
  const text = bytes.slice(start[first], end[first]);
  if (second === undefined) return text;
  return Buffer.concat([text, Uint8Array.of(32), bytes.subarray(start[second], end[second])]);
}

/** The form of a good timestamp, as kernel/instant.ts needs it. */
function formOf(bytes: Uint8Array): number[] | undefined {
  if (bytes.length > MAX_TIMESTAMP) return undefined;
  if (!readInstant(bytes, 0, bytes.length, stamp)) return undefined;
  const text = String.fromCharCode(...bytes);
  const parts = /^.{8,10}?([Tt ])\d\d:?\d\d(:?\d\d)?(?:([.,])(\d+))?(Z|z|[+-][\d:]+)?$/.exec(text);
  if (parts === null) return undefined;
  const [, between, seconds, mark = ".", digits = "", offset = ""] = parts;
  const kind = offset === "" ? 0 : /z/i.test(offset) ? 1 : offset.length === 6 ? 2 : offset.length === 5 ? 3 : 4;
  const extended = text[4] === "-";
  const tail = Math.min(text.length - (extended ? 16 : 13), 255);
  return [
    extended ? 1 : 0,
    between.charCodeAt(0),
    seconds === undefined ? 0 : 1,
    digits.length,
    mark.charCodeAt(0),
    kind,
    tail,
  ];
}

/** The readings of a record besides its first one. */
export function othersOf(program: Uint8Array): number {
  return Math.max(0, program[program.length - STEP_BYTES + 8] - 1);
}

/** The number of line ends in a record; all are in its literals. */
export function linesOf(program: Uint8Array): number {
  let lines = 0;
  for (let step = 0; step < program.length; step += STEP_BYTES)
    for (let i = 0; i < program[step + 4]; i++) if (program[step + 16 + i] === 10) lines++;
  return lines;
}

/** The bytes before the first value of a layout's records, at most the first 16. */
export function firstLiteral(program: Uint8Array): Uint8Array {
  return program.subarray(16, 16 + program[4]);
}

/** The bytes between the last value and the next record, at most the last 16. */
export function lastLiteral(program: Uint8Array): Uint8Array {
  const last = program.length - STEP_BYTES;
  return program.subarray(last + 16, last + 16 + program[last + 4]);
}
