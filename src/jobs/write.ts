/** Writes a summary into an output folder, after checking that its files fit on the disk, and reports progress. */

import { type SummaryFileOptions, summaryFiles } from "../output/files.js";
import type { OutputFile, OutputFolder } from "../output/folder.js";
import type { Manifest, ManifestFile } from "../output/manifest.js";
import { expectedBytes } from "../output/space.js";
import type { RunContext } from "../pipeline/run.js";
import type { Summary } from "../tally/summary.js";

/** Bytes between two progress events. */
const STEP = 4e6;

/** @throws RunError `no_space`, or if the disk refuses or a file is in the way */
export async function writeSummary(
  output: OutputFolder,
  summary: Summary,
  options: SummaryFileOptions,
  manifestOf: (files: readonly ManifestFile[]) => Manifest,
  { onEvent, signal }: RunContext,
): Promise<Manifest> {
  const totalBytes = expectedBytes(summary, options.resolutions, options, output.freeBytes);
  output.checkSpace(totalBytes);
  let bytes = 0;
  let told = 0;
  // Loaded when needed: most runs write CSV.
  const tableOf = options.format === "parquet" ? (await import("../output/parquet.js")).parquetOf : undefined;
  const files = summaryFiles(summary, options, tableOf).map((file): OutputFile => {
    return {
      ...file,
      *blocks() {
        for (const block of file.blocks()) {
          yield block;
          bytes += block.length;
          if (bytes - told < STEP) continue;
          told = bytes;
          onEvent?.({ kind: "writing", bytes, totalBytes });
        }
      },
    };
  });
  return output.write(files, manifestOf, signal);
}
