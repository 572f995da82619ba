import { defineConfig } from "vitest/config";

// Half an hour off, west, and with clock changes: what forgets a zone or rounds to hours shows.
// Tests run in child processes, which take the zone from here.
process.env["TZ"] = process.env["ELECTRO_TEST_TZ"] ?? "America/St_Johns";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // An end for what hangs, which no machine is to need; what a test waits for ends sooner, and says so: test/wait.mjs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ["default", ["json", { outputFile: process.env["ELECTRO_TEST_REPORT"] ?? ".cache/test/report.json" }]],
  },
});
