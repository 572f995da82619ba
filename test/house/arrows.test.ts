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
  "domain/energy.ts": "export const a = 1;",
  "output/csv.ts": 'import { a } from "../domain/energy.js";\nexport const b = a;',
  "index.ts": 'export { b } from "./output/csv.js";',
};

test("arrows that point down pass", () => {
  expect(arrows(good)).toEqual({ status: 0, faults: "" });
});

test("the sources of this repository pass", () => {
  expect(spawnSync(process.execPath, [script]).status).toBe(0);
});

test.each([
  ["a value", 'import { a } from "../run/job.js";', "domain/x.ts: may not import run/job.ts"],
  ["a type", 'import type { A } from "../run/job.js";', "domain/x.ts: may not import run/job.ts"],
  ["over several lines", 'import {\n  a,\n  b,\n} from "../cli/main.js";', "domain/x.ts: may not import cli/main.ts"],
  ["for its effect", 'import "../scan/pool.js";', "domain/x.ts: may not import scan/pool.ts"],
  ["when it runs", 'const m = await import("../scan/pool.js");', "domain/x.ts: may not import scan/pool.ts"],
  ["as a worker", 'new URL("../scan/worker.js", import.meta.url);', "domain/x.ts: may not import scan/worker.ts"],
  ["re-exported", 'export * from "../store/store.js";', "domain/x.ts: may not import store/store.ts"],
  ["the library's surface", 'import { b } from "../index.js";', "domain/x.ts: may not import index.ts"],
])("an import upwards fails: %s", (_, text, fault) => {
  expect(arrows({ ...good, "domain/x.ts": text })).toEqual({ status: 1, faults: fault });
});

test("the dashboard imports types of domain and nothing else", () => {
  const types = { ...good, "dashboard/page.ts": 'import type { A } from "../domain/energy.js";' };
  expect(arrows(types)).toEqual({ status: 0, faults: "" });
  const value = { ...good, "dashboard/page.ts": 'import { a } from "../domain/energy.js";' };
  expect(arrows(value).faults).toBe("dashboard/page.ts: may not import domain/energy.ts");
  const scan = { ...good, "dashboard/page.ts": 'import type { A } from "../scan/layout.js";' };
  expect(arrows(scan).faults).toBe("dashboard/page.ts: may not import scan/layout.ts");
});

test("the library's surface does not import the command line", () => {
  expect(arrows({ ...good, "index.ts": 'export { m } from "./cli/main.js";' }).faults).toBe(
    "index.ts: may not import cli/main.ts",
  );
});

test("a cycle between files fails, in one room too", () => {
  const cycle = {
    "domain/a.ts": 'import "./b.js";',
    "domain/b.ts": 'import type { C } from "./c.js";',
    "domain/c.ts": 'export { a } from "./a.js";',
  };
  expect(arrows(cycle)).toEqual({ status: 1, faults: "cycle: domain/a.ts → domain/b.ts → domain/c.ts → domain/a.ts" });
});

test("a folder that is no room fails", () => {
  expect(arrows({ ...good, "utils/x.ts": "" })).toEqual({ status: 1, faults: "utils/x.ts: not in a room" });
});

test("having looked at nothing fails", () => {
  expect(arrows({}).status).toBe(1);
  expect(arrows({ "domain/a.ts": "export const a = 1;" }).faults).toMatch(/1 files and no import seen/);
  expect(spawnSync(process.execPath, [script, "/nowhere"]).status).toBe(1);
});
