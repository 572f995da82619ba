/** The parts of a good record that may differ in the next one: its values, in input order. */
import { type Fields, Kind } from "./fields.js";
import { isBlank } from "./line.js";

export interface Header {
  /** The names of the columns. */
  names: readonly string[];
  separator: number;
  /** For each cell the index of its wanted field, or -1. */
  fieldOf: Int16Array;
  /** The names of several values, in the order of their columns; `undefined`: there is one. */
  values: readonly string[] | undefined;
}

export interface Token {
  /** The index of its wanted field, or -1. */
  field: number;
  kind: number;
  /** The bytes of the value, without quotes. */
  start: number;
  end: number;
  /** How the kernel finds the end of the text: a mode of kernel/text.ts. */
  mode: number;
}

/** The scalars of the JSON record in [from, to), which is known to be well formed. */
export function tokensOfJson(bytes: Uint8Array, from: number, to: number, fields: Fields): Token[] | undefined {
  const tokens: Token[] = [];
  for (let p = from; p < to; ) {
    const c = bytes[p];
    const start = c === 34 ? p + 1 : p;
    let kind: number;
    if (c === 34) {
      let escaped = false;
      for (p++; bytes[p] !== 34; p++) {
        if (bytes[p] !== 92) continue;
        escaped = true;
        p++;
      }
      const end = p++;
      let next = p;
      while (next < to && (bytes[next] === 32 || bytes[next] === 9 || bytes[next] === 10 || bytes[next] === 13)) next++;
      if (bytes[next] === 58) continue;
      tokens.push({ field: fieldAt(fields, start), kind: escaped ? Kind.escaped : Kind.string, start, end, mode: 0 });
    } else if (c === 45 || (c >= 48 && c <= 57) || (c >= 97 && c <= 122)) {
      kind = c === 116 ? Kind.true : c === 102 ? Kind.false : c === 110 ? Kind.null : Kind.number;
      while (p < to && bytes[p] !== 44 && bytes[p] !== 125 && bytes[p] !== 93 && bytes[p] > 32) p++;
      tokens.push({ field: fieldAt(fields, start), kind, start, end: p, mode: 0 });
    } else p++;
    if (tokens.length > 64) return undefined;
  }
  return tokens;
}

function fieldAt(fields: Fields, start: number): number {
  for (let f = 0; f < fields.kind.length; f++)
    if (fields.kind[f] !== Kind.absent && fields.start[f] === start) return f;
  return -1;
}

/** The cells of the CSV row in [from, to), which is known to be well formed. */
export function tokensOfCsv(bytes: Uint8Array, from: number, to: number, header: Header): Token[] | undefined {
  const { separator, fieldOf } = header;
  const tokens: Token[] = [];
  let p = from;
  for (let cell = 0; cell < fieldOf.length; cell++) {
    const quoted = bytes[p] === 34;
    let start = quoted ? ++p : p;
    let kind: number = Kind.cell;
    if (quoted) {
      for (; bytes[p] !== 34 || bytes[p + 1] === 34; p++) {
        if (bytes[p] !== 34) continue;
        kind = Kind.quotedCell;
        p++;
      }
    } else {
      while (p < to && bytes[p] !== separator && bytes[p] !== 10 && bytes[p] !== 13) p++;
      // A lone carriage return is part of the cell, but the kernel would end the cell there.
      if (bytes[p] === 13 && bytes[p + 1] !== 10) return undefined;
      // `="5414"`: its text has to be taken out.
      if (bytes.subarray(start, p).includes(34)) kind = Kind.quotedCell;
    }
    let end = p;
    if (!quoted && fieldOf[cell] >= 0) {
      while (start < end && isBlank(bytes[start])) start++;
      while (end > start && isBlank(bytes[end - 1])) end--;
    }
    tokens.push({ field: fieldOf[cell], kind, start, end, mode: quoted ? 2 : 1 });
    if (quoted) p++;
    p++;
    if (tokens.length > 64) return undefined;
  }
  return tokens;
}
