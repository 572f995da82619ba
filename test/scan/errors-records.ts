/** Bad records: each a reason that is counted, the record, and the message that a user sees, word for word. */

export interface BadRecord {
  readonly reason: string;
  /** The record as JSON text. */
  readonly record: string;
  readonly message: string;
}

const T = '"timestamp":"2024-01-31T13:00:00Z"';
const ISO = "write it in ISO 8601, such as 2024-01-31T13:00:00Z";
const LOOKS = "a timestamp looks like 2024-01-31T13:00:00Z";
const ADD = "write Z, an offset such as +01:00, or nothing";
const FORMS = "date and time have different formats; write 2024-01-31T13:45:00 or 20240131T134500";
const STRING = 'where a string was expected, such as "2024-01-31T13:00:00Z"';
const PLAIN = "not a number; write the energy as a number, as 1.5";
const EMPTY = "empty; write the energy as a number, as 1.5, or, if there is no reading where it is, say --missing";
const DAYS = "if readings are of whole days, say";
const GROUPS = "digits in groups; write the number without separators, or use --thousands";
const UNIT = "more than 1e15 kWh in one reading; if it is in Wh, say --unit Wh";

/** JSON values of `timestamp`, and why each is none. */
export const TIMESTAMPS: readonly (readonly [json: string, why: string])[] = [
  ['"2024-02-30T00:00:00Z"', "February 2024 has 29 days"],
  ['"2023-02-29T00:00Z"', "February 2023 has 28 days"],
  ['"1900-02-29T00:00Z"', "February 1900 has 28 days"],
  ['"2024-04-31T00:00Z"', "April 2024 has 30 days"],
  ['"2024-01-32T00:00Z"', "January 2024 has 31 days"],
  ['"2024-01-00T00:00Z"', "day 00: days are 01 to 31"],
  ['"2024-13-01T00:00Z"', "month 13: months are 01 to 12"],
  ['"2024-00-01T00:00Z"', "month 00: months are 01 to 12"],
  ['"1899-12-31T23:59Z"', "year 1899: years are 1900 to 2199"],
  ['"2200-01-01T00:00Z"', "year 2200: years are 1900 to 2199"],
  ['"2024-01-31T25:00:00Z"', "hour 25: hours are 00 to 23, and 24:00 for the day's end"],
  ['"2024-01-31T24:01:00Z"', "past 24:00, the day's end"],
  ['"2024-01-31T24:00:01Z"', "past 24:00, the day's end"],
  ['"2024-01-31T24:00:00.5Z"', "past 24:00, the day's end"],
  ['"2024-01-31T13:60:00Z"', "minute 60: minutes are 00 to 59"],
  ['"2024-01-31T13:00:61Z"', "second 61: seconds are 00 to 59, and 60 for a leap second"],
  ['"2024-01-31T13:45.5Z"', "a fraction of a minute; write seconds, as in 13:45:30"],
  ['"2024-01-31T13:45:00.Z"', "no digits after the decimal mark of the seconds"],
  ['"2024-01-31T13:45:00,"', "no digits after the decimal mark of the seconds"],
  ['"2024-01-31T13:45:0"', "seconds have two digits, as in 13:45:00"],
  [
    '"2024-01-31T1:45"',
    "the hour has two digits, as in 01:45; or, if all are like this, --timestamp-format '%Y-%m-%dT%H:%M'",
  ],
  ['"2024-01-31T"', "the time is missing; write it as 13:45:00"],
  ['"20240131T"', "the time is missing; write it as 134500"],
  ['"2024-01-31T13"', 'the time "13" is not hours and minutes; write it as 13:45:00'],
  [
    '"2024-01-31 1:45 PM"',
    "a 12-hour clock; write hours as 00 to 23, as in 13:45:00; or, if all are like this, --timestamp-format '%Y-%m-%d %I:%M %p'",
  ],
  ['"2024-01-31_13:45"', '"_" between date and time; write T, or one space'],
  [
    '"2024-01-31  13:45"',
    "more than one blank between date and time; write T, or one space; or, if all are like this, --timestamp-format '%Y-%m-%d %H:%M'",
  ],
  ['"2024-01-31T1345"', FORMS],
  ['"20240131T13:45"', FORMS],
  ['"2024-01-31T13:45+18:01"', "offset +18:01: offsets are up to 18:00"],
  ['"2024-01-31T13:45-24"', "offset -24: offsets are up to 18:00"],
  ['"2024-01-31T13:45+01:60"', "offset +01:60: its minutes are 00 to 59"],
  ['"2024-01-31T13:45+01:00:00"', "offset +01:00:00: offsets are hours and minutes"],
  ['"2024-01-31T13:45+1"', `"+1" after the time; ${ADD}`],
  ['"2024-01-31T13:45+"', `"+" after the time; ${ADD}`],
  ['"2024-01-31T13:45CET"', `"CET" after the time; ${ADD}`],
  ['"2024-01-31T13:45Z\\u0000"', `"Z\\u0000" after the time; ${ADD}`],
  ['"2024-01-31T13:45 GMT"', '" GMT" after the time; write Z'],
  [
    '"2024-01-31T13:45 +01:00"',
    "a blank before the offset; write it directly after the time; or, if all are like this, --timestamp-format '%Y-%m-%dT%H:%M %z'",
  ],
  ['"2024-01-31T13:45\u221201:00"', "a dash in place of the minus sign; write -01:00"],
  ['"2024-01-31T13:45[Europe/Paris]"', 'a zone name in the timestamp; leave out "[Europe/Paris]"'],
  ['"31/01/2024"', `looks like day/month/year without a time; ${DAYS} --timestamp-format '%d/%m/%Y' --interval 1d`],
  ['"31.01.2024 13:45"', "looks like day/month/year: --timestamp-format '%d.%m.%Y %H:%M'"],
  ['"01-31-2024 13:45"', "looks like month/day/year: --timestamp-format '%m-%d-%Y %H:%M'"],
  ['"2024.01.31 13:45"', "looks like year/month/day: --timestamp-format '%Y.%m.%d %H:%M'"],
  [
    '"2024-1-31T13:45"',
    "month and day have two digits each, as in 2024-01-31T13:00:00Z; or, if all are like this, --timestamp-format '%Y-%m-%dT%H:%M'",
  ],
  ['"2024-01-31"', `a date alone does not say when; add the time, as 2024-01-31T00:00:00Z, or, ${DAYS} --interval 1d`],
  ['"20240131"', `a date alone does not say when; add the time, as 20240131T000000Z, or, ${DAYS} --interval 1d`],
  ['"2024-01"', "a month alone does not say when; add the day and the time, as 2024-01-01T00:00:00Z"],
  ['"2024"', `a year alone does not say when; ${LOOKS}`],
  ['"13:45"', `a time without its date; ${LOOKS}`],
  [
    '"01/02/2024 1:45 PM"',
    "looks like day/month/year or month/day/year: --timestamp-format '%d/%m/%Y %I:%M %p' or --timestamp-format '%m/%d/%Y %I:%M %p'",
  ],
  ['"1/31/24 00:15:00"', "looks like month/day/year: --timestamp-format '%m/%d/%y %H:%M:%S'"],
  ['"31-Jan-2024 00:15"', "looks like day/month/year: --timestamp-format '%d-%b-%Y %H:%M'"],
  ['"Jan 31, 2024 12:15:30.25 am"', "looks like month/day/year: --timestamp-format '%b %d, %Y %I:%M:%S.%f %p'"],
  ['"31.01.2024T00:15+0100"', "looks like day/month/year: --timestamp-format '%d.%m.%YT%H:%M%z'"],
  ['"31.02.2024 00:15"', "looks like day and month before the year; write the year first, as in 2024-01-31T13:00:00Z"],
  ['"2024-W05-3T13:45"', "looks like a week date; write month and day, as in 2024-01-31T13:00:00Z"],
  ['"2024-031T13:45"', "looks like a day of the year; write month and day, as in 2024-01-31T13:00:00Z"],
  ['"202401311345"', "looks like date and time run together: --timestamp-format '%Y%m%d%H%M'"],
  ['"20240131134500"', "looks like date and time run together: --timestamp-format '%Y%m%d%H%M%S'"],
  ['"1706708700"', "looks like seconds since 1970: --timestamp-format epoch-s"],
  ["1706708700", "looks like seconds since 1970: --timestamp-format epoch-s"],
  ["1706708700.5", "looks like seconds since 1970: --timestamp-format epoch-s"],
  ["-100000000", `looks like seconds since 1970; ${ISO}`],
  ["1706708700000", "looks like milliseconds since 1970: --timestamp-format epoch-ms"],
  ["1706708700000000", "looks like microseconds since 1970: --timestamp-format epoch-us"],
  ["1706708700000000000", `looks like nanoseconds since 1970; ${ISO}`],
  ["45322.5729", `looks like a spreadsheet's day number; ${ISO}`],
  ["0", 'a number; write it in ISO 8601, in quotes, such as "2024-01-31T13:00:00Z"'],
  ["20240131", 'a number; write it in ISO 8601, in quotes, such as "2024-01-31T13:00:00Z"'],
  ['""', `empty; ${LOOKS}`],
  ['" 2024-01-31T13:45Z"', `has blanks around it; ${LOOKS}`],
  ['"2024-01-31T13:45Z\\n"', `has blanks around it; ${LOOKS}`],
  ['"Jan 31, 2024"', `looks like month/day/year without a time; ${DAYS} --timestamp-format '%b %d, %Y' --interval 1d`],
  ['"+002024-01-31T13:45Z"', "not an ISO 8601 date and time; it looks like 2024-01-31T13:00:00Z"],
  ['"２０２４-01-31T13:45"', "not an ISO 8601 date and time; it looks like 2024-01-31T13:00:00Z"],
  ["true", `a boolean ${STRING}`],
  ["null", `null ${STRING}`],
  ["{}", `an object ${STRING}`],
  ["[]", `an array ${STRING}`],
];

/** JSON values of `kWh_value`, and why each is none. */
export const VALUES: readonly (readonly [json: string, why: string])[] = [
  ["null", "null where a number was expected; if it means that there is no reading, say --missing ''"],
  ["true", "a boolean where a number was expected"],
  ["false", "a boolean where a number was expected"],
  ["{}", "an object where a number was expected"],
  ["[1]", "an array where a number was expected"],
  ['""', `${EMPTY} ''`],
  ['" "', `${EMPTY} ' '`],
  ['"NaN"', "not a number; if it means that there is no reading, say --missing NaN"],
  ['"Infinity"', "not a number that can be summed"],
  ['"-inf"', "not a number that can be summed"],
  ['"+1"', "a plus sign; write the number without it"],
  ['".5"', "no digit before the decimal mark; write 0 there"],
  ['"1."', "no digit after the decimal mark"],
  ['"007"', "a leading zero; write the number without it"],
  ['"0x1"', "not a decimal number; write it as 1.5"],
  ['"1,5"', "a decimal comma; write a point, or use --decimal-comma"],
  ['"-1,5e3"', "a decimal comma; write a point, or use --decimal-comma"],
  ['"1,234"', "a comma; if it is the decimal mark, use --decimal-comma; if it groups digits, use --thousands ','"],
  ['"1,234.5"', `${GROUPS} ','`],
  ['"1.234,5"', `${GROUPS} . --decimal-comma`],
  ['"1 234"', `${GROUPS} ' '`],
  ['"1\u202f234"', `${GROUPS} '\u202f'`],
  ['"1.5 kWh"', "a unit in the value; write the number alone, and the unit as --unit kWh"],
  ['"abc"', PLAIN],
  ['"1e"', PLAIN],
  ['"--1"', PLAIN],
  ['"１"', PLAIN],
  ['"1.5\\u0000"', PLAIN],
];

const MISSING: readonly BadRecord[] = (
  [
    ["missing_timestamp", "{}", "no timestamp (no fields at all)"],
    ["missing_timestamp", '{"time":1,"kwh":1}', "no timestamp (found: time, kwh); try --timestamp-field time"],
    ["missing_timestamp", '{"a":1,"b":2}', "no timestamp (found: a, b); say which one it is with --timestamp-field"],
    [
      "missing_timestamp",
      '{"meta":{"read_at":"x","quality":1},"kWh_value":1}',
      "no timestamp (found: meta.read_at, meta.quality, kWh_value); try --timestamp-field meta.read_at",
    ],
    ["missing_value", `{${T},"kwh":1}`, "no kWh_value (found: timestamp, kwh); try --value-field kwh"],
    [
      "missing_value",
      `{${T},"kwh_value":1}`,
      "no kWh_value (found: timestamp, kwh_value); try --value-field kwh_value",
    ],
    [
      "missing_value",
      `{${T},"it's energy":1,"the reading":2}`,
      `no kWh_value (found: timestamp, "it's energy", "the reading"); try --value-field 'it'\\''s energy'`,
    ],
    [
      "missing_value",
      `{${T},"${"x".repeat(80)}":1}`,
      `no kWh_value (found: timestamp, ${"x".repeat(60)}…); say which one it is with --value-field`,
    ],
    [
      "missing_value",
      `{${T},${Array.from({ length: 20 }, (_, i) => `"f${i}":1`)}}`,
      "no kWh_value (found: timestamp, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, …); say which one it is with --value-field",
    ],
    [
      "missing_value",
      `{"readings":[{${T},"kWh_value":1}],${T}}`,
      "no kWh_value (found: readings, timestamp); if the records are in /readings, say --records /readings",
    ],
  ] as const
).map(([reason, record, message]) => ({ reason, record, message }));

const SOURCES: readonly BadRecord[] = (
  [
    ["1.5", "a number that is not an integer; ids are strings or integers"],
    ["42.0", "a number that is not an integer; ids are strings or integers"],
    ["1e2", "a number that is not an integer; ids are strings or integers"],
    ["true", "a boolean; ids are strings or integers"],
    ["{}", "an object; ids are strings or integers"],
    ["[1]", "an array; ids are strings or integers"],
    ['"a\\u0000b"', "a NUL character in the id"],
  ] as const
).flatMap(([json, why]) => [
  { reason: "bad_source", record: `{${T},"kWh_value":1,"meter_id":${json}}`, message: `meter_id ${json}: ${why}` },
  {
    reason: "bad_source",
    record: `{${T},"kWh_value":1,"meter_id":"","source_id":${json}}`,
    message: `source_id ${json}: ${why}`,
  },
]);

/** Records that are JSON objects and no readings. */
export const BAD_RECORDS: readonly BadRecord[] = [
  ...TIMESTAMPS.map(([json, why]) => ({
    reason: "bad_timestamp",
    record: `{"timestamp":${json},"kWh_value":1}`,
    message: `timestamp ${json}: ${why}`,
  })),
  ...VALUES.map(([json, why]) => ({
    reason: "bad_value",
    record: `{${T},"kWh_value":${json}}`,
    message: `kWh_value ${json}: ${why}`,
  })),
  ...["1e16", "-1e16", '"1000000000000000.000000000000000001"', "1e999999999999", `1${"0".repeat(80)}`].map((json) => ({
    reason: "value_too_large",
    record: `{${T},"kWh_value":${json}}`,
    message: `kWh_value ${json.length > 60 ? `${json.slice(0, 60)}…` : json}: ${UNIT}`,
  })),
  ...MISSING,
  ...SOURCES,
];
