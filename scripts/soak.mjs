// `node scripts/soak.mjs [--hours N | --seconds N] [--seed N]`: a service, loads, kills, a full disk, a clock that jumps,
// queries and backups at random, against a model of what counts. After each round, and at the end, the store has the
// model's sums, every acknowledged change once, and agrees with itself; so has each backup.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ready } from "./ready.mjs";
import { MAIN, NoAnswer, randomOf, start } from "./service-process.mjs";
import { Model, newBatch, textOf } from "./soak-model.mjs";

/** @typedef {import("./service-process.mjs").Service} Service */
/** @typedef {import("./soak-model.mjs").Sent} Sent */

const CLIENTS = 5;
/** MB of the disk: as a rule, and the least that it is given when it is full. */
const DISK = 4000;
const DAY_MS = 86_400_000;
/** Milliseconds between two requests of a client. */
const PAUSE = 15;

/**
 * @param {{ seconds: number, seed: number, tell?: (line: string) => void }} options
 * @returns {Promise<{ rounds: Record<string, number>, batches: number, faults: string[] }>}
 */
export async function soak({ seconds, seed, tell = () => {} }) {
  const random = randomOf(seed);
  const folder = mkdtempSync(join(tmpdir(), "electro-soak-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}m`, "tmpfs", disk]).status === 0;
  if (!mounted) tell("no file system could be mounted: the disk will not be full");
  const kit = { folder, disk, store: `duckdb:${join(disk, "electro.duckdb")}`, random, model: new Model() };
  const rounds = { kill: 0, stop: 0, backup: 0, load: 0, clock: 0, ...(mounted && { full: 0 }) };
  /** @type {string[]} */
  const faults = [];
  try {
    for (const ends = Date.now() + seconds * 1000; Date.now() < ends && faults.length === 0; ) {
      const names = /** @type {(keyof typeof rounds)[]} */ (Object.keys(rounds));
      const name = /** @type {keyof typeof rounds} */ (names[Math.floor(random() * names.length)]);
      await ROUNDS[name](kit, faults);
      await settle(kit, faults);
      rounds[name]++;
      const done = Object.values(rounds).reduce((sum, count) => sum + count, 0);
      if (done % 10 === 0) tell(`${done} rounds, ${kit.model.sent.length} batches`);
    }
    checkAlone(kit.store, faults);
    if (kit.model.sent.length === 0) faults.push("nothing was sent");
    return { rounds, batches: kit.model.sent.length, faults };
  } finally {
    if (mounted) spawnSync("umount", [disk]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @typedef {{ folder: string, disk: string, store: string, random: () => number, model: Model }} Kit */

/** @type {Record<string, (kit: Kit, faults: string[]) => Promise<void>>} */
const ROUNDS = {
  /** A service is killed while clients send. */
  kill: (kit, faults) =>
    serve(kit, faults, {}, async (service) => {
      await sleep(500 + kit.random() * 4000);
      await service.kill("SIGKILL");
    }),

  /** A service is stopped while clients send. */
  stop: (kit, faults) =>
    serve(kit, faults, {}, async (service) => {
      await sleep(500 + kit.random() * 4000);
      await service.kill("SIGTERM");
    }),

  /** The clock is wrong by days, and jumps meanwhile. */
  clock: (kit, faults) => {
    const wrong = () => Math.round((kit.random() - 0.5) * 6 * DAY_MS);
    const code = `const D = Date, wrong = ${wrong()}, jump = ${wrong()};
      const off = () => wrong + (performance.now() > 2000 ? jump : 0);
      globalThis.Date = class extends D {
        constructor(...args) { if (args.length === 0) super(D.now() + off()); else super(...args); }
        static now() { return D.now() + off(); }
      };`;
    const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    return serve(kit, faults, env, async (service) => {
      await sleep(1000 + kit.random() * 4000);
      await service.kill(kit.random() < 0.5 ? "SIGKILL" : "SIGTERM");
    });
  },

  /** The disk is full for a while. */
  full: (kit, faults) =>
    serve(kit, faults, {}, async (service) => {
      await sleep(500 + kit.random() * 1000);
      const used = Number(spawnSync("du", ["-sm", kit.disk]).stdout.toString().split("\t")[0]);
      remount(kit.disk, used + 1);
      await sleep(1000 + kit.random() * 2000);
      if (kit.random() < 0.3) await service.kill("SIGKILL");
      remount(kit.disk, DISK);
      await sleep(500);
      await service.kill("SIGTERM");
    }),

  /** The store is copied while clients send; the copy is whole. */
  backup: (kit, faults) =>
    serve(kit, faults, {}, async (service) => {
      await sleep(kit.random() * 2000);
      const copy = join(kit.folder, "copy.duckdb");
      const before = new Set(kit.model.acknowledged());
      const { status, stderr } = await electro(["backup", "--service", service.address, "-o", copy]);
      if (status !== 0) faults.push(`the backup failed: ${stderr}`);
      await service.kill("SIGTERM");
      if (status !== 0) return;
      checkAlone(`duckdb:${copy}`, faults);
      const again = await start(`duckdb:${copy}`, []);
      try {
        // Whatever was acknowledged before the copy began is in it.
        for (const id of before)
          if ((await again.ask("GET", `/v1/batches/${id}`, {})).status !== 200)
            faults.push(`the copy lacks batch ${id}`);
      } finally {
        await again.kill("SIGTERM");
        for (const end of ["", ".wal", ".mark"]) rmSync(`${copy}${end}`, { force: true });
      }
    }),

  /** Files are loaded, by a process that is killed now and then, and loaded again. */
  async load(kit, faults) {
    const folder = join(kit.folder, "files");
    mkdirSync(folder, { recursive: true });
    for (let n = 0; n < 5; n++) {
      const batch = newBatch(`file-${kit.model.sent.length}`, kit.random);
      writeFileSync(join(folder, `${batch.key}.ndjson`), textOf(batch));
      kit.model.sent.push({ ...batch, file: true });
    }
    const args = ["load", folder, "--store", kit.store, "--quiet"];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
    const gone = new Promise((resolve) => child.once("close", resolve));
    const timer = setTimeout(() => child.kill("SIGKILL"), kit.random() * 1500);
    await gone;
    clearTimeout(timer);
    const { status, stderr } = await electro(args);
    if (status !== 0) faults.push(`load failed: ${stderr}`);
    for (const batch of kit.model.sent) if (batch.file && batch.fate === "unknown") kit.model.keep(batch);
  },
};

/** Runs a service with clients, until `until` has ended it. @param {Kit} kit @param {string[]} faults @param {NodeJS.ProcessEnv} env @param {(service: Service) => Promise<void>} until */
async function serve({ store, random, model }, faults, env, until) {
  const service = await start(store, faults, { ...process.env, ...env });
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(n, service, model, random, faults));
  await until(service);
  await service.kill("SIGKILL");
  await Promise.all(clients);
}

/** Sends, replaces, retracts and asks, until the service is gone. @param {number} number @param {Service} service @param {Model} model @param {() => number} random @param {string[]} faults */
async function client(number, service, model, random, faults) {
  const own = model.sent.filter(({ client }) => client === number);
  try {
    for (;;) {
      const kept = own.filter(({ fate, id }) => fate === "kept" && id !== undefined);
      const one = kept[Math.floor(random() * kept.length)];
      const what = random();
      if (what < 0.1 && one !== undefined) await model.retract(service, one);
      else if (what < 0.2) {
        const path = ["/v1/daily", "/v1/hourly?from=2024-01-03&to=2024-01-05", "/v1/sources", "/v1/quality?limit=3"][
          Math.floor(random() * 4)
        ];
        const { status, text } = await service.ask("GET", /** @type {string} */ (path), {});
        if (status !== 200 && status !== 503 && status !== 507)
          faults.push(`GET ${path}: ${status} ${text.slice(0, 200)}`);
      } else {
        const batch = {
          ...newBatch(`${number}-${model.sent.length}-${Math.floor(random() * 1e9)}`, random),
          client: number,
        };
        if (what < 0.3 && one !== undefined) batch.replaces = one;
        own.push(batch);
        model.sent.push(batch);
        await model.post(service, batch);
      }
      await sleep(random() * PAUSE);
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) faults.push(String(error));
  }
}

/** Learns what became of that which got no answer, and compares all. @param {Kit} kit @param {string[]} faults */
async function settle({ store, model, random }, faults) {
  const service = await start(store, faults);
  try {
    await model.settle(service, faults);
    await model.compare(service, faults, random);
  } finally {
    await service.kill(random() < 0.5 ? "SIGKILL" : "SIGTERM");
  }
}

/** @param {string} store @param {string[]} faults */
function checkAlone(store, faults) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, "check", "--store", store], { encoding: "utf8" });
  if (status !== 0) faults.push(`check: ${stderr}`);
}

/** @param {readonly string[]} args @returns {Promise<{ status: number | null, stderr: string }>} */
function electro(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.once("close", (status) => resolve({ status, stderr }));
  });
}

/** @param {string} disk @param {number} size in MB */
function remount(disk, size) {
  if (existsSync(disk)) spawnSync("mount", ["-o", `remount,size=${size}m`, disk]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { hours: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
  });
  ready({ tests: true });
  const seconds = values.seconds === undefined ? Number(values.hours ?? 1) * 3600 : Number(values.seconds);
  const seed = Number(values.seed ?? Date.now() % 1e9);
  const { rounds, batches, faults } = await soak({ seconds, seed, tell: console.error });
  for (const fault of faults) console.error(fault);
  const done = Object.entries(rounds).map(([name, count]) => `${count} ${name}`);
  console.log(
    `soak: ${done.join(", ")}; ${batches} batches, seed ${seed}: ${faults.length === 0 ? "no fault" : `${faults.length} faults`}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
