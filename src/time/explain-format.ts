/** Why a text does not fit a format: what was expected, and where it differs. */
import { daysInMonth, FIRST_YEAR, LAST_YEAR } from "./instant.js";
import { FormatReader, MONTHS, Refusal } from "./read-format.js";
import { compileFormat, Part } from "./timestamp-format.js";

/** Characters of a text that are shown. */
const SHOWN = 20;

/** What each part is, in words. */
const EXPECTED: Readonly<Record<number, string>> = {
  [Part.blanks]: "a blank",
  [Part.monthName]: "a month's English name (%b)",
  [Part.half]: "AM or PM (%p)",
  [Part.offset]: "an offset up to 18:00, such as +01:00 or Z (%z)",
  [Part.year]: "a year of four digits (%Y)",
  [Part.shortYear]: "a year of two digits (%y)",
  [Part.month]: "a month from 1 to 12 (%m)",
  [Part.day]: "a day from 1 to 31 (%d)",
  [Part.hour]: "an hour from 0 to 23, or 24:00 (%H)",
  [Part.hour12]: "an hour from 1 to 12 (%I)",
  [Part.minute]: "a minute from 0 to 59 (%M)",
  [Part.second]: "a second from 0 to 60 (%S)",
  [Part.fraction]: "the digits of a fraction (%f)",
};

/** @param format a valid format @param text what `FormatReader` refuses to read by it */
export function explainFormat(format: string, text: string): string {
  if (text === "") return "empty";
  const compiled = compileFormat(format, true);
  const { epoch, steps } = compiled;
  if (epoch !== undefined) return explainEpoch(text, epoch);
  const bytes = new TextEncoder().encode(text);
  const reader = new FormatReader(compiled);
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  if (reader.read(bytes, 0, bytes.length, stamp)) return "it is cut off here";
  const { refusal, failedStep, failedAt } = reader;
  if (refusal === Refusal.year) return `year ${failedStep}: years are ${FIRST_YEAR} to ${LAST_YEAR}`;
  if (refusal === Refusal.day) {
    const [year, month] = [failedStep >> 4, failedStep & 15];
    return `${MONTHS[month - 1]} ${year} has ${daysInMonth(year, month)} days`;
  }
  if (refusal === Refusal.dayEnd) return "past 24:00, the day's end";
  const before = Buffer.from(bytes.subarray(0, failedAt)).toString("utf8");
  const rest = Buffer.from(bytes.subarray(failedAt)).toString("utf8");
  const shown = JSON.stringify(rest.length > SHOWN ? `${rest.slice(0, SHOWN)}…` : rest);
  const place = `at character ${[...before].length + 1}`;
  if (refusal === Refusal.rest) return `${shown} ${place}, where it should end`;
  const part = steps[failedStep];
  const expected = part === Part.literal ? literalAt(steps, failedStep) : EXPECTED[part];
  const both = part > Part.shortYear && steps[failedStep + 1] === 1 ? ", of two digits since more follow," : "";
  return rest === ""
    ? `it ends where ${expected}${both} was expected`
    : `${shown} ${place}, where ${expected}${both} was expected`;
}

/** The literal text from a step on, in quotes. */
function literalAt(steps: Uint8Array, from: number): string {
  const bytes: number[] = [];
  for (let step = from; step < steps.length && steps[step] === Part.literal; step += 2) bytes.push(steps[step + 1]);
  return JSON.stringify(Buffer.from(bytes).toString("utf8"));
}

function explainEpoch(text: string, power: number): string {
  const unit = power === 0 ? "seconds" : power === 3 ? "milliseconds" : "microseconds";
  if (/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text))
    return `read as ${unit} since 1970, it is not in the years ${FIRST_YEAR} to ${LAST_YEAR}`;
  return `not a number of ${unit} since 1970`;
}
