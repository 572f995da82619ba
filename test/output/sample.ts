/** A manifest for tests. */
import type { Manifest, ManifestFile } from "../../dist/output/manifest.js";

export function sampleManifest(files: readonly ManifestFile[]): Manifest {
  return {
    electro: { version: "0.1.0" },
    format: 1,
    versions: { node: "20.20.2", tz: "2025b" },
    options: { timezone: "Europe/Paris", bySource: true },
    inputs: [{ name: "a.json", size: 120, modified: "2024-02-01T10:00:00.000Z", records: 3, readings: 2 }],
    totals: {
      records: 3,
      readings: 2,
      rejected: 1,
      rejectedByReason: { bad_timestamp: 1 },
      rounded: 0,
      leftOut: {},
      repeatedWallTimes: 0,
      ambiguousWallTimes: 0,
      skippedWallTimes: 0,
      outOfPeriod: 0,
      hoursFilled: 22,
      sources: 1,
      first: "2024-01-01T00:00:00+01:00",
      last: "2024-01-01T05:15:00+01:00",
      kWh: "1.5",
    },
    period: { from: "2024-01-01", to: "2024-01-01" },
    warnings: [{ code: "rejected", message: "1 record was rejected" }],
    files,
  };
}
