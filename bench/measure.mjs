/** Running one contestant once, in a process of its own. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const USAGE = fileURLToPath(new URL("./usage.cjs", import.meta.url));
const TIMEOUT_MS = 20 * 60 * 1000;

let aside = 0;

/**
 * An empty folder at `path`. What was there is put aside, its files cut to nothing but not removed: for minutes after a
 * file is removed, ext4 passes over its inode whenever it looks for a free one nearby, so that removing one run's 350
 * files would cost each of the next runs that write as many 0.1 s and more.
 */
export function emptyFolder(path) {
  if (existsSync(path)) {
    for (const name of readdirSync(path)) truncateSync(join(path, name));
    renameSync(path, `${path}-${aside++}`);
  }
  mkdirSync(path, { recursive: true });
}

/** Removes what was put aside, and all else in the folder. */
export function removeFolder(path) {
  rmSync(path, { recursive: true, force: true });
}

/**
 * Seconds from starting Node with these arguments until it has ended. Throws with the end of its messages if it fails.
 */
export async function timed(args, env = {}) {
  const begin = process.hrtime.bigint();
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS,
  });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    messages = (messages + text).slice(-4000);
  });
  let end = begin;
  child.on("exit", () => {
    end = process.hrtime.bigint();
  });
  // "close" comes when its messages are all here too
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...status) => resolve(status));
  });
  if (code !== 0) throw new Error(messages.trim() || `ended with ${signal ?? `status ${code}`}`);
  return Number(end - begin) / 1e9;
}

/** Runs once, not for its time, and says what memory and processor time it took: `{ peakBytes, cpuSeconds }`. */
export async function usageOf(args, env, folder) {
  const file = join(folder, "usage.json");
  rmSync(file, { force: true });
  await timed(["--require", USAGE, ...args], { ...env, ELECTRO_BENCH_USAGE: file });
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * Times every entry of `runs` (`{ id, name, args, env, out }`) `rounds` times: round after round, each in the opposite
 * order of the last, so that a machine that grows slower or faster does not favour anyone. `out` is an empty folder
 * again before each run. Returns id → seconds of every run. An entry whose run fails gets the reason as its `failed`,
 * and is not run again.
 */
export async function rounds(runs, count, say) {
  const seconds = new Map(runs.map(({ id }) => [id, []]));
  for (let round = 0; round < count; round++) {
    say(`round ${round + 1} of ${count}`);
    for (const entry of round % 2 === 0 ? runs : [...runs].reverse()) {
      const { id, args, env, out } = entry;
      if (entry.failed) continue;
      if (out) emptyFolder(out);
      try {
        seconds.get(id).push(await timed(args, env));
      } catch (error) {
        entry.failed = error.message;
        say(`${entry.name}: FAILED: ${error.message}`);
      }
    }
  }
  return seconds;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
