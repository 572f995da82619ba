/**
 * What one writes without a library: `json-parse.mjs FORM FILE OUT totals readline|split`. Each line through
 * JSON.parse, sums of floats in a Map. `readline` has Node's module cut the lines; `split` cuts megabytes of text at
 * their line ends, which is faster.
 */
import { closeSync, createReadStream, openSync, readSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [, file, out, , how] = process.argv.slice(2);

const HOUR_MS = 3_600_000;
const sums = new Map();

function add(line) {
  const { timestamp, kWh_value } = JSON.parse(line);
  const hour = Math.floor(Date.parse(timestamp) / HOUR_MS);
  sums.set(hour, (sums.get(hour) ?? 0) + kWh_value);
}

function split() {
  const fd = openSync(file, "r");
  const buffer = Buffer.alloc(1 << 20);
  let kept = 0;
  for (;;) {
    const count = readSync(fd, buffer, kept, buffer.length - kept);
    const end = kept + count;
    const whole = count === 0 ? end : buffer.lastIndexOf(10, end - 1) + 1;
    const text = buffer.toString("utf8", 0, whole);
    for (let at = 0; at < text.length; ) {
      const lineEnd = text.indexOf("\n", at);
      const stop = lineEnd < 0 ? text.length : lineEnd;
      add(text.slice(at, stop));
      at = stop + 1;
    }
    if (count === 0) break;
    buffer.copyWithin(0, whole, end);
    kept = end - whole;
  }
  closeSync(fd);
}

if (how === "split") {
  split();
} else {
  const lines = createInterface({
    input: createReadStream(file, { highWaterMark: 1 << 20 }),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  // an event per line: `for await` over the same lines is slower
  lines.on("line", add);
  await new Promise((resolve) => lines.on("close", resolve));
}

const rows = [...sums]
  .sort(([a], [b]) => a - b)
  .map(([hour, kWh]) => `${new Date(hour * HOUR_MS).toISOString()},${kWh}\n`);
writeFileSync(`${out}/hourly.csv`, `hour,kWh\n${rows.join("")}`);
