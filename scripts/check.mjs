// `npm run check`: everything that is held without running a test. Each check is run, also after one has failed.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { root } from "./ready.mjs";

const CHECKS = {
  "format and lint": ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  "types of tests and scripts": ["node_modules/typescript/bin/tsc", "-p", "tsconfig.test.json"],
  "types of the dashboard": ["node_modules/typescript/bin/tsc", "-p", "src/dashboard/tsconfig.json"],
  "dead code": ["node_modules/knip/bin/knip.js", "--no-progress"],
  arrows: ["scripts/arrows.mjs"],
};

/** @returns {number} how many checks failed */
export function check() {
  let failed = 0;
  for (const [name, args] of Object.entries(CHECKS)) {
    const begun = performance.now();
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
    if (status !== 0) failed++;
  }
  return failed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = check() === 0 ? 0 : 1;
