/** Electro as a library: what is exported here is its public surface. */
export { ElectroError, RunError, StoreError, StrictError, UsageError } from "./base/errors.js";
export type { Message } from "./base/message.js";
export type { WarningText as Warning } from "./base/warning.js";
export type { Address, Dataset, Datasets, Places, WebStream } from "./jobs/dataset.js";
export {
  type Aggregation,
  aggregate,
  aggregateFiles,
  type CallOptions,
  type DataOptions,
  exportFiles,
  load,
  quality,
} from "./jobs/library.js";
export { manifestSchema } from "./jobs/manifest-schema.js";
export type {
  AggregateOptions,
  ExportOptions,
  FileOptions,
  LoadOptions,
  QualityOptions,
  ReadOptions,
  SummaryOptions,
} from "./jobs/options.js";
export type { AggregateResult, LoadedInput, LoadResult, QualityResult, ReadAs, ReportResult } from "./jobs/results.js";
export type { Manifest, ManifestFile, ManifestInput, ManifestStore, ManifestTotals } from "./output/manifest.js";
export { BadRecordsError, type Reject } from "./output/reject.js";
export type {
  DailyRow,
  HourlyRow,
  MonthlyRow,
  QuarterHourlyRow,
  TotalRow,
  WeeklyRow,
  YearlyRow,
} from "./output/rows.js";
export type { RunEvent } from "./pipeline/event.js";
export type { Interval, SourceQuality } from "./quality/quality.js";
export { openStore, type StoreOptions } from "./store/open.js";
export type { Packed } from "./store/packed.js";
export { type LongPeriod, StorePeriodTooLong } from "./store/period-too-long.js";
export type {
  BadRecord,
  Batch,
  BatchesPage,
  BatchState,
  Difference,
  Ingested,
  NewBatch,
  Notes,
  PackedDay,
  SlotRange,
  Snapshot,
  SourceDays,
  SourceEntry,
  Store,
  StoreNotice,
  StoreState,
} from "./store/store.js";
export type { BatchName, ChangedDays, StoreChange, Watch } from "./store/watchers.js";
export type { Series, Summary } from "./tally/summary.js";
export type { Resolution } from "./time/resolution.js";
