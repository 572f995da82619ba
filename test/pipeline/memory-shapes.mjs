// Shapes of data that take memory, each in its own way, and how much a run of each has had: for the test and the script.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";

const PEAK = new URL("peak.mjs", import.meta.url).href;
const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const START = Date.UTC(2020, 0, 1);
const QUARTER = 900_000;

/**
 * @typedef {object} Shape
 * @property {boolean} [long] only the script takes it
 * @property {string} name
 * @property {number} readings of the script; the test takes fewer
 * @property {readonly string[]} args
 * @property {"aggregate" | "load" | "quality"} [command] default: `aggregate`
 * @property {string} [least] that `--memory` may be. Default: 100MB
 * @property {boolean} [refused] that it may be refused: little memory does not do for it, whatever is done
 * @property {(folder: string, readings: number) => void | Promise<void>} write the inputs, into a folder `in`
 */

/** Numbers below a limit in no order, the same each time. @param {number} seed @returns {(limit: number) => number} */
function randomBelow(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const stamp = (/** @type {number} */ time) => new Date(time).toISOString().slice(0, 19);

/** Writes a file a line at a time. @param {string} path @param {Iterable<string>} lines */
function writeLines(path, lines) {
  const file = openSync(path, "w");
  let block = "";
  for (const line of lines) {
    block += `${line}\n`;
    if (block.length < 1 << 20) continue;
    writeSync(file, block);
    block = "";
  }
  writeSync(file, block);
  closeSync(file);
}

/** A record as NDJSON. @param {string} time @param {string | number} value @param {string} source */
const record = (time, value, source) => `{"timestamp":"${time}","kWh_value":${value},"meter_id":"${source}"}`;

/**
 * Readings of sources at random quarter hours, or seconds.
 * @param {number} readings
 * @param {{ sources: number, days: number, step?: number, id?: (source: number) => string, end?: string, big?: boolean }} how
 */
function* random(readings, { sources, days, step = QUARTER, id = (source) => `m${source}`, end = "Z", big = false }) {
  const below = randomBelow(7);
  const steps = (days * 864e5) / step;
  for (let n = 0; n < readings; n++) {
    const value = big ? `${1 + below(9)}e${below(15)}` : `${below(9)}.${below(1e6)}`;
    yield record(stamp(START + below(steps) * step) + end, value, id(below(sources)));
  }
}

/** One file `in/all.ndjson`. @param {(readings: number) => Iterable<string>} lines */
function inOne(lines) {
  return (/** @type {string} */ folder, /** @type {number} */ readings) => {
    mkdirSync(join(folder, "in"));
    writeLines(join(folder, "in", "all.ndjson"), lines(readings));
  };
}

/** @template T @param {Iterator<T>} from @param {number} count @returns {Iterable<T>} */
function* take(from, count) {
  for (let n = 0; n < count; n++) {
    const next = from.next();
    if (next.done) return;
    yield next.value;
  }
}

const BY_SOURCE = ["--by-source"];
const longId = (/** @type {number} */ source) => `${source}-`.padEnd(200, "long");

/** @type {readonly Shape[]} */
export const SHAPES = [
  {
    name: "10 sources in random order over ten years",
    readings: 2e6,
    args: [...BY_SOURCE, "--max-days", "5000"],
    write: inOne((n) => random(n, { sources: 10, days: 3600 })),
  },
  {
    name: "the same, in all",
    long: true,
    readings: 2e6,
    args: ["--max-days", "5000"],
    write: inOne((n) => random(n, { sources: 10, days: 3600 })),
  },
  {
    name: "1,000 sources in random order over a year",
    long: true,
    readings: 3e6,
    args: BY_SOURCE,
    write: inOne((n) => random(n, { sources: 1000, days: 365 })),
  },
  {
    name: "random seconds, hours and half hours off the quarters of UTC",
    long: true,
    readings: 1.5e6,
    args: [...BY_SOURCE, "--timezone", "+05:37"],
    write: inOne((n) => random(n, { sources: 100, days: 1000, step: 1000 })),
  },
  {
    name: "wall times, on both sides of clock changes",
    long: true,
    readings: 1.5e6,
    args: [...BY_SOURCE, "--timezone", "Europe/Berlin", "--repeated-hour", "first"],
    write: inOne((n) => random(n, { sources: 300, days: 700, end: "" })),
  },
  {
    name: "20,000 sources, hour by hour",
    long: true,
    readings: 2e6,
    args: BY_SOURCE,
    write: inOne(function* (readings) {
      for (let n = 0; n < readings; n++)
        yield record(`${stamp(START + Math.floor(n / 20_000) * 4 * QUARTER)}Z`, `${n % 7}.5`, `m${n % 20_000}`);
    }),
  },
  {
    name: "sources one after another, each over a year",
    long: true,
    readings: 3e6,
    args: [...BY_SOURCE, "--with-counts"],
    write: inOne(function* (readings) {
      for (let n = 0; n < readings; n++)
        yield record(`${stamp(START + (n % 8760) * 4 * QUARTER)}Z`, `${n % 7}.5`, `m${Math.floor(n / 8760)}`);
    }),
  },
  {
    name: "a few cells each, far apart",
    long: true,
    readings: 1e6,
    args: [...BY_SOURCE, "--max-days", "40000"],
    write: inOne((n) => random(n, { sources: 3, days: 5000, step: 7 * 36e5 })),
  },
  {
    name: "values from small to huge",
    long: true,
    readings: 1e6,
    args: BY_SOURCE,
    write: inOne((n) => random(n, { sources: 100, days: 1000, big: true })),
  },
  {
    name: "long ids",
    long: true,
    readings: 6e5,
    args: BY_SOURCE,
    write: inOne((n) => random(n, { sources: 20_000, days: 10, id: longId })),
  },
  {
    name: "one array on one line",
    long: true,
    readings: 2e6,
    args: BY_SOURCE,
    write(folder, readings) {
      mkdirSync(join(folder, "in"));
      const file = openSync(join(folder, "in", "all.json"), "w");
      writeSync(file, "[");
      let block = "";
      for (const line of random(readings, { sources: 300, days: 1000 })) {
        block += `${block === "" ? "" : ","}${line}`;
        if (block.length < 1 << 20) continue;
        writeSync(file, block);
        block = "";
        writeSync(file, ",");
      }
      writeSync(file, `${block === "" ? record("2020-01-01T00:00:00Z", 0, "m0") : block}]`);
      closeSync(file);
    },
  },
  {
    name: "sources named by the objects around",
    readings: 2e6,
    args: [...BY_SOURCE, "--records", "/meters/*/readings"],
    write(folder, readings) {
      mkdirSync(join(folder, "in"));
      const below = randomBelow(3);
      writeLines(
        join(folder, "in", "all.json"),
        (function* () {
          yield '{"meters":[';
          for (let source = 0; source < 100; source++) {
            yield `${source === 0 ? "" : ","}{"readings":[{"timestamp":"2020-01-01T00:00:00Z","kWh_value":0}`;
            for (let n = 0; n < readings / 100; n++)
              yield `,{"timestamp":"${stamp(START + below(96 * 1000) * QUARTER)}Z","kWh_value":${below(1000)}}`;
            yield `],"meter_id":"m${source}"}`;
          }
          yield "]}";
        })(),
      );
    },
  },
  {
    name: "CSV packed with gzip",
    long: true,
    readings: 2e6,
    args: BY_SOURCE,
    async write(folder, readings) {
      mkdirSync(join(folder, "in"));
      const below = randomBelow(5);
      writeLines(
        join(folder, "all.csv"),
        (function* () {
          yield "timestamp,kWh_value,meter_id";
          for (let n = 0; n < readings; n++)
            yield `${stamp(START + below(96 * 1000) * QUARTER)}Z,${below(9)}.${below(1000)},m${below(300)}`;
        })(),
      );
      const packed = createWriteStream(join(folder, "in", "all.csv.gz"));
      await pipeline(createReadStream(join(folder, "all.csv")), createGzip({ level: 1 }), packed);
    },
  },
  {
    name: "many small files",
    readings: 1e6,
    args: BY_SOURCE,
    write(folder, readings) {
      mkdirSync(join(folder, "in"));
      const files = readings / 100;
      const lines = random(readings, { sources: 300, days: 1000 });
      for (let file = 0; file < files; file++) {
        let block = "";
        for (let n = 0; n < 100; n++) block += `${lines.next().value}\n`;
        writeFileSync(join(folder, "in", `${file}.ndjson`), block);
      }
    },
  },
  {
    name: "bad records set aside",
    readings: 1e6,
    args: [...BY_SOURCE, "--on-error", "skip"],
    write: inOne(function* (readings) {
      let n = 0;
      for (const line of random(readings, { sources: 300, days: 1000 }))
        yield n++ % 3 === 0 ? line.replace(/20/, "never") : line;
    }),
  },
  {
    name: "lines of half a megabyte",
    long: true,
    readings: 2000,
    args: BY_SOURCE,
    write: inOne(function* (readings) {
      const note = "x".repeat(5e5);
      for (const line of random(readings / 10, { sources: 10, days: 10 }))
        yield `${line.slice(0, -1)},"note":"${note}"}`;
    }),
  },
  {
    name: "objects of 20 MB, each on a line",
    long: true,
    readings: 2e6,
    args: BY_SOURCE,
    write: inOne(function* (readings) {
      const lines = random(readings, { sources: 300, days: 1000 });
      for (let left = readings; left > 0; left -= 300_000)
        yield `{"readings":[${[...take(lines, 300_000)].join(",")}]}`;
    }),
  },
  {
    name: "3 readings a source, the first in 1900 and the last in 2199",
    readings: 300,
    args: ["--max-days", "110000"],
    refused: true,
    write: inOne(function* (readings) {
      for (let n = 0; n < readings; n += 3)
        for (const year of [1900, 2024, 2199]) yield record(`${year}-06-15T12:00:00Z`, "0.5", `m${n}`);
    }),
  },
  {
    name: "12 sources, every quarter hour of nine years",
    long: true,
    readings: 3.5e6,
    args: BY_SOURCE,
    write: inOne(function* (readings) {
      for (let n = 0; n < readings; n++)
        yield record(`${stamp(START + Math.floor(n / 12) * QUARTER)}Z`, `${n % 7}.5`, `m${n % 12}`);
    }),
  },
  {
    name: "a million sources, told apart",
    readings: 1e6,
    args: BY_SOURCE,
    refused: true,
    write: inOne((n) => random(n, { sources: 1e8, days: 1 })),
  },
  {
    name: "quality of 3,000 sources in random order",
    long: true,
    readings: 2e6,
    command: "quality",
    args: [],
    refused: true,
    write: inOne((n) => random(n, { sources: 3000, days: 365 })),
  },
  {
    name: "quality of 5 sources in random order",
    readings: 1e6,
    command: "quality",
    args: [],
    write: inOne((n) => random(n, { sources: 5, days: 365 })),
  },
  {
    name: "a store that is loaded",
    readings: 2e6,
    command: "load",
    least: "256MB",
    args: [],
    write: inOne((n) => random(n, { sources: 1000, days: 20 })),
  },
];

/**
 * Runs the command, and looks at its end how much memory it has had.
 * @param {string} folder of the inputs; a folder `out` in it is gone
 * @param {Shape} shape
 * @param {readonly string[]} options
 * @returns {Promise<{ status: number, peak: number, stderr: string, output: string }>} bytes resident
 *   at most; a digest of all that was written
 */
export async function runOf(folder, { command = "aggregate", args }, options) {
  const out = join(folder, "out");
  rmSync(out, { recursive: true, force: true });
  if (command === "load") mkdirSync(out);
  const into = { aggregate: ["-o", out], load: ["--store", `duckdb:${join(out, "store.duckdb")}`], quality: [] };
  const child = spawn(
    process.execPath,
    ["--import", PEAK, MAIN, command, join(folder, "in"), ...args, ...into[command], ...options],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [stdout, stderr, peak] = await Promise.all(
    [1, 2, 3].map((n) => text(/** @type {import("node:stream").Readable} */ (child.stdio[n]))),
  );
  return {
    status: /** @type {number} */ (await ended),
    peak: Number(peak),
    stderr,
    output: createHash("sha256").update(stdout).update(digestOf(out)).digest("hex"),
  };
}

/** Of the tables in a folder. @param {string} folder */
function digestOf(folder) {
  const digest = createHash("sha256");
  if (existsSync(folder))
    for (const name of readdirSync(folder).sort())
      if (name.endsWith(".csv")) digest.update(name).update(readFileSync(join(folder, name)));
  return digest.digest();
}
