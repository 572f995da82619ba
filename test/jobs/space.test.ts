/** Disks that are too small, which a run says before it fills them: file systems in memory, which only root may mount. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import type { AggregateOptions } from "../../dist/jobs/options.js";
import { inFolder } from "../oracle/electro.js";

const SKIPPED = "SKIPPED: only root may mount the small disk that this test needs";

/** Sums 12 files of 300 readings each, of 60 sources, into a disk of so many bytes. */
async function onDisk(
  size: number,
  options: AggregateOptions,
  share: number | undefined,
  use: (run: Promise<unknown>, left: () => string[]) => Promise<void>,
) {
  return inFolder(async (folder) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    mkdirSync(join(folder, "in"));
    if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]).status !== 0) return false;
    try {
      for (let file = 0; file < 12; file++) {
        const line = (n: number) => {
          const time = new Date(1.7e12 + ((n * 7919 + file * 31) % 2000) * 36e5).toISOString();
          return `{"timestamp":"${time}","kWh_value":${n}.${file}25,"meter_id":"meter-${n % 60}"}`;
        };
        writeFileSync(join(folder, "in", `${file}.ndjson`), Array.from({ length: 300 }, (_, n) => line(n)).join("\n"));
      }
      const run = aggregateFiles(
        ["in"],
        { ...options, bySource: true, output: "disk/out" },
        { cwd: folder, ...(share && { share }) },
      );
      await use(run, () => readdirSync(disk));
      return true;
    } finally {
      spawnSync("umount", [disk]);
    }
  });
}

test("files that do not fit are not begun", async ({ skip }) => {
  const options = { from: "2023-01-01", to: "2023-12-31" };
  const done = await onDisk(2 << 20, options, undefined, async (run, left) => {
    await expect(run).rejects.toMatchObject({
      code: "no_space",
      message: expect.stringMatching(
        /^the files will take about 1[5-9]\.\d MB, and the disk of disk\/out has 2\.\d MB left; free some space/,
      ),
    });
    expect(left()).toEqual([]);
  });
  if (!done) skip(SKIPPED);
});

test("files that fit are written, if only just", async ({ skip }) => {
  const options = { from: "2023-11-20", to: "2023-11-25" };
  const done = await onDisk(600_000, options, undefined, async (run, left) => {
    await run;
    expect(left()).toEqual(["out"]);
  });
  if (!done) skip(SKIPPED);
});

test("cells that do not fit are an error that says so, and leave nothing", async ({ skip }) => {
  const done = await onDisk(40_000, {}, 300_000, async (run, left) => {
    await expect(run).rejects.toMatchObject({
      code: "no_space",
      message: expect.stringMatching(
        /^the sums take more than memory allows, .* in disk\/out, where 0\.\d MB are free/,
      ),
    });
    expect(left()).toEqual([]);
  });
  if (!done) skip(SKIPPED);
});
