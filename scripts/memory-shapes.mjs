// `node scripts/memory-shapes.mjs [--memory SIZE]… [--workers N]… [--only TEXT] [--part FRACTION] [--folder DIR]`: runs
// every shape of data that test/pipeline/memory-shapes.mjs knows under each budget, and prints how much memory each had.
// The test runs the same shapes with fewer readings.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseSize } from "../dist/base/size.js";
import { runOf, SHAPES } from "../test/pipeline/memory-shapes.mjs";

const { values } = parseArgs({
  options: {
    memory: { type: "string", multiple: true, default: ["100MB", "256MB"] },
    workers: { type: "string", multiple: true, default: ["1", "2"] },
    only: { type: "string", default: "" },
    part: { type: "string", default: "1" },
    folder: { type: "string", default: tmpdir() },
  },
});
/** How far the peak may be above the budget. */
const ALLOWED = 1.2;

const base = mkdtempSync(join(values.folder, "electro-memory-"));
let bad = 0;
try {
  for (const shape of SHAPES.filter(({ name }) => name.includes(values.only))) {
    const folder = join(base, "shape");
    mkdirSync(folder);
    await shape.write(folder, shape.readings * Number(values.part));
    console.log(shape.name);
    let expected;
    for (const workers of values.workers)
      for (const memory of ["8GB", ...values.memory]) {
        const budget = /** @type {number} */ (parseSize(memory));
        if (shape.least !== undefined && budget < /** @type {number} */ (parseSize(shape.least))) continue;
        const began = performance.now();
        const { status, peak, stderr, output } = await runOf(folder, shape, [
          ...["--workers", workers, "--memory", memory],
        ]);
        const seconds = (performance.now() - began) / 1000;
        expected ??= output;
        const faults = [];
        if (peak > ALLOWED * budget) faults.push("TOO MUCH");
        if (status === 0 && output !== expected) faults.push("OTHER FILES");
        if (status !== 0 && !shape.refused) faults.push("FAILED");
        bad += faults.length;
        const error = status === 0 ? [] : [stderr.split("\n").find((line) => line.startsWith("error"))];
        console.log(
          `  ${memory.padStart(6)}, ${workers} workers: ${(peak / 1e6).toFixed(0).padStart(5)} MB ${seconds.toFixed(1).padStart(6)} s`,
          ...error,
          ...faults,
        );
      }
    rmSync(folder, { recursive: true });
  }
} finally {
  rmSync(base, { recursive: true });
}
if (bad > 0) throw new Error(`${bad} runs took more than ${ALLOWED} of their budget, failed, or wrote other files`);
