/** Puts the peers into bench/node_modules when they are not there in the versions that package.json pins. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BENCH = dirname(fileURLToPath(import.meta.url));

const versionAt = (folder) => {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
};

/** Name → version of the peers' packages, as installed. */
export function peerVersions() {
  const { dependencies } = JSON.parse(readFileSync(join(BENCH, "package.json"), "utf8"));
  return Object.fromEntries(Object.keys(dependencies).map((name) => [name, versionAt(join(BENCH, "node_modules", name))]));
}

export function install(say) {
  const { dependencies } = JSON.parse(readFileSync(join(BENCH, "package.json"), "utf8"));
  const polars = `nodejs-polars-${platform()}`;
  const wanted = { ...dependencies, [polars]: dependencies["nodejs-polars"] };
  if (Object.entries(wanted).every(([name, version]) => versionAt(join(BENCH, "node_modules", name)) === version)) return;
  say("installing the peers into bench/node_modules (about 700 MB) …");
  // Polars' binary is named because it asks for a newer Node than it needs, and npm leaves such an optional package out in silence.
  // Not `npm ci`: it refuses the lock where the registry lacks the other platforms' optional binaries. --no-save keeps the lock as it is.
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", `${polars}@${wanted[polars]}`];
  const { status } = spawnSync(npm, args, { cwd: BENCH, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
  if (status !== 0) throw new Error("installing the peers failed: see npm's messages above");
}

/** `linux-x64-gnu`, `darwin-arm64`, … as native packages are named. */
function platform() {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === "win32") return `${base}-msvc`;
  if (process.platform !== "linux") return base;
  return `${base}-${process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl"}`;
}
