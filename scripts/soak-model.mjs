// What a store ought to have, for soak.mjs: batches, what became of each, and the sums of those that count.
/** @typedef {import("./service-process.mjs").Service} Service */

/**
 * @typedef {"kept" | "gone" | "unknown" | "kept or gone"} Fate
 * @typedef {{ source: string, quarter: number, milli: number }} Reading quarter hours of 2024, thousandths of a kWh
 * @typedef {{ key: string, readings: Reading[], fate: Fate, id?: string, client?: number, file?: boolean, replaces?: Sent }} Sent
 */

const SOURCES = 20;
const DAYS = 40;
const START = Date.UTC(2024, 0, 1);
const QUARTER_MS = 900_000;

/** @param {string} key @param {() => number} random @returns {Sent} */
export function newBatch(key, random) {
  const count = random() < 0.05 ? 3000 : 1 + Math.floor(random() * 20);
  const readings = Array.from({ length: count }, () => ({
    source: `source ${Math.floor(random() * SOURCES)}`,
    quarter: Math.floor(random() * DAYS * 96),
    milli: Math.floor(random() * 3000) - 500,
  }));
  return { key, readings, fate: "unknown" };
}

/** The batch as newline-delimited JSON. @param {Sent} batch */
export function textOf({ key, readings }) {
  const lines = readings.map(({ source, quarter, milli }) => {
    const timestamp = new Date(START + quarter * QUARTER_MS).toISOString();
    return JSON.stringify({ timestamp, kWh_value: `${milli}e-3`, meter_id: source, key });
  });
  return `${lines.join("\n")}\n`;
}

export class Model {
  /** @type {Sent[]} */
  sent = [];

  /** Ids of batches that were acknowledged. */
  acknowledged() {
    return this.sent.flatMap(({ id }) => id ?? []);
  }

  /** @param {Sent} batch */
  keep(batch) {
    batch.fate = "kept";
    if (batch.replaces !== undefined) batch.replaces.fate = "gone";
  }

  /** Sends a batch, for the first time or again. @param {Service} service @param {Sent} batch @throws NoAnswer */
  async post(service, batch) {
    const { key, replaces } = batch;
    if (replaces !== undefined && replaces.fate === "kept") replaces.fate = "kept or gone";
    const query = replaces === undefined ? "" : `?replaces=${replaces.id}`;
    const headers = { "content-type": "application/x-ndjson", "idempotency-key": key };
    const { status, text } = await service.ask("POST", `/v1/readings${query}`, headers, textOf(batch));
    // For want of room it is not there, or nobody knows.
    if (status === 503 || status === 507) return;
    if (status !== 201) throw new Error(`POST ${key}: ${status} ${text.slice(0, 300)}`);
    const { batch_id: id, state } = JSON.parse(text);
    if (batch.id !== undefined && batch.id !== id) throw new Error(`batch ${key} came in twice: ${batch.id} and ${id}`);
    batch.id = id;
    if (state !== "counts") throw new Error(`batch ${key} is ${state}, and nobody ended it`);
    this.keep(batch);
  }

  /** @param {Service} service @param {Sent} batch @throws NoAnswer */
  async retract(service, batch) {
    batch.fate = "kept or gone";
    const { status, text } = await service.ask("DELETE", `/v1/batches/${batch.id}`, {});
    if (status === 200) batch.fate = "gone";
    else if (status !== 503 && status !== 507) throw new Error(`DELETE ${batch.key}: ${status} ${text.slice(0, 300)}`);
  }

  /** Learns the fate of every batch. @param {Service} service @param {string[]} faults */
  async settle(service, faults) {
    try {
      for (const batch of this.sent) {
        if (batch.fate === "unknown" && !batch.file) await this.post(service, batch);
        if (batch.fate === "unknown") faults.push(`batch ${batch.key} did not come in`);
      }
      for (const batch of this.sent) {
        if (batch.fate !== "kept or gone") continue;
        const { status, text } = await service.ask("GET", `/v1/batches/${batch.id}`, {});
        if (status !== 200) faults.push(`batch ${batch.id}: ${status} ${text.slice(0, 200)}`);
        else batch.fate = JSON.parse(text).state === "counts" ? "kept" : "gone";
      }
    } catch (error) {
      faults.push(String(error));
    }
  }

  /** Compares the daily sums by source, and the hours of a source. @param {Service} service @param {string[]} faults @param {() => number} random */
  async compare(service, faults, random) {
    const source = `source ${Math.floor(random() * SOURCES)}`;
    const daily = new Map();
    const hourly = new Map();
    for (const { fate, readings } of this.sent) {
      if (fate !== "kept") continue;
      for (const reading of readings) {
        const time = new Date(START + reading.quarter * QUARTER_MS).toISOString();
        add(daily, `${time.slice(0, 10)} ${reading.source}`, reading.milli);
        if (reading.source === source) add(hourly, `${time.slice(0, 13)}:00:00Z ${source}`, reading.milli);
      }
    }
    const all = "/v1/daily?by=source&with_counts=true";
    await differences(service, all, "daily_timestamp", daily, faults);
    const one = `/v1/hourly?by=source&with_counts=true&source=${encodeURIComponent(source)}`;
    await differences(service, one, "hourly_timestamp", hourly, faults);
  }
}

/** @param {Map<string, { milli: number, count: number }>} sums @param {string} name @param {number} milli */
function add(sums, name, milli) {
  const sum = sums.get(name) ?? { milli: 0, count: 0 };
  sums.set(name, { milli: sum.milli + milli, count: sum.count + 1 });
}

/** @param {Service} service @param {string} path @param {string} time @param {Map<string, { milli: number, count: number }>} sums @param {string[]} faults */
async function differences(service, path, time, sums, faults) {
  const { status, text } = await service.ask("GET", path, {});
  if (status !== 200) return void faults.push(`${path}: ${status} ${text.slice(0, 300)}`);
  const left = new Map(sums);
  for (const row of JSON.parse(text).rows) {
    const name = `${row[time]} ${row.source_id}`;
    const { milli, count } = left.get(name) ?? { milli: 0, count: 0 };
    left.delete(name);
    if (row.reading_count !== count || row.aggregated_kWh_value !== String(milli / 1000))
      faults.push(
        `${path}: ${name} is ${row.aggregated_kWh_value} of ${row.reading_count}, not ${milli / 1000} of ${count}`,
      );
  }
  for (const name of left.keys()) faults.push(`${path}: ${name} is missing`);
}
