/** Queries: summaries and sources. */

import { LIMITS } from "../http/limits.js";
import { AGGREGATE, SOURCES, SUMMARIES } from "../http/parameters.js";
import { DATASET } from "./dataset.js";
import type { Media, Operation, Paths } from "./form.js";
import { ref } from "./form.js";
import { listed, NOT_READ, needs } from "./parts.js";
import { CSV_TYPE, json, problems, response } from "./responses.js";

/** CSV whose header matches the pattern. */
function csv(pattern: string, example: string): Readonly<Record<string, Media>> {
  return { [CSV_TYPE]: { schema: { type: "string", pattern }, example } };
}

const HOURLY_CSV = csv(
  "^hourly_timestamp(,source_id)?,aggregated_kWh_value(,reading_count)?\\n",
  "hourly_timestamp,aggregated_kWh_value\n2024-01-31T13:00:00Z,0.3\n",
);
const DAILY_CSV = csv(
  "^daily_timestamp(,source_id)?,aggregated_kWh_value(,reading_count)?\\n",
  "daily_timestamp,aggregated_kWh_value\n2024-01-31,0.3\n",
);

function summary(operationId: string, what: string, resolution: "hour" | "day"): Operation {
  const [path, name, text] =
    resolution === "hour"
      ? (["hourly", "HourlySummary", HOURLY_CSV] as const)
      : (["daily", "DailySummary", DAILY_CSV] as const);
  return {
    operationId,
    tags: ["Summaries"],
    summary: `Sums by ${resolution}`,
    description: what,
    security: needs("read"),
    parameters: listed(SUMMARIES, "If-None-Match"),
    responses: {
      200: response(
        "The summary.",
        { ...text, ...json(ref("schemas", name)) },
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
        "zone_off_quarters",
        "not_acceptable",
        "busy",
        "store_failed",
      ),
    },
    "x-codeSamples": [
      {
        lang: "Shell",
        source: `curl 'http://localhost:8080/v1/${path}?from=2024-01-01&to=2024-01-31&timezone=Europe/Paris' \\
  -H "Authorization: Bearer $TOKEN" -H "Accept: text/csv"`,
      },
    ],
  };
}

export const OUTGOING: Paths = {
  "/v1/hourly": {
    get: summary(
      "hourly",
      "Every hour of the period has a row, with 0 if there was no reading; days have the 23, 24 or 25 hours of the zone. The CSV has the same bytes that `electro aggregate` writes for the same readings.",
      "hour",
    ),
  },
  "/v1/daily": { get: summary("daily", "Every day of the period has a row, with 0 if there was no reading.", "day") },
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
              "^(hourly|daily)_timestamp(,source_id)?,aggregated_kWh_value(,reading_count)?\\n",
              "daily_timestamp,aggregated_kWh_value\n2024-01-31,0.3\n",
            ),
            ...json({ anyOf: [ref("schemas", "HourlySummary"), ref("schemas", "DailySummary")] }),
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
