/** SIGKILL at random moments under concurrent load; `scripts/kill-store.mjs` does it for longer. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Acknowledged, faultsOf, liveAndDie } from "./kill.js";

const CYCLES = Number(process.env["ELECTRO_KILLS"] ?? 4);

it(
  "a store whose process is killed has every acknowledged batch once, and no other",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-kill-"));
    const path = join(folder, "electro.duckdb");
    const known = new Acknowledged();
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      // Also before the first.
      await liveAndDie(path, known, cycle % 3 === 0 ? 0 : Math.floor(Math.random() * 400));
      expect(await faultsOf(path, known)).toEqual([]);
    }
    expect(known.sent.size).toBeGreaterThan(20);
    rmSync(folder, { recursive: true });
  },
  300_000 + CYCLES * 20_000,
);
