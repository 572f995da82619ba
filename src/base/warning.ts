/** Warnings: odd data, which is counted all the same. Whoever reads them can tell them apart by their codes. */
import type { Message } from "./message.js";

/** Every warning, and when it is given. */
export const WARNINGS = {
  no_readings: "Nothing was summed: there are no readings, or none in the period.",
  rejected: "Bad records were set aside.",
  rounded: "Readings have more than 18 decimal places of a kWh, and were rounded.",
  not_readings: "Records are no readings by the options, such as values that stand for none.",
  out_of_period: "Readings lie outside the period, and are not in the sums.",
  no_offset: "Timestamps have no offset, and no option gives their zone: they were read as UTC.",
  repeated_wall_times:
    "A clock change repeats these times of day, and nothing tells which time is meant: the earlier was used.",
  skipped_wall_times: "A clock change skips these times of day: they were counted on from before it.",
  register: "The values look like cumulative meter readings, not the energy of intervals.",
  registers_left_out: "Cumulative meter readings were left out: they are not read yet.",
  register_fell:
    "A cumulative meter reading is lower than the one before, and nothing tells why: nothing was counted between them.",
  register_gap: "Cumulative meter readings are more than 400 days apart: nothing was counted between them.",
  register_blip: "A cumulative meter reading was lower for a moment, and was ignored.",
  register_conflict: "A source has different cumulative readings of one instant: they were set aside.",
  register_counts:
    "What was found out about cumulative readings, counted: exchanges, rollovers, hours that were only spread.",
  register_dropped: "Energy between cumulative readings was dropped, since they are further apart than the limit.",
  power: "The values seem to be power, not energy: a field or a unit is in W or kW.",
  import_and_export: "A column has OBIS codes of import and of export, and sums add both.",
  daily_readings: "Sources have one reading a day, so one hour of each day has all of its energy.",
  sparse_readings: "Sources have one reading in several days, so one hour of one day has all of the energy.",
  duplicates: "Readings came twice, with the same source, time and value: deliveries may overlap.",
  overlapping_intervals: "Intervals of a source overlap: a row may be the total of others, or a delivery came twice.",
  revised: "A batch has readings where others count already, with another energy: a correction, perhaps.",
  fewer_readings: "A batch has fewer than half of the readings of the one that it replaces.",
  not_replaced:
    "A batch has no readings for a day or more where the one that it replaces had some, which count no more.",
  unnamed_sources: "Inputs have readings without a source at the same times: all of these count as one source.",
  no_export: "An option says how export counts, and nothing that was read is export.",
  end_stamps: "The last timestamp is the start of a day, alone: timestamps may mark the end of their interval.",
  profile_replaced: "An option takes the place of what a recognised profile says about what a reading covers.",
  input_twice: "An input was named twice, and is read once.",
  hidden_files: "Hidden files of a folder or an archive were skipped.",
  no_source: "Rows are by source, and no reading has one, but another field could be it.",
  skipped_files: "Files of a folder or an archive were skipped, because their names do not end like those of readings.",
  same_name_twice: "A file and a compressed file of the same name were both read.",
  shared_file_names: "Several years share the names of hourly files.",
  days_lost: "The new output has no days, or fewer than half of the days that it replaces.",
  edited_output: "Files of the output that is replaced were changed since Electro wrote them.",
  left_out: "The contents of a file were retracted or replaced before, and do not count.",
  unknown_source: "The store has no readings of a source that was asked for.",
  store_mode: "Others than its owner can read or change the store's file.",
  log_left: "The store's log could not be moved into its file.",
  mark_failed: "The store's mark cannot be written, so a loss of batches would not be noticed.",
  mark_damaged: "The store's mark could not be read, and was created again.",
  other_store: "The store's mark was that of another store, and was created again.",
  batches_missing: "Batches that were acknowledged are missing from the store.",
  batches_found: "Batches that were missing are in the store again.",
} as const satisfies Readonly<Record<string, string>>;

/** Warnings that change what a number means: they are shown also to who wants none. */
export const CHANGES_MEANING: ReadonlySet<WarningCode> = new Set([
  ...(["no_readings", "rejected", "no_offset", "repeated_wall_times", "skipped_wall_times"] as const),
  ...([
    "register",
    "power",
    "import_and_export",
    "daily_readings",
    "sparse_readings",
    "end_stamps",
    "duplicates",
    "no_source",
  ] as const),
  ...([
    "revised",
    "fewer_readings",
    "not_replaced",
    "registers_left_out",
    "overlapping_intervals",
    "profile_replaced",
  ] as const),
  ...(["skipped_files", "same_name_twice", "unnamed_sources"] as const),
  ...(["register_fell", "register_gap", "register_conflict", "register_dropped"] as const),
  ...(["days_lost", "left_out", "unknown_source", "batches_missing"] as const),
]);

export type WarningCode = keyof typeof WARNINGS;

export interface Warning {
  readonly code: WarningCode;
  /** What was found, where, and what to do. */
  readonly message: Message;
}

/** A warning in the words of a surface. */
export interface WarningText {
  readonly code: WarningCode;
  readonly message: string;
}

/** How many there are: `1 warning`. */
export function countOf({ length }: readonly unknown[]): string {
  return length === 1 ? "1 warning" : `${length} warnings`;
}
