/** Runs `electro aggregate` inside the test, on inputs made on the spot, and hands back all that a user would see. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { run } from "../../dist/cli/program.js";
import { fakeOut, fakeWorld } from "../cli/fake-world.js";
import { IN_MEMORY } from "../in-memory.js";

export type Bytes = string | Uint8Array;

export interface Seen {
  readonly status: number;
  /** Lines of standard error. */
  readonly said: string[];
  /** Name → text of the files in `output_data`. */
  readonly files: ReadonlyMap<string, string>;
}

export const READ = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}';
/** What ends the message of a run that bad records have failed. */
export const ASIDE = "nothing was written. --on-error skip sets bad records aside and sums the rest";
export const SKIP = ["--on-error", "skip"];

/** Calls `use` with a new empty folder, which is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(IN_MEMORY, "electro-errors-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function put(folder: string, name: string, content: Bytes): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** Runs `electro aggregate ARGS` in a folder. */
export async function aggregateIn(
  folder: string,
  args: readonly string[],
  stdin?: Iterable<Uint8Array>,
): Promise<Seen> {
  const world = fakeWorld();
  world.cwd = folder;
  world.stderr = fakeOut();
  world.stdin = () => Readable.from(stdin ?? []);
  const status = await run(["aggregate", ...args], world);
  return { status, said: world.stderr.text.trimEnd().split("\n"), files: filesIn(join(folder, "output_data")) };
}

/** The same on one input, in a folder of its own. */
export function aggregate(name: string, content: Bytes, ...args: string[]): Promise<Seen> {
  return inFolder((folder) => {
    put(folder, name, content);
    return aggregateIn(folder, [name, ...args]);
  });
}

/** Name → text of the files in a folder, ordered by name; folders in it are left out. */
export function filesIn(folder: string): Map<string, string> {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

export interface Rejected {
  readonly input: string;
  readonly record: number;
  readonly line: number;
  readonly byte: number;
  readonly reason: string;
  readonly message: string;
  readonly truncated?: boolean;
  readonly bytes?: number;
  readonly text?: string;
  readonly base64?: string;
}

/** The lines of a file of rejected records. */
export function rejectedIn(text: string | undefined): Rejected[] {
  const lines = (text ?? "").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Rejected);
}

export function bytes(...parts: readonly (string | readonly number[] | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));
}

/** `electro aggregate` totals of a run that went well. */
export function totalsOf(seen: Seen): Record<string, unknown> {
  return (JSON.parse(seen.files.get("manifest.json") ?? "{}") as { totals: Record<string, unknown> }).totals;
}
