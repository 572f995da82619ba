/** The options of the commands, in the groups in which their help shows them. */
import { Option } from "commander";
import { UsageError } from "../base/errors.js";
import type { AggregateOptions } from "../jobs/options.js";
import type { ServiceOptions } from "../jobs/service-call.js";
import { DEFAULT_STORE } from "../store/open.js";
import type { LogFormat } from "./terminal/log.js";
import { anyText, leastText, oneOf, size, text, type ValueParser, wholeNumber } from "./values.js";

/** What to show, and how. */
export interface ShowFlags {
  print?: boolean;
  json?: boolean;
  logFormat?: LogFormat;
  quiet?: boolean;
  verbose?: boolean;
}

/** What the options say: those of the job under its own names, and those of showing. */
export interface AggregateFlags extends AggregateOptions, ShowFlags {}

/** About as many days as the years have that timestamps may have, 1900 to 2199. */
const MOST_DAYS = 110_000;
const MOST_WORKERS = 1024;

/** Where `serve` and `token` keep tokens, in the folder in which they run. */
export const DEFAULT_TOKENS = "electro-tokens.json";

export function storeOptions(): Option[] {
  return group("Where:", [
    valued("--store <URL>", `the store's address (default: ${DEFAULT_STORE}, a file in this folder)`, text),
  ]);
}

/** A store that no process has open, or the service that has it. */
export function storeOrServiceOptions(): Option[] {
  return [
    ...storeOptions(),
    ...group("Where:", [
      valued("--service <URL>", "a running service, as http://127.0.0.1:8080, instead of --store", text),
      valued("--token-file <FILE>", "with --service: a file with a token of scope admin", text),
    ]),
  ];
}

export interface WhereFlags {
  store?: string;
  service?: string;
  tokenFile?: string;
}

/** @returns the service that is asked for; `undefined`: the store is. @throws UsageError for a contradiction */
export function serviceOf({ store, service, tokenFile }: WhereFlags): ServiceOptions | undefined {
  if (store !== undefined && service !== undefined)
    throw new UsageError("contradiction", "--store and --service: name the store, or the service that has it open");
  if (tokenFile !== undefined && service === undefined)
    throw new UsageError("contradiction", "--token-file goes with --service");
  return service === undefined ? undefined : { service, tokenFile };
}

export function summaryOptions(): Option[] {
  return group("What to sum:", [
    valued("--timezone <ZONE>", "whose hours and days: an IANA zone or a fixed offset (default: UTC)", text),
    valued("--from <DAY>", "first day of the period, as 2024-01-31 (default: the first with a reading)", text),
    valued("--to <DAY>", "last day, inclusive; what is outside is left out (default: the last with one)", text),
    flag("--by-source", "one row per hour or day and source"),
    maxDays("longest period to accept, in days (default: 3660)"),
  ]);
}

export function maxDays(description: string): Option {
  return valued("--max-days <N>", description, (name) => wholeNumber(name, 1, MOST_DAYS));
}

/** @param inputZone the default of `--input-timezone`, in words */
export function readOptions(inputZone: string): Option[] {
  return group("How to read records:", [
    valued("--timestamp-field <NAME>", "name of the timestamp; a.b reaches into objects (default: timestamp)", text),
    valued("--value-field <NAME>", "name of the value (default: kWh_value)", text),
    valued("--source-field <NAME>", "name of the source (default: meter_id, else source_id)", text),
    valued("--records <POINTER>", "JSON pointer to the array of records; * is every element (default: found)", anyText),
    choice("--unit", ["Wh", "kWh", "MWh"], "unit of the values (default: kWh)"),
    flag("--decimal-comma", "numbers in CSV cells and strings have a comma: 1,5"),
    choice("--stamps", ["start", "end"], "which end of its interval a timestamp marks (default: start)"),
    valued(
      "--repeated-hour <WHICH>",
      "which of two equal wall times in autumn: as the rows' order tells, first, last, or fail (default: order)",
      () => oneOf("--repeated-hour", ["order", "first", "last", "fail"]),
    ),
    valued("--input-timezone <ZONE>", `zone of timestamps without an offset (default: ${inputZone})`, text),
  ]);
}

/** @param kept the default of `--rejects`, in words */
export function badRecordOptions(kept: string): Option[] {
  return group("Bad records:", [
    choice("--on-error", ["fail", "skip"], "a bad record fails the run, or is set aside (default: fail)"),
    valued("--rejects <FILE>", `where bad records are kept (default: ${kept})`, text),
  ]);
}

export function fileOptions(): Option[] {
  return group("Files:", [
    valued("-o, --output <DIR>", "where the files go (default: output_data)", text),
    flag("--with-counts", "add a column reading_count: 0 for hours and days that were filled"),
    valued("--decimals <N>", "round each sum to N decimal places, 0 to 18 (default: all digits)", (name) =>
      wholeNumber(name, 0, 18),
    ),
    choice("--file-date", ["dd_mm", "iso"], "hourly_data_31_01.csv or hourly_data_2024-01-31.csv (default: dd_mm)"),
    flag("--raw-ids", "write source ids as they are, even if a spreadsheet would run them"),
    flag("--force", "replace files that are in the way and not from an earlier run"),
    flag("--hash-inputs", "put each input's SHA-256 into the manifest"),
  ]);
}

export function showOptions(): Option[] {
  return group("What to show:", [
    flag("--print", "also print the hourly and daily tables to standard output"),
    flag("--json", "print the manifest to standard output (not with --print)"),
    ...logOptions(),
  ]);
}

export function logOptions(): Option[] {
  return group("What to show:", [
    flag("-q, --quiet", "log errors only"),
    flag("-v, --verbose", "log details and every bad record"),
    choice("--log-format", ["text", "json"], "json: each line of the log is an object (default: text)"),
  ]);
}

/**
 * @param least bytes of `--memory` that it takes
 * @param workers what `--workers` says, in words
 */
export function resourceOptions(
  least: number,
  workers = "scanning threads, 1 to 1024 (default: the processors there are)",
): Option[] {
  return group("Resources:", [
    valued("--workers <N>", workers, (name) => wholeNumber(name, 1, MOST_WORKERS)),
    valued("--memory <SIZE>", `what the run may use, ${leastText(least)} at least (default: half of all)`, (name) =>
      size(name, least),
    ),
  ]);
}

export function group(heading: string, options: Option[]): Option[] {
  return options.map((option) => option.helpGroup(heading));
}

export function flag(flags: string, description: string): Option {
  return new Option(flags, description);
}

export function valued<T>(flags: string, description: string, reader: (name: string) => ValueParser<T>): Option {
  const option = new Option(flags, description);
  return option.argParser(reader(option.long!));
}

function choice(name: string, choices: readonly string[], description: string): Option {
  return valued(`${name} <${choices.join("|")}>`, description, () => oneOf(name, choices));
}
