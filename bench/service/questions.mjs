/**
 * `node bench/service/questions.mjs STORE [singles]`: what a service answers over HTTP from a store that `bench/store.mjs`
 * has filled (100 million readings of 3,000 meters in 2023): medians of 20, each asked in words of its own. With `singles`
 * also one reading a request from 100 connections, into the same store.
 */
import { parseArgs } from "node:util";
import { median } from "../measure.mjs";
import { startElectro } from "./servers.mjs";
import { singles } from "./singles.mjs";

const [store, also] = parseArgs({ allowPositionals: true }).positionals;
if (store === undefined) throw new Error("name the file of a store");
const server = await startElectro("", [], store);
const meter = (n) => `meter-${String((n * 137) % 3000).padStart(5, "0")}`;
const QUESTIONS = {
  "a year's daily totals": () => "/v1/daily?from=2023-01-01&to=2023-12-31",
  "one meter's month by hour": (n) => `/v1/hourly?from=2023-05-01&to=2023-05-31&source=${meter(n)}`,
  "one meter's year by day": (n) => `/v1/daily?from=2023-01-01&to=2023-12-31&source=${meter(n)}`,
  "the list of sources": () => "/v1/sources?limit=1000",
};
try {
  console.log(`ready after ${server.readyAfter.toFixed(2)} s`);
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
  if (also === "singles") {
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
}
