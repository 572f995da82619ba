// `npm test`: readies the working copy, runs the checks, then every test. `npm test -- --fast` runs those that start no
// process and are not slow. `npm test -- ARGS` hands ARGS to vitest and leaves the checks out: for working on one part.
import { spawnSync } from "node:child_process";
import { check } from "./check.mjs";
import { fastTests } from "./fast.mjs";
import { ready, root } from "./ready.mjs";

ready({ tests: true });
const args = process.argv.slice(2).flatMap((arg) => (arg === "--fast" ? fastTests() : arg));
const failed = args.length === 0 ? check() : 0;
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...args], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = failed > 0 ? 1 : (status ?? 1);
