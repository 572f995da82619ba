// `node scripts/arrows.mjs [FOLDER]`: holds the arrows between the rooms of src/ (ARCHITECTURE.md): a room imports
// itself and rooms before it in the list, index.ts anything but
// service and cli, nobody index.ts; and no file imports itself over any number of others. Having seen nothing fails.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOMS = [
  ...["base", "time", "tally", "profile", "quality", "scan", "input", "output", "store", "pipeline", "jobs"],
  ...["service", "cli", "dashboard"],
];
/** What the browser may load: the rooms that need nothing of Node. */
const IN_BROWSER = ["base", "time", "tally", "profile", "dashboard"];
// `import … from "./x"`, `export … from "./x"`, `import "./x"`, `import("./x")`, `new URL("./x", …)`
const IMPORT = /(?:\b(?:import|export)\b[^"';()]*|\bimport\(|\bnew URL\()\s*["'](\.{1,2}\/[^"']+)["']/g;

const src = process.argv[2] ?? fileURLToPath(new URL("../src", import.meta.url));
const names = existsSync(src) ? readdirSync(src, { recursive: true, encoding: "utf8" }) : [];
const files = names.map((name) => name.split(sep).join("/")).filter((name) => /\.tsx?$/.test(name));
/** @type {Map<string, string[]>} */
const imports = new Map(files.map((file) => [file, []]));
/** @type {Set<string>} */
const faults = new Set();

for (const file of files) {
  const room = file === "index.ts" ? "jobs" : posix.dirname(file).replace(/\/.*/, ""); // index.ts stands where jobs does
  if (!ROOMS.includes(room)) faults.add(`${file}: not in a room`);
  for (const [, path = ""] of readFileSync(join(src, file), "utf8").matchAll(IMPORT)) {
    const target = fileOf(posix.join(posix.dirname(file), path));
    if (target.startsWith("..")) continue; // package.json; for code the compiler forbids it
    const to = posix.dirname(target).replace(/\/.*/, "");
    const known =
      ROOMS.includes(to) &&
      ROOMS.indexOf(to) <= ROOMS.indexOf(room) &&
      (room !== "dashboard" || IN_BROWSER.includes(to));
    if (!known) faults.add(`${file}: may not import ${target}`);
    imports.get(file)?.push(target);
  }
}

/** The source of an imported path. */
function fileOf(/** @type {string} */ path) {
  const target = path.replace(/\.js$|(\/[^./]+)$/, "$1.ts");
  return imports.has(`${target}x`) ? `${target}x` : target;
}

const done = new Set();
function visit(/** @type {string} */ file, /** @type {string[]} */ way) {
  if (way.includes(file)) faults.add(`cycle: ${[...way.slice(way.indexOf(file)), file].join(" → ")}`);
  if (done.has(file) || way.includes(file)) return;
  for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
  done.add(file);
}
for (const file of files) visit(file, []);

const seen = [...imports.values()].flat().length;
if (seen === 0) faults.add(`${src}: ${files.length} files and no import seen, so nothing was checked`);
for (const fault of faults) console.error(fault);
console.log(`arrows: ${files.length} files, ${seen} imports, ${faults.size} faults`);
process.exitCode = faults.size === 0 ? 0 : 1;
