/** The options that say how to read records: a part of the table of options. */
import { option, say } from "../base/message.js";
import { HEADING, under } from "./option.js";

/** The commands that read records. */
export const READING = { aggregate: {}, load: {}, quality: {} };

export const READ = under(
  { heading: HEADING.read, commands: READING, http: { calls: ["body"] }, manifest: true },
  {
    profile: {
      ...{ kind: "text", placeholder: "PROFILE", otherwise: "a known export is recognised by its header" },
      says: "how to read: the name of a profile, or its file; with `none`, nothing is recognised. `electro profiles` lists those that there are",
      http: {
        calls: ["body"],
        says: "how to read: the name of a profile that comes with Electro; with `none`, nothing is recognised",
      },
    },
    timestampField: {
      ...{ kind: "text", placeholder: "NAME", default: "timestamp" },
      says: "name of the timestamp; `a.b` reaches into nested objects if no field has the whole name; `#3` is the third column of a table",
    },
    timeField: {
      ...{ kind: "text", placeholder: "NAME", otherwise: "the timestamp has the time" },
      says: "name of the time, where the field of the timestamp only has the date; the two are joined by a blank",
    },
    timestampFormat: {
      ...{ kind: "text", placeholder: "FORMAT", otherwise: "ISO 8601" },
      says: "how timestamps are written, as `%d/%m/%Y %H:%M`, or `epoch-s`, `epoch-ms`, `epoch-us`",
      http: { calls: ["body"], example: "epoch-s" },
    },
    valueField: {
      ...{ kind: "names", placeholder: "NAME", default: "kWh_value" },
      says: "name of the value; may be repeated, and `*` in it is any text: then each value is of a source that is named by its field",
    },
    sourceField: {
      ...{ kind: "names", placeholder: "NAME", otherwise: "`meter_id`, else `source_id`" },
      says: "name of the source, in records and in the objects around them; if repeated, the parts of the id, which are joined by `/`",
    },
    missing: {
      ...{ kind: "texts", each: "missing", placeholder: "TEXT", otherwise: "none" },
      says: 'a value that is just this text means that there is no reading, which is counted; may be repeated; `""` is an empty cell or string, or `null`',
    },
    header: {
      ...{ kind: "choice", default: "row" },
      choices: ["row", "none"],
      says: "whether tables have a header row; with `none`, the fields are given by the numbers of their columns",
    },
    encoding: {
      ...{ kind: "text", placeholder: "NAME", otherwise: "UTF-8, or as a byte-order mark tells" },
      says: "encoding of the text, as `windows-1252`, `iso-8859-15` or `shift_jis`; UTF-16 with a byte-order mark needs no option",
    },
    records: {
      ...{ kind: "text", empty: true, placeholder: "POINTER", otherwise: "found" },
      says: "JSON pointer to the array of records inside a wrapper object; `*` is every element of an array: `/meters/*/readings`",
      http: { calls: ["body"], otherwise: "it is found", example: "/data/rows" },
    },
    values: {
      ...{ kind: "choice", placeholder: "WHAT" },
      choices: ["energy", "power", "register", "exchange"],
      default: "energy",
      says: "what the values are: energy; power, averaged over an interval; or, with `register`, cumulative meter readings, whose differences are energy; `exchange` is for the records of meter exchanges",
    },
    register: {
      ...{ kind: "choice", placeholder: "WHAT" },
      choices: ["meter", "counter"],
      default: "meter",
      says: "what cumulative readings are of: with `meter`, nothing is counted where one is lower than the one before; with `counter`, the device has begun again at 0",
    },
    rollover: {
      ...{ kind: "text", placeholder: "N", otherwise: "none" },
      says: "the number at which a meter's display begins again at 0, in the unit of the values, as `100000`",
      http: { calls: ["body"], example: "100000" },
    },
    gap: {
      ...{ kind: "text", placeholder: "LENGTH", otherwise: "no limit" },
      says: "from which time between two cumulative readings on `across` says what becomes of their energy: `2h`, `1d`",
      http: { calls: ["body"], example: "1d" },
    },
    across: {
      ...{ kind: "choice", placeholder: "HOW" },
      choices: ["spread", "end", "drop"],
      default: "spread",
      says: "energy across such a gap is spread over it, put at its end, or dropped, and counted",
    },
    duplicates: {
      ...{ kind: "choice", placeholder: "HOW" },
      choices: ["add", "once", "latest"],
      default: "add",
      says: "what it means that a source has several readings of one beginning: all count (`add`), equal ones count `once`, or only the one delivered `latest` counts",
    },
    unit: {
      ...{ kind: "choice", otherwise: "`kWh`, and `kW` of power" },
      choices: ["Wh", "kWh", "MWh", "GWh", "W", "kW", "MW"],
      says: "unit of the values",
    },
    unitField: {
      ...{ kind: "text", placeholder: "NAME", otherwise: "all values have the same unit" },
      says: "name of the unit: `Wh`, `kWh`, `MWh` or `GWh`, in any case; records of other units are counted, and otherwise ignored",
    },
    only: {
      ...{ kind: "texts", each: "only", placeholder: "NAME=VALUE", otherwise: "all records" },
      says: "only records with this value in this field; the others are counted, and otherwise ignored; may be repeated: several values of one name are alternatives",
    },
    decimalComma: { kind: "flag", says: "numbers in CSV cells and JSON strings are written `1,5`" },
    thousands: {
      ...{ kind: "choice", placeholder: "CHAR", otherwise: "none" },
      choices: [".", ",", "'", " ", "\u00a0", "\u202f"],
      says: "the mark between groups of three digits in CSV cells and JSON strings: `.`, `,`, `'`, a blank or a no-break blank",
    },
    stamps: {
      ...{ kind: "choice" },
      choices: ["start", "end"],
      default: "start",
      says: "the end of its interval that a timestamp marks; with `end`, 14:00:00 belongs to the hour that begins at 13:00",
    },
    interval: {
      ...{ kind: "text", placeholder: "LENGTH", otherwise: "a reading belongs to the hour of its timestamp" },
      says: "how long the interval of each reading is, over which its energy is spread: `15m`, `1h`, `1d`, `1mo`",
      http: { calls: ["body"], example: "15m" },
    },
    endField: {
      ...{ kind: "texts", each: "endField", placeholder: "NAME", otherwise: "none" },
      says: "name of the interval's end; twice: of its date, and of its time",
    },
    end: {
      ...{ kind: "choice" },
      choices: ["exclusive", "inclusive"],
      default: "exclusive",
      says: "with `inclusive`, an end names the last minute, second or day of the interval: `00:59` is one o'clock",
    },
    totals: {
      ...{ kind: "choice" },
      choices: ["count", "skip"],
      default: "count",
      says: "with `skip`, a reading whose interval is exactly filled by two or more others of its source is a total of these: it is counted, and otherwise ignored",
    },
    dayColumns: {
      ...{ kind: "text", placeholder: "NAME", otherwise: "none" },
      says: "names of the columns, with `*` as any text, that are the values of a day from its 00:00 on: each row is a day",
      http: { calls: ["body"], example: "HH*" },
    },
    durationField: {
      ...{ kind: "text", placeholder: "NAME", otherwise: "none" },
      says: "name of the interval's length: a number, `HH:MM`, `HH:MM:SS`, or `PT15M`",
    },
    durationUnit: {
      ...{ kind: "choice", placeholder: "UNIT" },
      choices: ["s", "m", "h"],
      default: "s",
      says: "unit of a length that is a number: seconds, minutes or hours",
    },
    export: {
      ...{ kind: "choice", placeholder: "HOW", otherwise: "the run stops if sums would mix them" },
      choices: ["subtract", "add", "skip"],
      says: "where rows sum consumption and export, which meters' own formats and profiles tell apart: how export counts",
      commands: {
        aggregate: {},
        load: {
          otherwise: "each source by itself, and positive; the store knows which are export",
          says: "how export counts, once and for all: questions are not asked how, then",
        },
        export: { heading: HEADING.sum },
      },
      http: {
        calls: ["body", "summary"],
        otherwise:
          "the request fails if sums would mix them; `POST /v1/readings` stores each source by itself, and positive",
      },
    },
    repeatedHour: {
      ...{ kind: "choice", placeholder: "WHICH" },
      choices: ["order", "first", "last", "fail"],
      default: "order",
      says:
        "the meaning of a time without an offset that clocks show twice when they go back: what the `order` of the rows tells " +
        "(else the earlier), always the `first` or the `last`; with `fail`, the record is bad",
    },
    inputTimezone: {
      ...{ kind: "text", placeholder: "ZONE", otherwise: say`as \`${option("timezone")}\`` },
      says: "zone of timestamps without an offset",
      commands: { ...READING, load: { otherwise: "`UTC`" } },
      http: { calls: ["body"], otherwise: "UTC, or `timezone` if the call has that", example: "Europe/Berlin" },
    },
  },
);
