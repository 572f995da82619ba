/** NEM12 as users are promised it: whole rows as text, all of them kept, and only then those that count. */
import { energyOf, type Unit } from "./energy.js";
import type { Options } from "./options.js";
import type { Reading } from "./reading.js";
import { instantOf } from "./zone.js";

export interface Delivered {
  readonly readings: readonly Reading[];
  /** Whether there are good rows of consumption and of export. */
  /** Whether any is export, and whether any is consumption. */
  readonly kinds: ReadonlySet<boolean>;
  readonly bad: readonly { readonly input: number; readonly line: number }[];
  readonly leftOut: Readonly<Record<string, number>>;
  /** Readings by flag. */
  readonly flags: Readonly<Record<string, number>>;
  /** Index of an input that has nothing to read. */
  readonly nothing?: number;
}

interface Row {
  readonly input: number;
  readonly line: number;
  readonly source: string;
  readonly day: string;
  readonly update: string;
  readonly minutes: number;
  /** `undefined`: there is no reading. */
  readonly energies: readonly ({ energy: bigint; rounded: boolean } | undefined)[];
  readonly flags: readonly string[];
}

const UNITS: Readonly<Record<string, Unit>> = { WH: "Wh", KWH: "kWh", MWH: "MWh", GWH: "GWh" };
const EXPORT = /\/B[^/]*$/;
const QUALITY = /^([ANV]|[AEFNSV]\d\d)$/;

export const isNem12 = (text: string) => /^\s*(100,NEM1[23]\b|200,\w{10,11},)/.test(text);

/** @param texts of inputs, by their index */
export function nem12(texts: ReadonlyMap<number, string>, options: Options): Delivered {
  const rows: Row[] = [];
  const bad: { input: number; line: number }[] = [];
  const leftOut: Record<string, number> = {};
  const add = (kind: string, count: number) => {
    if (count > 0) leftOut[kind] = (leftOut[kind] ?? 0) + count;
  };
  let nothing: number | undefined;
  for (const [input, text] of texts) {
    let stream: { source: string; unit: Unit | undefined; kind: string; minutes: number } | undefined;
    let energyRows = 0;
    let others = 0;
    const lines = text.split("\n").map((row) => row.replace(/[,\s]+$/, ""));
    for (let n = 0; n < lines.length; n++) {
      const cells = lines[n]!.split(",").map((cell) => cell.trim());
      const line = n + 1;
      if (cells[0] === "") continue;
      if (cells[0] === "100" || cells[0] === "900") stream = undefined;
      else if (cells[0] === "250") {
        add("register", 1);
        others++;
      } else if (cells[0] === "200") {
        const minutes = Number(cells[8]);
        const fits = cells[1] !== "" && cells[4] && cells[7] && Number.isInteger(minutes) && 1440 % minutes === 0;
        if (!fits) bad.push({ input, line });
        const unit = (cells[7] ?? "").toUpperCase();
        const kind = /VARH?$/.test(unit) ? "reactive" : "other_unit";
        stream = fits ? { source: `${cells[1]}/${cells[4]}`, unit: UNITS[unit], kind, minutes } : undefined;
      } else if (cells[0] === "300") {
        const own: string[][] = [];
        while (/^(400.*)?$/.test(lines[n + 1] ?? "x")) if (lines[++n] !== "") own.push(lines[n]!.split(","));
        if (stream !== undefined && stream.unit === undefined) {
          add(stream.kind, 1440 / stream.minutes);
          others++;
          continue;
        }
        energyRows++;
        const row = stream && rowOf(cells, own, { ...stream, unit: stream.unit! });
        if (row === undefined) bad.push({ input, line });
        else rows.push({ ...row, input, line });
      } else if (!["500", "550"].includes(cells[0]!)) bad.push({ input, line });
    }
    if (energyRows === 0 && others > 0) nothing ??= input;
  }
  const zone = options.inputTimezone ?? "+10:00";
  const readings: Reading[] = [];
  const kinds = new Set(rows.map(({ source }) => EXPORT.test(source)));
  const flags: Record<string, number> = {};
  const days = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.source} ${row.day}`;
    days.set(key, [...(days.get(key) ?? []), row]);
  }
  for (const same of days.values()) {
    const latest = same
      .map(({ update }) => update)
      .sort()
      .at(-1)!;
    const last = same.filter(({ update }) => update === latest);
    for (const { energies, update } of same) if (update !== latest) add("superseded", energies.length);
    const content = ({ energies }: Row) => energies.map((one) => one?.energy ?? "N").join();
    if (new Set(last.map(content)).size > 1) {
      bad.push(...last.map(({ input, line }) => ({ input, line })));
      continue;
    }
    const [{ source, day, minutes, energies, flags: own }] = last as [Row];
    add("repeated", energies.length * (last.length - 1));
    const isExport = EXPORT.test(source);
    if (isExport && options.export === "skip") {
      add("export", energies.length);
      continue;
    }
    const midnight = Date.UTC(+day.slice(0, 4), +day.slice(4, 6) - 1, +day.slice(6)) / 1000;
    const start = /^[+-]/.test(zone) ? midnight - 36_000 : instantOf(zone, midnight).instant;
    for (const [k, one] of energies.entries()) {
      if (one === undefined) {
        add("no_reading", 1);
        continue;
      }
      flags[own[k]![0]!] = (flags[own[k]![0]!] ?? 0) + 1;
      const from = start + k * minutes * 60;
      const energy = isExport && options.export === "subtract" ? -one.energy : one.energy;
      readings.push(covering(source, from, from + minutes * 60, energy, one.rounded));
    }
  }
  return { readings, kinds, bad, leftOut, flags, ...(nothing === undefined ? {} : { nothing }) };
}

/** A reading of whole seconds. */
function covering(source: string, from: number, to: number, energy: bigint, rounded: boolean): Reading {
  const covered = { from: BigInt(from) * 1_000_000_000n, to: BigInt(to) * 1_000_000_000n, energy, rounded };
  return { source, energy, rounded, instant: from, wall: undefined, past: false, kind: "once", covered };
}

function rowOf(
  cells: readonly string[],
  refined: readonly string[][],
  { source, unit, minutes }: { source: string; unit: Unit; minutes: number },
): Omit<Row, "input" | "line"> | undefined {
  const intervals = 1440 / minutes;
  const [, day = ""] = cells;
  const quality = cells[2 + intervals] ?? "";
  const update = cells[5 + intervals] ?? "";
  if (!isDay(day) || !QUALITY.test(quality) || !/^(\d{12}|\d{14})?$/.test(update)) return undefined;
  if (update !== "" && !isDay(update.slice(0, 8))) return undefined;
  const flags = Array.from({ length: intervals }, () => quality);
  for (const [, first, last, own = ""] of refined) {
    if (
      !QUALITY.test(own.trim()) ||
      !(Number(first) >= 1 && Number(last) >= Number(first) && Number(last) <= intervals)
    )
      return undefined;
    flags.fill(own.trim(), Number(first) - 1, Number(last));
  }
  const energies: Row["energies"][number][] = [];
  for (let k = 0; k < intervals; k++) {
    if (flags[k]!.startsWith("N")) {
      energies.push(undefined);
      continue;
    }
    const energy = energyOf(cells[2 + k]!.replace(/^(-?)0+(?=\d)/, "$1"), unit);
    if (typeof energy === "string") return undefined;
    energies.push(energy);
  }
  return { source, day, update: update.padEnd(update === "" ? 0 : 14, "0"), minutes, energies, flags };
}

function isDay(text: string): boolean {
  const at = new Date(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T00:00:00Z`);
  return /^(19|2[01])\d{6}$/.test(text) && !Number.isNaN(+at) && at.getUTCDate() === Number(text.slice(6));
}
