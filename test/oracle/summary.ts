/** Readings → rows by hour, day and other resolutions over a period, and the CSV files that hold them. */
import { energyText } from "./energy.js";
import { energyBefore } from "./interval.js";
import type { Options } from "./options.js";
import type { Reading } from "./reading.js";
import { compareUtf8 } from "./utf8.js";
import { bucketText, type ClockRow, dayOf, dayText, instantText, rowAt, rowsOf, type Unit } from "./zone.js";

export interface Summary {
  /** Name → text. */
  readonly files: Map<string, string>;
  readonly outOfPeriod: number;
  readonly hoursFilled: number;
  /** Those with a reading in the period. */
  readonly sources: readonly string[];
  /** Of the readings in the period, 10^-18 kWh. */
  readonly total: bigint;
  readonly days: number;
}

interface Cell {
  energy: bigint;
  count: number;
}

export function summarise(readings: readonly Reading[], options: Options): Summary {
  const zone = options.timezone ?? "UTC";
  const from = options.from === undefined ? -Infinity : dayOf(options.from);
  const to = options.to === undefined ? Infinity : dayOf(options.to);
  const stamps = options.stamps ?? "start";
  const placed = readings.flatMap((reading, of) => piecesOf(zone, reading, stamps, 3600, of));
  const inPeriod = placed.filter(({ row }) => row.day >= from && row.day <= to);
  const quarters = readings
    .flatMap((reading, of) => piecesOf(zone, reading, stamps, 900, of))
    .filter(({ row }) => row.day >= from && row.day <= to);
  const resolutions = options.resolutions ?? ["hour", "day"];

  const cells = new Map<string, Cell>();
  const add = ({ source, energy, begins }: Piece, keys: readonly string[]) => {
    for (const key of keys.map((key) => `${key} ${options.bySource ? source : ""}`)) {
      const cell = cells.get(key) ?? { energy: 0n, count: 0 };
      cells.set(key, { energy: cell.energy + energy, count: cell.count + (begins ? 1 : 0) });
    }
  };
  for (const piece of inPeriod) {
    const { row } = piece;
    const buckets = BUCKETS.map((bucket) => `${bucket} ${bucketText(bucket, row.day)}`);
    add(piece, [`hour ${row.start}`, "total", ...buckets]);
  }
  for (const piece of quarters) add(piece, [`15min ${piece.row.start}`]);
  const sources = [...new Set(inPeriod.map(({ source }) => source))].sort(compareUtf8);
  const perRow = options.bySource ? sources : [""];

  const lines = (label: string, key: string) =>
    perRow.map((source) => {
      const cell = cells.get(`${key} ${source}`) ?? { energy: 0n, count: 0 };
      return csvLine([
        label,
        ...(options.bySource ? [options.rawIds ? source : guarded(source)] : []),
        energyText(cell.energy, options.decimals),
        ...(options.withCounts ? [String(cell.count)] : []),
      ]);
    });

  const inDays = inPeriod.map(({ row }) => row.day);
  // A loop, not Math.min(...): there may be more readings than a call can have arguments.
  const first = options.from === undefined ? inDays.reduce((a, b) => Math.min(a, b), Infinity) : from;
  const last = options.to === undefined ? inDays.reduce((a, b) => Math.max(a, b), -Infinity) : to;
  const hasPeriod = Number.isFinite(first) && Number.isFinite(last) && first <= last;
  const rows = hasPeriod ? rowsOf(zone, first, last) : [];
  const days = [...new Set(rows.map((row) => row.day))].sort((a, b) => a - b);
  const filled = rows.flatMap((row) => perRow.filter((source) => !cells.has(`hour ${row.start} ${source}`)));

  const files = new Map<string, string>();
  for (const bucket of BUCKETS) {
    if (!resolutions.includes(bucket)) continue;
    const labels = [...new Set(days.map((day) => bucketText(bucket, day)))];
    const name = bucket === "day" ? "daily" : `${bucket}ly`;
    const text = labels.flatMap((label) => lines(label, `${bucket} ${label}`)).join("");
    files.set(`${name}_data.csv`, header(name, options) + text);
  }
  if (resolutions.includes("total")) {
    const text = hasPeriod ? lines(`${dayText(first)}/${dayText(last)}`, "total").join("") : "";
    files.set("total_data.csv", header("total", options) + text);
  }
  for (const [resolution, unit, kind] of [
    ["hour", 3600, "hourly"],
    ["15min", 900, "quarter_hourly"],
  ] as const) {
    if (!resolutions.includes(resolution) || !hasPeriod) continue;
    for (const row of rowsOf(zone, first, last, unit)) {
      const name = `${kind}_data_${options.fileDate === "iso" ? dayText(row.day) : ddMm(row.day)}.csv`;
      const before = files.get(name) ?? header(kind, options);
      files.set(name, before + lines(instantText(zone, row.start), `${resolution} ${row.start}`).join(""));
    }
  }
  return {
    files,
    outOfPeriod: readings.length - new Set(inPeriod.map(({ of }) => of)).size,
    hoursFilled: filled.length,
    sources,
    total: inPeriod.reduce((sum, { energy }) => sum + energy, 0n),
    days: days.length,
  };
}

/** What of a reading is in one row. */
interface Piece {
  readonly source: string;
  readonly energy: bigint;
  readonly row: ClockRow;
  readonly begins: boolean;
  /** Which reading it is of. */
  readonly of: number;
}

const SECOND = 1_000_000_000n;

function piecesOf(zone: string, reading: Reading, stamps: "start" | "end", unit: Unit, of: number): Piece[] {
  const { source, energy, covered } = reading;
  if (covered === undefined)
    return [{ source, energy, row: rowOfReading(zone, reading, stamps, unit), begins: true, of }];
  const pieces: Piece[] = [];
  for (let at = covered.from; at < covered.to; ) {
    const row = rowAt(zone, Number((at - (((at % SECOND) + SECOND) % SECOND)) / SECOND), unit);
    const end = BigInt(row.end) * SECOND;
    const part = energyBefore(covered, end) - energyBefore(covered, at);
    pieces.push({ source, energy: part, row, begins: at === covered.from, of });
    at = end;
  }
  return pieces;
}

const BUCKETS = ["day", "week", "month", "year"] as const;

/** With end stamps an hour is what comes after its start up to its end: (13:00, 14:00]. */
function rowOfReading(zone: string, { instant, past }: Reading, stamps: "start" | "end", unit: Unit): ClockRow {
  return rowAt(zone, stamps === "end" && !past ? instant - 1 : instant, unit);
}

function header(kind: string, options: Options): string {
  const source = options.bySource ? ["source_id"] : [];
  const count = options.withCounts ? ["reading_count"] : [];
  return csvLine([`${kind}_timestamp`, ...source, "aggregated_kWh_value", ...count]);
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[,"\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}

/** An id that a spreadsheet would run as a formula gets a `'` before it. */
function guarded(source: string): string {
  return /^[=+\-@\t\r']/.test(source) ? `'${source}` : source;
}

function ddMm(day: number): string {
  const [, month, date] = dayText(day).split("-");
  return `${date}_${month}`;
}
