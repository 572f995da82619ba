/**
 * What options' values may be. Each reader is handed to commander as an option's parser: it gets the value and what
 * an earlier occurrence of the option left, which there must not be: of two values one would be lost in silence.
 */

import { UsageError } from "../base/errors.js";
import { either } from "../base/message.js";
import { parseSize, sizeText } from "./terminal/size.js";

export type ValueParser<T> = (value: string, previous: T | undefined) => T;

/** The smallest `--memory` that a run can work in, bytes; and one that opens a store. */
export const LEAST_MEMORY = 100e6;
export const LEAST_WITH_STORE = 256e6;

export function text(option: string): ValueParser<string> {
  return reader(option, (value) => (value === "" ? "is empty" : { value }));
}

/** A text that may be empty, as the JSON pointer to the whole document is. */
export function anyText(option: string): ValueParser<string> {
  return reader(option, (value) => ({ value }));
}

/** Texts of an option that may be repeated; each may be empty. */
export function texts(): ValueParser<string[]> {
  return (value, previous) => [...(previous ?? []), value];
}

export function wholeNumber(option: string, least: number, most: number): ValueParser<number> {
  return reader(option, (value) => {
    const number = Number(value);
    if (/^\d{1,15}$/.test(value) && number >= least && number <= most) return { value: number };
    return `is not a whole number from ${least} to ${most}`;
  });
}

export function oneOf<T extends string>(option: string, choices: readonly T[]): ValueParser<T> {
  return reader(option, (value) => {
    if (choices.includes(value as T)) return { value: value as T };
    const near = choices.find((choice) => choice.toLowerCase() === value.trim().toLowerCase());
    return near ? `must be ${either(choices)}; did you mean ${near}?` : `must be ${either(choices)}`;
  });
}

/** Some of the choices, between commas. */
export function someOf<T extends string>(option: string, choices: readonly T[]): ValueParser<T[]> {
  return reader(option, (value) => {
    const parts = value.split(",");
    const other = parts.find((part) => !choices.includes(part as T));
    if (other !== undefined) return `has "${other}", which is not one of ${choices.join(", ")}`;
    return { value: [...new Set(parts as T[])] };
  });
}

export function size(option: string, least: number): ValueParser<number> {
  return reader(option, (value) => {
    const bytes = parseSize(value);
    if (bytes === undefined) return "is not a size; write a number and a unit, as 2GB or 512MiB";
    return bytes >= least ? { value: bytes } : `is too little; the least is ${leastText(least)}`;
  });
}

/** A size as an option would have it: `100MB`. */
export function leastText(bytes: number): string {
  return sizeText(bytes)
    .replace(" ", "")
    .replace(/\.0+(?=\D)/, "");
}

/** `read` answers with the value, or with what is wrong with the text. */
function reader<T>(option: string, read: (value: string) => { value: T } | string): ValueParser<T> {
  return (value, previous) => {
    if (previous !== undefined) {
      throw new UsageError("repeated_option", `option ${option} is given twice; give it once`);
    }
    const result = read(value);
    if (typeof result === "string") throw new UsageError("bad_option_value", `${option}: "${value}" ${result}`);
    return result.value;
  };
}
