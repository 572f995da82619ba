import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { env, root, run, scratch } from "./npm.js";

test("in a fresh clone, npm start installs, builds and runs; then only what has changed is done again", () => {
  const cwd = scratch();
  const files = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).stdout.split("\0");
  expect(files).toContain("package-lock.json");
  for (const file of files) {
    const from = join(root, file);
    if (file && statSync(from, { throwIfNoEntry: false })?.isFile()) cpSync(from, join(cwd, file), { recursive: true });
  }
  const start = (...args: string[]) =>
    run("npm", ["start", "-s", ...args], { cwd, env: { ...env, npm_config_prefer_offline: "true" } });

  mkdirSync(join(cwd, "dist/tally"), { recursive: true });
  writeFileSync(join(cwd, "dist/tally/left-over.js"), "");

  const first = start();
  expect(first.stderr).toMatch(/^Installing…$/m);
  expect(first.stderr).toMatch(/^Building…$/m);
  expect(first.stdout).toMatch(/^daily_timestamp /m);
  expect(first.status).toBe(0);
  expect(existsSync(join(cwd, "dist/tally/left-over.js"))).toBe(false);

  expect(start("--", "--version")).toMatchObject({ status: 0, stderr: "" });
  writeFileSync(join(cwd, "src/tally/wrong.ts"), 'export const wrong: number = "text";\n');
  const broken = start("--", "--version");
  expect(broken.status).not.toBe(0);
  expect(broken.stderr).toMatch(/^Building…\n.*wrong\.ts/);
  expect(broken.stdout).toBe("");
});
