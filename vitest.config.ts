import { defineConfig } from "vitest/config";
import { fastTests } from "./scripts/fast.mjs";

// Half an hour off, west, and with clock changes: what forgets a zone or rounds to hours shows.
// Tests run in child processes, which take the zone from here.
process.env["TZ"] = process.env["ELECTRO_TEST_TZ"] ?? "America/St_Johns";

/** Quick tests share what is loaded; those that start processes or replace modules each have a process of their own. */
const FAST = fastTests();

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    // An end for what hangs, which no machine is to need; what a test waits for ends sooner, and says so: test/wait.mjs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ["default", ["json", { outputFile: process.env["ELECTRO_TEST_REPORT"] ?? ".cache/test/report.json" }]],
    projects: [
      { extends: true, test: { name: "fast", include: FAST, isolate: false } },
      { extends: true, test: { name: "slow", include: ["test/**/*.test.ts"], exclude: FAST } },
    ],
  },
});
