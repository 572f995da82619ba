/** Written from option-table.ts by `node scripts/options.mjs --write`: as interfaces, whose comments editors show. */

/** How records are to be read. */
export interface ReadOptions {
  /**
   * How to read: the name of a profile, or its file; with `none`, nothing is recognised. `electro profiles` lists those
   * that there are. Default: a known export is recognised by its header.
   */
  profile?: string | undefined;
  /**
   * Name of the timestamp; `a.b` reaches into nested objects if no field has the whole name; `#3` is the third column
   * of a table. Default: `timestamp`.
   */
  timestampField?: string | undefined;
  /**
   * Name of the time, where the field of the timestamp only has the date; the two are joined by a blank. Default: the
   * timestamp has the time.
   */
  timeField?: string | undefined;
  /** How timestamps are written, as `%d/%m/%Y %H:%M`, or `epoch-s`, `epoch-ms`, `epoch-us`. Default: ISO 8601. */
  timestampFormat?: string | undefined;
  /**
   * Name of the value; may be repeated, and `*` in it is any text: then each value is of a source that is named by its
   * field. Default: `kWh_value`.
   */
  valueField?: string | readonly string[] | undefined;
  /**
   * Name of the source, in records and in the objects around them; if repeated, the parts of the id, which are joined
   * by `/`. Default: `meter_id`, else `source_id`.
   */
  sourceField?: string | readonly string[] | undefined;
  /**
   * A value that is just this text means that there is no reading, which is counted; may be repeated; `""` is an empty
   * cell or string, or `null`. Default: none.
   */
  missing?: readonly string[] | undefined;
  /**
   * Whether tables have a header row; with `none`, the fields are given by the numbers of their columns. Default:
   * `row`.
   */
  header?: "row" | "none" | undefined;
  /**
   * Encoding of the text, as `windows-1252`, `iso-8859-15` or `shift_jis`; UTF-16 with a byte-order mark needs no
   * option. Default: UTF-8, or as a byte-order mark tells.
   */
  encoding?: string | undefined;
  /**
   * JSON pointer to the array of records inside a wrapper object; `*` is every element of an array:
   * `/meters/*\/readings`. Default: found.
   */
  records?: string | undefined;
  /**
   * What the values are: energy; power, averaged over an interval; or, with `register`, cumulative meter readings,
   * whose differences are energy; `exchange` is for the records of meter exchanges. Default: `energy`.
   */
  values?: "energy" | "power" | "register" | "exchange" | undefined;
  /**
   * What cumulative readings are of: with `meter`, nothing is counted where one is lower than the one before; with
   * `counter`, the device has begun again at 0. Default: `meter`.
   */
  register?: "meter" | "counter" | undefined;
  /** The number at which a meter's display begins again at 0, in the unit of the values, as `100000`. Default: none. */
  rollover?: string | undefined;
  /**
   * From which time between two cumulative readings on `across` says what becomes of their energy: `2h`, `1d`. Default:
   * no limit.
   */
  gap?: string | undefined;
  /** Energy across such a gap is spread over it, put at its end, or dropped, and counted. Default: `spread`. */
  across?: "spread" | "end" | "drop" | undefined;
  /**
   * What it means that a source has several readings of one beginning: all count (`add`), equal ones count `once`, or
   * only the one delivered `latest` counts. Default: `add`.
   */
  duplicates?: "add" | "once" | "latest" | undefined;
  /** Unit of the values. Default: `kWh`, and `kW` of power. */
  unit?: "Wh" | "kWh" | "MWh" | "GWh" | "W" | "kW" | "MW" | undefined;
  /**
   * Name of the unit: `Wh`, `kWh`, `MWh` or `GWh`, in any case; records of other units are counted, and otherwise
   * ignored. Default: all values have the same unit.
   */
  unitField?: string | undefined;
  /**
   * Only records with this value in this field; the others are counted, and otherwise ignored; may be repeated: several
   * values of one name are alternatives. Default: all records.
   */
  only?: readonly string[] | undefined;
  /** Numbers in CSV cells and JSON strings are written `1,5`. Default: off. */
  decimalComma?: boolean | undefined;
  /**
   * The mark between groups of three digits in CSV cells and JSON strings: `.`, `,`, `'`, a blank or a no-break blank.
   * Default: none.
   */
  thousands?: "." | "," | "'" | " " | " " | " " | undefined;
  /**
   * The end of its interval that a timestamp marks; with `end`, 14:00:00 belongs to the hour that begins at 13:00.
   * Default: `start`.
   */
  stamps?: "start" | "end" | undefined;
  /**
   * How long the interval of each reading is, over which its energy is spread: `15m`, `1h`, `1d`, `1mo`. Default: a
   * reading belongs to the hour of its timestamp.
   */
  interval?: string | undefined;
  /** Name of the interval's end; twice: of its date, and of its time. Default: none. */
  endField?: readonly string[] | undefined;
  /**
   * With `inclusive`, an end names the last minute, second or day of the interval: `00:59` is one o'clock. Default:
   * `exclusive`.
   */
  end?: "exclusive" | "inclusive" | undefined;
  /**
   * With `skip`, a reading whose interval is exactly filled by two or more others of its source is a total of these: it
   * is counted, and otherwise ignored. Default: `count`.
   */
  totals?: "count" | "skip" | undefined;
  /**
   * Names of the columns, with `*` as any text, that are the values of a day from its 00:00 on: each row is a day.
   * Default: none.
   */
  dayColumns?: string | undefined;
  /** Name of the interval's length: a number, `HH:MM`, `HH:MM:SS`, or `PT15M`. Default: none. */
  durationField?: string | undefined;
  /** Unit of a length that is a number: seconds, minutes or hours. Default: `s`. */
  durationUnit?: "s" | "m" | "h" | undefined;
  /**
   * Where rows sum consumption and export, which meters' own formats and profiles tell apart: how export counts.
   * Default: the run stops if sums would mix them.
   */
  export?: "subtract" | "add" | "skip" | undefined;
  /**
   * The meaning of a time without an offset that clocks show twice when they go back: what the `order` of the rows
   * tells (else the earlier), always the `first` or the `last`; with `fail`, the record is bad. Default: `order`.
   */
  repeatedHour?: "order" | "first" | "last" | "fail" | undefined;
  /** Zone of timestamps without an offset. Default: as `timezone`. */
  inputTimezone?: string | undefined;
}

/** What to sum. */
export interface SummaryOptions {
  /** Zone of hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`). Default: `UTC`. */
  timezone?: string | undefined;
  /** First day of the period, as `2024-01-31`; earlier readings are skipped. Default: the first day with a reading. */
  from?: string | undefined;
  /** Last day of the period, inclusive; later readings are skipped. Default: the last day with a reading. */
  to?: string | undefined;
  /** A row for each source in each hour and day, with a column `source_id`. Default: off. */
  bySource?: boolean | undefined;
  /**
   * What the rows of the files stand for: one or more of `15min`, `hour`, `day`, `week`, `month`, `year` and `total`.
   * Default: `hour,day`.
   */
  resolutions?: readonly ("15min" | "hour" | "day" | "week" | "month" | "year" | "total")[] | undefined;
  /**
   * Longest period to accept, 1 to 110000 days; if it is longer, the run fails and names the reading that makes it so.
   * Default: `3660`.
   */
  maxDays?: number | undefined;
}

/** How the files are written. */
export interface FileOptions {
  /** Where the files go. Default: `output_data`. */
  output?: string | undefined;
  /** A last column `reading_count`, which is 0 for filled rows. Default: off. */
  withCounts?: boolean | undefined;
  /** Round each sum to this many decimal places, 0 to 18, half to even, when it is written. Default: all digits. */
  decimals?: number | undefined;
  /**
   * Format of the files of sums; Parquet has the same rows, sums as DECIMAL(38,18), ids as they are, and when each row
   * begins. Default: `csv`.
   */
  format?: "csv" | "parquet" | undefined;
  /** `hourly_data_31_01.csv` or `hourly_data_2024-01-31.csv`. Default: `dd_mm`. */
  fileDate?: "dd_mm" | "iso" | undefined;
  /** Write source ids as they are, even if a spreadsheet would run them as formulas. Default: off. */
  rawIds?: boolean | undefined;
  /** Replace files in the way that no earlier run wrote. Default: off. */
  force?: boolean | undefined;
  /**
   * Also write a report: a page with charts and its data in one file of HTML, which needs no network; an existing file
   * is only replaced if it is a report, or is empty. Default: none.
   */
  report?: string | undefined;
}

/** The options of `aggregateFiles`. */
export interface AggregateOptions extends ReadOptions, SummaryOptions, FileOptions {
  /**
   * A file of meter exchanges: records with a source, `timestamp`, `old_end` and `new_start`; may be repeated. Default:
   * none.
   */
  exchanges?: readonly string[] | undefined;
  /**
   * Whether a bad record makes everything fail, after all is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; an existing file is only replaced if it has bad records, or is empty.
   * Default: with `onError: "skip"`: `rejected.ndjson` in the output folder.
   */
  rejects?: string | undefined;
  /** Treat warnings as errors: they are logged as such, the run fails, and nothing is written. Default: off. */
  strict?: boolean | undefined;
  /** Put each input's SHA-256 into the manifest. Default: off. */
  hashInputs?: boolean | undefined;
  /** Threads, 1 to 1024; with 1, every file operation ends before the next begins. Default: one for each processor. */
  workers?: number | undefined;
  /** Memory that the run may use, in bytes. Default: half of the machine's. */
  memory?: number | undefined;
}

/** The options of `load`. */
export interface LoadOptions extends ReadOptions {
  /**
   * The store's address, or the path of its file; it is created if it does not exist. Default: `duckdb:electro.duckdb`.
   */
  store?: string | undefined;
  /** Most days from the first reading in the store to the last. Default: `3660`. */
  maxDays?: number | undefined;
  /** If a file has changed since it was loaded, only its new content counts. Default: off. */
  replace?: boolean | undefined;
  /** If a file has changed, both its old and its new content count; what was retracted counts again. Default: off. */
  again?: boolean | undefined;
  /**
   * Whether a bad record makes everything fail, after all is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; an existing file is only replaced if it has bad records, or is empty.
   * Default: in the store, with the batch.
   */
  rejects?: string | undefined;
  /** Treat warnings as errors: they are logged as such, and an input with warnings is not loaded. Default: off. */
  strict?: boolean | undefined;
  /** Threads, 1 to 1024; with 1, every file operation ends before the next begins. Default: one for each processor. */
  workers?: number | undefined;
  /** Memory that the run may use; at least 256MB, in bytes. Default: half of the machine's. */
  memory?: number | undefined;
}

/** The options of `exportFiles`. */
export interface ExportOptions extends SummaryOptions, FileOptions {
  /** The store's address, or the path of its file. Default: `duckdb:electro.duckdb`. */
  store?: string | undefined;
  /**
   * Only this source's readings, as if there were no others; may be repeated; `""` is the unnamed source. Default: all.
   */
  sources?: readonly string[] | undefined;
  /**
   * Where rows sum consumption and export, which meters' own formats and profiles tell apart: how export counts.
   * Default: the run stops if sums would mix them.
   */
  export?: "subtract" | "add" | "skip" | undefined;
  /** Treat warnings as errors: they are logged as such, the run fails, and nothing is written. Default: off. */
  strict?: boolean | undefined;
  /** Threads, 1 to 1024; with 1, every file operation ends before the next begins. Default: `2`. */
  workers?: number | undefined;
  /** Memory that the run may use; at least 256MB, in bytes. Default: half of the machine's. */
  memory?: number | undefined;
}

/** The options of `quality`. */
export interface QualityOptions extends ReadOptions {
  /** The store to look at, instead of INPUT…. Default: none. */
  store?: string | undefined;
  /** Zone of hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`). Default: `UTC`. */
  timezone?: string | undefined;
  /**
   * First day of the period, as `2024-01-31`; earlier readings are skipped. Default: the day of a source's first
   * reading.
   */
  from?: string | undefined;
  /** Last day of the period, inclusive; later readings are skipped. Default: the day of a source's last reading. */
  to?: string | undefined;
  /**
   * How many gaps, and how many time ranges with duplicates, are listed for a source; the rest are only counted.
   * Default: `100`.
   */
  maxFindings?: number | undefined;
  /**
   * A file of meter exchanges: records with a source, `timestamp`, `old_end` and `new_start`; may be repeated. Default:
   * none.
   */
  exchanges?: readonly string[] | undefined;
  /**
   * Whether a bad record makes everything fail, after all is read (`fail`), or is set aside and counted (`skip`).
   * Default: `fail`.
   */
  onError?: "fail" | "skip" | undefined;
  /**
   * Where bad records are kept, word for word; an existing file is only replaced if it has bad records, or is empty.
   * Default: nowhere.
   */
  rejects?: string | undefined;
  /** Threads, 1 to 1024; with 1, every file operation ends before the next begins. Default: one for each processor. */
  workers?: number | undefined;
  /** Memory that the run may use; at least 100MB, in bytes. Default: half of the machine's. */
  memory?: number | undefined;
}
