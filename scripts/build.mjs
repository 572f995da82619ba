// Builds src/ into dist/: TypeScript, and AssemblyScript (the kernel, the formatter: one .wasm each). What an earlier
// build left of sources that are gone is removed, so that dist/ is what a fresh build would give. The command is
// bundled into dist/bin, since loading a few files takes half the time of loading a hundred; packages that it depends
// on stay outside.
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import asc from "assemblyscript/asc";
import { build } from "rolldown";
import { root, sourcesHash } from "./ready.mjs";

/** Folders of AssemblyScript; each becomes one `.wasm` beside it. */
const MODULES = ["scan/kernel", "output/formatter"];
const WASMS = MODULES.map((path) => `dist/${path}.wasm`);

process.chdir(root);
rmSync(".cache/built", { force: true });
const hash = sourcesHash();

const sourceOf = (/** @type {string} */ path) => path.replace(/^dist/, "src").replace(/(\.d\.ts|\.js)$/, ".ts");
const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"];
const typed = node(tsc);
// In this process, one after the other: what the second needs is loaded and warm by then.
for (const path of MODULES) {
  mkdirSync(dirname(`dist/${path}`), { recursive: true });
  const { error } = await asc.main(["--config", `src/${path}/asconfig.json`], {
    stdout: process.stderr,
    stderr: process.stderr,
  });
  if (error) process.exit(1);
}
if ((await typed) !== 0) process.exit(1);

rmSync("dist/bin", { recursive: true, force: true });
prune("dist");
await build({
  input: {
    electro: "dist/cli/main.js",
    worker: "dist/pipeline/worker.js",
    "body-worker": "dist/service/bodies/body-worker.js",
    "zstd-worker": "dist/input/zstd-worker.js",
    "parquet-worker": "dist/input/parquet-worker.js",
  },
  platform: "node",
  external: /^[a-z@]/,
  output: { dir: "dist/bin", format: "esm" },
  logLevel: "warn",
});
// The page: one script, one style sheet, and the frame around them.
await build({
  input: "src/dashboard/main.tsx",
  platform: "browser",
  output: { file: "dist/dashboard/dashboard.js", format: "esm", minify: true },
  logLevel: "warn",
});
// Later rules win: what depends on the window's width and on paper stands at the end.
const sheets = ["base", "controls", "page", "panels", "charts", "narrow", "print"];
const style = ["node_modules/uplot/dist/uPlot.min.css", ...sheets.map((name) => `src/dashboard/style/${name}.css`)];
writeFileSync("dist/dashboard/dashboard.css", style.map((path) => readFileSync(path, "utf8")).join("\n"));
copyFileSync("src/dashboard/index.html", "dist/dashboard/index.html");
for (const wasm of WASMS) copyFileSync(wasm, join("dist/bin", basename(wasm)));
chmodSync("dist/bin/electro.js", 0o755);
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
function prune(/** @type {string} */ folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      prune(path);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else if (!WASMS.map(normalize).includes(path) && !existsSync(sourceOf(path))) rmSync(path);
  }
}
