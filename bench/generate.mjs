/**
 * Writes one form of the readings: `node bench/generate.mjs FORM ROWS FILE`. Beside it, `prepare` makes what a bench
 * run needs, in processes of their own, so that the run that measures stays small.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { FORMS } from "./forms.mjs";
import { eachReading } from "./readings.mjs";

/** Changes whenever the bytes that this file writes change: older cached data is then not found. */
const EDITION = "1";
const SPARE_BYTES = 2e9;

/** The path of a form in the cache. */
export function dataFile(cache, form, rows) {
  return join(cache, `edition-${EDITION}`, String(rows), FORMS[form].file);
}

/**
 * Makes the files of `wanted` (`[form, rows]` pairs) that are not in the cache. Throws before it writes if they would
 * not fit the disk.
 */
export function prepare(cache, wanted, say) {
  const all = wanted.flatMap(([form, rows]) =>
    FORMS[form].packed
      ? [
          [FORMS[form].packed, rows],
          [form, rows],
        ]
      : [[form, rows]],
  );
  const missing = [...new Map(all.map((pair) => [dataFile(cache, ...pair), pair]))].filter(
    ([file]) => !existsSync(file),
  );
  mkdirSync(cache, { recursive: true });
  const needed = missing.reduce((sum, [, [form, rows]]) => sum + FORMS[form].bytes * rows, 0);
  const { bavail, bsize } = statfsSync(cache);
  if (missing.length > 0 && needed + SPARE_BYTES > bavail * bsize) {
    throw new Error(
      `the data needs ${gigabytes(needed)} and ${gigabytes(SPARE_BYTES)} to spare, but the disk has ${gigabytes(bavail * bsize)} free; ` +
        "use fewer --rows, or name a folder on another disk in ELECTRO_BENCH_CACHE",
    );
  }
  for (const [file, [form, rows]] of missing) {
    say(`generating ${rows.toLocaleString("en")} readings as ${FORMS[form].file} …`);
    mkdirSync(dirname(file), { recursive: true });
    const source = FORMS[form].packed ? [dataFile(cache, FORMS[form].packed, rows)] : [];
    const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), form, String(rows), file, ...source], {
      stdio: "inherit",
    });
    if (done.status !== 0) throw new Error(`generating ${FORMS[form].file} failed`);
  }
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

function write(form, rows, file) {
  const { head, between, tail, stamp, record } = FORMS[form];
  const fd = openSync(file, "w");
  const r = { index: 0, text: "", meter: 0, wattHours: 0, noise: 0 };
  let lastTime = -1;
  let text = head;
  eachReading(rows, (index, time, meter, wattHours, noise) => {
    if (time !== lastTime) {
      r.text = stamp(time);
      lastTime = time;
    }
    r.index = index;
    r.meter = meter;
    r.wattHours = wattHours;
    r.noise = noise;
    text += index === 0 ? record(r) : between + record(r);
    if (text.length > 1 << 20) {
      writeAll(fd, text);
      text = "";
    }
  });
  writeAll(fd, text + tail);
  closeSync(fd);
}

function writeAll(fd, text) {
  const bytes = Buffer.from(text, "latin1");
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [form, rows, file, source] = process.argv.slice(2);
  // under another name until it is whole: a generation that is cut off must not be taken for data
  const partial = `${file}.partial`;
  if (source) await pipeline(createReadStream(source), createGzip(), createWriteStream(partial));
  else write(form, Number(rows), partial);
  renameSync(partial, file);
}
