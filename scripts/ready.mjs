// Makes the working copy ready to run: installs when what is installed is not what the lock file says, builds
// when the sources are not those of the last build. Node's own modules only: in a fresh clone nothing else is there.
// Everything that is said goes to standard error, so that a run's standard output is the run's alone.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, ".cache/built");

/** @typedef {{ version?: string, dependencies?: object, devDependencies?: object }} Package */
/** @returns {Record<string, Package>} */
const packagesOf = (/** @type {string} */ file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;

/**
 * Whether what is there is what the lock file says, and nothing is missing that these folders name; npm keeps a list
 * of what it installed.
 * @param {readonly string[]} folders
 */
function installed(folders) {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const there = packagesOf("node_modules/.package-lock.json");
  const wanted = packagesOf("package-lock.json");
  // A workspace's own packages may lie in it, where others need other versions.
  const has = (/** @type {string} */ folder, /** @type {string} */ name) =>
    [`node_modules/${name}`, `${folder}/node_modules/${name}`].some((path) => there[path] !== undefined);
  return (
    folders.every((folder) =>
      [wanted[folder]?.dependencies, wanted[folder]?.devDependencies].every((names) =>
        Object.keys(names ?? {}).every((name) => has(folder, name)),
      ),
    ) && Object.entries(there).every(([path, { version }]) => wanted[path]?.version === version)
  );
}

/** @param {boolean} tests whether what only tests and checks need is installed, too: `test/` is a workspace of its own */
function install(tests) {
  console.error("Installing…");
  const npm = process.env["npm_execpath"];
  const ci = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  if (!tests) ci.push("--workspaces=false");
  if (npm?.endsWith("js")) runOrExit(process.execPath, [npm, ...ci]);
  else runOrExit("npm", ci);
}

/** Runs a program with its standard output joined to standard error; where it fails, this process ends as it did. */
function runOrExit(/** @type {string} */ program, /** @type {string[]} */ args) {
  const shell = process.platform === "win32" && program === "npm";
  const { status } = spawnSync(program, args, { cwd: root, stdio: ["ignore", 2, 2], shell });
  if (status !== 0) process.exit(status ?? 1);
}

/** A hash over everything that the build reads: contents, not times, so that a fresh checkout of the same is the same. */
export function sourcesHash() {
  const hash = createHash("sha256");
  const files = ["package.json", "package-lock.json", "tsconfig.json", "types/webassembly.d.ts", "scripts/build.mjs"];
  for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (/\.\w+$/.test(name)) files.push(join("src", name)); // folders have no dot in their names
  }
  for (const file of files.sort()) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function built() {
  return (
    existsSync(join(root, "dist/bin/electro.js")) && existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesHash()
  );
}

/**
 * Installs and builds what is not up to date; a few milliseconds when all of it is.
 * @param {{ tests?: boolean }} [what] whether what only tests and checks need is wanted, too
 */
export function ready({ tests = false } = {}) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    console.error(`Electro needs Node 20 or newer; this is Node ${process.versions.node}.`);
    process.exit(1);
  }
  if (!installed(tests ? ["", "test"] : [""])) install(tests);
  if (built()) return;
  console.error("Building…");
  runOrExit(process.execPath, ["scripts/build.mjs"]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) ready();
