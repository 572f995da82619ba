/** The query parameters that say how a body is read: those options of the command line, under their names. */
import type { ReadOptions } from "../../jobs/options.js";
import { defined } from "../service.js";
import { anyText, flag, oneOf, text, type Values } from "./query.js";

export const READ_PARAMETERS = {
  timestamp_field: text,
  value_field: text,
  source_field: text,
  records: anyText,
  unit: oneOf("Wh", "kWh", "MWh"),
  decimal_comma: flag,
  stamps: oneOf("start", "end"),
  input_timezone: text,
  repeated_hour: oneOf("order", "first", "last", "fail"),
  on_error: oneOf("fail", "skip"),
};

export function readOptionsOf(values: Values<typeof READ_PARAMETERS>): ReadOptions {
  return defined({
    timestampField: values.timestamp_field,
    valueField: values.value_field,
    sourceField: values.source_field,
    records: values.records,
    unit: values.unit,
    decimalComma: values.decimal_comma,
    stamps: values.stamps,
    inputTimezone: values.input_timezone,
    repeatedHour: values.repeated_hour,
  });
}
