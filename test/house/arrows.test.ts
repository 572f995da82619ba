import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/arrows.mjs", import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the check over a tree of planted files. */
function arrows(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "electro-arrows-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  return { status, faults: stderr.trim() };
}

const good = {
  "tally/energy.ts": "export const a = 1;",
  "output/csv.ts": 'import { a } from "../tally/energy.js";\nexport const b = a;',
  "index.ts": 'export { b } from "./output/csv.js";',
};

test("arrows that point down pass", () => {
  expect(arrows(good)).toEqual({ status: 0, faults: "" });
});

test("the sources of this repository pass", () => {
  expect(spawnSync(process.execPath, [script]).status).toBe(0);
});

test.each([
  ["a value", 'import { a } from "../jobs/job.js";', "tally/x.ts: may not import jobs/job.ts"],
  ["a type", 'import type { A } from "../jobs/job.js";', "tally/x.ts: may not import jobs/job.ts"],
  ["over several lines", 'import {\n  a,\n  b,\n} from "../cli/main.js";', "tally/x.ts: may not import cli/main.ts"],
  ["for its effect", 'import "../scan/pool.js";', "tally/x.ts: may not import scan/pool.ts"],
  ["when it runs", 'const m = await import("../scan/pool.js");', "tally/x.ts: may not import scan/pool.ts"],
  ["as a worker", 'new URL("../scan/worker.js", import.meta.url);', "tally/x.ts: may not import scan/worker.ts"],
  ["re-exported", 'export * from "../store/store.js";', "tally/x.ts: may not import store/store.ts"],
  ["the library's surface", 'import { b } from "../index.js";', "tally/x.ts: may not import index.ts"],
])("an import upwards fails: %s", (_, text, fault) => {
  expect(arrows({ ...good, "tally/x.ts": text })).toEqual({ status: 1, faults: fault });
});

test("the library's surface does not import the command line", () => {
  expect(arrows({ ...good, "index.ts": 'export { m } from "./cli/main.js";' }).faults).toBe(
    "index.ts: may not import cli/main.ts",
  );
});

test("a cycle between files fails, in one room too", () => {
  const cycle = {
    "tally/a.ts": 'import "./b.js";',
    "tally/b.ts": 'import type { C } from "./c.js";',
    "tally/c.ts": 'export { a } from "./a.js";',
  };
  expect(arrows(cycle)).toEqual({ status: 1, faults: "cycle: tally/a.ts → tally/b.ts → tally/c.ts → tally/a.ts" });
});

test("a folder that is no room fails", () => {
  expect(arrows({ ...good, "utils/x.ts": "" })).toEqual({ status: 1, faults: "utils/x.ts: not in a room" });
});

test("having looked at nothing fails", () => {
  expect(arrows({}).status).toBe(1);
  expect(arrows({ "tally/a.ts": "export const a = 1;" }).faults).toMatch(/1 files and no import seen/);
  expect(spawnSync(process.execPath, [script, "/nowhere"]).status).toBe(1);
});
