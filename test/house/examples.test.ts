import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, run, scratch } from "./npm.js";

const main = join(root, "dist/bin/electro.js");

test("the example readings need no option and give no warning", () => {
  const cwd = scratch();
  const { status, stdout, stderr } = run(process.execPath, [main, "aggregate", join(root, "examples"), "--json"], {
    cwd,
  });
  expect(stderr).not.toMatch(/warning/i);
  expect(status).toBe(0);
  const manifest = JSON.parse(stdout);
  expect(manifest.warnings).toEqual([]);
  expect(manifest.totals).toMatchObject({ sources: 5, rejected: 0, rounded: 0 });
});

test("they are small", () => {
  const folders = ["examples", "docs/tour"].map((folder) => join(root, folder));
  const sizes = folders.flatMap((folder) => readdirSync(folder).map((name) => statSync(join(folder, name)).size));
  expect(sizes.length).toBeGreaterThan(6);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(300_000);
});

test("the script that made them makes them again", () => {
  const cwd = scratch();
  expect(run(process.execPath, ["scripts/make-examples.mjs", cwd])).toMatchObject({ status: 0, stderr: "" });
  for (const name of readdirSync(cwd, { recursive: true, encoding: "utf8" })) {
    if (!/\.(json|ndjson|csv)$/.test(name)) continue;
    expect(readFileSync(join(cwd, name), "utf8") === readFileSync(join(root, name), "utf8"), name).toBe(true);
  }
});
