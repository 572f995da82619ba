/** Content negotiation: JSON or CSV. */
import Negotiator from "negotiator";
import { Problem } from "./problem.js";

const TYPES = { json: "application/json", csv: "text/csv" } as const;

/**
 * @param accept the header `Accept`; JSON if it leaves the choice
 * @throws Problem `not_acceptable`
 */
export function formFor(accept: string | undefined): "json" | "csv" {
  const type = new Negotiator({ headers: { accept: accept || undefined } }).mediaType(Object.values(TYPES));
  if (type === undefined)
    throw new Problem(
      "not_acceptable",
      `Accept ${JSON.stringify(accept?.slice(0, 100))}: answers are ${TYPES.json} or ${TYPES.csv}`,
    );
  return type === TYPES.csv ? "csv" : "json";
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
export function typeOf(form: "json" | "csv"): string {
  return form === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8";
}
