/** The bodies that calls take: readings in JSON, in lines of JSON, or in a table. */
import { type Operation, ref, type Schema } from "./form.js";

const source = (description: string): Schema => ({ type: ["string", "integer", "null"], description });

const READING: Schema = {
  type: "object",
  description:
    "A kWh value with its time. A client made from this document sends records with other names of fields in a Wrapper, as lines or as a table.",
  required: ["timestamp", "kWh_value"],
  properties: {
    timestamp: {
      type: "string",
      description:
        "When the value was recorded, ISO 8601: `2024-01-31T13:00:00Z`; without an offset, it is in the zone of `input_timezone`.",
    },
    kWh_value: {
      type: ["number", "string"],
      description: "The energy, as a number or as a string that holds one, which keeps digits that a float would lose.",
    },
    meter_id: source("Whose reading it is. An integer is the same source as its digits."),
    source_id: source("Whose reading it is, if `meter_id` is absent, null or empty."),
  },
};

export const DATASET_SCHEMAS: Readonly<Record<string, Schema>> = {
  Reading: READING,
  // From a schema that does not say `additionalProperties`, generators make a type that takes no literal with further
  // members; from one that does, a type that takes no `interface`. So both are there.
  AnnotatedReading: {
    ...READING,
    description: "A reading with further fields, which are ignored.",
    additionalProperties: true,
  },
  Wrapper: {
    type: "object",
    description:
      'An object with the array of records in one of its members, as `{"meter_id":"A","readings":[…]}`. It is found if it is the only array of objects; otherwise `records` tells where it is. Records without a source have that of the object.',
    additionalProperties: true,
  },
  Dataset: {
    description: "An array of readings, a single one, or an object that holds the array.",
    anyOf: [
      { type: "array", items: { anyOf: [ref("schemas", "Reading"), ref("schemas", "AnnotatedReading")] } },
      ref("schemas", "Reading"),
      ref("schemas", "Wrapper"),
    ],
  },
  Lines: { type: "string", minLength: 1, description: "A record as JSON on each line." },
  Table: {
    type: "string",
    minLength: 1,
    description:
      "CSV: a header row with the names of the fields, then a row for each record, with cells separated by `,`, `;`, `|` or tabs.",
  },
};

const LINES = `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":0.1,"meter_id":"m1"}
{"timestamp":"2024-01-31T13:15:00Z","kWh_value":0.2,"meter_id":"m1"}
`;

/** A body that is a dataset. */
export const DATASET: NonNullable<Operation["requestBody"]> = {
  required: true,
  description:
    "Readings: records with `timestamp` (ISO 8601), `kWh_value` and optionally `meter_id` or `source_id`, as JSON (an array, one record, or an object that contains the array), as JSON lines, as CSV with a header, as a Parquet file, as a workbook (.xlsx), as NEM12, as Green Button's XML, or as a zip archive of files, which is one body. Its content tells which; `application/ndjson`, `application/jsonl` and `text/plain` are accepted, too.",
  content: {
    "application/json": {
      schema: ref("schemas", "Dataset"),
      example: [{ timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1, meter_id: "m1" }],
    },
    "application/x-ndjson": { schema: ref("schemas", "Lines"), example: LINES },
    "text/csv": {
      schema: ref("schemas", "Table"),
      example: "timestamp,kWh_value,meter_id\n2024-01-31T13:00:00Z,0.1,m1\n",
    },
    "application/xml": { schema: { type: "string" } },
    "application/atom+xml": { schema: { type: "string" } },
    "text/xml": { schema: { type: "string" } },
    "application/vnd.apache.parquet": { schema: { type: "string", format: "binary" } },
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
      schema: { type: "string", format: "binary" },
    },
    "application/zip": { schema: { type: "string", format: "binary" } },
  },
};
