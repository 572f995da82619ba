/** Tables of the quality of sources, the worst first, as wide as the terminal allows. */

import { coverageOf, type SourceQuality } from "../../quality/quality.js";
import { energyText } from "../../tally/energy.js";
import { dateAt, dayText, hourLabel } from "../../time/period.js";
import { offsetAt, type Zone } from "../../time/zone.js";
import { grouped } from "./numbers.js";
import { printable, widthOf } from "./printable.js";

interface Column {
  readonly heading: string;
  /** Whether the column is right-aligned. */
  readonly right?: boolean;
  /** On a narrow terminal, columns of the highest rank are dropped first; those of rank 0 stay. */
  readonly rank: number;
  cell(quality: SourceQuality, zone: Zone): string;
}

/** Stands for an unknown value. */
const UNKNOWN = "?";
/** Below this share of regular readings, an interval is marked as uncertain. */
const SURE = 0.9;
const LONGEST_ID = 36;
const LEAST_ID = 12;

const COLUMNS: readonly Column[] = [
  { heading: "first", rank: 5, cell: ({ first }, zone) => clock(first, zone) },
  { heading: "last", rank: 4, cell: ({ last }, zone) => clock(last, zone) },
  { heading: "interval", rank: 0, right: true, cell: intervalText },
  { heading: "coverage", rank: 0, right: true, cell: (quality) => percent(coverageOf(quality), Math.floor) },
  { heading: "gaps", rank: 0, right: true, cell: (quality) => told(quality, grouped(quality.gapCount)) },
  {
    heading: "longest gap",
    rank: 1,
    right: true,
    cell: (quality) => told(quality, quality.gapCount === 0 ? "-" : lengthText(quality.longestGap)),
  },
  { heading: "doubled", rank: 2, right: true, cell: (quality) => told(quality, grouped(quality.duplicateSlots)) },
  { heading: "negative", rank: 3, right: true, cell: (quality) => grouped(quality.negativeSlots) },
  {
    heading: "empty hours",
    rank: 6,
    right: true,
    cell: ({ emptyHours, hours }) => percent(hours === 0 ? undefined : emptyHours / hours, Math.ceil),
  },
  { heading: "readings", rank: 7, right: true, cell: ({ readings }) => grouped(readings) },
  { heading: "total kWh", rank: 8, right: true, cell: ({ energy }) => grouped(energyText(energy, 3)) },
];

/**
 * One row per source: the lowest coverage first, then the most extra readings, then in the order given.
 * @param width of the terminal in columns; `undefined` for no limit
 */
export function* sourcesTable(
  sources: readonly SourceQuality[],
  zone: Zone,
  width: number | undefined,
): Generator<string, void> {
  const sorted = worstFirst(sources);
  const ids = sorted.map(({ source }) => (source === "" ? "(unnamed)" : printable(source)));
  const cells = COLUMNS.map(({ cell }) => sorted.map((quality) => cell(quality, zone)));
  const widths = COLUMNS.map(({ heading }, c) => Math.max(heading.length, longest(cells[c]!)));
  let shown = COLUMNS.map((_, c) => c);
  const room = () => (width ?? Number.POSITIVE_INFINITY) - shown.reduce((sum, c) => sum + 2 + widths[c]!, 0);
  const idWidth = Math.max("source".length, longest(ids));
  while (room() < Math.min(idWidth, LEAST_ID)) {
    const last = shown.reduce((most, c) => (COLUMNS[c]!.rank > COLUMNS[most]!.rank ? c : most), shown[0]!);
    if (COLUMNS[last]!.rank === 0) break;
    shown = shown.filter((c) => c !== last);
  }
  const idRoom = width === undefined ? idWidth : Math.min(idWidth, Math.max(LEAST_ID, Math.min(room(), LONGEST_ID)));
  yield line("source", (c) => COLUMNS[c]!.heading);
  for (const [n, id] of ids.entries()) yield line(cutTo(id, idRoom), (c) => cells[c]![n]!);

  function line(id: string, cellOf: (column: number) => string): string {
    const rest = shown.map((c) => (COLUMNS[c]!.right ? cellOf(c).padStart(widths[c]!) : cellOf(c).padEnd(widths[c]!)));
    return `${[id + " ".repeat(idRoom - widthOf(id)), ...rest].join("  ").trimEnd()}\n`;
  }
}

/** One row per gap and per time range with duplicates, with sources in the same order. */
export function* findingsTable(sources: readonly SourceQuality[], zone: Zone): Generator<string, void> {
  const rows: string[][] = [["source", "finding", "from", "to", "length", "readings"]];
  for (const quality of worstFirst(sources)) {
    const id = quality.source === "" ? "(unnamed)" : printable(quality.source);
    const { gaps, gapCount, duplicates, duplicateCount } = quality;
    for (const [name, list, count] of [
      ["gap", gaps, gapCount],
      ["doubled", duplicates, duplicateCount],
    ] as const) {
      for (const { from, to, readings } of list) {
        const number = readings === undefined ? UNKNOWN : grouped(readings);
        rows.push([id, name, clock(from, zone), clock(to, zone), lengthText(to - from), number]);
      }
      if (count > list.length) rows.push([id, `${grouped(count - list.length)} more: ${name}`, "", "", "", ""]);
    }
  }
  const widths = [0, 1, 2, 3, 4, 5].map((c) => longest(rows.map((row) => row[c]!)));
  for (const row of rows) {
    const cells = row.map((cell, c) => {
      const blanks = " ".repeat(widths[c]! - widthOf(cell));
      return c < 4 ? cell + blanks : blanks + cell;
    });
    yield `${cells.join("  ").trimEnd()}\n`;
  }
}

/** A summary of all sources, in words and as numbers. */
export function qualitySummary(
  sources: readonly SourceQuality[],
  zone: Zone,
  { from, to }: { from?: string; to?: string },
): { lines: string[]; fields: Record<string, number> } {
  const count = (is: (quality: SourceQuality) => boolean) => sources.filter(is).length;
  const fields = {
    sources: sources.length,
    complete: count((quality) => coverageOf(quality) === 1 && quality.extra === 0),
    with_gaps: count(({ gapCount }) => gapCount > 0),
    with_doubled: count(({ extra }) => extra > 0),
    with_negative: count(({ negativeSlots }) => negativeSlots > 0),
    with_too_few: count(({ readings, expected }) => readings > 0 && expected === undefined),
    without_reading: count(({ readings }) => readings === 0),
  };
  const words: readonly [number, string][] = [
    [fields.complete, "complete"],
    [fields.with_gaps, "with gaps"],
    [fields.with_doubled, "with doubled readings"],
    [fields.with_negative, "with negative energy"],
    [fields.with_too_few, "with too few readings to tell"],
    [fields.without_reading, "without a reading"],
  ];
  const firsts = sources.flatMap(({ first }) => (first === undefined ? [] : dateAt(zone, first)));
  const lasts = sources.flatMap(({ last }) => (last === undefined ? [] : dateAt(zone, last)));
  const earliest = firsts.reduce((least, day) => Math.min(least, day), Number.POSITIVE_INFINITY);
  const latest = lasts.reduce((most, day) => Math.max(most, day), Number.NEGATIVE_INFINITY);
  const shorter = firsts.filter(
    (first, n) => (from === undefined && first > earliest) || (to === undefined && lasts[n]! < latest),
  ).length;
  const number = `${grouped(sources.length)} ${sources.length === 1 ? "source" : "sources"}`;
  const days = firsts.length === 0 ? "" : `, ${from ?? dayText(earliest)} to ${to ?? dayText(latest)}`;
  const lines = [`${number}${days} (${zone.name})`];
  if (sources.length > 0) lines.push(words.flatMap(([n, what]) => (n > 0 ? `${grouped(n)} ${what}` : [])).join(" · "));
  if (shorter > 0)
    lines.push(
      `${grouped(shorter)} begin on a later or end on an earlier day than others; with --from and --to that counts as missing`,
    );
  return { lines, fields };
}

function worstFirst(sources: readonly SourceQuality[]): SourceQuality[] {
  // Unknown coverage may be bad, so it ranks with that of sources without readings.
  const rank = (quality: SourceQuality) => coverageOf(quality) ?? 0;
  return [...sources].sort((a, b) => rank(a) - rank(b) || b.extra - a.extra);
}

function told({ expected, readings }: SourceQuality, text: string): string {
  return expected === undefined && readings > 0 ? UNKNOWN : text;
}

/** `15 min`; `60 min → 15 min` if it changed; with a `?` if it is uncertain. */
function intervalText({ intervals, regular, neighbours }: SourceQuality): string {
  if (intervals.length === 0) return "-";
  const unsure = regular !== undefined && regular < SURE * neighbours ? UNKNOWN : "";
  return intervals.map(({ seconds }) => (seconds === undefined ? UNKNOWN : lengthText(seconds))).join(" → ") + unsure;
}

/** A duration in days, hours, minutes and seconds: at most the three largest units. */
function lengthText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ].filter(([n]) => n !== 0);
  return parts
    .slice(0, 3)
    .map((part) => part.join(" "))
    .join(" ");
}

function percent(share: number | undefined, cut: (value: number) => number): string {
  return share === undefined
    ? UNKNOWN
    : `${(cut(share * 1e4 + (cut === Math.floor ? 1e-7 : -1e-7)) / 100).toFixed(2)}%`;
}

/** A time as summaries label it. */
function clock(second: number | undefined, zone: Zone): string {
  return second === undefined ? "-" : hourLabel(zone, second, offsetAt(zone, second));
}

/** Shortens a text in the middle, since ids often differ only at their ends. */
function cutTo(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const end = Math.ceil((width - 1) / 2);
  return `${characters.slice(0, width - 1 - end).join("")}…${characters.slice(-end).join("")}`;
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}
