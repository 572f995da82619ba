// `node scripts/counts.mjs REPORT…`: adds up vitest's JSON reports and prints `N passed, N failed, N skipped`.
// Fails if a test failed, a report is missing, or no test passed. A file of tests that could not be loaded, and a
// missing report, count as one failure each.
import { existsSync, readFileSync } from "node:fs";

let [passed, failed, skipped] = [0, 0, 0];
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.error(`${file} is missing: its part of the tests did not run`);
    failed++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const suite of report.testResults)
    if (suite.status === "failed" && suite.assertionResults.length === 0) failed++;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
