/**
 * `node bench/service/run.mjs`: the service beside VictoriaMetrics and PostgreSQL, each a real server on loopback.
 * Bodies of a million readings, then one reading a request, memory and disk. Totals are compared before times are told.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "../measure.mjs";
import { electroBody, keyedBody, postgresBody, postgresSchema, postgresSums, victoriaBody } from "./bodies.mjs";
import { bodyFile, READINGS, sumOf } from "./data.mjs";
import { diskOf, installServers, startElectro, startPostgres, startVictoria } from "./servers.mjs";
import { singles } from "./singles.mjs";

const { values } = parseArgs({
  options: {
    bodies: { type: "string", default: "10" },
    seconds: { type: "string", default: "15" },
    only: { type: "string" },
  },
});
const bodies = Number(values.bodies);
const only = values.only?.split(",");
const wants = (name) => only === undefined || only.includes(name);
const cache = resolve(process.env.ELECTRO_BENCH_CACHE ?? fileURLToPath(new URL("../.cache", import.meta.url)));
const say = (text) => process.stderr.write(`${text}\n`);
const work = mkdtempSync(join(tmpdir(), "electro-bench-service-"));

if (!installServers(say)) throw new Error("the peers cannot be installed: apt-get failed");
for (let body = 0; body < bodies; body++) for (const form of ["ndjson", "influx", "copy"]) bodyFile(cache, form, body);
const expected = (sumOf(bodies) / 1000).toFixed(3);
const table = [];

async function measured(name, start, before, send, after) {
  const server = await start();
  try {
    await before(server);
    const times = [];
    let peak = 0;
    for (let body = 0; body < bodies; body++) {
      times.push(await send(server, cache, body));
      peak = Math.max(peak, server.memory());
    }
    const extra = await after(server);
    const row = { name, seconds: median(times), all: times.map((s) => s.toFixed(2)).join(" "), peak, ...extra };
    table.push(row);
    say(
      `${name}: ${row.seconds.toFixed(3)} s a body (${row.all}), memory ${(peak / 1e6).toFixed(0)} MB, ${extra.note ?? ""}`,
    );
  } finally {
    await server.stop();
  }
}

try {
  for (const [name, send] of [
    ["Electro", electroBody],
    ["Electro, with a key", keyedBody],
  ])
    if (wants("electro"))
      await measured(
        name,
        () => startElectro(join(work, name)),
        () => {},
        send,
        async (server) => {
          const { batches } = await (await fetch(`${server.url}/v1/batches?limit=1000`)).json();
          const total = batches.reduce((sum, batch) => sum + BigInt(Math.round(Number(batch.total_kWh) * 1000)), 0n);
          if (total !== BigInt(Math.round(Number(expected) * 1000)))
            throw new Error(`Electro's total is ${total}, not ${expected}`);
          return { disk: diskOf(server.folder) / bodies / READINGS };
        },
      );
  if (wants("victoria"))
    await measured(
      "VictoriaMetrics",
      () => startVictoria(join(work, "victoria")),
      () => {},
      victoriaBody,
      async (server) => {
        await fetch(`${server.url}/internal/force_flush`);
        await fetch(`${server.url}/internal/force_merge`);
        await sleep(5000);
        return { disk: diskOf(server.folder) / bodies / READINGS };
      },
    );
  if (wants("postgres"))
    await measured(
      "PostgreSQL",
      () => startPostgres(),
      postgresSchema,
      postgresBody,
      async (server) => {
        const total = server.sql("select sum(kwh) from readings");
        if (total !== expected) throw new Error(`PostgreSQL's total is ${total}, not ${expected}`);
        const sums = postgresSums(server);
        const size = Number(server.sql("select pg_total_relation_size('readings')"));
        return { disk: size / bodies / READINGS, note: `sums renewed in ${sums.toFixed(1)} s` };
      },
    );
  if (wants("singles")) {
    const server = await startElectro(join(work, "singles"));
    try {
      const result = await singles(server.port, { seconds: Number(values.seconds) });
      say(
        `one reading a request, 100 connections: ${(result.acknowledged / result.seconds).toFixed(0)} acknowledged a second, answers after ${result.median.toFixed(0)} ms (median), ${result.slowest.toFixed(0)} ms (slowest)`,
      );
    } finally {
      await server.stop();
    }
  }
  for (const row of table)
    say(
      `| ${row.name} | ${row.seconds.toFixed(2)} s | ${(row.peak / 1e6).toFixed(0)} MB | ${row.disk.toFixed(1)} bytes |`,
    );
} finally {
  rmSync(work, { recursive: true, force: true });
}
