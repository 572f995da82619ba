/** Content negotiation: JSON, CSV or Parquet. */
import Negotiator from "negotiator";
import { either } from "../../base/message.js";
import { Problem } from "./problem.js";

/** The media types of answers. */
const TYPES = { json: "application/json", csv: "text/csv", parquet: "application/vnd.apache.parquet" } as const;

export type AnswerType = keyof typeof TYPES;

/** Of summaries. */
export const SUMMARY_TYPES = ["json", "csv", "parquet"] as const;

/**
 * @param accept the header `Accept`; the first of the types if it leaves the choice
 * @throws Problem `not_acceptable`
 */
export function formFor<T extends AnswerType>(accept: string | undefined, types: readonly T[]): T {
  const names = types.map((type) => TYPES[type]);
  const wanted = new Negotiator({ headers: { accept: accept || undefined } }).mediaType([...names]);
  const found = types.find((type) => TYPES[type] === wanted);
  if (found === undefined)
    throw new Problem(
      "not_acceptable",
      `Accept ${JSON.stringify(accept?.slice(0, 100))}: answers are ${either(names)}`,
    );
  return found;
}

/**
 * For answers that have one type only.
 * @param accept the header `Accept`
 * @throws Problem `not_acceptable`
 */
export function mustAccept(type: string, accept: string | undefined): void {
  if (new Negotiator({ headers: { accept: accept || undefined } }).mediaType([type]) === undefined)
    throw new Problem("not_acceptable", `Accept ${JSON.stringify(accept?.slice(0, 100))}: the answer is ${type}`);
}

/** The header `Content-Type` of a form. */
export function typeOf(form: AnswerType): string {
  if (form === "parquet") return TYPES.parquet;
  return form === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8";
}
