/** The options of the jobs: a part of the table of options. `option.ts` has the form of an entry. */
import { option, say } from "../base/message.js";
import { DEFAULT_STORE } from "../store/open.js";
import { RESOLUTIONS, type Resolution } from "../time/resolution.js";
import { HEADING, type OptionTable, under } from "./option.js";
import { READ, READING } from "./read-options.js";

/** What is summed if nothing else is asked for. */
export const DEFAULT_RESOLUTIONS: readonly Resolution[] = ["hour", "day"];

/** About the number of days in the years that timestamps may have, 1900 to 2199. */
const MOST_DAYS = 110_000;
const MOST_WORKERS = 1024;
/** The smallest `memory` in bytes that the command line accepts: enough for a run, and to open a store. */
const LEAST_MEMORY = 100e6;
export const LEAST_WITH_STORE = 256e6;

/** The commands that write a summary's files. */
const SUMMING = { aggregate: {}, export: {} };

const PERIOD = under(
  { kind: "day", heading: HEADING.sum, manifest: true },
  {
    from: {
      says: "first day of the period, as `2024-01-31`; earlier readings are skipped",
      otherwise: "the first day with a reading",
      commands: { ...SUMMING, quality: { heading: HEADING.look, otherwise: "the day of a source's first reading" } },
      http: { calls: ["summary", "quality"], example: "2024-01-01" },
    },
    to: {
      says: "last day of the period, inclusive; later readings are skipped",
      otherwise: "the last day with a reading",
      commands: { ...SUMMING, quality: { heading: HEADING.look, otherwise: "the day of a source's last reading" } },
      http: { calls: ["summary", "quality"], example: "2024-01-31" },
    },
  },
);

const SUM = under(
  { heading: HEADING.sum, commands: SUMMING, manifest: true },
  {
    timezone: {
      ...{ kind: "text", placeholder: "ZONE", default: "UTC" },
      says: "zone of hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`)",
      commands: { ...SUMMING, quality: { heading: HEADING.look } },
      http: {
        calls: ["summary", "quality"],
        says: "zone of hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`, whose plus is written `%2B` in an address)",
      },
    },
    ...PERIOD,
    bySource: { kind: "flag", says: "a row for each source in each hour and day, with a column `source_id`" },
    resolutions: {
      ...{ kind: "choices", placeholder: "LIST", default: DEFAULT_RESOLUTIONS.join(",") },
      choices: RESOLUTIONS,
      says: "what the rows of the files stand for: one or more of `15min`, `hour`, `day`, `week`, `month`, `year` and `total`",
    },
    maxDays: {
      ...{ kind: "whole", least: 1, most: MOST_DAYS, default: 3660 },
      says: `longest period to accept, 1 to ${MOST_DAYS} days; if it is longer, the run fails and names the reading that makes it so`,
      commands: {
        ...SUMMING,
        load: { heading: HEADING.where, says: "most days from the first reading in the store to the last" },
        serve: {
          heading: HEADING.service,
          says: "most days from the first stored reading to the last, and of an answer",
        },
      },
    },
    sources: {
      ...{ kind: "texts", each: "source", placeholder: "ID", otherwise: "all" },
      says: 'only this source\'s readings, as if there were no others; may be repeated; `""` is the unnamed source',
      commands: {
        export: {},
        token: {
          heading: HEADING.tokens,
          says: 'with `add`: a source that the bearer may see or send, and no other; may be repeated; `""` is the unnamed source',
        },
      },
      http: { calls: ["summary", "quality"] },
    },
  },
);

const BAD = under(
  { heading: HEADING.bad, commands: READING },
  {
    onError: {
      ...{ kind: "choice", manifest: true },
      choices: ["fail", "skip"],
      default: "fail",
      says: "whether a bad record makes everything fail, after all is read (`fail`), or is set aside and counted (`skip`)",
      http: { calls: ["body"] },
    },
    rejects: {
      ...{ kind: "text", placeholder: "FILE", library: "files" },
      says: "where bad records are kept, word for word; an existing file is only replaced if it has bad records, or is empty",
      otherwise: say`with \`${option("onError", "skip")}\`: \`rejected.ndjson\` in the output folder`,
      commands: { ...READING, load: { otherwise: "in the store, with the batch" }, quality: { otherwise: "nowhere" } },
    },
    strict: {
      ...{
        kind: "flag",
        says: "treat warnings as errors: they are logged as such, the run fails, and nothing is written",
      },
      commands: {
        aggregate: {},
        export: { heading: HEADING.files },
        load: { says: "treat warnings as errors: they are logged as such, and an input with warnings is not loaded" },
      },
      http: { calls: ["body"], says: "warnings make the request fail: nothing is stored, or summed" },
    },
  },
);

const FILES = under(
  { heading: HEADING.files, commands: SUMMING },
  {
    output: {
      ...{ kind: "text", short: "o", placeholder: "DIR", default: "output_data", library: "files" },
      says: "where the files go",
      commands: { ...SUMMING, backup: { placeholder: "FILE", says: "the file to write", default: undefined } },
    },
    withCounts: {
      ...{ kind: "flag", manifest: true },
      says: "a last column `reading_count`, which is 0 for filled rows",
      http: {
        calls: ["summary"],
        says: "adds the number of readings to each row: 0 tells a filled row from a measured one",
      },
    },
    decimals: {
      ...{ kind: "whole", least: 0, most: 18, otherwise: "all digits", manifest: true },
      says: "round each sum to this many decimal places, 0 to 18, half to even, when it is written",
      http: { calls: ["summary"] },
    },
    format: {
      ...{ kind: "choice", manifest: true, library: "files" },
      choices: ["csv", "parquet"],
      default: "csv",
      says: "format of the files of sums; Parquet has the same rows, sums as DECIMAL(38,18), ids as they are, and when each row begins",
    },
    fileDate: {
      ...{ kind: "choice", manifest: true },
      choices: ["dd_mm", "iso"],
      default: "dd_mm",
      says: "`hourly_data_31_01.csv` or `hourly_data_2024-01-31.csv`",
    },
    rawIds: {
      ...{ kind: "flag", manifest: true },
      says: "write source ids as they are, even if a spreadsheet would run them as formulas",
    },
    force: {
      ...{ kind: "flag", library: "files", says: "replace files in the way that no earlier run wrote" },
      commands: { ...SUMMING, backup: { says: "replace FILE if it exists" } },
    },
    report: {
      ...{ kind: "text", placeholder: "FILE", library: "files", otherwise: "none" },
      says: "also write a report: a page with charts and its data in one file of HTML, which needs no network; an existing file is only replaced if it is a report, or is empty",
    },
    hashInputs: {
      ...{ kind: "flag", library: "files", says: "put each input's SHA-256 into the manifest" },
      commands: { aggregate: {} },
    },
  },
);

const EXCHANGES = under(
  { heading: HEADING.read, commands: { aggregate: {}, quality: {} }, manifest: true },
  {
    exchanges: {
      ...{ kind: "texts", each: "exchanges", placeholder: "FILE", otherwise: "none" },
      says: "a file of meter exchanges: records with a source, `timestamp`, `old_end` and `new_start`; may be repeated",
    },
  },
);

const CHANGED = under(
  { kind: "flag", heading: HEADING.changed, commands: { load: {} } },
  {
    replace: {
      says: "if a file has changed since it was loaded, only its new content counts",
    },
    again: {
      says: "if a file has changed, both its old and its new content count; what was retracted counts again",
    },
  },
);

export const JOB_OPTIONS = {
  store: {
    ...{
      kind: "text",
      placeholder: "URL",
      heading: HEADING.where,
      default: DEFAULT_STORE,
      says: "the store's address, or the path of its file",
    },
    commands: {
      load: { says: "the store's address, or the path of its file; it is created if it does not exist" },
      ...{ export: {}, check: {}, retract: {}, backup: {}, compact: {}, serve: { heading: HEADING.service } },
      quality: {
        heading: HEADING.look,
        says: "the store to look at, instead of INPUT…",
        default: undefined,
      },
    },
  },
  ...{ ...SUM, ...READ, ...EXCHANGES, ...BAD, ...FILES, ...CHANGED },
  maxFindings: {
    ...{ kind: "whole", least: 0, most: 1_000_000_000, heading: HEADING.look, default: 100 },
    says: "how many gaps, and how many time ranges with duplicates, are listed for a source; the rest are only counted",
    commands: { quality: {} },
    http: { calls: ["quality"], most: 10_000 },
  },
  workers: {
    ...{
      kind: "whole",
      least: 1,
      most: MOST_WORKERS,
      heading: HEADING.resources,
      otherwise: "one for each processor",
    },
    says: `threads, 1 to ${MOST_WORKERS}; with 1, every file operation ends before the next begins`,
    commands: { ...READING, export: { otherwise: "`2`" } },
  },
  memory: {
    ...{ kind: "size", least: 1, heading: HEADING.resources, otherwise: "half of the machine's" },
    says: "memory that the run may use",
    commands: {
      ...{ aggregate: { least: LEAST_MEMORY }, quality: { least: LEAST_MEMORY } },
      ...{ load: { least: LEAST_WITH_STORE }, export: { least: LEAST_WITH_STORE } },
    },
  },
} as const satisfies OptionTable;
