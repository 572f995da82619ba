/**
 * Layouts: how a record's bytes are arranged, as a program of steps. A step is 48 bytes:
 *
 *    0  what it is, u32          4  length of the literal before it, u32
 *    8  what it needs to know    16  the literal, padded with zeros        32  a mask of as many bytes of 255
 *
 * Each step first compares its literal (at most 16 bytes, in one go), then reads what follows. A record that fits all
 * steps is counted at the end; at the first byte that does not fit, nothing of it has been.
 */
import { commit } from "./commit";
import { high, low, negative, readDecimal, skipNumber } from "./decimal";
import { counted, fraction, fresh, plane, readInstant, second, slot } from "./instant";
import { LAYOUTS } from "./memory";
import { expected, findSource, follow, lengthOf, source, surprise } from "./sources";
import { UNNAMED } from "./state";
import { TEXT_CELL, TEXT_INTEGER, textEnd, wide } from "./text";

const STEP: usize = 48;
export const LAYOUT_BYTES: usize = 4096;

/** What a step can be; the numbers are known to src/scan/layouts.ts. */
const END: u32 = 0;
const LITERAL: u32 = 1;
const INSTANT: u32 = 2;
/** Needs: the decimal mark's byte. */
const DECIMAL: u32 = 3;
/** Need: the mode of text.ts, the separator's byte. */
const SOURCE: u32 = 4;
const SKIP_TEXT: u32 = 5;
const SOURCE_INTEGER: u32 = 6;
const SKIP_NUMBER: u32 = 7;
const SKIP_WORD: u32 = 8;

/**
 * Runs a layout over the record at `p`.
 * @returns the position after it, or 0 where it does not fit or ends after `end`
 */
export function runLayout(layout: u32, p: usize, end: usize): usize {
  let step = LAYOUTS + usize(layout) * LAYOUT_BYTES;
  let id: usize = 0;
  let idLength: u32 = 0;
  let idWide: bool = false;
  let idMode: u32 = 0;
  let number: i32 = load<i32>(UNNAMED);
  while (true) {
    if (v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(step, 16)), v128.load(step, 32)))) return 0;
    p += load<u32>(step, 4);
    switch (load<u32>(step)) {
      case LITERAL:
        break;
      case INSTANT:
        p = readInstant(p, step);
        if (p == 0) return 0;
        break;
      case DECIMAL:
        p = readDecimal(p, load<u8>(step, 8));
        if (p == 0) return 0;
        break;
      case SOURCE: {
        idMode = load<u8>(step, 8);
        number = i32(expected(p, idMode, load<u8>(step, 9)));
        if (number) {
          p += lengthOf(number);
          break;
        }
        number = -1;
        id = p;
        p = textEnd(p, idMode, load<u8>(step, 9), end);
        // An empty id may mean another field's.
        if (p == 0 || p == id) return 0;
        // Blanks around a cell do not count.
        if (idMode == TEXT_CELL && (isBlank(load<u8>(id)) || isBlank(load<u8>(p - 1)))) return 0;
        idLength = u32(p - id);
        idWide = wide;
        break;
      }
      case SKIP_TEXT:
        p = textEnd(p, load<u8>(step, 8), load<u8>(step, 9), end);
        if (p == 0 || wide) return 0;
        break;
      case SOURCE_INTEGER: {
        idMode = TEXT_INTEGER;
        number = -1;
        id = p;
        if (u32(load<u8>(p)) - 49 > 8) return 0;
        do p++;
        while (u32(load<u8>(p)) - 48 <= 9);
        idLength = u32(p - id);
        break;
      }
      case SKIP_NUMBER:
        p = skipNumber(p);
        if (p == 0) return 0;
        break;
      case SKIP_WORD:
        p = skipWord(p);
        if (p == 0) return 0;
        break;
      case END: {
        if (p > end) return 0;
        if (number < 0) {
          number = findSource(id, idLength);
          if (number < 0) {
            if (idWide) return 0;
            number = i32(source(id, idLength));
          }
          surprise(u32(number), idMode);
        } else follow(u32(number));
        commit(fresh, u32(number), plane, slot, f64(second) + (fraction ? 0.5 : 0), low, high, negative);
        counted();
        return p;
      }
      default:
        unreachable();
    }
    step += STEP;
  }
  return 0;
}

/** `true`, `false` or `null`. */
function skipWord(p: usize): usize {
  const four = load<u32>(p);
  if (four == 0x65757274 || four == 0x6c6c756e) return p + 4;
  return four == 0x736c6166 && load<u8>(p, 4) == 101 ? p + 5 : 0;
}

// @ts-ignore: decorator
@inline
function isBlank(c: u8): bool {
  return c == 32 || c == 9;
}
