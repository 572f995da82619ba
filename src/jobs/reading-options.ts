/** The options that say how records are read, a part of the table of options. What an entry may say is in `option.ts`. */
import { option, say } from "../base/message.js";
import { HEADING, type OptionTable } from "./option.js";

/** The commands that read records. */
export const READING = { aggregate: {}, load: {}, quality: {} };

export const READING_OPTIONS = {
  timestampField: {
    ...{ kind: "text", placeholder: "NAME", heading: HEADING.read, default: "timestamp", manifest: true },
    says: "name of the timestamp; `a.b` reaches into nested objects where no field has the whole name",
    commands: READING,
    http: { calls: ["body"] },
  },
  valueField: {
    ...{ kind: "text", placeholder: "NAME", heading: HEADING.read, default: "kWh_value", manifest: true },
    says: "name of the value",
    commands: READING,
    http: { calls: ["body"] },
  },
  sourceField: {
    ...{
      kind: "text",
      placeholder: "NAME",
      heading: HEADING.read,
      otherwise: "`meter_id`, else `source_id`",
      manifest: true,
    },
    says: "name of the source, in records and in the objects around them",
    commands: READING,
    http: { calls: ["body"] },
  },
  records: {
    ...{ kind: "text", empty: true, placeholder: "POINTER", heading: HEADING.read, otherwise: "found", manifest: true },
    says: "JSON pointer to the array of records inside a wrapper object; `*` is every element of an array: `/meters/*/readings`",
    commands: READING,
    http: { calls: ["body"], otherwise: "it is found", example: "/data/rows" },
  },
  unit: {
    ...{ kind: "choice", heading: HEADING.read, manifest: true },
    choices: ["Wh", "kWh", "MWh"],
    default: "kWh",
    says: "unit of the values",
    commands: READING,
    http: { calls: ["body"] },
  },
  decimalComma: {
    ...{ kind: "flag", heading: HEADING.read, manifest: true },
    says: "numbers in CSV cells and JSON strings are written `1,5`",
    commands: READING,
    http: { calls: ["body"] },
  },
  stamps: {
    ...{ kind: "choice", heading: HEADING.read, manifest: true },
    choices: ["start", "end"],
    default: "start",
    says: "which end of its interval a timestamp marks; with `end`, 14:00:00 belongs to the hour that begins at 13:00",
    commands: READING,
    http: { calls: ["body"] },
  },
  repeatedHour: {
    ...{ kind: "choice", placeholder: "WHICH", heading: HEADING.read, manifest: true },
    choices: ["order", "first", "last", "fail"],
    default: "order",
    says:
      "which is meant by a time without an offset that clocks show twice, as they go back: what the `order` of the rows " +
      "tells (and the earlier, where it does not), always the `first` or the `last`; with `fail` the record is bad",
    commands: READING,
    http: { calls: ["body"] },
  },
  inputTimezone: {
    ...{
      kind: "text",
      placeholder: "ZONE",
      heading: HEADING.read,
      otherwise: say`as \`${option("timezone")}\``,
      manifest: true,
    },
    says: "zone of timestamps without an offset",
    commands: { ...READING, load: { otherwise: "`UTC`" } },
    http: { calls: ["body"], otherwise: "UTC, or `timezone` where the call has that", example: "Europe/Berlin" },
  },

  onError: {
    ...{ kind: "choice", heading: HEADING.bad, manifest: true },
    choices: ["fail", "skip"],
    default: "fail",
    says: "with `fail`, a bad record fails the run, after all input was read; with `skip` it is set aside and the rest counts",
    commands: READING,
    http: {
      calls: ["body"],
      says: "with `fail`, one bad record and nothing is taken; with `skip`, bad records are set aside, counted, and kept with the batch",
    },
  },
  rejects: {
    ...{ kind: "text", placeholder: "FILE", heading: HEADING.bad, library: "files" },
    says: "where bad records are kept, word for word; a file that is there already is replaced only if it is one of bad records, or empty",
    otherwise: say`with \`${option("onError", "skip")}\`, \`rejected.ndjson\` in the output folder`,
    commands: { ...READING, load: { otherwise: "in the store, with the batch" }, quality: { otherwise: "nowhere" } },
  },
} as const satisfies OptionTable;
