/** Electro as a library: what is exported here is its public surface. */
export { ElectroError, RunError, UsageError } from "./base/errors.js";
export { type AggregateResult, aggregateFiles } from "./jobs/aggregate.js";
export { type Aggregation, aggregate, type DataOptions, type Dataset, type ReadingRecord } from "./jobs/library.js";
export { manifestSchema } from "./jobs/manifest-schema.js";
export type { AggregateOptions, FileOptions, ReadOptions, SummaryOptions } from "./jobs/options.js";
export type { Manifest, ManifestFile, ManifestInput, ManifestTotals } from "./output/manifest.js";
export type { Reject } from "./output/rejects.js";
export type { DailyRow, HourlyRow } from "./output/rows.js";
export type { RunContext, RunEvent } from "./pipeline/run.js";
