/** How fast NEM12 is read: `node bench/nem12.mjs [MB]` makes a file of 5-, 15- and 30-minute data, and sums it with one worker. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const megabytes = Number(process.argv[2] ?? 300);
const folder = mkdtempSync(join(tmpdir(), "electro-nem12-"));
const electro = new URL("../dist/bin/electro.js", import.meta.url).pathname;
try {
  const file = join(folder, "nem12.csv");
  const fd = openSync(file, "w");
  let seed = 1;
  const value = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return `${(seed >>> 16) % 4}.${String((seed >>> 8) % 1000).padStart(3, "0")}`;
  };
  let bytes = writeSync(fd, "100,NEM12,202401010000,BENCH,BENCH\r\n");
  let values = 0;
  for (let meter = 0; bytes < megabytes * 1e6; meter++) {
    const minutes = [5, 15, 30][meter % 3];
    const nmi = `63${String(meter).padStart(8, "0")}`;
    const rows = [`200,${nmi},E1,1,E1,N1,M${meter},kWh,${minutes},`];
    for (let day = 0; day < 365; day++) {
      const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10).replaceAll("-", "");
      const day1 = Array.from({ length: 1440 / minutes }, value);
      values += day1.length;
      rows.push(`300,${date},${day1.join(",")},A,,,20250101000000,20250101000000`);
    }
    bytes += writeSync(fd, `${rows.join("\r\n")}\r\n`);
  }
  writeSync(fd, "900\r\n");
  closeSync(fd);
  const size = statSync(file).size;
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    const told = execFileSync(process.execPath, [
      electro,
      "aggregate",
      file,
      "-o",
      join(folder, "out"),
      "--workers",
      "1",
    ]);
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${(size / 1e6).toFixed(0)} MB, ${values} readings: ${seconds.toFixed(2)} s, ${(size / 1e6 / seconds).toFixed(0)} MB/s${told}`,
    );
  }
} finally {
  if (!process.env.KEEP) rmSync(folder, { recursive: true });
}
