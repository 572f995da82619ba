/**
 * A process that writes an output folder and is killed on the way: `node driver.mjs DIR SET KILL_AT [open]`. It dies
 * by SIGKILL just before its KILL_AT-th call of the file system (of a write, half is done first). If it makes fewer
 * calls it prints what it made, as JSON. With `open` it only opens the folder and closes it, as a run does whose input is bad.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { writeSet } from "./sets.mjs";

const [dir, set, killAt, mode] = process.argv.slice(2);
const CHANGES = [
  "openSync",
  "writeSync",
  "fsyncSync",
  "closeSync",
  "renameSync",
  "unlinkSync",
  "mkdirSync",
  "rmdirSync",
];
const LOOKS = ["readdirSync", "lstatSync", "statSync", "readFileSync", "realpathSync"];

/** Each call: its name, then the names of the files in question. Flushes that run together are listed as they end. */
const calls = [];
let made = 0;
const names = new Map();

function count(name, half) {
  if (++made < Number(killAt)) return;
  if (name === "writeSync") half();
  process.kill(process.pid, "SIGKILL");
}

for (const name of [...CHANGES, ...LOOKS]) {
  const real = fs[name];
  fs[name] = Object.assign((...args) => {
    count(name, () => writeHalf(real, ...args));
    const files = args.filter((arg) => typeof arg === "string").map((arg) => basename(arg));
    calls.push([name, ...files, names.get(args[0]) ?? ""]);
    const result = real(...args);
    if (name === "openSync") names.set(result, basename(args[0]));
    return result;
  }, real);
}

const { fdatasync } = fs;
fs.fdatasync = (fd, done) => {
  count("fdatasync");
  const file = names.get(fd);
  fdatasync(fd, (error) => {
    calls.push(["fsyncSync", file]);
    done(error);
  });
};
syncBuiltinESMExports();

function writeHalf(real, fd, block, from) {
  real(fd, block.subarray(from, from + Math.floor((block.length - from) / 2)));
}

const { openFolder } = await import("../../dist/output/folder.js");
const folder = await openFolder(dir);
try {
  if (mode !== "open") await writeSet(folder, set);
} finally {
  folder.close();
}
console.log(JSON.stringify({ made, calls }));
