/** What readings come to in the cells, by hand: planes, borders, sums of any sign and size. Compared with a Map. */
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { Plane } from "../../dist/tally/tally.js";
import { cellsOf, scanInput, withoutLayouts } from "./both.mjs";
import { Choose } from "./choose.mjs";

const HOUR = 3600;
const START = Date.parse("2024-01-31T00:00:00Z") / 1000;

interface Reading {
  readonly id: string;
  readonly second: number;
  readonly fraction: boolean;
  readonly wall: boolean;
  readonly value: string;
}

/** Readings about some hours, many of them on a border, as instants and as wall times. */
function someReadings(choose: Choose, length: number): Reading[] {
  const ids = ["", "a", "b", "a meter with a long name"];
  return Array.from({ length }, () => {
    const border = choose.oneIn(3);
    const whole = choose.text(choose.of([1, 2, 6, 12, 15]), "123456789");
    const places = choose.of([0, 1, 3, 3, 9, 18 - Math.min(whole.length - 1, 15), 18]);
    const value = choose.of(["", "-"]) + whole + (places === 0 ? "" : `.${choose.text(places, "0123456789")}`);
    const hour = choose.of([0, 1, 2, 15, 16, 17, 31, 32]);
    const second = START + hour * HOUR + (border ? 0 : choose.below(HOUR));
    return { id: choose.of(ids), second, fraction: choose.oneIn(3), wall: choose.oneIn(2), value };
  });
}

function line({ id, second, fraction, wall, value }: Reading): string {
  const time = new Date(second * 1000).toISOString().slice(0, 19);
  return `{"timestamp":"${time}${fraction ? ".250" : ".000"}${wall ? "" : "Z"}","kWh_value":${value},"meter_id":"${id}"}\n`;
}

/** In 10⁻¹⁸ kWh. */
function energyOf(value: string): bigint {
  const [whole = "", decimals = ""] = value.replace("-", "").split(".");
  return BigInt(whole + decimals.padEnd(18, "0")) * (value.startsWith("-") ? -1n : 1n);
}

function expected(readings: readonly Reading[], bySource: boolean, end: boolean): string[] {
  const cells = new Map<string, { energy: bigint; count: bigint }>();
  const extents = { instant: [Infinity, -Infinity], wall: [Infinity, -Infinity] };
  for (const { id, second, fraction, wall, value } of readings) {
    const border = end && !fraction && second % HOUR === 0;
    const plane = wall ? (border ? Plane.wallBorder : Plane.wall) : Plane.instant;
    const slot = Math.floor(second / HOUR) - (border && !wall ? 1 : 0);
    const key = `cell ${JSON.stringify(bySource ? id : "")} plane ${plane} slot ${slot}`;
    const cell = cells.get(key) ?? { energy: 0n, count: 0n };
    cells.set(key, { energy: cell.energy + energyOf(value), count: cell.count + 1n });
    const extent = wall ? extents.wall : extents.instant;
    const at = second + (fraction ? 0.5 : 0);
    extent[0] = Math.min(extent[0]!, at);
    extent[1] = Math.max(extent[1]!, at);
  }
  return [
    ...[...cells].map(([key, { energy, count }]) => `${key}: ${energy} (${count})`),
    ...[...new Set(readings.map(({ id }) => id))].map((id) => `source ${JSON.stringify(id)}`),
    `instants ${extents.instant.join(" ")}`,
    `walls ${extents.wall.join(" ")}`,
  ].sort();
}

describe.each([
  { bySource: true, end: false },
  { bySource: true, end: true },
  { bySource: false, end: true },
])("cells are exact by source: $bySource, if timestamps mark the end: $end", ({ bySource, end }) => {
  test.each([true, false])("with layouts: %s", (layouts) => {
    const { scan: plan } = planOf({ bySource, stamps: end ? "end" : "start" });
    for (let seed = 0; seed < 20; seed++) {
      const readings = someReadings(Choose.seeded(seed), 400);
      const scanner = new Scanner(plan);
      const scan = () => scanInput(scanner, Buffer.from(readings.map(line).join("")));
      const { bad, slow } = layouts ? scan() : withoutLayouts(scan);
      expect(bad).toEqual([]);
      expect(slow).toBeLessThan(layouts ? 200 : 401);
      expect(cellsOf(scanner.kernel.part())).toEqual(expected(readings, bySource, end));
    }
  });
});

test("readings before 1970 belong to the object around them, which names its source at its end", () => {
  const scanner = new Scanner(planOf({ bySource: true }).scan);
  const choose = Choose.seeded(3);
  const cells = new Map<string, bigint>();
  const objects = Array.from({ length: 300 }, (_, n) => {
    const id = n % 4 === 0 ? "" : `meter ${n % 50}`;
    const records = Array.from({ length: 1 + choose.below(20) }, () => {
      const hour = -choose.below(200_000) - 1;
      const key = `cell ${JSON.stringify(id)} plane ${Plane.instant} slot ${hour}`;
      cells.set(key, (cells.get(key) ?? 0n) + 1n);
      return `{"timestamp":"${new Date(hour * HOUR * 1000).toISOString().slice(0, 19)}Z","kWh_value":1}`;
    });
    return `{"readings":[${records.join(",")}],"meter_id":"${id}"}\n`;
  });
  expect(scanInput(scanner, Buffer.from(objects.join(""))).bad).toEqual([]);
  expect(cellsOf(scanner.kernel.part()).filter((line) => line.startsWith("cell"))).toEqual(
    [...cells].map(([key, count]) => `${key}: ${count * 10n ** 18n} (${count})`).sort(),
  );
});
