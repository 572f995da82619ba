/** Resolves JSON escapes and doubled quotes. Only for text known to be well formed. */

const PLAIN: Record<number, number> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 };

/** The UTF-8 bytes of a JSON string, given the bytes between its quotes. */
export function unescapeString(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length);
  return out.subarray(0, unescapeStringTo(raw, 0, raw.length, out, 0));
}

/** The same for `raw[start, end)`, written to `out` from `to` on. @returns the position after the last byte written */
export function unescapeStringTo(raw: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  for (let p = start; p < end; p++) {
    if (raw[p] !== 92) {
      out[to++] = raw[p];
      continue;
    }
    const c = raw[++p];
    if (c !== 117) {
      out[to++] = PLAIN[c] ?? c;
      continue;
    }
    let code = hex(raw, p + 1);
    p += 4;
    if (code >= 0xd800 && code < 0xdc00) {
      code = 0x10000 + ((code - 0xd800) << 10) + (hex(raw, p + 3) - 0xdc00);
      p += 6;
    }
    if (code < 0x80) out[to++] = code;
    else if (code < 0x800) {
      out[to++] = 0xc0 | (code >> 6);
      out[to++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      out[to++] = 0xe0 | (code >> 12);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    } else {
      out[to++] = 0xf0 | (code >> 18);
      out[to++] = 0x80 | ((code >> 12) & 63);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    }
  }
  return to;
}

/** A quoted CSV cell's bytes, given those between its quotes, with doubled quotes made single. */
export function unescapeCell(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length);
  return out.subarray(0, unescapeCellTo(raw, 0, raw.length, out, 0));
}

/** The same for `raw[start, end)`, written to `out` from `to` on. @returns the position after the last byte written */
export function unescapeCellTo(raw: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  for (let p = start; p < end; p++) {
    out[to++] = raw[p];
    if (raw[p] === 34) p++;
  }
  return to;
}

/** Four hexadecimal digits as a number; NaN if they are not digits. */
export function hex(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const c = bytes[i];
    const digit = c >= 48 && c <= 57 ? c - 48 : (c | 32) >= 97 && (c | 32) <= 102 ? (c | 32) - 87 : Number.NaN;
    value = value * 16 + digit;
  }
  return value;
}
