/** Written from option-table.ts by `node scripts/options.mjs --write`: as interfaces, whose comments editors show. */

/** How records are to be read. */
export interface ReadOptions {
  /**
   * Name of the timestamp; `a.b` reaches into nested objects where no field has the whole name. Default: `timestamp`.
   */
  timestampField?: string | undefined;
  /** Name of the value. Default: `kWh_value`. */
  valueField?: string | undefined;
  /** Name of the source, in records and in the objects around them. Default: `meter_id`, else `source_id`. */
  sourceField?: string | undefined;
  /**
   * JSON pointer to the array of records inside a wrapper object; `*` is every element of an array:
   * `/meters/*\/readings`. Default: found.
   */
  records?: string | undefined;
  /** Unit of the values. Default: `kWh`. */
  unit?: "Wh" | "kWh" | "MWh" | undefined;
  /** Numbers in CSV cells and JSON strings are written `1,5`. Default: off. */
  decimalComma?: boolean | undefined;
  /**
   * Which end of its interval a timestamp marks; with `end`, 14:00:00 belongs to the hour that begins at 13:00.
   * Default: `start`.
   */
  stamps?: "start" | "end" | undefined;
  /**
   * Which is meant by a time without an offset that clocks show twice, as they go back: what the `order` of the rows
   * tells (and the earlier, where it does not), always the `first` or the `last`; with `fail` the record is bad.
   * Default: `order`.
   */
  repeatedHour?: "order" | "first" | "last" | "fail" | undefined;
  /** Zone of timestamps without an offset. Default: as `timezone`. */
  inputTimezone?: string | undefined;
}

/** What to sum. */
export interface SummaryOptions {
  /** Whose hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`). Default: `UTC`. */
  timezone?: string | undefined;
  /** First day of the period, as `2024-01-31`; what is before it is left out. Default: the first day with a reading. */
  from?: string | undefined;
  /** Last day of the period, inclusive; what is after it is left out. Default: the last day with a reading. */
  to?: string | undefined;
  /** One row per hour or day and source, with a column `source_id`. Default: off. */
  bySource?: boolean | undefined;
  /**
   * Longest period to accept, 1 to 110000 days; past it the run fails and names the reading that stretches it. Default:
   * `3660`.
   */
  maxDays?: number | undefined;
}

/** How the files are written. */
export interface FileOptions {
  /** Where the files go. Default: `output_data`. */
  output?: string | undefined;
  /** A last column `reading_count`, which is 0 for hours and days that were filled. Default: off. */
  withCounts?: boolean | undefined;
  /** Round each sum to so many decimal places, 0 to 18, half to even, when it is written. Default: all digits. */
  decimals?: number | undefined;
  /** `hourly_data_31_01.csv` or `hourly_data_2024-01-31.csv`. Default: `dd_mm`. */
  fileDate?: "dd_mm" | "iso" | undefined;
  /** Write source ids as they are, even if a spreadsheet would run them as formulas. Default: off. */
  rawIds?: boolean | undefined;
  /** Replace files that are in the way and that no earlier run wrote. Default: off. */
  force?: boolean | undefined;
}

/** The options of `aggregateFiles`. */
export interface AggregateOptions extends ReadOptions, SummaryOptions, FileOptions {
  /**
   * Whether a bad record fails the whole, once all of it is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; a file that is there already is replaced only if it is one of bad
   * records, or empty. Default: with `onError: "skip"`, `rejected.ndjson` in the output folder.
   */
  rejects?: string | undefined;
  /** Make warnings errors: they are logged as such, the run fails, and nothing is written. Default: off. */
  strict?: boolean | undefined;
  /** Put each input's SHA-256 into the manifest. Default: off. */
  hashInputs?: boolean | undefined;
  /** Threads, 1 to 1024; with 1 every file operation ends before the next begins. Default: the processors there are. */
  workers?: number | undefined;
  /** What the run may use, in bytes. Default: half of what there is. */
  memory?: number | undefined;
}

/** The options of `load`. */
export interface LoadOptions extends ReadOptions {
  /** The store's address; it is made if it is not there. Default: `duckdb:electro.duckdb`. */
  store?: string | undefined;
  /** Most days from the first reading in the store to the last. Default: `3660`. */
  maxDays?: number | undefined;
  /** Of a file that has changed since it was loaded, what it says now counts instead of what it said. Default: off. */
  replace?: boolean | undefined;
  /**
   * Of a file that has changed, both what it says now and what it said count; what was retracted counts again. Default:
   * off.
   */
  again?: boolean | undefined;
  /**
   * Whether a bad record fails the whole, once all of it is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; a file that is there already is replaced only if it is one of bad
   * records, or empty. Default: in the store, with the batch.
   */
  rejects?: string | undefined;
  /** Threads, 1 to 1024; with 1 every file operation ends before the next begins. Default: the processors there are. */
  workers?: number | undefined;
  /** What the run may use; 256MB at least, in bytes. Default: half of what there is. */
  memory?: number | undefined;
}

/** The options of `exportFiles`. */
export interface ExportOptions extends SummaryOptions, FileOptions {
  /** The store's address. Default: `duckdb:electro.duckdb`. */
  store?: string | undefined;
  /**
   * Only this source's readings, as if there were no others; may be repeated; `""` is the unnamed source. Default: all.
   */
  sources?: readonly string[] | undefined;
  /** Make warnings errors: they are logged as such, the run fails, and nothing is written. Default: off. */
  strict?: boolean | undefined;
  /** Threads, 1 to 1024; with 1 every file operation ends before the next begins. Default: `2`. */
  workers?: number | undefined;
  /** What the run may use; 256MB at least, in bytes. Default: half of what there is. */
  memory?: number | undefined;
}

/** The options of `quality`. */
export interface QualityOptions extends ReadOptions {
  /** The store whose sources to look at, instead of INPUT…. Default: none. */
  store?: string | undefined;
  /** Whose hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`). Default: `UTC`. */
  timezone?: string | undefined;
  /**
   * First day of the period, as `2024-01-31`; what is before it is left out. Default: the day of a source's first
   * reading.
   */
  from?: string | undefined;
  /** Last day of the period, inclusive; what is after it is left out. Default: the day of a source's last reading. */
  to?: string | undefined;
  /** How many gaps, and how many doubled stretches, are listed of a source; the rest are counted. Default: `100`. */
  maxFindings?: number | undefined;
  /**
   * Whether a bad record fails the whole, once all of it is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; a file that is there already is replaced only if it is one of bad
   * records, or empty. Default: nowhere.
   */
  rejects?: string | undefined;
  /** Threads, 1 to 1024; with 1 every file operation ends before the next begins. Default: the processors there are. */
  workers?: number | undefined;
  /** What the run may use; 100MB at least, in bytes. Default: half of what there is. */
  memory?: number | undefined;
}
