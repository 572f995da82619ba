// Preloaded into a process (`node --import …/trace.mjs`): notes its calls of the file system on what lies in the folder in
// which it runs (the others load its own code), and those that begin before another has ended. Each thread says at its
// end, on the process's fourth stream, as a line of JSON: `{ thread, calls: { name: count }, overlaps: [[name, names under way]] }`.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";
import { threadId } from "node:worker_threads";

/** @typedef {(...args: unknown[]) => unknown} Call */

const cwd = fs.realpathSync(process.cwd());
const { writeSync } = fs;
/** @type {Record<string, number>} */
const calls = {};
/** @type {[string, string[]][]} */
const overlaps = [];
/** Calls that have begun and end later. @type {string[]} */
const underWay = [];
/** Open files in question; standard input is one. */
const files = new Set([0]);

/** @param {unknown} file a path or a descriptor */
function isMine(file) {
  return typeof file === "number"
    ? files.has(file)
    : typeof file === "string" && `${resolve(file)}${sep}`.startsWith(cwd);
}

/** @param {string} name @param {boolean} later whether it ends later @returns {() => void} what to call then */
function begin(name, later) {
  calls[name] = (calls[name] ?? 0) + 1;
  if (underWay.length > 0) overlaps.push([name, [...underWay]]);
  if (!later) return () => {};
  underWay.push(name);
  return () => void underWay.splice(underWay.indexOf(name), 1);
}

/** @param {Record<string, Call>} all @param {(name: string, real: Call) => Call | undefined} traced */
function replace(all, traced) {
  for (const [name, real] of Object.entries(all)) {
    if (typeof real !== "function") continue;
    const call = traced(name, real);
    if (call !== undefined) all[name] = Object.assign(call, real);
  }
}

replace(/** @type {Record<string, Call>} */ (/** @type {unknown} */ (fs)), (name, real) => {
  if (name.endsWith("Sync"))
    return (...args) => {
      if (!isMine(args[0])) return real(...args);
      begin(name, false);
      const result = real(...args);
      if (name === "openSync") files.add(/** @type {number} */ (result));
      if (name === "closeSync") files.delete(/** @type {number} */ (args[0]));
      return result;
    };
  if (!(`${name}Sync` in fs)) return undefined;
  return (...args) => {
    if (!isMine(args[0])) return real(...args);
    const done = /** @type {Call} */ (args.pop());
    const end = begin(name, true);
    return real(...args, (/** @type {unknown[]} */ ...results) => {
      end();
      done(...results);
    });
  };
});
replace(/** @type {Record<string, Call>} */ (/** @type {unknown} */ (fs.promises)), (name, real) => (...args) => {
  const promise = /** @type {Promise<unknown>} */ (real(...args));
  return isMine(args[0]) ? promise.finally(begin(name, true)) : promise;
});
syncBuiltinESMExports();

process.on("exit", () => void writeSync(3, `${JSON.stringify({ thread: threadId, calls, overlaps })}\n`));
