/** The JSON of summaries, of each resolution. */
import { ADVERBS, RESOLUTIONS, type Resolution } from "../../time/resolution.js";
import type { Schema } from "./form.js";
import { count, countsBy, day, energy, id, list, object } from "./make.js";

/** `QuarterHourly`. */
function nameOf(resolution: Resolution): string {
  return ADVERBS[resolution].replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The id of the operation of a resolution: `quarterHourly`. */
export function operationOf(resolution: Resolution): string {
  const name = nameOf(resolution);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** The name of the schema of a summary: `HourlySummary`. */
export function summarySchema(resolution: Resolution): string {
  return `${nameOf(resolution)}Summary`;
}

/** What the rows of a resolution are of, in a sentence, and what labels them. */
const ROWS: Readonly<Record<Resolution, readonly [all: string, one: string, label: Schema]>> = {
  "15min": ["all quarter hours", "a quarter hour", instant("The start of the quarter hour, with the zone's offset.")],
  hour: ["all hours", "an hour", instant("The start of the hour, with the zone's offset.")],
  day: ["all days", "a day", date("The day.")],
  week: ["all weeks", "a week", date("The week's Monday.")],
  month: ["all months", "a month", text("^\\d{4}-\\d{2}$", "The month.")],
  year: ["all years", "a year", text("^\\d{4}$", "The year.")],
  total: ["the whole", "the period", text("^\\d{4}-\\d{2}-\\d{2}/\\d{4}-\\d{2}-\\d{2}$", "Its first and last day.")],
};

function instant(description: string): Schema {
  return { type: "string", format: "date-time", description };
}

function date(description: string): Schema {
  return { type: "string", format: "date", description };
}

function text(pattern: string, description: string): Schema {
  return { type: "string", pattern, description };
}

function summary(resolution: Resolution): Schema {
  return object(`Sums of ${ROWS[resolution][0]} of a period.`, {
    resolution: { const: resolution, description: "What a row stands for." },
    timezone: id("The zone of hours and days."),
    from: day("The first day; null if there is neither a reading nor a period."),
    to: day("The last day, inclusive."),
    "unknown_sources?": {
      type: "array",
      items: { type: "string" },
      description: "With `source`: those without any reading, whose sums are not measured zeros.",
    },
    "read_as?": {
      type: "array",
      items: { type: "string" },
      description: "From `POST /v1/aggregate`: the profiles that the body was recognised by, without being told to.",
    },
    "quality_flags?": countsBy(
      "From `POST /v1/aggregate`: readings by their flag of quality, where the body has them.",
    ),
    "warnings?": list(
      "Warning",
      "From `POST /v1/aggregate`: what is odd about the body, as `electro aggregate` would report.",
    ),
    rows: list(`${nameOf(resolution)}Row`, "In the order of time, then of sources. None is missing."),
  });
}

function row(resolution: Resolution): Schema {
  const [, one, label] = ROWS[resolution];
  return object(`The sum of ${one}.`, {
    [`${ADVERBS[resolution]}_timestamp`]: label,
    "source_id?": { type: "string", description: "With `by=source`: the source." },
    aggregated_kWh_value: energy("The sum; 0 if there was no reading."),
    "reading_count?": count("With `with_counts=true`: the number of readings that begin in the row."),
    "covered?": {
      type: "boolean",
      description:
        "With `with_counts=true`: whether a reading begins in the row or covers a part of it; a filled row has false.",
    },
  });
}

export const SUMMARY_SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  RESOLUTIONS.flatMap((resolution) => [
    [summarySchema(resolution), summary(resolution)],
    [`${nameOf(resolution)}Row`, row(resolution)],
  ]),
);
