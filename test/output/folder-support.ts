/** A folder of its own for each test of the output folder, and runs into it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { RunError } from "../../dist/base/errors.js";
import { type FolderOptions, type OutputFile, openFolder } from "../../dist/output/folder.js";
import type { Manifest } from "../../dist/output/manifest.js";
import { sampleManifest } from "./sample.js";

export let base: string;
export let out: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "electro-folder-"));
  out = join(base, "out");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

export const JAN = (day: number) => `hourly_data_0${day}_01.csv`;

export function files(texts: Record<string, string>): OutputFile[] {
  return Object.entries(texts).map(([name, text]) => ({ name, rows: text.length, blocks: () => [Buffer.from(text)] }));
}

/** One run, as whoever uses the folder should do it. */
export async function write(texts: Record<string, string>, options?: FolderOptions, dir = out): Promise<Manifest> {
  const folder = await openFolder(dir, options);
  try {
    return await folder.write(files(texts), sampleManifest);
  } finally {
    folder.close();
  }
}

/** What a run fails with; the paths in its message are told from the test's folder. */
export async function failure(run: Promise<unknown>): Promise<[code: string, message: string]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RunError);
  const { code, message } = error as RunError;
  return [code, message.replaceAll(`${base}/`, "")];
}

export function contents(dir = out): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

export function names(dir = out): string[] {
  return readdirSync(dir).sort();
}

export const IN_THE_WAY = "no manifest says that it is an earlier run's output";
export const WAYS_OUT = "move it away, choose another folder with output, or have it replaced with force: true";
