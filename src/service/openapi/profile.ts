/** The response of `GET /v1/profile`. */
import { MOST_COLUMNS } from "../../profile/heat-map.js";
import { MOST_GAPS } from "../../profile/profile.js";
import { PROFILE as PARAMETERS } from "../http/parameters.js";
import type { Paths, Schema } from "./form.js";
import { ref } from "./form.js";
import { count, day, energy, id, list, object, optional } from "./make.js";
import { listed, needs } from "./parts.js";
import { json, problems, response } from "./responses.js";

const power = (description: string): Schema => ({ type: ["number", "null"], description });
const label = (description: string): Schema => ({ type: "string", description });
const maybe = (name: string, description: string): Schema => ({
  anyOf: [ref("schemas", name), { type: "null" }],
  description,
});

export const PROFILE_SCHEMAS: Readonly<Record<string, Schema>> = {
  Profile: object("What the load of a period looks like. Energies are exact; powers are rounded to six digits.", {
    timezone: id("The zone of all times."),
    from: day("The first day; null if there is neither a reading nor a period."),
    to: day("The last day, inclusive."),
    "unknown_sources?": {
      type: "array",
      items: { type: "string" },
      description: "With `source`: those without any reading.",
    },
    bar: { enum: ["day", "week", "month", "year"], description: "What a bar stands for." },
    total_kWh: energy("The sum of the period."),
    readings: count("Its readings."),
    days: count("Its days."),
    days_with_readings: count("Those of them that have a reading."),
    hours: count("Its clock hours."),
    hours_without_readings: count("Those of them without a reading, which a summary fills with 0."),
    peak: maybe("Peak", "The highest mean power; null without readings."),
    base_load_kW: power("The power that 95 of 100 hours with readings reach or exceed."),
    negative_hours: count("Hours whose sum is below zero."),
    first_negative: optional(label("The first of them.")),
    gaps: ref("schemas", "Gaps"),
    bars: list("Bar", "In the order of time. None is missing."),
    typical_day: ref("schemas", "TypicalDays"),
    duration_kW: {
      type: "array",
      items: { type: "number" },
      description: "The powers that 0, 1, … 100 of 100 hours with readings reach or exceed; empty without readings.",
    },
    heat_map: ref("schemas", "HeatMap"),
  }),
  Peak: object("The quarter hour (or hour, where readings are by the hour) with the most energy.", {
    start: label("Its start, in the zone."),
    minutes: { enum: [15, 60], description: "Its length." },
    kWh: energy("Its energy."),
    kW: { type: "number", description: "Its mean power." },
  }),
  Gaps: object("Stretches of hours in which no source has a reading.", {
    count: count("How many there are."),
    first: list("GapOfHours", `The first ${MOST_GAPS}.`),
    longest: maybe("GapOfHours", "The longest; null if there is none."),
  }),
  GapOfHours: object("Hours without a reading.", {
    from: label("The first hour."),
    to: label("The first hour after it."),
    hours: count("How many hours it has."),
  }),
  Bar: object("A day, week, month or year, as far as the period has it.", {
    label: label("As the summaries have it: `2024-01-31`, a week's Monday, `2024-01`, `2024`."),
    from: day("Its first day in the period."),
    to: day("Its last day in the period."),
    kWh: energy("Its energy."),
    readings: count("Its readings."),
    hours: count("Its hours in the period."),
    hours_without_readings: count("Those of them without a reading."),
  }),
  TypicalDays: object("The power by hour of the day, 0 to 23.", {
    weekday: list("Band", "Of Mondays to Fridays."),
    weekend: list("Band", "Of Saturdays and Sundays."),
  }),
  Band: object("The power of an hour of the day; null where no day has a reading then.", {
    low_kW: power("What 10 of 100 days stay below."),
    median_kW: power("What half of the days stay below."),
    high_kW: power("What 90 of 100 days stay below."),
  }),
  HeatMap: object("The mean power by day and hour of the day.", {
    days_per_column: count(`The days of a column: 1 for periods of up to ${MOST_COLUMNS} days.`),
    days: { type: "array", items: { type: "string", format: "date" }, description: "The first day of each column." },
    kW: {
      type: "array",
      items: { type: "array", items: { type: ["number", "null", "boolean"] } },
      description: "By column and hour of the day: null without readings, false where clocks skipped the hour.",
    },
  }),
};

export const PROFILE: Paths = {
  "/v1/profile": {
    get: {
      operationId: "profile",
      tags: ["Summaries"],
      summary: "Tells what the load of a period looks like",
      description:
        "The figures, bars, typical days, duration curve and heat map that the dashboard shows, of all sources or of those named, in as few numbers as a picture of them needs, whatever the length of the period.",
      security: needs("read"),
      parameters: listed(PARAMETERS, "If-None-Match"),
      responses: {
        200: response("The profile.", json(ref("schemas", "Profile")), {
          ETag: ref("headers", "ETag"),
          "Electro-Unknown-Sources": ref("headers", "Electro-Unknown-Sources"),
        }),
        304: response("Nothing has changed since the response with that ETag.", undefined, {
          ETag: ref("headers", "ETag"),
        }),
        ...problems(
          ...(["not_authorised", "missing_scope", "bad_parameter", "unknown_parameter", "period_too_long"] as const),
          ...(["too_many_rows", "export_or_not", "zone_off_quarters", "busy", "store_failed"] as const),
        ),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl 'http://localhost:8080/v1/profile?from=2024-01-01&to=2024-01-31&timezone=Europe/Paris' \\
  -H "Authorization: Bearer $TOKEN"`,
        },
      ],
    },
  },
};
