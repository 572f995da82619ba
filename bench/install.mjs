/** Puts the peers into bench/node_modules when they are not there in the versions that package.json pins. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BENCH = dirname(fileURLToPath(import.meta.url));

function packageAt(folder) {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** The peers' packages as installed, `name version`. */
export function peerVersions() {
  const { dependencies } = packageAt(BENCH);
  return Object.keys(dependencies).map((name) => {
    const { version, optionalDependencies = {} } = packageAt(join(BENCH, "node_modules", name)) ?? {};
    // chdb's own version says nothing of the ClickHouse inside
    const engine = name === "chdb" ? ` (library ${Object.values(optionalDependencies)[0]})` : "";
    return `${name} ${version}${engine}`;
  });
}

export function install(say) {
  const { dependencies } = packageAt(BENCH);
  const polars = `nodejs-polars-${platform()}`;
  const wanted = { ...dependencies, [polars]: dependencies["nodejs-polars"] };
  if (
    Object.entries(wanted).every(([name, version]) => packageAt(join(BENCH, "node_modules", name))?.version === version)
  )
    return;
  say("installing the peers into bench/node_modules (about 700 MB) …");
  // Polars' binary is named because it asks for a newer Node than it needs, and npm leaves such an optional package out
  // in silence. Not `npm ci`: it refuses the lock where the registry lacks the other platforms' optional binaries.
  // --no-save keeps the lock as it is.
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", `${polars}@${wanted[polars]}`];
  const { status } = spawnSync(npm, args, {
    cwd: BENCH,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("installing the peers failed: see npm's messages above");
}

/** `linux-x64-gnu`, `darwin-arm64`, … as native packages are named. */
function platform() {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === "win32") return `${base}-msvc`;
  if (process.platform !== "linux") return base;
  return `${base}-${process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl"}`;
}
