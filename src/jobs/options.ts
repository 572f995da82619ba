/** What the jobs are told and what they tell back. Shapes only: `plan.ts` checks them, the command line and the library fill them. */
/** How records are to be read; every field has a default. */
export interface ReadOptions {
  /** Name of the timestamp field; dots reach into nested objects where no field has the whole name. Default `timestamp`. */
  timestampField?: string;
  /** Name of the value field. Default `kWh_value`. */
  valueField?: string;
  /** Name of the source field, in records and in the objects around them. Default: `meter_id`, else `source_id`. */
  sourceField?: string;
  /** JSON pointer to the array of records inside a wrapper object; `*` is every element of an array. Default: found. */
  records?: string;
  /** Unit of the values. Default `kWh`. */
  unit?: "Wh" | "kWh" | "MWh";
  /** Numbers in CSV cells and JSON strings are written `1,5`. Default false. */
  decimalComma?: boolean;
  /** Whether a timestamp marks the start or the end of its interval. Default `start`. */
  stamps?: "start" | "end";
  /** Zone of timestamps without an offset. Default: the run's zone. */
  inputTimezone?: string;
  /**
   * Which is meant by a timestamp without an offset that a clock change repeats: what the order of the rows tells (and
   * the earlier, where it does not), always the first or the last, or none: then the record is bad. Default `order`.
   */
  repeatedHour?: "order" | "first" | "last" | "fail";
}

/** What to sum. */
export interface SummaryOptions {
  /** Whose hours and days: an IANA zone or a fixed offset. Default `UTC`. */
  timezone?: string;
  /** First day of the period, `YYYY-MM-DD`, inclusive. Default: the day of the first reading. */
  from?: string;
  /** Last day of the period, inclusive. Default: the day of the last reading. */
  to?: string;
  /** One row per hour or day and source. Default false. */
  bySource?: boolean;
  /** The longest period to accept, in days. Default 3660. */
  maxDays?: number;
}

/** How the files are written. */
export interface FileOptions {
  /** Output folder. Default `output_data`. */
  output?: string;
  /** A last column `reading_count`. Default false. */
  withCounts?: boolean;
  /** File names by day and month, or by whole date. Default `dd_mm`. */
  fileDate?: "dd_mm" | "iso";
  /** Decimal places to round each written sum to, 0 to 18. Default: all digits. */
  decimals?: number;
  /** Write source ids as they are, even where a spreadsheet would run them as formulas. Default false. */
  rawIds?: boolean;
  /** Replace files that are in the way and that no manifest lists. Default false. */
  force?: boolean;
}

export interface AggregateOptions extends ReadOptions, SummaryOptions, FileOptions {
  /** Whether a bad record fails the run or is set aside. Default `fail`. */
  onError?: "fail" | "skip";
  /** File for the bad records. Default with `skip`: `rejected.ndjson` in the output folder. */
  rejects?: string;
  /** Warnings become errors. Default false. */
  strict?: boolean;
  /** Scanning threads; with 1 every file operation ends before the next begins. Default: the processors there are. */
  workers?: number;
  /** Bytes of memory that the run may use. Default: half of what there is. */
  memory?: number;
  /** Put each input's SHA-256 into the manifest. Default false. */
  hashInputs?: boolean;
}
