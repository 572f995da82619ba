/** Electro as a library: what is exported here is its public surface. */
export { ElectroError, RunError, UsageError } from "./domain/errors.js";
export type { Manifest, ManifestFile, ManifestInput, ManifestTotals } from "./output/manifest.js";
export { manifestSchema } from "./output/manifest-schema.js";
export type { Reject } from "./output/rejects.js";
export type { DailyRow, HourlyRow } from "./output/rows.js";
export { type AggregateResult, aggregateFiles } from "./run/aggregate.js";
export { type Aggregation, aggregate, type DataOptions, type Dataset, type ReadingRecord } from "./run/data.js";
export type {
  AggregateOptions,
  FileOptions,
  ReadOptions,
  RunContext,
  RunEvent,
  SummaryOptions,
} from "./run/options.js";
