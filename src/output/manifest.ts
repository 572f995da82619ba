/**
 * The manifest of an output folder: what produced the files, control totals, and the contents of each file. It has no
 * time of creation: the same inputs and options give the same bytes. `jobs/manifest-schema.ts` has its JSON Schema.
 */
import type { WarningText } from "../base/warning.js";
import { dayOf } from "../time/period.js";
import { isDataName } from "./names.js";

export interface Manifest {
  readonly electro: { readonly version: string };
  readonly format: 1;
  /** Versions of Node.js and of its time zone data. */
  readonly versions: { readonly node: string; readonly tz: string };
  /** All options that affect the contents of the files, by their names in the library. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
  /** Empty if the sums come from a store. */
  readonly inputs: readonly ManifestInput[];
  /** The store that the sums come from, if they do. */
  readonly store?: ManifestStore;
  readonly totals: ManifestTotals;
  /** The first and last day, inclusive; null if there were no readings and no period was given. */
  readonly period: { readonly from: string; readonly to: string } | null;
  readonly warnings: readonly WarningText[];
  /** All files except the manifest, in the order in which they were written. */
  readonly files: readonly ManifestFile[];
}

export interface ManifestInput {
  readonly name: string;
  /** Bytes as stored, compressed or not; null if not known, as for a pipe. */
  readonly size: number | null;
  /** Time of the last change, in UTC; null if not known. */
  readonly modified: string | null;
  /** Of the bytes as stored, in hexadecimal; with `--hash-inputs`. */
  readonly sha256?: string | undefined;
  /** The line of a table's header, counted from 1. */
  readonly headerLine?: number | undefined;
  /** The profile that it was recognised as. */
  readonly profile?: string | undefined;
  readonly records: number;
  readonly readings: number;
}

/**
 * `readings`, `hoursFilled`, `sources` and `kWh` are for the period; the others for everything read or stored. Counts that
 * only reading gives are absent if the sums come from a store.
 */
export interface ManifestTotals {
  readonly records?: number | undefined;
  readonly rejected?: number | undefined;
  /** Rejected records by the code of the reason. */
  readonly rejectedByReason?: Readonly<Record<string, number>> | undefined;
  readonly rounded?: number | undefined;
  /** What is no reading by the options, by why. */
  readonly leftOut?: Readonly<Record<string, number>> | undefined;
  /** Readings by their flag of quality, if a meter's own format has them. */
  readonly qualityFlags?: Readonly<Record<string, number>> | undefined;
  /** What was found out about cumulative readings, if there are any: exchanges, falls, hours that were only spread, and so on. */
  readonly registers?: Readonly<Record<string, number>> | undefined;
  /** Readings at wall times that a clock change repeats. */
  readonly repeatedWallTimes?: number | undefined;
  /** Those among them for which nothing tells which of the two times is meant. */
  readonly ambiguousWallTimes?: number | undefined;
  readonly skippedWallTimes?: number | undefined;
  readonly readings: number;
  readonly outOfPeriod: number;
  /** Hours with no reading, whose rows have 0. */
  readonly hoursFilled: number;
  readonly sources: number;
  /**
   * First and last instant of the readings, in the run's zone, rounded down to the second; null if there are none. For a
   * store: the starts of the first and last quarter hours with readings.
   */
  readonly first: string | null;
  readonly last: string | null;
  /** Exact sum of the readings in the period. */
  readonly kWh: string;
}

/** The state of a store that the sums come from. */
export interface ManifestStore {
  /** Grows with every change of the set of batches that count. */
  readonly version: number;
  /** Batches that count. */
  readonly batches: number;
}

export interface ManifestFile {
  readonly name: string;
  /** Rows of data, without the header; for rejected records, their number. */
  readonly rows: number;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** List elements in one block of text: a few milliseconds' work. */
const BLOCK = 250;

/** The manifest's text. */
export function manifestText(manifest: Manifest): string {
  return [...manifestBlocks(manifest)].join("");
}

/**
 * The manifest's text in blocks, since there may be very many inputs. Members are in the order of the types above, or by
 * name if the type does not list them.
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
    // Without the block's own brackets.
    yield (from === 0 ? "[" : ",") + text.slice(1, -"\n  ]".length);
  }
  yield "\n  ]";
}

/** JSON, indented as a member of the outermost object. */
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
    inputs: inputs.map(({ name, size, modified, sha256, headerLine, profile, records, readings }) => ({
      ...{ name, size, modified },
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(headerLine === undefined ? {} : { headerLine }),
      ...(profile === undefined ? {} : { profile }),
      ...{ records, readings },
    })),
    ...(store && { store: { version: store.version, batches: store.batches } }),
    totals: {
      records: totals.records,
      readings: totals.readings,
      rejected: totals.rejected,
      rejectedByReason: totals.rejectedByReason && byName(totals.rejectedByReason),
      rounded: totals.rounded,
      leftOut: totals.leftOut && byName(totals.leftOut),
      qualityFlags: totals.qualityFlags && byName(totals.qualityFlags),
      registers: totals.registers && byName(totals.registers),
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
 * A manifest's text without its inputs: there may be so many that parsing them takes a while, and the list of files does
 * not need them.
 */
export function withoutInputs(file: Uint8Array): string {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const from = bytes.indexOf('\n  "inputs": [\n');
  const to = bytes.lastIndexOf('\n  "totals": {\n');
  return from < 0 || to < from ? bytes.toString() : bytes.toString("utf8", 0, from) + bytes.toString("utf8", to);
}

/**
 * The names of the files that a manifest lists, or undefined if Electro did not write it. A `manifest.json` of another tool
 * is never taken for Electro's, and a forged one can only name files that Electro makes.
 */
export function filesListed(text: string): string[] | undefined {
  const names = readManifest(text)?.files.map((file: { name?: unknown } | null) => file?.name);
  return names?.every(isDataName) ? names : undefined;
}

/** The same with their sizes and hashes, as far as the manifest has them. */
export function hashesListed(text: string): readonly Partial<ManifestFile>[] {
  return filesListed(text) === undefined ? [] : (readManifest(text)?.files ?? []);
}

/** The period in a manifest; undefined if it has none, or Electro did not write it. */
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
