/** Query parameters, and the headers of requests. They mean what the options of the command line of the same name do. */
import type { Parameter, Schema } from "./form.js";

const text: Schema = { type: "string", minLength: 1 };
const flag: Schema = { type: "boolean", default: false };
const day: Schema = { type: "string", format: "date" };

function query(name: string, schema: Schema, description: string, example?: unknown): Parameter {
  return { name, in: "query", description, schema, ...(example !== undefined && { example }) };
}

/** How records are read. */
export const READING = {
  on_error: query(
    "on_error",
    { enum: ["fail", "skip"], default: "fail" },
    "With `fail`, one bad record and nothing is taken; with `skip`, bad records are set aside, counted, and kept with the batch.",
  ),
  stamps: query(
    "stamps",
    { enum: ["start", "end"], default: "start" },
    "Which end of its interval a timestamp marks. With `end`, 14:00:00 belongs to the hour that begins at 13:00.",
  ),
  unit: query("unit", { enum: ["Wh", "kWh", "MWh"], default: "kWh" }, "The unit of the values."),
  decimal_comma: query("decimal_comma", flag, "Numbers in CSV cells and in strings have a comma: `1,5`."),
  repeated_hour: query(
    "repeated_hour",
    { enum: ["order", "first", "last", "fail"], default: "order" },
    "Which of the two is meant by a timestamp without an offset that clocks show twice, as they go back: what the order " +
      "of its source's rows tells (and the earlier, where that does not), always the `first` or the `last`; with `fail` " +
      "the record is bad.",
  ),
  input_timezone: query(
    "input_timezone",
    text,
    "The zone of timestamps without an offset: an IANA name or a fixed offset. Without it, UTC, or `timezone` where the call has that.",
    "Europe/Berlin",
  ),
  timestamp_field: query(
    "timestamp_field",
    { ...text, default: "timestamp" },
    "The name of the timestamp; `a.b` reaches into objects.",
  ),
  value_field: query("value_field", { ...text, default: "kWh_value" }, "The name of the value."),
  source_field: query(
    "source_field",
    text,
    "The name of the source, in records and in the objects around them. Without it, `meter_id`, else `source_id`.",
  ),
  records: query(
    "records",
    { type: "string" },
    "A JSON pointer to the array of records inside the body; `*` is every element of an array, as in `/meters/*/readings`. Without it, the array is found.",
    "/data/rows",
  ),
} as const satisfies Record<string, Parameter>;

/** What is summed. */
export const SUMMARY = {
  from: query("from", day, "The first day of the period. Without it, the first with a reading.", "2024-01-01"),
  to: query("to", day, "The last day of the period, inclusive. Without it, the last with a reading.", "2024-01-31"),
  timezone: query(
    "timezone",
    { ...text, default: "UTC" },
    "Whose hours and days: an IANA name (`Europe/Paris`) or a fixed offset (`+05:30`).",
  ),
  by: query(
    "by",
    { enum: ["source"] },
    "One row per hour or day and source, sources in the order of their UTF-8 bytes.",
  ),
  with_counts: query(
    "with_counts",
    flag,
    "Adds the number of readings to each row: 0 tells a filled row from a measured one.",
  ),
  decimals: query(
    "decimals",
    { type: "integer", minimum: 0, maximum: 18 },
    "Rounds each sum to so many decimal places, half to even, when it is written. Without it, all digits that it has.",
  ),
} as const satisfies Record<string, Parameter>;

export const OTHERS = {
  source: query(
    "source",
    { type: "array", items: { type: "string" } },
    "Only the readings of this source; there may be several, as in `source=a&source=b`. An empty one is the unnamed source.",
  ),
  replaces: query(
    "replaces",
    text,
    "The id of a batch that stops counting in the same moment in which this one begins to: one of the same sender, unless the token has `admin`, too.",
  ),
  resolution: query("resolution", { enum: ["hour", "day"] }, "What a row stands for."),
  id: {
    name: "id",
    in: "path",
    required: true,
    description: "The id of a batch.",
    schema: text,
  },
  state: query("state", { enum: ["counts", "retracted", "replaced"] }, "Only the batches of this state."),
  findings: query(
    "findings",
    flag,
    "With CSV: one row for each gap and each doubled stretch, not one for each source.",
  ),
  max_findings: query(
    "max_findings",
    { type: "integer", minimum: 0, maximum: 10_000, default: 100 },
    "How many gaps, and how many doubled stretches, are listed of a source. The counts are always of all.",
  ),
  cursor: query("cursor", text, "The `next` of the page before."),
  limit: query("limit", { type: "integer", minimum: 1, maximum: 1000, default: 100 }, "The most entries of a page."),
} as const satisfies Record<string, Parameter>;

export const HEADERS = {
  "Idempotency-Key": {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Names the batch for its sender, which is the token's name: sent again with the same body and parameters, it changes nothing and gets the first answer. Another sender's same key is another one. Take a fresh UUID for each batch, or what you call it yourself.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
    example: "meter-7-2024-01-31",
  },
  "Content-Encoding": {
    name: "Content-Encoding",
    in: "header",
    description: "How the body is packed, if it is.",
    schema: { enum: ["gzip", "zstd", "identity"] },
  },
  "If-None-Match": {
    name: "If-None-Match",
    in: "header",
    description:
      "The ETag of an answer that one has: where nothing has changed since, the answer is 304 without a body.",
    schema: { type: "string" },
  },
} as const satisfies Record<string, Parameter>;
