/** Queries: summaries and sources. */

import { ADVERBS, RESOLUTIONS, type Resolution } from "../../time/resolution.js";
import { LIMITS } from "../http/limits.js";
import { AGGREGATE, SOURCES, SUMMARIES, summaryPath } from "../http/parameters.js";
import { DATASET } from "./dataset.js";
import type { Media, Operation, Paths } from "./form.js";
import { ref } from "./form.js";
import { listed, NOT_READ, needs } from "./parts.js";
import { CSV_TYPE, json, PARQUET, problems, response } from "./responses.js";
import { operationOf, summarySchema } from "./summaries.js";

/** CSV whose header matches the pattern. */
function csv(pattern: string, example: string): Readonly<Record<string, Media>> {
  return { [CSV_TYPE]: { schema: { type: "string", pattern }, example } };
}

/** What a summary's rows are, and an example of how one is labelled. */
const ROWS: Readonly<Record<Resolution, readonly [name: string, label: string]>> = {
  "15min": ["quarter hour", "2024-01-31T13:15:00Z"],
  hour: ["hour", "2024-01-31T13:00:00Z"],
  day: ["day", "2024-01-31"],
  week: ["week", "2024-01-29"],
  month: ["month", "2024-01"],
  year: ["year", "2024"],
  total: ["period", "2024-01-01/2024-01-31"],
};

const CUT = "What the period cuts holds what lies in it.";

const MORE: Readonly<Record<Resolution, string>> = {
  "15min": "Days have the 92, 96 or 100 quarter hours of the zone.",
  hour: "Days have the 23, 24 or 25 hours of the zone. The CSV has the same bytes that `electro aggregate` writes for the same readings.",
  day: "",
  week: `Weeks begin on Mondays (ISO 8601) and are named by them. ${CUT}`,
  month: CUT,
  year: CUT,
  total: "It is labelled with its first and last day, as an interval of ISO 8601.",
};

function summary(resolution: Resolution): Operation {
  const [row, label] = ROWS[resolution];
  const begin = ADVERBS[resolution];
  const path = summaryPath(resolution);
  const what =
    resolution === "total"
      ? `The sum of the period, one row (with \`by=source\`, one for each source).`
      : `Every ${row} of the period has a row, with 0 if there was no reading.`;
  const text = csv(
    `^${begin}_timestamp(,source_id)?,aggregated_kWh_value(,reading_count)?\\n`,
    `${begin}_timestamp,aggregated_kWh_value\n${label},0.3\n`,
  );
  return {
    operationId: operationOf(resolution),
    tags: ["Summaries"],
    summary: resolution === "total" ? "The sum of the period" : `Sums by ${row}`,
    description: `${what} ${MORE[resolution]}`.trim(),
    security: needs("read"),
    parameters: listed(SUMMARIES, "If-None-Match"),
    responses: {
      200: response(
        "The summary.",
        { ...text, ...PARQUET, ...json(ref("schemas", summarySchema(resolution))) },
        { ETag: ref("headers", "ETag"), "Electro-Unknown-Sources": ref("headers", "Electro-Unknown-Sources") },
      ),
      304: response("Nothing has changed since the response with that ETag.", undefined, {
        ETag: ref("headers", "ETag"),
      }),
      ...problems(
        "not_authorised",
        "missing_scope",
        "bad_parameter",
        "unknown_parameter",
        "period_too_long",
        "too_many_rows",
        "export_or_not",
        "zone_off_quarters",
        "not_acceptable",
        "busy",
        "store_failed",
      ),
    },
    "x-codeSamples": [
      {
        lang: "Shell",
        source: `curl 'http://localhost:8080${path}?from=2024-01-01&to=2024-01-31&timezone=Europe/Paris' \\
  -H "Authorization: Bearer $TOKEN" -H "Accept: text/csv"`,
      },
    ],
  };
}

export const OUTGOING: Paths = {
  ...Object.fromEntries(RESOLUTIONS.map((resolution) => [summaryPath(resolution), { get: summary(resolution) }])),
  "/v1/aggregate": {
    post: {
      operationId: "aggregate",
      tags: ["Summaries"],
      summary: "Sums the body itself",
      description: "Stores nothing. The parameters are those for reading and those for summing.",
      security: needs("read"),
      parameters: listed(AGGREGATE, "Content-Encoding"),
      requestBody: DATASET,
      responses: {
        200: response(
          "The summary.",
          {
            ...csv(
              `^(${Object.values(ADVERBS).join("|")})_timestamp(,source_id)?,aggregated_kWh_value(,reading_count)?\\n`,
              "daily_timestamp,aggregated_kWh_value\n2024-01-31,0.3\n",
            ),
            ...PARQUET,
            ...json({ anyOf: RESOLUTIONS.map((resolution) => ref("schemas", summarySchema(resolution))) }),
          },
          {
            "Electro-Rejected": ref("headers", "Electro-Rejected"),
            "Electro-Warnings": ref("headers", "Electro-Warnings"),
            "Electro-Unknown-Sources": ref("headers", "Electro-Unknown-Sources"),
          },
        ),
        ...problems(
          "not_authorised",
          "missing_scope",
          "cross_site",
          "bad_parameter",
          "unknown_parameter",
          "period_too_long",
          "too_many_rows",
          "not_acceptable",
          "bad_records",
          "register_conflict",
          "strict",
          "too_much_energy",
          ...NOT_READ,
        ),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl 'http://localhost:8080/v1/aggregate?resolution=day' -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: text/csv" --data-binary @readings.csv`,
        },
      ],
    },
  },
  "/v1/sources": {
    get: {
      operationId: "listSources",
      tags: ["Summaries"],
      summary: "Lists the sources",
      description:
        "What the store has of each source, to the precision of quarter hours; with `from` or `to`, what it has in these days. Pages in the order of totals are of one version of the store: once it has changed, begin again.",
      security: needs("read"),
      parameters: listed(SOURCES),
      responses: {
        200: response("A page.", json(ref("schemas", "Sources"))),
        ...problems(
          "not_authorised",
          "missing_scope",
          "bad_parameter",
          "unknown_parameter",
          "bad_cursor",
          "period_too_long",
          "too_many_rows",
          "zone_off_quarters",
          "store_failed",
        ),
      },
    },
  },
  "/v1/events": {
    get: {
      operationId: "events",
      tags: ["Summaries"],
      summary: "Tells of changes as they happen",
      description: `Server-sent events, until the client disconnects. The first is \`state\`, with the present version of the store: a client that was away asks again unless it has that version. Then comes a \`change\` for each change of what counts, in order, once it is on disk and readers see it: who asks then gets that version or a later one. The first change after a pause is told at once; those within the next quarter of a second are told in one event. The id of an event is its version. Every ${LIMITS.heartbeat / 1000} seconds a comment shows that the connection lives. A token that is limited to some sources is told what changes of these, and of no other change. The stream ends when the token is no longer valid, when the client does not read, and when the service stops; connect again then.`,
      security: needs("read"),
      parameters: listed({}, "Last-Event-ID"),
      responses: {
        200: response("The events; the schema is that of each event's data.", {
          "text/event-stream": { schema: { anyOf: [ref("schemas", "State"), ref("schemas", "Change")] } },
        }),
        ...problems("not_authorised", "missing_scope", "unknown_parameter", "busy", "store_failed"),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl --no-buffer http://localhost:8080/v1/events -H "Authorization: Bearer $TOKEN"`,
        },
      ],
    },
  },
};
