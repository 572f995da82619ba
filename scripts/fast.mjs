// Which test files are fast: those that start no process, neither themselves nor by what they import from test/, and do not
// say `// slow` in their first line.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { root } from "./ready.mjs";

/** @returns {string[]} paths below the root */
export function fastTests() {
  const names = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name))
    .filter((path) => !readFileSync(join(root, path), "utf8").startsWith("// slow"))
    .filter((path) => !startsProcesses(join(root, path), new Set()))
    .sort();
}

/**
 * @param {string} file
 * @param {Set<string>} seen files that were looked at already
 * @returns {boolean}
 */
function startsProcesses(file, seen) {
  seen.add(file);
  const text = readFileSync(file, "utf8");
  if (text.includes('"node:child_process"')) return true;
  return [...text.matchAll(/from "(\.[^"]+)"/g)]
    .map(([, path = ""]) => resolve(dirname(file), path))
    .flatMap((path) => [path, path.replace(/\.js$/, ".ts")])
    .some((path) => !path.includes("dist") && existsSync(path) && !seen.has(path) && startsProcesses(path, seen));
}
