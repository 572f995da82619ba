/** The options of the jobs, a part of the table of options. What an entry may say is in `option.ts`. */
import { DEFAULT_STORE } from "../store/open.js";
import { HEADING, type OptionTable } from "./option.js";
import { READING, READING_OPTIONS } from "./reading-options.js";

/** About as many days as the years have that timestamps may have, 1900 to 2199. */
const MOST_DAYS = 110_000;
const MOST_WORKERS = 1024;
/** The smallest `memory` that the command line takes, bytes: what a run can work in, and what opens a store. */
const LEAST_MEMORY = 100e6;
export const LEAST_WITH_STORE = 256e6;

/** The commands that write a summary's files. */
const SUMMING = { aggregate: {}, export: {} };

export const JOB_OPTIONS = {
  ...READING_OPTIONS,
  store: {
    ...{ kind: "text", placeholder: "URL", heading: HEADING.where, default: DEFAULT_STORE },
    says: "the store's address",
    commands: {
      load: { says: "the store's address; it is made if it is not there" },
      export: {},
      quality: {
        says: "the sources of a store, as `duckdb:electro.duckdb`, instead of INPUT…",
        ...{ heading: HEADING.look, default: undefined },
      },
      serve: { heading: HEADING.service, says: "where readings are kept" },
      check: { says: "the store's address; nothing else may have it open" },
      backup: {},
    },
  },
  timezone: {
    ...{ kind: "text", placeholder: "ZONE", heading: HEADING.sum, default: "UTC", manifest: true },
    says: "whose hours and days: an IANA zone (`Europe/Paris`) or a fixed offset (`+05:30`)",
    commands: { ...SUMMING, quality: { heading: HEADING.look } },
    http: { calls: ["summary", "quality"] },
  },
  from: {
    ...{
      kind: "day",
      placeholder: "DAY",
      heading: HEADING.sum,
      otherwise: "the first day with a reading",
      manifest: true,
    },
    says: "first day of the period, as `2024-01-31`; what is before it is left out",
    commands: {
      ...SUMMING,
      quality: { heading: HEADING.look, otherwise: "of each source, the day of its first reading" },
    },
    http: { calls: ["summary", "quality"], example: "2024-01-01" },
  },
  to: {
    ...{
      kind: "day",
      placeholder: "DAY",
      heading: HEADING.sum,
      otherwise: "the last day with a reading",
      manifest: true,
    },
    says: "last day of the period, inclusive; what is after it is left out",
    commands: {
      ...SUMMING,
      quality: { heading: HEADING.look, otherwise: "of each source, the day of its last reading" },
    },
    http: { calls: ["summary", "quality"], example: "2024-01-31" },
  },
  bySource: {
    ...{ kind: "flag", heading: HEADING.sum, manifest: true },
    says: "one row per hour or day and source, with a column `source_id`",
    commands: SUMMING,
  },
  maxDays: {
    ...{
      kind: "whole",
      least: 1,
      most: MOST_DAYS,
      placeholder: "N",
      heading: HEADING.sum,
      default: 3660,
      manifest: true,
    },
    says: `longest period to accept, 1 to ${MOST_DAYS} days; past it the run fails and names the reading that stretches it`,
    commands: {
      ...SUMMING,
      load: {
        heading: HEADING.where,
        says: "most days from the first reading in the store to the last; an input that would make them more is not loaded",
      },
      serve: {
        heading: HEADING.service,
        says: "days from the first reading that is kept to the last, and days of an answer",
      },
    },
  },
  sources: {
    ...{ kind: "texts", each: "source", placeholder: "ID", heading: HEADING.sum, otherwise: "all", manifest: true },
    says: 'only this source\'s readings, as if there were no others; may be repeated; `""` is the unnamed source',
    commands: { export: {} },
    http: {
      calls: ["summary", "quality"],
      says: "only the readings of this source; there may be several, as in `source=a&source=b`; an empty one is the unnamed source",
    },
  },
  maxFindings: {
    ...{ kind: "whole", least: 0, most: 1_000_000_000, placeholder: "N", heading: HEADING.look, default: 100 },
    says: "how many gaps, and how many doubled stretches, are listed of a source; the rest are counted",
    commands: { quality: {} },
    http: { calls: ["quality"], most: 10_000 },
  },

  replace: {
    ...{ kind: "flag", heading: HEADING.changed },
    says: "what a file says now counts instead of what it said when it was loaded",
    commands: { load: {} },
  },
  again: {
    ...{ kind: "flag", heading: HEADING.changed },
    says: "what a file says now and what it said both count; what was loaded and retracted counts again",
    commands: { load: {} },
  },

  strict: {
    ...{ kind: "flag", heading: HEADING.bad },
    says: "make warnings errors: they are logged as such, the run fails, and nothing is written",
    commands: { aggregate: {}, export: { heading: HEADING.files } },
  },

  output: {
    ...{
      kind: "text",
      short: "o",
      placeholder: "DIR",
      heading: HEADING.files,
      default: "output_data",
      library: "files",
    },
    says: "where the files go",
    commands: { ...SUMMING, backup: { placeholder: "FILE", says: "the file to write", default: undefined } },
  },
  withCounts: {
    ...{ kind: "flag", heading: HEADING.files, manifest: true },
    says: "a last column `reading_count`, which is 0 for hours and days that were filled",
    commands: SUMMING,
    http: {
      calls: ["summary"],
      says: "adds the number of readings to each row: 0 tells a filled row from a measured one",
    },
  },
  decimals: {
    ...{
      kind: "whole",
      least: 0,
      most: 18,
      placeholder: "N",
      heading: HEADING.files,
      otherwise: "all digits",
      manifest: true,
    },
    says: "round each sum to so many decimal places, 0 to 18, half to even, when it is written",
    commands: SUMMING,
    http: { calls: ["summary"] },
  },
  fileDate: {
    ...{ kind: "choice", heading: HEADING.files, manifest: true },
    choices: ["dd_mm", "iso"],
    default: "dd_mm",
    says: "`hourly_data_31_01.csv` or `hourly_data_2024-01-31.csv`",
    commands: SUMMING,
  },
  rawIds: {
    ...{ kind: "flag", heading: HEADING.files, manifest: true },
    says: "write source ids as they are, even if a spreadsheet would run them as formulas",
    commands: SUMMING,
  },
  force: {
    ...{ kind: "flag", heading: HEADING.files, library: "files" },
    says: "replace files that are in the way and that no earlier run wrote",
    commands: { ...SUMMING, backup: { says: "replace FILE if it is there" } },
  },
  hashInputs: {
    ...{ kind: "flag", heading: HEADING.files, library: "files" },
    says: "put each input's SHA-256 into the manifest",
    commands: { aggregate: {} },
  },

  workers: {
    ...{ kind: "whole", least: 1, most: MOST_WORKERS, placeholder: "N", heading: HEADING.resources },
    otherwise: "the processors there are",
    says: `scanning threads, 1 to ${MOST_WORKERS}; with 1 every file operation ends before the next begins`,
    commands: {
      ...READING,
      export: {
        says: `threads that read the store, 1 to ${MOST_WORKERS}; with 1 every file operation ends before the next begins`,
        otherwise: "`2`",
      },
    },
  },
  memory: {
    ...{ kind: "size", least: 1, placeholder: "SIZE", heading: HEADING.resources, otherwise: "half of what there is" },
    says: "what the run may use",
    commands: {
      aggregate: { least: LEAST_MEMORY },
      load: { least: LEAST_WITH_STORE },
      export: { least: LEAST_WITH_STORE },
      quality: { least: LEAST_MEMORY },
    },
  },
} as const satisfies OptionTable;
