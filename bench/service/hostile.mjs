/**
 * `node bench/service/hostile.mjs [--kind KIND,…] [--connections N] [--seconds N] [--electro PATH]`: how long 50 honest
 * clients wait for a service while thousands of connections from another address do it harm, and while none do.
 */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { constants, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ATTACKER = "127.0.0.2";
const HONEST = "127.0.0.3";
const CLIENTS = 50;
/** Between two requests of an honest client. */
const PAUSE_MS = 500;
/** Between the first attempts of all connections and the first honest request. */
const SETTLE_MS = 5000;
const TOO_LONG_MS = 10_000;
/** Between two bytes of a slow connection, and before one that was cut off is made anew. */
const DRIP_MS = 3000;
const READING = `${JSON.stringify({ timestamp: "2024-01-31T13:05:00Z", kWh_value: 0.1, meter_id: "a" })}\n`;

/** What a connection sends at first, and then again and again; `reads`: whether it takes what it gets. */
const KINDS = {
  none: undefined,
  nothing: { first: "", reads: true },
  headers: { first: "GET / HTTP/1.1\r\nhost: localhost\r\nx: ", again: "x", reads: true },
  lines: { first: "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", again: "\r\n", reads: true },
  body: {
    first: "POST /v1/readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 1000000\r\n\r\n",
    again: "x",
    reads: true,
  },
  bodies: {
    first: `POST /v1/readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9000000\r\n\r\n${"\n".repeat(100_000)}`,
    again: "\n".repeat(2000),
    reads: true,
  },
  unread: { first: "GET /v1/hourly?from=2016-01-01&to=2025-12-31 HTTP/1.1\r\nhost: localhost\r\n\r\n", reads: false },
  halfclosed: { first: "GET / HTTP/1.1\r\n", ends: true, reads: false },
  garbage: { first: "\x16\x03\x01rubbish\r\n\r\n", again: "rubbish", reads: true },
  pipelining: {
    first: "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(500),
    again: "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(500),
    reads: false,
  },
};

if (process.argv[2] === "attack") attack(...process.argv.slice(3));
else if (process.argv[2] === "honest") await honest(...process.argv.slice(3));
else await main();

async function main() {
  const { values } = parseArgs({
    options: {
      kind: { type: "string", default: Object.keys(KINDS).join() },
      connections: { type: "string", default: "10000" },
      seconds: { type: "string", default: "10" },
      electro: { type: "string", default: fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url)) },
    },
  });
  const self = fileURLToPath(import.meta.url);
  for (const kind of values.kind.split(",")) {
    const folder = mkdtempSync(join(tmpdir(), "electro-hostile-"));
    const args = [values.electro, "serve", "--port", "0", "--log-format", "json", "--store"];
    const service = spawn(process.execPath, [...args, `duckdb:${join(folder, "store.duckdb")}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const told = [];
    const port = await new Promise((resolve) => {
      createInterface({ input: service.stderr }).on("line", (line) => {
        const entry = JSON.parse(line);
        if (entry.code === "listening") resolve(new URL(entry.address).port);
        else if (entry.code !== "request" && entry.code !== "gone") told.push(entry);
      });
    });
    const half = Math.floor(Number(values.connections) / 2);
    const attackers = kind === "none" ? [] : [half, half].map((n) => fork(self, ["attack", kind, port, n]));
    // They would be other machines: the processor is not theirs.
    for (const { pid } of attackers) setPriority(pid, constants.priority.PRIORITY_LOW);
    // All have tried once by then.
    await Promise.all(attackers.map((attacker) => once(attacker, "message")));
    await sleep(SETTLE_MS);
    const before = processorSeconds(service.pid);
    const began = performance.now();
    const client = fork(self, ["honest", port, values.seconds]);
    const [{ times, failed }] = await once(client, "message");
    const share = (1e5 * (processorSeconds(service.pid) - before)) / (performance.now() - began);
    for (const attacker of attackers) attacker.kill("SIGKILL");
    service.kill("SIGTERM");
    const [status] = await once(service, "exit");
    rmSync(folder, { recursive: true });
    const at = (part) => times[Math.floor((times.length - 1) * part)]?.toFixed(1);
    console.log(
      `${kind}: ${times.length} answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms; ${failed} failed; ${share.toFixed(0)} % of a processor; ended with ${status}`,
    );
    for (const { level, code, message } of told.slice(0, 3)) console.log(`  ${level} ${code} ${message}`);
  }
}

/** What a process has used of the processor so far. */
function processorSeconds(pid) {
  const [, user, system] = /^\d+ \(.*\) \S(?: \S+){10} (\d+) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
  return (Number(user) + Number(system)) / 100;
}

/** Keeps so many connections, as far as the service lets it. */
function attack(kind, port, count) {
  const { first, again, ends, reads } = KINDS[kind];
  let tried = 0;
  const one = () => {
    if (++tried === Number(count)) process.send("all have tried");
  };
  const open = () => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress: ATTACKER, allowHalfOpen: true });
    let drip;
    socket.on("connect", () => {
      one();
      if (!reads) socket.pause();
      if (first !== "") socket.write(first, "latin1");
      if (ends) socket.end();
      if (again !== undefined)
        drip = setInterval(() => {
          if (socket.writable && socket.writableLength === 0) socket.write(again);
        }, DRIP_MS);
    });
    if (reads) socket.resume();
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(drip);
      setTimeout(open, DRIP_MS * (0.5 + Math.random()));
    });
  };
  // Over a second: what they cost to make is not what is measured.
  for (let n = 0; n < Number(count); n++) setTimeout(open, (n / Number(count)) * 1000);
}

/** Asks and sends as a gateway and a dashboard would, by turns on a connection of its own and on one that is kept. */
async function honest(port, seconds) {
  const kept = new Agent({ keepAlive: true });
  const times = [];
  let failed = 0;
  const ends = performance.now() + Number(seconds) * 1000;
  const one = (n) =>
    new Promise((resolve) => {
      const began = performance.now();
      const sent = request({
        host: "127.0.0.1",
        port,
        localAddress: HONEST,
        agent: n % 2 === 0 ? kept : false,
        timeout: TOO_LONG_MS,
        ...(n % 4 < 2
          ? { path: "/v1/daily?from=2024-01-01&to=2024-01-31" }
          : { path: "/v1/readings", method: "POST", headers: { "content-type": "application/x-ndjson" } }),
      });
      const fail = () => {
        failed++;
        resolve();
      };
      sent.on("error", fail).on("timeout", () => sent.destroy(new Error("too long")));
      sent.on("response", (response) => {
        response.on("error", fail).resume();
        response.on("end", () => {
          if (response.statusCode >= 300) return fail();
          times.push(performance.now() - began);
          resolve();
        });
      });
      // Now and then a body of 120 kB, which needs a place.
      sent.end(n % 4 < 2 ? undefined : READING.repeat(n % 8 === 3 ? 1600 : 1));
    });
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, c) => {
      await sleep((c / CLIENTS) * PAUSE_MS);
      for (let n = 0; performance.now() < ends; n++) {
        await one(n);
        await sleep(PAUSE_MS);
      }
    }),
  );
  process.send({ times: times.sort((a, b) => a - b), failed }, () => process.exit());
}
