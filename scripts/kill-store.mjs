// `node scripts/kill-store.mjs [CYCLES]`: kills a process that works on a store so many times (100), and each time holds
// the store to what had been acknowledged. A few cycles of the same are in the test run.
import { spawnSync } from "node:child_process";
import { ready, root } from "./ready.mjs";

const cycles = Number(process.argv[2] ?? 100);
if (!Number.isInteger(cycles) || cycles < 1) {
  console.error("usage: node scripts/kill-store.mjs [CYCLES]");
  process.exit(2);
}
ready({ tests: true });
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "test/store/kill.test.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ELECTRO_KILLS: String(cycles), ELECTRO_TEST_REPORT: ".cache/kill-store.json" },
});
process.exit(status ?? 1);
