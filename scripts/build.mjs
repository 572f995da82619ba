// Builds src/ into dist/: TypeScript, the kernel (AssemblyScript → one .wasm) and the files that are copied as they
// are. What an earlier build left of sources that are gone is removed, so that dist/ is what a fresh build would give.
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, sourcesHash } from "./ready.mjs";

const KERNEL = "src/scan/kernel/asconfig.json";
const WASM = "dist/scan/kernel.wasm";
const COPIED = ["output/manifest.schema.json"];

process.chdir(root);
rmSync(".cache/built", { force: true });
const hash = sourcesHash();

const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"];
const asc = ["node_modules/assemblyscript/bin/asc.js", "--config", KERNEL];
mkdirSync(dirname(WASM), { recursive: true });
const codes = await Promise.all([node(tsc), existsSync(KERNEL) ? node(asc) : 0]);
if (codes.some((code) => code !== 0)) process.exit(1);

const wanted = new Set(existsSync(KERNEL) ? [WASM] : []);
for (const file of COPIED.filter((file) => existsSync(join("src", file)))) {
  cpSync(join("src", file), join("dist", file));
  wanted.add(join("dist", file));
}
prune("dist", wanted);
chmodSync("dist/cli/main.js", 0o755);
mkdirSync(".cache", { recursive: true });
writeFileSync(".cache/built", hash);

/** @returns {Promise<number>} its exit status */
function node(/** @type {string[]} */ args) {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, args, { stdio: ["ignore", 2, 2] })
      .on("error", reject)
      .on("exit", (code) => resolve(code ?? 1));
  });
}

/** Removes from a folder of dist/ what has no source, and folders that are then empty. */
function prune(/** @type {string} */ folder, /** @type {Set<string>} */ keep) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      prune(path, keep);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else if (!keep.has(path) && !existsSync(path.replace(/^dist/, "src").replace(/(\.d\.ts|\.js)$/, ".ts"))) {
      rmSync(path);
    }
  }
}
