/** Days as a store keeps them → rows: in memory, and where that is too little, on the disk. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Gathered, type Room } from "../../dist/pipeline/gathered.js";
import { packDay } from "../../dist/store/cells.js";
import { DAY_CELLS, newDay } from "../../dist/store/day-cells.js";
import type { PackedDay } from "../../dist/store/store.js";
import { energyOf, newColumns } from "../../dist/tally/cell.js";
import { hoursOf } from "../../dist/time/period.js";
import { zoneOf } from "../../dist/time/zone.js";
import { inFolder } from "../oracle/electro.js";

const FIRST = 19_723;

/** A reading of `energy` in each quarter hour of a day. */
function full(day: number, energy: number): PackedDay {
  const cells = newDay();
  cells.count.fill(1);
  for (let q = 0; q < DAY_CELLS; q++) cells.energy[4 * q] = energy;
  return [day, packDay(cells) as Uint8Array];
}

/** Energy and readings of each hour of some columns, in the order of hours. */
async function rowsOf(gathered: Gathered, hours: number, columns: number): Promise<string[]> {
  const rows = await gathered.rows();
  const into = newColumns(columns);
  return Array.from({ length: hours }, (_, row) => {
    rows.sum(Uint32Array.of(row), into, 0, columns);
    return Array.from(into.count, (count, c) => `${energyOf(into.energy, 4 * c)} of ${count}`).join();
  });
}

test("a day that is there often takes no more memory than once, and adds up", async () => {
  const hours = hoursOf(zoneOf("Asia/Kolkata"), FIRST, FIRST + 1);
  const gathered = new Gathered(hours, { memory: 5 * 384 });
  const days = [-1, 0, 1, 2].flatMap((n) => Array.from({ length: 1000 }, () => full(FIRST + n, 3)));
  expect(gathered.add(0, days)).toBe(true);
  gathered.relieve();
  expect(await rowsOf(gathered, hours.length, 1)).toEqual(Array(48).fill("12000 of 4000"));
  expect(gathered.counts).toMatchObject({ readings: 192_000, energy: 576_000n });
});

test("what has nothing in the hours is told, and more than the memory is refused or merged on the disk", async () => {
  await inFolder(async (folder) => {
    const hours = hoursOf(zoneOf("America/St_Johns"), FIRST, FIRST);
    const all = async (room: Room) => {
      const gathered = new Gathered(hours, room);
      for (let column = 0; column < 40; column++) {
        expect(gathered.add(column, [full(FIRST - 1, 9)])).toBe(false);
        expect(gathered.add(column, [full(FIRST, column), full(FIRST + 1, 1000)])).toBe(true);
        gathered.relieve();
      }
      return [await rowsOf(gathered, hours.length, 40), gathered.counts];
    };
    const spill = { prefix: join(folder, "cells-"), displayName: "here" };
    const plenty = await all({});
    expect(await all({ memory: 4000, spill })).toEqual(plenty);
    expect(readdirSync(folder)).toEqual(["cells-merged.tmp"]);
    await expect(all({ memory: 4000 })).rejects.toThrow("the sums by source need more than 0 MB");
  });
});
