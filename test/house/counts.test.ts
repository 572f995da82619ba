import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, run, scratch } from "./npm.js";

interface Suite {
  status: "passed" | "failed";
  assertionResults: unknown[];
}
const report = (passed: number, failed: number, skipped: number, suites: Suite[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults: suites,
});

function counts(...reports: object[]) {
  const folder = scratch();
  const files = reports.map((content, i) => {
    const file = join(folder, `${i}.json`);
    writeFileSync(file, JSON.stringify(content));
    return file;
  });
  const { status, stdout } = run(process.execPath, [join(root, "scripts/counts.mjs"), ...files]);
  return { status, stdout };
}

test("the reports are added up", () => {
  expect(counts(report(3, 0, 1), report(4, 0, 0))).toEqual({ status: 0, stdout: "7 passed, 0 failed, 1 skipped\n" });
});

test("a failed test fails", () => {
  expect(counts(report(3, 2, 0))).toEqual({ status: 1, stdout: "3 passed, 2 failed, 0 skipped\n" });
});

test("no test fails", () => {
  expect(counts(report(0, 0, 5))).toEqual({ status: 1, stdout: "0 passed, 0 failed, 5 skipped\n" });
  expect(counts()).toEqual({ status: 1, stdout: "0 passed, 0 failed, 0 skipped\n" });
});

test("a file that could not be loaded counts as a failure", () => {
  const broken = report(3, 0, 0, [{ status: "failed", assertionResults: [] }]);
  expect(counts(broken)).toEqual({ status: 1, stdout: "3 passed, 1 failed, 0 skipped\n" });
});

test("a missing report counts as a failure", () => {
  const { status, stdout } = run(process.execPath, [join(root, "scripts/counts.mjs"), "/nowhere.json"]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "0 passed, 1 failed, 0 skipped\n" });
});
