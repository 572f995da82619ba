/** Explains why text is not JSON: the parser's error, or the most likely mistake behind it. */

import { around, beginning } from "./excerpt.js";
import { lineEnd } from "./line.js";
import type { Reason } from "./reasons.js";

const NEWLINE = 10;
const RETURN = 13;
const COMMA = 44;

/**
 * Why the text stops being JSON at `at`.
 * @param from how far back to look
 * @param error the parser's error
 */
export function reasonAt(bytes: Uint8Array, from: number, at: number, end: number, error: string): string {
  if (at >= end) return error;
  const c = bytes[at];
  if (error === "a control character in a string") {
    if (c === NEWLINE || c === RETURN) return "the line ends inside a string";
    if (c === 9) return "a tab in a string; it is written \\t";
    return `a control character (0x${c.toString(16).padStart(2, "0")}) in a string`;
  }
  if (error.includes("escape")) return error;
  if (c === 39) return "single quotes; JSON has double quotes";
  if (c === 47 || c === 35) return "a comment, which JSON does not have";
  const token = tokenAt(bytes, at, end);
  if (error === "not a number" && !/^-[A-Za-z]/.test(token)) return `${token} is not a number as JSON writes it`;
  if (error === "no key where one was expected") {
    if (c === 125 || c === 93) return "a comma before the closing bracket";
    if (c >= 48 && c <= 57 && at - 2 >= from && isDigit(bytes[at - 2]))
      return "a decimal comma in a number; JSON has a point";
    return /^[A-Za-z_$]/.test(token) ? "a key without quotes" : error;
  }
  if (error === "not a JSON value" || error === "not a number") {
    if (c === 125 || c === 93)
      return before(bytes, from, at) === COMMA
        ? "a comma before the closing bracket"
        : "no value where one was expected";
    if (c === COMMA) return "no value where one was expected";
    if (/^[-A-Za-z_]/.test(token)) return `${token}, which JSON does not have`;
    if (/^[+.]/.test(token)) return `${token} is not a number as JSON writes it`;
    return "no value where one was expected";
  }
  if (
    /^neither/.test(error) &&
    at - 2 >= from &&
    bytes[at - 1] === 48 &&
    /^[0-9xX]/.test(token) &&
    !isDigit(bytes[at - 2]) &&
    bytes[at - 2] !== 46
  )
    return `0${token} is not a number as JSON writes it`;
  return error;
}

/** The word or number at `at`. */
function tokenAt(bytes: Uint8Array, at: number, end: number): string {
  const text = Buffer.from(bytes.subarray(at, Math.min(end, at + 41))).toString("utf8");
  const [token] = /^[^\s,:[\]{}"]*/.exec(text) as RegExpExecArray;
  return token.length > 40 ? `${token.slice(0, 40)}…` : token;
}

/** The last byte in [from, at) that is not blank; 0 if there is none. */
function before(bytes: Uint8Array, from: number, at: number): number {
  do at--;
  while (at >= from && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === NEWLINE || bytes[at] === RETURN));
  return at < from ? 0 : bytes[at];
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/**
 * The code and message for the line in [p, stop), which is one bad record.
 * @param at where it stopped being JSON, perhaps in a later line
 */
export function badLine(
  bytes: Uint8Array,
  p: number,
  stop: number,
  end: number,
  error: string,
  at: number,
): { code: Reason; message: () => string } {
  const text = at === p && stop - p <= 4096 ? Buffer.from(bytes.subarray(p, stop)).toString("utf8") : "";
  const scalar = at === p ? scalarOf(text) : undefined;
  if (scalar !== undefined)
    return {
      code: "not_a_record",
      message: () => `${scalar} where a record was expected: ${around(bytes, p, p, stop)}`,
    };
  return { code: "not_json", message: () => `not JSON: ${notJson(bytes, p, stop, end, error, at, text)}` };
}

function notJson(
  bytes: Uint8Array,
  p: number,
  stop: number,
  end: number,
  error: string,
  at: number,
  text: string,
): string {
  const told = (why: string, where: number) => `${why}: ${around(bytes, p, where, stop)}`;
  if (at === p) return told(strayAt(bytes, p, text, error), p);
  if (at < stop) return told(reasonAt(bytes, p, at, end, error), at);
  // If the next line begins a record of its own, this line is cut off.
  let next = stop;
  while (next < end && bytes[next] <= 32) next++;
  if (at <= next || bytes[next] === 123) {
    const why =
      at < end && at === stop && error.includes("in a string")
        ? reasonAt(bytes, p, at, end, error)
        : "the record is cut off";
    return told(why, stop);
  }
  if (at >= end) return told(error, p);
  const lines = Buffer.from(bytes.subarray(p, at)).toString("latin1").split("\n").length - 1;
  const why = `${reasonAt(bytes, p, at, end, error)}, ${lines === 1 ? "1 line" : `${lines} lines`} further on`;
  const there = around(bytes, bytes.lastIndexOf(NEWLINE, at - 1) + 1, at, lineEnd(bytes, at, end));
  return `${why}: ${there}`;
}

/** The type of a line that is a JSON value, but not an object. */
function scalarOf(text: string): string | undefined {
  try {
    return typeName(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "boolean") return "a boolean";
  return typeof value === "string" ? "a string" : "a number";
}

/** Explains a first byte that cannot begin a record. */
function strayAt(bytes: Uint8Array, p: number, text: string, error: string): string {
  if (bytes[p] === COMMA) return "a comma between records that are in no array";
  if (bytes[p] === 93 || bytes[p] === 125) return "a closing bracket that was not opened";
  if (text.startsWith("\ufeff")) return "a byte-order mark in the middle of the file";
  return error;
}

/** The type of a JSON value, by its first byte. */
export function typeOf(first: number): string {
  if (first === 91) return "an array";
  if (first === 34) return "a string";
  if (first === 110) return "null";
  return first === 116 || first === 102 ? typeName(true) : typeName(0);
}

/** Why a row has too many or too few cells. */
export function cells(row: Uint8Array, found: number, expected: number): string {
  const text = beginning(row);
  const hint =
    found > expected && /(^|,)-?\d+,\d+(,|$)/.test(text) ? "; a number with a decimal comma needs quotes" : "";
  return `${found} ${found === 1 ? "cell" : "cells"} where the header has ${expected}: ${text}${hint}`;
}

/** @param at where the error is */
export function quote(bytes: Uint8Array, p: number, stop: number, error: string, at: number): string {
  const advice = error.startsWith("a quote inside") ? "; put the cell in quotes, and double the quote in it" : "";
  return `${error}: ${around(bytes, p, Math.min(at, stop), stop)}${advice}`;
}
