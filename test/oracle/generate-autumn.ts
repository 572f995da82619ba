/** fast-check arbitraries for files about a time at which a clock is put back: as meters write them, and spoilt in many ways. */
import fc from "fast-check";
import { randomOf } from "./render.js";
import { offsetAt } from "./zone.js";

export interface AutumnRow {
  readonly timestamp: string;
  readonly source: string;
  /** Empty where there is no reading. */
  readonly value: string;
}

export interface AutumnFile {
  readonly zone: string;
  readonly ends: boolean;
  readonly rows: readonly AutumnRow[];
}

/** Zones, and a day or so before a change that puts their clock back. Some change over midnight, by half an hour, by many hours, with seconds. */
const AUTUMNS: readonly (readonly [zone: string, about: string])[] = [
  ["Europe/Berlin", "2024-10-27"],
  ["Europe/Berlin", "1945-11-18"],
  ["Europe/London", "2024-10-27"],
  ["Europe/London", "1947-11-02"],
  ["Europe/Dublin", "2030-10-27"],
  ["Europe/Lisbon", "1992-09-27"],
  ["Europe/Moscow", "1919-07-01"],
  ["Europe/Moscow", "2014-10-26"],
  ["Europe/Volgograd", "2020-12-27"],
  ["Europe/Amsterdam", "1937-07-01"],
  ["Europe/Warsaw", "1915-08-05"],
  ["Europe/Paris", "1911-03-11"],
  ["America/New_York", "2024-11-03"],
  ["America/St_Johns", "2006-10-29"],
  ["America/St_Johns", "1988-10-30"],
  ["America/St_Johns", "2024-11-03"],
  ["America/Sao_Paulo", "2018-02-18"],
  ["America/Havana", "2024-11-03"],
  ["America/Asuncion", "2023-03-26"],
  ["America/Santiago", "2024-04-07"],
  ["America/Caracas", "2007-12-09"],
  ["America/Recife", "2000-10-15"],
  ["America/Iqaluit", "1999-10-31"],
  ["America/Anchorage", "1983-10-30"],
  ["Africa/Cairo", "2024-10-31"],
  ["Africa/Casablanca", "2024-03-10"],
  ["Africa/Monrovia", "1919-03-01"],
  ["Antarctica/Troll", "2024-10-27"],
  ["Asia/Tehran", "2022-09-22"],
  ["Asia/Gaza", "2040-10-20"],
  ["Asia/Pyongyang", "2015-08-15"],
  ["Asia/Singapore", "1945-09-12"],
  ["Asia/Manila", "1944-11-01"],
  ["Asia/Kolkata", "1942-05-15"],
  ["Asia/Kathmandu", "2024-10-27"],
  ["Australia/Sydney", "2024-04-07"],
  ["Australia/Lord_Howe", "2024-04-07"],
  ["Pacific/Apia", "2012-04-01"],
  ["Pacific/Kwajalein", "1969-09-30"],
  ["Pacific/Enderbury", "1937-08-31"],
  ["Pacific/Kiritimati", "1979-10-01"],
];

const two = (value: number) => String(value).padStart(2, "0");

const shape = fc.record({
  step: fc.constantFrom(3600, 3600, 1800, 900, 900, 900, 600, 420, 1234),
  /** Hours from the middle of the day at which rows begin and end. */
  from: fc.integer({ min: -40, max: -1 }),
  to: fc.integer({ min: 1, max: 40 }),
  falls: fc.boolean(),
  sources: fc.integer({ min: 1, max: 4 }),
  bySource: fc.boolean(),
  ends: fc.boolean(),
  /** With end stamps: whether the last end before a change is written as the old clock has it. */
  oldClock: fc.boolean(),
  /** Sorted by wall time, so that the two passes are one. */
  sorted: fc.integer({ min: 0, max: 9 }).map((n) => n < 2),
  spoils: fc.array(
    fc.record({
      way: fc.constantFrom("drop", "drop", "double", "swap", "move", "offset", "fraction", "empty", "empty"),
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    }),
    { maxLength: 3 },
  ),
  dropped: fc.constantFrom(0, 0, 0, 0.3, 0.9),
  seed: fc.integer({ min: 1 }),
});

export const autumn: fc.Arbitrary<AutumnFile> = fc
  .tuple(fc.constantFrom(...AUTUMNS), shape)
  .map(
    ([[zone, about], { step, from, to, falls, sources, bySource, ends, oldClock, sorted, spoils, dropped, seed }]) => {
      const random = randomOf(seed);
      const middle = changeNear(zone, Date.parse(`${about}T00:00:00Z`) / 1000);
      const start = Math.floor((middle + from * 3600) / step) * step;
      const all: (AutumnRow & { wall: number })[][] = [];
      for (let n = 0; n < sources; n++) {
        const rows: (AutumnRow & { wall: number })[] = [];
        for (let t = start; t < middle + to * 3600; t += step) {
          if (random() < dropped) continue;
          const offset = offsetAt(zone, ends && oldClock ? t - 1 : t);
          const value = String(Math.floor(random() * 100_000) / 1000);
          rows.push({ timestamp: textOf(t + offset), source: n === 0 ? "" : `meter ${n}`, value, wall: t + offset });
        }
        if (sorted) rows.sort((a, b) => a.wall - b.wall);
        if (falls) rows.reverse();
        for (const { way, at, to: place } of spoils) spoil(rows, way, at, place);
        all.push(rows);
      }
      const rows = bySource ? all.flat() : interleaved(all, random);
      return { zone, ends, rows: rows.map(({ timestamp, source, value }) => ({ timestamp, source, value })) };
    },
  );

const changes = new Map<string, number>();

/** The first change within some days that puts the clock back, else the day itself. */
function changeNear(zone: string, day: number): number {
  const key = `${zone} ${day}`;
  const found = changes.get(key) ?? findChange(zone, day);
  changes.set(key, found);
  return found;
}

function findChange(zone: string, day: number): number {
  for (let t = day - 10 * 86400; t < day + 10 * 86400; t += 900)
    if (offsetAt(zone, t + 900) < offsetAt(zone, t)) return t + 900;
  return day;
}

function textOf(wall: number): string {
  const text = new Date(wall * 1000).toISOString();
  return text.slice(0, text.slice(17, 19) === "00" ? 16 : 19);
}

function spoil(rows: (AutumnRow & { wall: number })[], way: string, at: number, to: number): void {
  if (rows.length === 0) return;
  const i = Math.floor(at * rows.length);
  const j = Math.floor(to * rows.length);
  const row = rows[i]!;
  if (way === "drop") rows.splice(i, 1);
  else if (way === "double") rows.splice(i, 0, { ...row, value: "0.007" });
  else if (way === "swap") [rows[i], rows[j]] = [rows[j]!, row];
  else if (way === "move") rows.splice(j, 0, ...rows.splice(i, 1));
  else if (way === "empty") rows[i] = { ...row, value: "" };
  else if (/[+.]/.test(row.timestamp)) return;
  else if (way === "offset") rows[i] = { ...row, timestamp: `${row.timestamp}+${two(Math.floor(to * 3))}:00` };
  else rows[i] = { ...row, timestamp: `${row.timestamp.padEnd(19, ":00")}.${Math.floor(to * 1000)}` };
}

/** Each list keeps its order. */
function interleaved<T>(lists: readonly (readonly T[])[], random: () => number): T[] {
  const left = lists.map((list) => [...list]);
  const result: T[] = [];
  for (
    let some = left.filter((list) => list.length > 0);
    some.length > 0;
    some = left.filter((list) => list.length > 0)
  )
    result.push(some[Math.floor(random() * some.length)]!.shift()!);
  return result;
}
