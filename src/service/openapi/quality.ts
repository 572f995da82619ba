/** The response of `GET /v1/quality`; docs/quality.md tells how each number is determined. */
import { FINDINGS_HEADING, QUALITY_HEADING } from "../../output/quality.js";
import { QUALITY as PARAMETERS } from "../http/parameters.js";
import type { Paths, Schema } from "./form.js";
import { ref } from "./form.js";
import { count, day, energy, id, list, object, optional, time } from "./make.js";
import { listed, needs } from "./parts.js";
import { CSV_TYPE, json, problems, response } from "./responses.js";

const moment = (description: string): Schema => ({ type: "string", format: "date-time", description });
const minutes = (description: string): Schema => ({ type: ["number", "null"], minimum: 0, description });
const share = (description: string): Schema => ({ type: ["number", "null"], minimum: 0, maximum: 1, description });
const told = (description: string): Schema => optional(count(description));

export const QUALITY_SCHEMAS: Readonly<Record<string, Schema>> = {
  Quality: object("A page of the quality of sources.", {
    timezone: id("The zone of all times."),
    from: day("The first day, as requested."),
    to: day("The last day, as requested."),
    sources: list("SourceQuality", "In the order of their UTF-8 bytes."),
    next: optional(id("`cursor` for the next page; null on the last.")),
  }),
  SourceQuality: object("What came from a source, and what should have. Null means unknown.", {
    source_id: { type: "string", description: "The source; an empty one is the unnamed source." },
    readings: count("All readings that came."),
    total_kWh: energy("Their sum."),
    first: time("The quarter hour of the first reading."),
    last: time("The quarter hour of the last reading."),
    interval_minutes: minutes("The interval of readings; the latest if it changed."),
    interval_share: share("The certainty of the interval."),
    interval_changes: count("How often the interval changed."),
    expected_readings: told("How many readings the interval requires."),
    present_readings: told("How many of those came."),
    coverage: share("The share of them that came."),
    gap_count: told("Gaps."),
    gap_minutes: minutes("The length of all gaps."),
    longest_gap_minutes: minutes("The length of the longest gap."),
    doubled_quarter_hours: told("Quarter hours with more readings than the interval explains."),
    extra_readings: told("The number of readings too many."),
    negative_quarter_hours: count("Quarter hours whose sum is below zero."),
    negative_kWh: energy("The sum of those."),
    hours: count("Clock hours of the zone in the period."),
    empty_hours: count("The hours without a reading, which a summary fills with 0."),
    empty_hours_share: share("Their share of the hours."),
    intervals: list("Interval", "The intervals, in order."),
    gaps: list("Finding", "The gaps that are listed."),
    gaps_not_listed: count("Gaps that are not listed."),
    doubled: list("Finding", "The time ranges with duplicates that are listed."),
    doubled_not_listed: count("Time ranges with duplicates that are not listed."),
  }),
  Interval: object("The interval of readings from some moment on.", {
    from: moment("Its first reading."),
    minutes: minutes("The interval; null if there are too few readings to tell."),
  }),
  Finding: object("A gap, or a time range with duplicates.", {
    from: moment("Its first moment."),
    to: moment("The first moment after it."),
    minutes: { type: "number", minimum: 0, description: "Its length." },
    readings: told("How many readings are missing, or too many."),
  }),
};

const headings = [QUALITY_HEADING, FINDINGS_HEADING].map((heading) => heading.trimEnd());

export const QUALITY: Paths = {
  "/v1/quality": {
    get: {
      operationId: "quality",
      tags: ["Summaries"],
      summary: "Tells how good the data is",
      description:
        "For each source: the first and last reading, the interval found from its own readings, coverage, gaps, duplicates, negative energy, and the share of hours that a summary fills with 0. Its precision is quarter hours, each with a sum and a count: readings within one are not distinguished.",
      security: needs("read"),
      parameters: listed(PARAMETERS, "If-None-Match"),
      responses: {
        200: response(
          "A page. A page with very many findings ends before its limit.",
          {
            [CSV_TYPE]: { schema: { type: "string", pattern: `^(${headings.join("|")})\\n` } },
            ...json(ref("schemas", "Quality")),
          },
          { ETag: ref("headers", "ETag"), Link: ref("headers", "Link") },
        ),
        304: response("Nothing has changed since the response with that ETag.", undefined, {
          ETag: ref("headers", "ETag"),
        }),
        ...problems(
          "not_authorised",
          "missing_scope",
          "bad_parameter",
          "unknown_parameter",
          "bad_cursor",
          "period_too_long",
          "zone_off_quarters",
          "not_acceptable",
          "store_failed",
        ),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl 'http://localhost:8080/v1/quality?from=2024-01-01&to=2024-01-31' \\
  -H "Authorization: Bearer $TOKEN" -H "Accept: text/csv"`,
        },
      ],
    },
  },
};
