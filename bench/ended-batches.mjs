/**
 * `node bench/ended-batches.mjs [load,end,replace]`: what large and ended batches cost the embedded store, each in a process of
 * its own: time, peak memory, how long the event loop stood still, and the file's size.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { openStore } from "../dist/store/open.js";
import { packParts } from "../dist/store/packed.js";
import { PAGE_SLOTS, PAGE_WORDS } from "../dist/tally/cell.js";
import { QUARTER_CLOCK } from "../dist/tally/quarter-pages.js";
import { zoneOf } from "../dist/time/zone.js";
import { partFrom } from "../test/store/part.mjs";

const utc = zoneOf("UTC");
const FIRST_DAY = Date.UTC(2024, 0, 1) / 86_400_000;
const WH = 10 ** 15;

/** Four readings of some sources on each of some days. */
function batch(sources, days, salt, replaces) {
  const pages = sources * days;
  const source = new Uint32Array(pages);
  const block = new Int32Array(pages);
  const words = new Uint32Array(pages * PAGE_WORDS);
  let sum = 0;
  for (let s = 0, page = 0; s < sources; s++)
    for (let b = 0; b < days; b++, page++) {
      source[page] = s + 1;
      block[page] = (FIRST_DAY + b) * 6;
      for (let i = 0; i < PAGE_SLOTS; i += 4) {
        const at = page * PAGE_WORDS + i * (PAGE_WORDS / PAGE_SLOTS);
        const wh = (s * 31 + b * 17 + i + salt * 7) % 3000;
        sum += wh;
        words[at] = (wh * WH) % 2 ** 32;
        words[at + 1] = (wh * WH) / 2 ** 32;
        words[at + 4] = 1;
      }
    }
  const ids = Array.from({ length: sources }, (_, s) => `meter-${String(s).padStart(8, "0")}`);
  const energy = BigInt(sum) * BigInt(WH);
  const first = FIRST_DAY * 86_400;
  return {
    ...{ key: undefined, sha256: undefined, replaces, sender: undefined, file: undefined },
    ...{ readings: pages * 4, rejected: 0, rounded: 0, energy, absolute: energy },
    ...{ first, last: first + days * 86_400 - 3600 },
    contribution: packParts([partFrom(ids, { source, block, words })], QUARTER_CLOCK, utc),
  };
}

const MB = 2 ** 20;
const CASES = {
  load: async (store, measured) => {
    const one = batch(1_000_000, 1, 0);
    await measured("a million sources are loaded", () => store.ingest(one));
  },
  end: async (store, measured) => {
    const { batch: made } = await store.ingest(batch(1000, 400, 0));
    await measured("a batch of 400,000 source days is ended", () => store.retract(made.id));
  },
  replace: async (store, measured) => {
    let { batch: last } = await store.ingest(batch(500, 30, 0));
    await measured("a batch of 15,000 source days is replaced 200 times", async () => {
      for (let n = 1; n <= 200; n++) ({ batch: last } = await store.ingest(batch(500, 30, n, last.id)));
    });
    if (store.compact !== undefined) await measured("compact", () => store.compact());
  },
};

const [name, inner] = process.argv.slice(2);
if (inner === undefined) {
  for (const one of name?.split(",") ?? Object.keys(CASES))
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), one, "inner"], { stdio: "inherit" });
} else {
  const folder = mkdtempSync(join(tmpdir(), "electro-bench-"));
  const file = join(folder, "store.duckdb");
  const store = await openStore(`duckdb:${file}`);
  const size = () =>
    [file, `${file}.wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  const measured = async (what, job) => {
    let peak = 0;
    const before = process.memoryUsage.rss();
    const sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 20);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    const cpu = process.cpuUsage();
    await job();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - began) / 1000;
    delay.disable();
    clearInterval(sampler);
    console.log(
      `${what}: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processors), memory ${Math.round(before / MB)} to ${Math.round(peak / MB)} MB, longest turn ${Math.round(delay.max / 1e6)} ms, ${(size() / MB).toFixed(1)} MB on disk`,
    );
  };
  await CASES[name](store, measured);
  const differences = name === "load" ? [] : await store.check();
  if (differences.length > 0) console.log(differences.slice(0, 3));
  await store.close();
  console.log(`  closed: ${(size() / MB).toFixed(1)} MB on disk`);
  rmSync(folder, { recursive: true });
}
