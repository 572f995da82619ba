/**
 * A process that writes an output folder and is killed on the way: `node driver.mjs DIR SET KILL_AT [MODE]`.
 * It dies by SIGKILL just before its KILL_AT-th call of the file system (a write is cut in half first), or lives if
 * there is no such call; then it prints the calls it made, as JSON. SET is one of `sets.mjs`; MODE `open` only opens the folder and closes it,
 * as a run does whose input is bad.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { filesOf } from "./sets.mjs";

const [dir, set, killAt, mode] = process.argv.slice(2);
const calls = [];
const names = new Map();
const CALLS = ["openSync", "writeSync", "fsyncSync", "closeSync", "renameSync", "unlinkSync", "mkdirSync", "rmdirSync"];
const LOOKS = ["readdirSync", "lstatSync", "statSync", "readFileSync", "realpathSync"];

for (const name of [...CALLS, ...LOOKS]) {
  const real = fs[name];
  fs[name] = Object.assign((...args) => {
    if (calls.length + 1 === Number(killAt)) {
      if (name === "writeSync")
        real(args[0], args[1].subarray(args[2], args[2] + Math.floor((args[1].length - args[2]) / 2)));
      process.kill(process.pid, "SIGKILL");
    }
    calls.push([
      name,
      ...args.filter((arg) => typeof arg === "string").map((arg) => basename(arg)),
      names.get(args[0]) ?? "",
    ]);
    const result = real(...args);
    if (name === "openSync") names.set(result, basename(args[0]));
    return result;
  }, real);
}
syncBuiltinESMExports();

const { openFolder } = await import("../../dist/output/folder.js");
const folder = await openFolder(dir);
try {
  if (mode !== "open") {
    const contents = filesOf(set);
    const files = [...contents].map(([name, text]) => ({
      name,
      rows: 1,
      blocks: () => [Buffer.from(text.slice(0, 9)), Buffer.from(text.slice(9))],
    }));
    await folder.write(files, (written) => ({
      electro: { version: set },
      format: 1,
      versions: {},
      options: {},
      inputs: [],
      totals: { rejectedByReason: {} },
      period: null,
      warnings: [],
      files: written,
    }));
  }
} finally {
  folder.close();
}
console.log(JSON.stringify(calls));
