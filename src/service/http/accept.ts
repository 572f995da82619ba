/** Which form of an answer a client wants. */
import { Problem } from "./problem.js";

const TYPES = { json: "application/json", csv: "text/csv" } as const;

/**
 * @param accept the header `Accept`; JSON where it leaves the choice
 * @throws Problem `not_acceptable`
 */
export function formFor(accept: string | undefined): "json" | "csv" {
  if (accept === undefined || accept === "*/*" || accept === TYPES.json) return "json";
  const ranges = accept
    .toLowerCase()
    .split(",")
    .map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return { type, quality: q === undefined ? 1 : Number(q) };
    });
  // The closest range decides on a type.
  const qualityOf = (type: string) =>
    [type, `${type.split("/")[0]}/*`, "*/*"]
      .map((range) => ranges.find((one) => one.type === range)?.quality)
      .find((quality) => quality !== undefined) ?? 0;
  const json = qualityOf(TYPES.json);
  const csv = qualityOf(TYPES.csv);
  if (!(json > 0) && !(csv > 0))
    throw new Problem(
      "not_acceptable",
      `Accept ${JSON.stringify(accept.slice(0, 100))}: answers are ${TYPES.json} or ${TYPES.csv}`,
    );
  return csv > json ? "csv" : "json";
}

/** The header `Content-Type` of a form. */
export function typeOf(form: "json" | "csv"): string {
  return form === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8";
}
