/**
 * The manifest: what produced an output folder's files, control totals, and what the files hold. There is no time of
 * creation in it: the same inputs and options give the same bytes. `jobs/manifest-schema.ts` is its form as a JSON Schema.
 */
import { dayOf } from "../time/period.js";
import { isDataName } from "./names.js";

export interface Manifest {
  readonly electro: { readonly version: string };
  readonly format: 1;
  /** Of Node.js and of its time zone data. */
  readonly versions: { readonly node: string; readonly tz: string };
  /** All options that change what the files hold, by their names in the library. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
  /** None where the sums come from a store. */
  readonly inputs: readonly ManifestInput[];
  /** Instead of inputs. */
  readonly store?: ManifestStore;
  readonly totals: ManifestTotals;
  /** The first and last day, inclusive; null where there was neither a reading nor a period asked for. */
  readonly period: { readonly from: string; readonly to: string } | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** In the order in which they were written; all but the manifest itself. */
  readonly files: readonly ManifestFile[];
}

export interface ManifestInput {
  readonly name: string;
  /** Bytes as stored, packed or not; null where that is not known, as for a pipe. */
  readonly size: number | null;
  /** Time of the last change, in UTC; null where that is not known. */
  readonly modified: string | null;
  /** Of the bytes as stored, in hexadecimal; with `--hash-inputs`. */
  readonly sha256?: string | undefined;
  readonly records: number;
  readonly readings: number;
}

/**
 * `readings`, `hoursFilled`, `sources` and `kWh` are of the period; the others of everything that was read or is kept.
 * What only reading shows is not there where the sums come from a store.
 */
export interface ManifestTotals {
  readonly records?: number | undefined;
  readonly rejected?: number | undefined;
  /** Rejected records by the code of the reason. */
  readonly rejectedByReason?: Readonly<Record<string, number>> | undefined;
  readonly rounded?: number | undefined;
  /** Wall times that a clock change repeats, and those among them of which nothing told which time is meant. */
  readonly repeatedWallTimes?: number | undefined;
  readonly ambiguousWallTimes?: number | undefined;
  readonly skippedWallTimes?: number | undefined;
  readonly readings: number;
  readonly outOfPeriod: number;
  /** Hourly rows with no reading, written as 0. */
  readonly hoursFilled: number;
  readonly sources: number;
  /**
   * First and last instant of the readings, in the run's zone, rounded down to the second; null when there is none. Of a
   * store: the starts of the first and last quarter hour that have readings.
   */
  readonly first: string | null;
  readonly last: string | null;
  /** Exact sum of the readings in the period. */
  readonly kWh: string;
}

/** The state of a store that the sums come from. */
export interface ManifestStore {
  /** Grows with every change of what counts. */
  readonly version: number;
  /** Batches that count. */
  readonly batches: number;
}

export interface ManifestFile {
  readonly name: string;
  /** Rows of data, without the header; for rejected records, how many there are. */
  readonly rows: number;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Elements of a list that become one block of text: a few milliseconds' work. */
const BLOCK = 250;

/** The manifest's text. */
export function manifestText(manifest: Manifest): string {
  return [...manifestBlocks(manifest)].join("");
}

/**
 * The manifest's text in pieces, since there may be as many inputs as a folder has files. Members come in the order of the
 * types above, those of free form by their names.
 */
export function* manifestBlocks(manifest: Manifest): Generator<string, void> {
  let before = "{\n  ";
  for (const [name, value] of Object.entries(inOrder(manifest))) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}: `;
    before = ",\n  ";
    if (Array.isArray(value) && value.length > 0) yield* listBlocks(value);
    else yield indented(value);
  }
  yield "\n}\n";
}

function* listBlocks(list: readonly object[]): Generator<string, void> {
  for (let from = 0; from < list.length; from += BLOCK) {
    const text = indented(list.slice(from, from + BLOCK));
    // Without the brackets at the block's own beginning and end.
    yield (from === 0 ? "[" : ",") + text.slice(1, -"\n  ]".length);
  }
  yield "\n  ]";
}

/** JSON, as it stands in a member of the outermost object. */
function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}

function inOrder(manifest: Manifest): Manifest {
  const { electro, format, versions, options, inputs, store, totals, period, warnings, files } = manifest;
  return {
    electro: { version: electro.version },
    format,
    versions: { node: versions.node, tz: versions.tz },
    options: byName(options),
    inputs: inputs.map(({ name, size, modified, sha256, records, readings }) => ({
      ...{ name, size, modified },
      ...(sha256 === undefined ? {} : { sha256 }),
      ...{ records, readings },
    })),
    ...(store && { store: { version: store.version, batches: store.batches } }),
    totals: {
      records: totals.records,
      readings: totals.readings,
      rejected: totals.rejected,
      rejectedByReason: totals.rejectedByReason && byName(totals.rejectedByReason),
      rounded: totals.rounded,
      repeatedWallTimes: totals.repeatedWallTimes,
      ambiguousWallTimes: totals.ambiguousWallTimes,
      skippedWallTimes: totals.skippedWallTimes,
      outOfPeriod: totals.outOfPeriod,
      hoursFilled: totals.hoursFilled,
      sources: totals.sources,
      first: totals.first,
      last: totals.last,
      kWh: totals.kWh,
    },
    period: period && { from: period.from, to: period.to },
    warnings: warnings.map(({ code, message }) => ({ code, message })),
    files: files.map(({ name, rows, bytes, sha256 }) => ({ name, rows, bytes, sha256 })),
  };
}

function byName<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A manifest's text without its inputs: there may be so many that to parse them takes a while, and who asks for the files
 * has no use for them.
 */
export function withoutInputs(file: Uint8Array): string {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const from = bytes.indexOf('\n  "inputs": [\n');
  const to = bytes.lastIndexOf('\n  "totals": {\n');
  return from < 0 || to < from ? bytes.toString() : bytes.toString("utf8", 0, from) + bytes.toString("utf8", to);
}

/**
 * The names of the files that a manifest's text lists, or undefined if Electro did not write it: so a `manifest.json`
 * of another tool is never taken for ours, and a forged one can name no file but those that Electro makes.
 */
export function filesListed(text: string): string[] | undefined {
  const names = readManifest(text)?.files.map((file: { name?: unknown } | null) => file?.name);
  return names?.every(isDataName) ? names : undefined;
}

/** The period that a manifest's text tells, or undefined if it has none, or Electro did not write it. */
export function periodListed(text: string): { readonly from: string; readonly to: string } | undefined {
  const { from, to } = readManifest(text)?.period ?? {};
  return isDay(from) && isDay(to) && from <= to ? { from, to } : undefined;
}

function isDay(day: unknown): day is string {
  try {
    return typeof day === "string" && Number.isInteger(dayOf(day));
  } catch {
    return false;
  }
}

function readManifest(text: string): Pick<Manifest, "files" | "period"> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { electro, format, files, period = null } = (value ?? {}) as Partial<Manifest>;
  if (typeof electro?.version !== "string" || format !== 1 || !Array.isArray(files)) return undefined;
  return { files, period };
}
