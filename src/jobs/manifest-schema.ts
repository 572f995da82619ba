/** The form of `manifest.json`, as a JSON Schema (draft 2020-12). The types of `output/manifest.ts` say the same. */
import { DATA_NAMES } from "../output/names.js";
import { manifestOptionSchemas } from "./manifest-parts.js";

const count = { type: "integer", minimum: 0 };
const text = { type: "string" };
const day = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" };
const code = "^[a-z][a-z0-9_]*$";

/** An instant in the run's zone, to the second. */
const instant = {
  type: ["string", "null"],
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(Z|[+-]\\d{2}:\\d{2}(:\\d{2})?)$",
};

/** An object with all of `members`, perhaps `optional` ones, and no others. */
function object(members: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: "object",
    properties: { ...members, ...optional },
    required: Object.keys(members),
    additionalProperties: false,
  };
}

function list(items: object): object {
  return { type: "array", items };
}

/** Absent if the sums come from a store. */
const readTotals = {
  records: count,
  rejected: count,
  rejectedByReason: { type: "object", propertyNames: { pattern: code }, additionalProperties: count },
  rounded: count,
  leftOut: { type: "object", additionalProperties: { type: "integer", minimum: 1 } },
  repeatedWallTimes: count,
  ambiguousWallTimes: count,
  skippedWallTimes: count,
};

const qualityFlags = {
  type: "object",
  propertyNames: { pattern: "^[A-Z]$" },
  additionalProperties: { type: "integer", minimum: 1 },
};

const registers = { type: "object", additionalProperties: { type: "integer", minimum: 1 } };

const sumTotals = {
  readings: count,
  outOfPeriod: count,
  hoursFilled: count,
  sources: count,
  first: instant,
  last: instant,
  kWh: { type: "string", pattern: "^(0|-?[1-9]\\d*|-?(0|[1-9]\\d*)\\.\\d{0,17}[1-9])$" },
};

export const manifestSchema: object = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Manifest of an Electro output folder",
  ...object(
    {
      electro: object({ version: text }),
      format: { const: 1 },
      versions: object({ node: text, tz: text }),
      options: object({}, manifestOptionSchemas()),
      inputs: list(
        object(
          {
            name: text,
            size: { type: ["integer", "null"], minimum: 0 },
            modified: { type: ["string", "null"], format: "date-time" },
            records: count,
            readings: count,
          },
          { sha256, headerLine: { type: "integer", minimum: 1 }, profile: { type: "string" } },
        ),
      ),
      totals: { anyOf: [object({ ...readTotals, ...sumTotals }, { qualityFlags, registers }), object(sumTotals)] },
      period: { anyOf: [object({ from: day, to: day }), { type: "null" }] },
      warnings: list(object({ code: { type: "string", pattern: code }, message: text })),
      files: list(
        object({
          name: { type: "string", pattern: DATA_NAMES },
          rows: count,
          bytes: count,
          sha256,
        }),
      ),
    },
    { store: object({ version: count, batches: count }) },
  ),
};
