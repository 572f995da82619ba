/** What the scripts that fuzz share: their arguments, what they need built, and a watch over each input that they try. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { ready, root } from "./ready.mjs";

/** Where inputs are put that fail, and what is built for the scripts. */
export const FOLDER = join(root, ".cache/fuzz");
/** The input at hand, and the one that failed. */
const INPUT = join(FOLDER, `input-${process.pid}`);
const FAILED = join(FOLDER, "failed");
/** Milliseconds, and bytes of the process beyond what it had, that an input may take. */
const MOST_TIME = 30_000;
const MOST_MEMORY = 1.5e9;

/**
 * Reads the arguments, and builds what is not up to date.
 * @param {string} command as it is typed
 * @param {string} more an option of the script's own, which takes a text
 */
export function begin(command, more = "") {
  const own = more === "" ? {} : { [more]: { type: /** @type {const} */ ("string") } };
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, ...own },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!(seconds > 0) || !Number.isInteger(seed)) {
    console.error(
      `usage: ${command} [--seconds N] [--seed WHOLE NUMBER]${more === "" ? "" : ` [--${more} ${more.toUpperCase()}]`}`,
    );
    process.exit(2);
  }
  ready({ tests: true });
  process.chdir(root);
  mkdirSync(FOLDER, { recursive: true });
  return { seconds, seed, more: /** @type {Record<string, string | undefined>} */ (values)[more] };
}

/**
 * Builds tests' TypeScript, which Node 20 does not run, into a folder of `.cache/fuzz`.
 * @param {string} folder @param {readonly string[]} files @param {readonly string[]} more arguments of the compiler
 */
export function compile(folder, files, more = []) {
  const { status } = spawnSync(
    process.execPath,
    [
      ...[
        "node_modules/typescript/bin/tsc",
        ...files,
        "--ignoreConfig",
        "--outDir",
        join(".cache/fuzz", folder),
        ...more,
      ],
      ...["--module", "nodenext", "--target", "es2023", "--types", "node", "--skipLibCheck"],
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(1);
}

/** Ends the process where an input takes too long, also if the event loop does not turn any more. */
const WATCH = `
  const { workerData: { turns, most, say, input, failed } } = require("node:worker_threads");
  for (;;) {
    const seen = Atomics.load(turns, 0);
    if (Atomics.wait(turns, 0, seen, most) !== "timed-out") continue;
    const { copyFileSync, writeSync } = require("node:fs");
    copyFileSync(input, failed);
    writeSync(1, say);
    process.kill(process.pid, "SIGKILL");
  }`;

/** Tries inputs one after another; ends the process with exit status 1 at the first that fails, which is then in `.cache/fuzz`. */
export class Trial {
  inputs = 0;
  #slowest = 0;
  #most = 0;
  #before = process.memoryUsage().rss;
  #turns = new Int32Array(new SharedArrayBuffer(4));
  #again;

  /** @param {string} command that is to be typed with `--seed` to see a failure again */
  constructor(command) {
    this.#again = command;
    const say = `\nan input takes more than ${MOST_TIME} ms; it is in .cache/fuzz/failed\n`;
    new Worker(WATCH, {
      eval: true,
      workerData: { turns: this.#turns, most: MOST_TIME, say, input: INPUT, failed: FAILED },
    }).unref();
  }

  /**
   * @param {Buffer} bytes @param {number} seed
   * @param {string} how what else is needed to read the input, for people
   * @param {() => Promise<void>} read rejects with what is wrong
   */
  async input(bytes, seed, how, read) {
    writeFileSync(INPUT, bytes);
    const began = performance.now();
    try {
      await read();
    } catch (error) {
      this.#fail(seed, how, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    Atomics.add(this.#turns, 0, 1);
    Atomics.notify(this.#turns, 0);
    this.inputs++;
    this.#slowest = Math.max(this.#slowest, performance.now() - began);
    this.#most = Math.max(this.#most, process.memoryUsage().rss - this.#before);
    if (this.#most > MOST_MEMORY) this.#fail(seed, how, `the process has grown by ${this.#most} bytes`);
  }

  /** @param {number} seed @param {string} how @param {string} message */
  #fail(seed, how, message) {
    copyFileSync(INPUT, FAILED);
    console.log(
      `\nseed ${seed}: ${message.slice(0, 4000)}\n${how}\nin .cache/fuzz/failed; again with: ${this.#again} --seed ${seed}`,
    );
    process.exit(1);
  }

  /** Ends the trial, after which nothing is tried. */
  end() {
    rmSync(INPUT, { force: true });
  }

  report() {
    return `${this.inputs} inputs; at most ${Math.round(this.#slowest)} ms and ${Math.round(this.#most / 1e6)} MB`;
  }
}
