/** npm as a person would call it, and scratch folders that go away after a file of tests. */
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The environment without what the npm that runs these tests has put there for its own script. */
export const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_)|^npm_config_local_prefix$|^INIT_CWD$|^VITEST|^NODE_ENV$/.test(name),
  ),
);

/** An end for what hangs. */
const MOST_MS = 240_000;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function scratch(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, "electro-house-"));
  folders.push(folder);
  return folder;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}) {
  const settings = { env, cwd: root, timeout: MOST_MS, ...options, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(program, args, settings);
  return { status, stdout, stderr };
}
