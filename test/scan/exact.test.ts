import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { electro, inFolder } from "../oracle/electro.js";

const READINGS = 10_000_000;
const PER_CHUNK = 10_000;

test("10 million times 0.1 kWh is 1000000 kWh", () =>
  inFolder(async (folder) => {
    const chunk = Buffer.from('{"timestamp":"2024-01-31T13:45Z","kWh_value":0.1}\n'.repeat(PER_CHUNK));
    const lines = Readable.from(
      (function* () {
        for (let sent = 0; sent < READINGS; sent += PER_CHUNK) yield chunk;
      })(),
    );
    const run = await electro(["aggregate", "-", "--with-counts", "--output", "out"], folder, lines);
    expect(run.status, run.stderr).toBe(0);
    const text = (name: string) => readFileSync(join(folder, "out", name), "utf8");
    expect(text("daily_data.csv")).toBe(
      "daily_timestamp,aggregated_kWh_value,reading_count\n2024-01-31,1000000,10000000\n",
    );
    expect(text("hourly_data_31_01.csv")).toContain("\n2024-01-31T13:00:00Z,1000000,10000000\n");
  }));
