/**
 * `node bench/store.mjs [bodies,days,meters,months,busy,singles] [--fresh]`: the embedded store by itself, filled through `Store`.
 * 100 million readings of 3,000 meters over a year, as one batch a day, one a meter, one a meter and month; then 5 million
 * batches of one reading each, under keys. Stores are kept in bench/.cache. Totals are checked before times are told.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unpackDay } from "../dist/store/cells.js";
import { openStore } from "../dist/store/open.js";
import { packParts } from "../dist/store/packed.js";
import { energyOf, PAGE_SLOTS, PAGE_WORDS } from "../dist/tally/cell.js";
import { QUARTER_CLOCK } from "../dist/tally/quarter-pages.js";
import { zoneOf } from "../dist/time/zone.js";
import { partFrom } from "../test/store/part.mjs";

const utc = zoneOf("UTC");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fresh: { type: "boolean" },
    seconds: { type: "string", default: "15" },
    batches: { type: "string", default: "5000000" },
  },
});
const wanted = positionals[0]?.split(",") ?? ["bodies", "days", "meters", "months", "busy", "singles"];
const cache = resolve(process.env.ELECTRO_BENCH_CACHE ?? fileURLToPath(new URL(".cache", import.meta.url)));
mkdirSync(cache, { recursive: true });

const METERS = 3000;
const DAYS = 365;
const FIRST_DAY = Date.UTC(2023, 0, 1) / 86_400_000;
const MONTHS = Array.from({ length: 13 }, (_, m) => Date.UTC(2023, m, 1) / 86_400_000);
const WH = 10 ** 15;
const ids = Array.from({ length: METERS }, (_, m) => `meter-${String(m).padStart(5, "0")}`);

/** Wh of a reading, 0 to 2999, always the same. */
function wattHours(meter, slot) {
  let x = (meter * 0x85ebca6b + slot * 0xc2b2ae35) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  return ((x ^ (x >>> 13)) >>> 0) % 3000;
}

/** Readings of some meters over some days, as a batch. */
function batch(key, firstMeter, meters, firstDay, days) {
  const each = days * 96;
  const cells = meters * each;
  const pages = cells / PAGE_SLOTS;
  const source = new Uint32Array(pages);
  const block = new Int32Array(pages);
  const words = new Uint32Array(pages * PAGE_WORDS);
  let sum = 0;
  for (let m = 0, page = 0, at = 0; m < meters; m++)
    for (let b = 0; b < each / PAGE_SLOTS; b++, page++) {
      source[page] = m + 1;
      block[page] = firstDay * 6 + b;
      for (let i = 0; i < PAGE_SLOTS; i++, at += PAGE_WORDS / PAGE_SLOTS) {
        const wh = wattHours(firstMeter + m, block[page] * PAGE_SLOTS + i);
        sum += wh;
        const value = wh * WH; // below 2⁵³ · 2⁹, and a multiple of 2¹⁵: exact in a double
        words[at] = value % 2 ** 32;
        words[at + 1] = value / 2 ** 32;
        words[at + 4] = 1;
      }
    }
  const total = BigInt(sum) * BigInt(WH);
  return {
    ...{ key, sha256: createHash("sha256").update(key).digest("hex"), replaces: undefined },
    ...{ sender: "bench", file: undefined, readings: cells, rejected: 0, rounded: 0, energy: total, absolute: total },
    ...{ first: firstDay * 86_400, last: (firstDay + days) * 86_400 - 900 },
    contribution: packParts(
      [partFrom(ids.slice(firstMeter, firstMeter + meters), { source, block, words })],
      QUARTER_CLOCK,
      utc,
    ),
  };
}

const ARRANGEMENTS = {
  *days() {
    for (let day = 0; day < DAYS; day++) yield batch(`day ${day}`, 0, METERS, FIRST_DAY + day, 1);
  },
  *meters() {
    for (let meter = 0; meter < METERS; meter++) yield batch(`meter ${meter}`, meter, 1, FIRST_DAY, DAYS);
  },
  *months() {
    for (let month = 0; month < 12; month++)
      for (let meter = 0; meter < METERS; meter++)
        yield batch(`month ${month} ${meter}`, meter, 1, MONTHS[month], MONTHS[month + 1] - MONTHS[month]);
  },
};

const seconds = (since) => (performance.now() - since) / 1000;
const megabytes = (bytes) => Math.round(bytes / 1e6);
const rss = () => megabytes(process.memoryUsage().rss);
const say = (...words) => console.log(words.join(" "));

async function median(job, times = 15) {
  const took = [];
  for (let n = 0; n < times; n++) {
    const began = performance.now();
    await job(n);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return `${took[times >> 1].toFixed(1)} ms (worst ${took[times - 1].toFixed(0)})`;
}

/** Fills a store if it is not there; a few batches wait at a time, as senders do. */
async function filled(name, batches, together) {
  const path = join(cache, `store-${name}.duckdb`);
  if (values.fresh) for (const end of ["", ".wal"]) rmSync(path + end, { force: true });
  if (!existsSync(path)) {
    const unfinished = `${path}.new`;
    for (const end of ["", ".wal"]) rmSync(unfinished + end, { force: true });
    const store = await openStore(`duckdb:${unfinished}`);
    const began = performance.now();
    let waiting = [];
    let readings = 0;
    for (const one of batches()) {
      readings += one.readings;
      waiting.push(store.ingest(one));
      if (waiting.length < together) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
    say(
      `${name}: filled in ${seconds(began).toFixed(1)} s, ${Math.round(readings / seconds(began))} readings/s, rss ${rss()} MB`,
    );
    const closing = performance.now();
    await store.close();
    say(`${name}: closed in ${seconds(closing).toFixed(2)} s`);
    renameSync(unfinished, path);
  }
  const opening = performance.now();
  const store = await openStore(`duckdb:${path}`);
  say(`${name}: opened in ${seconds(opening).toFixed(2)} s, ${megabytes(statSync(path).size)} MB on disk`);
  return store;
}

async function readAll(pieces) {
  for await (const days of pieces) for (const [, bytes] of days) unpackDay(bytes);
}

async function questions(name, store) {
  const { readings, energy } = await store.state();
  const year = { from: FIRST_DAY * 96, to: (FIRST_DAY + DAYS) * 96 };
  const march = { from: MONTHS[2] * 96, to: MONTHS[3] * 96 };
  await store.read(async (reader) => {
    let cells = 0;
    let sum = 0n;
    for await (const days of reader.totals(year))
      for (const [day, bytes] of days) {
        const { energy: limbs, count } = unpackDay(bytes);
        if (count.some((n) => n !== METERS)) throw new Error(`${name}: the counts are wrong`);
        cells += count.length;
        if (day < MONTHS[2] || day >= MONTHS[3]) continue;
        for (let n = 0; n < limbs.length; n += 4) sum += energyOf(limbs, n);
      }
    let expected = 0;
    for (let meter = 0; meter < METERS; meter++)
      for (let q = march.from; q < march.to; q++) expected += wattHours(meter, q);
    if (cells !== DAYS * 96 || sum !== BigInt(expected) * BigInt(WH)) throw new Error(`${name}: the totals are wrong`);
  });
  say(
    `${name}: ${readings} readings, ${energy / 10n ** 18n} kWh, ${(statSync(join(cache, `store-${name}.duckdb`)).size / readings).toFixed(2)} bytes a reading`,
  );
  const ask = async (what, job) =>
    say(`${name}: ${what}: ${await median((n) => store.read((reader) => job(reader, n)))}`);
  const meter = (n) => [ids[(n * 1237) % METERS]];
  await ask("a year's totals", (reader) => readAll(reader.totals(year)));
  await ask("one meter's month", (reader, n) => readAll(reader.totals({ ...march, sources: meter(n) })));
  await ask("one meter's year", (reader, n) => readAll(reader.totals({ ...year, sources: meter(n) })));
  await ask("one meter's year by source", async (reader, n) => {
    for await (const _ of reader.bySource({ ...year, sources: meter(n) }));
  });
  await ask("the sources", (reader) => reader.sources({ limit: 10_000 }));
  await ask("how many sources in a month", (reader) => reader.sourceCount(march));
  await ask("the latest batches", (reader) => reader.batches({ limit: 100 }));
  await ask("a day of all meters by source", async (reader) => {
    for await (const _ of reader.bySource({ from: march.from, to: march.from + 96 }));
  });
  say(`${name}: rss ${rss()} MB`);
}

/** The same questions while another client sends a million readings at a time, into a copy of a store. */
async function busy() {
  const [from, path] = ["days", "busy"].map((name) => join(cache, `store-${name}.duckdb`));
  copyFileSync(from, path);
  const store = await openStore(`duckdb:${path}`);
  const bodies = Array.from({ length: 4 }, (_, n) => batch(`busy ${n}`, n * 300, 300, FIRST_DAY + DAYS + n * 35, 35));
  let on = true;
  let sent = 0;
  const sender = (async () => {
    while (on) await store.ingest({ ...bodies[sent % 4], key: `busy ${sent++}` });
  })();
  const began = performance.now();
  const ask = async (what, job) =>
    say(`busy: ${what}: ${await median((n) => store.read((reader) => job(reader, n)), 40)}`);
  const year = { from: FIRST_DAY * 96, to: (FIRST_DAY + DAYS) * 96 };
  const meter = (n) => [ids[(n * 1237) % METERS]];
  await ask("a year's totals", (reader) => readAll(reader.totals(year)));
  await ask("one meter's month", (reader, n) =>
    readAll(reader.totals({ ...year, to: year.from + 31 * 96, sources: meter(n) })),
  );
  await ask("one meter's year", (reader, n) => readAll(reader.totals({ ...year, sources: meter(n) })));
  await ask("the sources", (reader) => reader.sources({ limit: 10_000 }));
  on = false;
  await sender;
  say(`busy: ${sent} bodies meanwhile, ${(seconds(began) / sent).toFixed(2)} s each; rss ${rss()} MB`);
  await store.close();
  rmSync(path);
}

async function bodies() {
  const path = join(cache, "store-bodies.duckdb");
  for (const end of ["", ".wal"]) rmSync(path + end, { force: true });
  const store = await openStore(`duckdb:${path}`);
  const took = [];
  for (let n = 0; n < 10; n++) {
    const body = batch(`body ${n}`, 0, 300, FIRST_DAY + n * 35, 35);
    const began = performance.now();
    await store.ingest(body);
    took.push(performance.now() - began);
  }
  say(`bodies: ${took.map((ms) => ms.toFixed(0)).join(" ")} ms for 1,008,000 readings each; rss ${rss()} MB`);
  await store.close();
}

function* singles(count, name) {
  for (let n = 0; n < count; n++) yield single(n, name);
}

/** A batch of one reading: meters in turn, time goes on. */
function single(n, name) {
  const meter = n % METERS;
  const slot = FIRST_DAY * 96 + Math.floor(n / METERS);
  const one = BigInt(wattHours(meter, slot)) * BigInt(WH);
  const key = `${name}-${createHash("md5").update(String(n)).digest("hex")}`;
  return {
    ...{ key, sha256: createHash("sha256").update(key).digest("hex"), replaces: undefined },
    ...{ sender: "bench", file: undefined, readings: 1, rejected: 0, rounded: 0, energy: one, absolute: one },
    ...{ first: slot * 900, last: slot * 900 },
    contribution: packed({
      sources: [ids[meter]],
      starts: Uint32Array.of(0, 1),
      slot: Int32Array.of(slot),
      energy: Uint32Array.of(Number(one & 0xffff_ffffn), Number(one >> 32n), 0, 0),
      count: Float64Array.of(1),
    }),
  };
}

/** A hundred senders, each with its next reading once the last is acknowledged; half a percent are sent twice. */
async function senders(store, from, name) {
  const end = performance.now() + Number(values.seconds) * 1000;
  const took = [];
  let next = from;
  let repeated = 0;
  const sender = async () => {
    while (performance.now() < end) {
      const n = next++;
      const again = n % 200 === 0;
      const began = performance.now();
      const answer = await store.ingest(again ? single(Math.floor(n / 2), "singles") : single(n, name));
      took.push(performance.now() - began);
      if (answer.repeated !== again) throw new Error(`a key was ${again ? "not " : ""}known`);
      if (again) repeated++;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: 100 }, sender));
  const rate = took.length / seconds(began);
  took.sort((a, b) => a - b);
  const at = (part) => `${took[Math.floor(took.length * part)].toFixed(0)} ms`;
  say(
    `singles: ${rate.toFixed(0)} acknowledged a second from 100 senders (${took.length}, ${repeated} repeated);`,
    `median ${at(0.5)}, 99 % ${at(0.99)}, worst ${at(0.999999)}; rss ${rss()} MB`,
  );
}

for (const name of wanted) {
  if (name === "bodies") await bodies();
  else if (name === "busy") await busy();
  else if (name === "singles") {
    const count = Number(values.batches);
    const store = await filled("singles", () => singles(count, "singles"), 1000);
    await senders(store, (await store.state()).batches, `more ${Date.now()}`);
    const closing = performance.now();
    await store.close();
    say(`singles: closed in ${seconds(closing).toFixed(2)} s`);
  } else {
    const store = await filled(name, ARRANGEMENTS[name], name === "days" ? 2 : name === "meters" ? 20 : 100);
    await questions(name, store);
    await store.close();
  }
}
