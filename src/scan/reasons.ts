/** Why a record can be bad, and what each reason means. */
export const REASONS = {
  missing_timestamp: "There is no timestamp field.",
  bad_timestamp: "The timestamp is not ISO 8601, or there is no such day or time.",
  repeated_wall_time: "A clock change repeats the time of day, and an option makes such records bad.",
  missing_interval: "A field of the interval, its end or its length, is missing.",
  bad_interval:
    "The end or the length of the interval cannot be read, the interval ends before it begins, is empty, or is longer than 400 days.",
  missing_value: "There is no value field.",
  bad_value: "The value is not a number in an accepted form.",
  negative_register: "A cumulative meter reading is negative.",
  value_too_large: "The value is more than 1e15 kWh.",
  missing_unit: "The field that says the unit is missing, empty, or no text.",
  bad_source: "The id of the source is neither a string nor an integer, or has a NUL.",
  bad_text: "The record has bytes that are not UTF-8, or a lone surrogate.",
  too_long: "The record is longer than 16 MiB.",
  not_json: "The line is not JSON.",
  not_a_record: "There is a JSON value that is not an object in the place of a record.",
  wrong_cells: "The row has more or fewer cells than the header.",
  bad_row: "A row of a meter's own format is not one that it has, or does not belong where it is.",
  wrong_values: "A day's row has more or fewer values than the day has intervals, or no quality method after them.",
  conflict: "A source has different readings of the same time, and nothing tells which are later.",
  bad_quote: "A quote in the row is not closed, or is out of place.",
} as const satisfies Readonly<Record<string, string>>;

export type Reason = keyof typeof REASONS;
