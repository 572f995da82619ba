/**
 * The quality of sources as CSV and JSON; docs/quality.md explains the columns. Times are in a zone. Shares are rounded to
 * four places towards the worse, so that only a complete source looks complete.
 */

import { idCell } from "../base/csv-cell.js";
import type { Finding } from "../quality/completeness.js";
import type { SourceQuality } from "../quality/quality.js";
import { energyText } from "../tally/energy.js";
import { hourLabel } from "../time/period.js";
import { offsetAt, type Zone } from "../time/zone.js";

/** A row of the CSV, in the order of its columns; in JSON, members of a source. */
export interface QualityRow {
  readonly source_id: string;
  readonly readings: number;
  readonly total_kWh: string;
  readonly first: string | null;
  readonly last: string | null;
  readonly interval_minutes: number | null;
  readonly interval_share: number | null;
  readonly interval_changes: number;
  readonly expected_readings: number | null;
  readonly present_readings: number | null;
  readonly coverage: number | null;
  readonly gap_count: number | null;
  readonly gap_minutes: number | null;
  readonly longest_gap_minutes: number | null;
  readonly doubled_quarter_hours: number | null;
  readonly extra_readings: number | null;
  readonly negative_quarter_hours: number;
  readonly negative_kWh: string;
  readonly hours: number;
  readonly empty_hours: number;
  readonly empty_hours_share: number | null;
}

export interface FindingRow {
  readonly from: string;
  readonly to: string;
  readonly minutes: number;
  readonly readings: number | null;
}

/** A source with its findings, and how many are not listed. */
export interface QualityObject extends QualityRow {
  readonly intervals: readonly { readonly from: string; readonly minutes: number | null }[];
  readonly gaps: readonly FindingRow[];
  readonly gaps_not_listed: number;
  readonly doubled: readonly FindingRow[];
  readonly doubled_not_listed: number;
}

function qualityRow(quality: SourceQuality, zone: Zone): QualityRow {
  const { expected, present, regular, intervals, readings, hours } = quality;
  // Without an interval, completeness is unknown; without readings, the whole period is one gap.
  const known = (value: number) => (expected === undefined && readings > 0 ? null : value);
  return {
    source_id: quality.source,
    readings,
    total_kWh: energyText(quality.energy),
    first: quality.first === undefined ? null : label(quality.first, zone),
    last: quality.last === undefined ? null : label(quality.last, zone),
    interval_minutes: minutesOf(intervals.at(-1)?.seconds),
    interval_share: regular === undefined ? null : share(regular, quality.neighbours, Math.floor),
    interval_changes: Math.max(0, intervals.length - 1),
    expected_readings: expected ?? null,
    present_readings: known(present),
    coverage: readings === 0 ? 0 : expected === undefined ? null : share(present, expected, Math.floor),
    gap_count: known(quality.gapCount),
    gap_minutes: known(quality.gapSeconds / 60),
    longest_gap_minutes: known(quality.longestGap / 60),
    doubled_quarter_hours: known(quality.duplicateSlots),
    extra_readings: known(quality.extra),
    negative_quarter_hours: quality.negativeSlots,
    negative_kWh: energyText(quality.negativeEnergy),
    hours,
    empty_hours: quality.emptyHours,
    empty_hours_share: hours === 0 ? null : share(quality.emptyHours, hours, Math.ceil),
  };
}

export function qualityObject(quality: SourceQuality, zone: Zone): QualityObject {
  const rows = (findings: readonly Finding[]) => findings.map((finding) => findingRow(finding, zone));
  return {
    ...qualityRow(quality, zone),
    intervals: quality.intervals.map(({ from, seconds }) => ({ from: label(from, zone), minutes: minutesOf(seconds) })),
    gaps: rows(quality.gaps),
    gaps_not_listed: quality.gapCount - quality.gaps.length,
    doubled: rows(quality.duplicates),
    doubled_not_listed: quality.duplicateCount - quality.duplicates.length,
  };
}

/** Columns of the CSV with one row per source. */
const COLUMNS: readonly (keyof QualityRow)[] = [
  "source_id",
  "readings",
  "total_kWh",
  "first",
  "last",
  "interval_minutes",
  "interval_share",
  "interval_changes",
  "expected_readings",
  "present_readings",
  "coverage",
  "gap_count",
  "gap_minutes",
  "longest_gap_minutes",
  "doubled_quarter_hours",
  "extra_readings",
  "negative_quarter_hours",
  "negative_kWh",
  "hours",
  "empty_hours",
  "empty_hours_share",
];

export const QUALITY_HEADING = `${COLUMNS.join(",")}\n`;

export function qualityLine(quality: SourceQuality, zone: Zone): string {
  const row = qualityRow(quality, zone);
  return csvLine(COLUMNS.map((column) => row[column]));
}

/** Header of the CSV with one row per gap and per range with duplicates. */
export const FINDINGS_HEADING = "source_id,finding,from,to,minutes,readings\n";

/** The rows of a source's gaps and ranges with duplicates. If some are not listed, one more row counts them. */
export function* findingLines(quality: SourceQuality, zone: Zone): Generator<string, void> {
  const { source_id, gaps, gaps_not_listed, doubled, doubled_not_listed } = qualityObject(quality, zone);
  for (const [name, rows, more] of [
    ["gap", gaps, gaps_not_listed],
    ["doubled", doubled, doubled_not_listed],
  ] as const) {
    for (const { from, to, minutes, readings } of rows) yield csvLine([source_id, name, from, to, minutes, readings]);
    if (more > 0) yield csvLine([source_id, `${more} more ${name === "gap" ? "gaps" : name}`, null, null, null, null]);
  }
}

/** The parts of the JSON document before and after its sources, which are `qualityObject`s separated by commas. */
export function qualityFrame(zone: Zone, period: { from: string | null; to: string | null }, more: object = {}) {
  const text = JSON.stringify({ timezone: zone.name, ...period, sources: [], ...more });
  const at = text.indexOf("[]") + 1;
  return { before: text.slice(0, at), after: text.slice(at) };
}

function findingRow({ from, to, readings }: Finding, zone: Zone): FindingRow {
  return {
    from: label(from, zone),
    to: label(to, zone),
    minutes: (to - from) / 60,
    readings: readings ?? null,
  };
}

function csvLine([id, ...cells]: readonly (string | number | null)[]): string {
  return `${[idCell(String(id), false), ...cells.map((cell) => cell ?? "")].join(",")}\n`;
}

function label(second: number, zone: Zone): string {
  return hourLabel(zone, second, offsetAt(zone, second));
}

/** Some intervals are fractions of a minute. */
function minutesOf(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round((seconds / 60) * 1e4) / 1e4;
}

function share(part: number, all: number, cut: (places: number) => number): number {
  return cut((part * 1e4) / all) / 1e4;
}
