/**
 * `node bench/service/questions.mjs STORE [busy] [singles]`: what a service answers over HTTP from a store that
 * `bench/store.mjs` has filled (100 million readings of 3,000 meters in 2023): medians of 20, each asked in words of its
 * own. With `busy` also while another client sends bodies of a million readings; with `singles` then one reading a request
 * from 100 connections. What is sent goes into a copy of the store.
 */
import { once } from "node:events";
import { copyFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { median } from "../measure.mjs";
import { bodyFile } from "./data.mjs";
import { startElectro } from "./servers.mjs";
import { singles } from "./singles.mjs";

const [given, ...also] = parseArgs({ allowPositionals: true }).positionals;
if (given === undefined) throw new Error("name the file of a store");
const store = also.length === 0 ? given : `${given}.copy`;
if (store !== given) copyFileSync(given, store);
const cache = resolve(process.env.ELECTRO_BENCH_CACHE ?? fileURLToPath(new URL("../.cache", import.meta.url)));
for (let body = 0; body < 10; body++) bodyFile(cache, "ndjson", body);
const server = await startElectro("", [], store);
const meter = (n) => `meter-${String((n * 137) % 3000).padStart(5, "0")}`;
const QUESTIONS = {
  "a year's daily totals": () => "/v1/daily?from=2023-01-01&to=2023-12-31",
  "one meter's month by hour": (n) => `/v1/hourly?from=2023-05-01&to=2023-05-31&source=${meter(n)}`,
  "one meter's year by day": (n) => `/v1/daily?from=2023-01-01&to=2023-12-31&source=${meter(n)}`,
  "the list of sources": () => "/v1/sources?limit=1000",
};

async function ask() {
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const times = [];
    for (let n = 0; n < 21; n++) {
      const began = performance.now();
      const response = await fetch(server.url + question(n), { headers: { accept: "text/csv, application/json" } });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      if (n > 0) times.push(performance.now() - began);
    }
    console.log(`${name}: ${median(times).toFixed(1)} ms, at most ${Math.max(...times).toFixed(0)}`);
  }
  console.log(`memory ${(server.memory() / 1e6).toFixed(0)} MB`);
}

try {
  console.log(`ready after ${server.readyAfter.toFixed(2)} s`);
  await ask();
  if (also.includes("busy")) {
    console.log("while another client sends bodies of a million readings:");
    const sender = new Worker(new URL("./sender.mjs", import.meta.url), { workerData: { url: server.url, cache } });
    const began = performance.now();
    await ask();
    sender.postMessage("stop");
    const [sent] = await once(sender, "message");
    console.log(`${sent} bodies meanwhile, ${((performance.now() - began) / 1000 / sent).toFixed(2)} s each`);
  }
  if (also.includes("singles")) {
    const {
      acknowledged,
      seconds,
      median: middle,
      slowest,
    } = await singles(server.port, { first: Date.now() % 10_000_000 });
    console.log(
      `one reading a request: ${(acknowledged / seconds).toFixed(0)} acknowledged a second, answers after ${middle.toFixed(0)} ms (median), ${slowest.toFixed(0)} ms (slowest); memory ${(server.memory() / 1e6).toFixed(0)} MB`,
    );
  }
} finally {
  await server.stop();
  if (store !== given) for (const end of ["", ".wal"]) rmSync(store + end, { force: true });
}
