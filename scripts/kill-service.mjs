// `node scripts/kill-service.mjs [--cycles N | --seconds N] [--seed N]`: a service is killed at random moments while clients
// send it batches, take some back and replace others, and is started again. At the end every acknowledged change is
// there once, none is there twice, what was not answered is there wholly or not at all, and the store agrees with itself.
// No start says that anything acknowledged is missing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { within } from "../test/wait.mjs";
import { root } from "./ready.mjs";
import { NoAnswer, randomOf, start } from "./service-process.mjs";

const CLIENTS = 6;
/** Every so many batches one is large enough to be read by another thread. */
const LARGE_EVERY = 11;

/** @typedef {import("./service-process.mjs").Service} Service */

/**
 * What became of a batch: nobody knows of one without an answer, until it is sent again.
 * @typedef {"kept" | "unknown" | "gone" | "kept or gone"} Fate
 * @typedef {{ key: string, source: string, readings: number, milli: number, body: string, id?: string, fate: Fate }} Sent
 */

/**
 * @param {{ cycles?: number, seconds?: number, seed?: number, tell?: (line: string) => void }} options
 * @returns {Promise<{ cycles: number, acknowledged: number, unanswered: number, faults: string[] }>}
 */
export async function killService({ cycles = Number.POSITIVE_INFINITY, seconds, seed = 1, tell = () => {} }) {
  const random = randomOf(seed);
  const folder = mkdtempSync(join(tmpdir(), "electro-kill-"));
  const store = `duckdb:${join(folder, "electro.duckdb")}`;
  const ends = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  /** @type {Sent[]} */
  const sent = [];
  /** @type {string[]} */
  const alarms = [];
  let done = 0;
  /** @type {Service | undefined} */
  let service;
  try {
    for (; done < cycles && Date.now() < ends; done++) {
      service = await start(store, alarms);
      const alive = service;
      const clients = Array.from({ length: CLIENTS }, (_, n) => client(n, alive, sent, random));
      const answers = Math.floor(random() * 30);
      // Whoever gets another answer than it should ends that wait, too.
      await Promise.race([within(`${answers} answers`, service.answered(answers)), Promise.all(clients)]);
      await sleep(random() * 20);
      await service.kill("SIGKILL");
      await Promise.all(clients);
      if (done % 10 === 9) tell(`${done + 1} kills, ${sent.length} batches`);
    }
    service = await start(store, alarms);
    const faults = await faultsOf(service, sent);
    await service.kill("SIGTERM");
    const { openStore } = await import(pathToFileURL(join(root, "dist/store/open.js")).href);
    const own = await openStore(store);
    for (const { message } of await own.check()) faults.push(message);
    await own.close();
    faults.push(...alarms);
    const unanswered = sent.filter(({ fate }) => fate === "unknown").length;
    return { cycles: done, acknowledged: sent.length - unanswered, unanswered, faults };
  } finally {
    // Unless it has gone already.
    await service?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Sends batches one after another, until the service is gone.
 * @param {number} number @param {Service} service @param {Sent[]} sent @param {() => number} random
 */
async function client(number, service, sent, random) {
  const own = () => sent.filter(({ key }) => key.startsWith(`${number}-`));
  try {
    // What got no answer is sent again by most clients; one that gives up is a client too.
    for (const batch of own()) if (batch.fate === "unknown" && random() < 0.7) await post(service, batch);
    for (;;) {
      const batch = newBatch(`${number}-${sent.length}-${Math.floor(random() * 1e9)}`, sent.length, random);
      const kept = own().filter(({ fate }) => fate === "kept");
      const other = kept[Math.floor(random() * kept.length)];
      if (other !== undefined && random() < 0.1) await retract(service, other);
      sent.push(batch);
      const replaced = random() < 0.1 ? kept.find(({ fate }) => fate === "kept") : undefined;
      await post(service, batch, replaced);
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  }
}

/** @param {string} key @param {number} n @param {() => number} random @returns {Sent} */
function newBatch(key, n, random) {
  const source = `source-${key}`;
  const readings = n % LARGE_EVERY === 0 ? 1200 : 1 + Math.floor(random() * 3);
  let milli = 0;
  let body = "";
  for (let i = 0; i < readings; i++) {
    const value = Math.floor(random() * 2000) - 500;
    milli += value;
    const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(random() * 5000) * 450_000).toISOString();
    body += `{"timestamp":"${at}","kWh_value":"${value}e-3","meter_id":"${source}"}\n`;
  }
  return { key, source, readings, milli, body, fate: "unknown" };
}

/**
 * @param {Service} service @param {Sent} batch
 * @param {Sent} [replaced] a batch that counts; that it is replaced is part of what the key stands for, so only new batches do
 */
async function post(service, batch, replaced) {
  const headers = { "content-type": "application/x-ndjson", "idempotency-key": batch.key };
  if (replaced !== undefined) replaced.fate = "kept or gone";
  const path = `/v1/readings${replaced === undefined ? "" : `?replaces=${replaced.id}`}`;
  const answer = await service.ask("POST", path, headers, batch.body);
  // The key of a batch that was to replace another one, sent again without that.
  if (answer.status === 422 && JSON.parse(answer.text).code === "key_reused") batch.fate = "kept or gone";
  else if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  else {
    if (replaced !== undefined) replaced.fate = "gone";
    batch.fate = "kept";
    batch.id = JSON.parse(answer.text).batch_id;
  }
}

/** @param {Service} service @param {Sent} batch */
async function retract(service, batch) {
  batch.fate = "kept or gone";
  const answer = await service.ask("DELETE", `/v1/batches/${batch.id}`, {});
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  batch.fate = "gone";
}

/**
 * Compares what the service has with what it has acknowledged.
 * @param {Service} service @param {readonly Sent[]} sent @returns {Promise<string[]>}
 */
async function faultsOf(service, sent) {
  const faults = [];
  const sources = new Map();
  let cursor = "";
  do {
    const { text } = await service.ask("GET", `/v1/sources?limit=1000${cursor}`, {});
    const page = JSON.parse(text);
    for (const source of page.sources) sources.set(source.source_id, source);
    cursor = page.next === null ? "" : `&cursor=${page.next}`;
  } while (cursor !== "");
  for (const { source, readings, milli, fate } of sent) {
    const found = sources.get(source);
    sources.delete(source);
    if (found === undefined) {
      if (fate === "kept") faults.push(`${source} was acknowledged and is not there`);
    } else if (fate === "gone") faults.push(`${source} was taken back and is there`);
    else if (found.readings !== readings || found.total_kWh !== kWh(milli))
      faults.push(
        `${source} has ${found.readings} readings and ${found.total_kWh} kWh, not ${readings} and ${kWh(milli)}`,
      );
  }
  for (const source of sources.keys()) faults.push(`${source} is there and was never sent`);
  if (sent.length === 0) faults.push("nothing was sent");
  return faults;
}

/** Thousandths as the service writes them. @param {number} milli */
function kWh(milli) {
  return String(milli / 1000);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { cycles: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Date.now() % 1e9);
  const many =
    values.cycles !== undefined ? { cycles: Number(values.cycles) } : { seconds: Number(values.seconds ?? 60) };
  const { cycles, acknowledged, unanswered, faults } = await killService({ ...many, seed, tell: console.error });
  for (const fault of faults) console.error(fault);
  console.log(
    `kill-service: ${cycles} kills, ${acknowledged} batches known, ${unanswered} without an answer, seed ${seed}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
