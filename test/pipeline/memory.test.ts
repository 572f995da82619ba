/** The budget of memory holds within a fifth, in every shape of data that we could think of; or the run says that it cannot. */
import { describe, expect, test } from "vitest";
import { inFolder } from "../oracle/electro.js";
import { runOf, SHAPES } from "./memory-shapes.mjs";

/** Of the readings that the script takes. */
const PART = 0.2;
const ALLOWED = 1.2;

describe("a run's resident memory is within a fifth of --memory, and its files those of a run with plenty", () => {
  // The script takes all of them, and larger ones.
  for (const shape of SHAPES.filter(({ long }) => !long))
    test(shape.name, async () => {
      await inFolder(async (folder) => {
        await shape.write(folder, shape.readings * PART);
        const plenty = await runOf(folder, shape, ["--workers", "2", "--memory", "8GB"]);
        expect([plenty.status, plenty.stderr]).toEqual([0, expect.anything()]);
        const { least = "100MB", refused } = shape;
        const little = await runOf(folder, shape, ["--workers", "2", "--memory", least]);
        expect(little.peak / 1e6).toBeLessThan(ALLOWED * Number.parseInt(least, 10));
        if (little.status === 0) expect(little.output).toBe(plenty.output);
        else
          expect([refused, little.status, little.stderr]).toEqual([
            true,
            1,
            expect.stringMatching(/^error: .* needs? more than 100 MB; allow more with --memory/m),
          ]);
      });
    });
});
