/** Cumulative readings against an oracle that sorts everything, in any order, cut into any inputs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregate, load, quality } from "../../dist/index.js";
import { inFolder } from "../oracle/electro.js";
import { registerEnergies } from "../oracle/register.js";
import { lineOf, optionsOf, READINGS, RULES } from "./cases.js";
import { filledRows, rowsOf } from "./rows.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 60);
const ASKED = {
  ...{ bySource: true, withCounts: true, resolutions: ["15min"] as const, maxDays: 100_000 },
  fileDate: "iso" as const,
};

test("give what the oracle makes of the set, whatever the order and the inputs", async () => {
  await fc.assert(
    fc.asyncProperty(
      READINGS,
      RULES,
      fc.infiniteStream(fc.nat(1_000_000)),
      fc.integer({ min: 1, max: 3 }),
      async (all, rules, random, cuts) => {
        const readings = all.filter(({ newStart }) => newStart === undefined);
        const exchanges = all.filter(({ newStart }) => newStart !== undefined);
        const expected = registerEnergies(all, rules);
        const shuffled = readings.map((one) => [random.next().value, one] as const).sort(([a], [b]) => a - b);
        const texts = Array.from({ length: cuts }, () => "");
        for (const [n, [, one]] of shuffled.entries()) texts[n % cuts] += lineOf(one);
        const inputs = texts.filter((text) => text !== "").map((text) => Buffer.from(text));
        await inFolder(async (folder) => {
          inputs.forEach((bytes, n) => writeFileSync(join(folder, `${n}.ndjson`), bytes));
          const names = inputs.map((_, n) => `${n}.ndjson`);
          writeFileSync(join(folder, "exchanges.ndjson"), exchanges.map(lineOf).join(""));
          const told = exchanges.length === 0 ? {} : { exchanges: ["exchanges.ndjson"] };
          const options = { ...ASKED, ...optionsOf(rules), ...told };
          if (names.length === 0) return;
          if ((expected.events["conflict"] ?? 0) > 0)
            await expect(aggregate(names, { ...options, cwd: folder } as never)).rejects.toThrow(
              /different cumulative readings/,
            );
          const found = await aggregate(names, { ...options, onError: "skip", cwd: folder } as never);
          expect(filledRows(found.csv())).toEqual(rowsOf(expected));
        });
      },
    ),
    { numRuns: CASES },
  );
});

test("have no doubled readings, and no day opens with the last one", async () => {
  await inFolder(async (folder) => {
    const lines = Array.from({ length: 97 }, (_, n) => {
      const timestamp = new Date(Date.UTC(2024, 0, 31, 0, 15 * n)).toISOString();
      return `${JSON.stringify({ timestamp, kWh_value: 100 + n / 4, meter_id: "a" })}\n`;
    });
    writeFileSync(join(folder, "a.ndjson"), lines.join(""));
    const found = await aggregate("a.ndjson", { values: "register", cwd: folder });
    expect(found).toMatchObject({ period: { from: "2024-01-31", to: "2024-01-31" }, kWh: "24", readings: 97 });
    const store = join(folder, "s.duckdb");
    await load(["a.ndjson"], { values: "register", store, cwd: folder });
    for (const sources of [
      (await quality(["a.ndjson"], { values: "register", cwd: folder })).sources,
      (await quality([], { store, cwd: folder })).sources,
    ])
      expect(sources).toMatchObject([{ source: "a", duplicateSlots: 0, gapCount: 0, readings: 97 }]);
  });
});
