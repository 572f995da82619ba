// A service as a process of its own, for scripts that kill it and for tests of its page.
import { spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { within } from "../test/wait.mjs";
import { root } from "./ready.mjs";

export const MAIN = join(root, "dist/bin/electro.js");
/** What a store is told to lack, or to be. */
const STORE_ALARMS = new Set(["batches_missing", "batches_found", "other_store", "mark_damaged", "mark_failed"]);

/** The service has not answered: it is gone. */
export class NoAnswer extends Error {}

/**
 * A service as a process of its own.
 * @typedef {Awaited<ReturnType<typeof start>>} Service
 * @param {string} store
 * @param {string[]} alarms what starts say that ought not to be said
 * @param {NodeJS.ProcessEnv} [env]
 * @param {{ port?: string, more?: readonly string[] }} [how] the port, if any but a free one, and further arguments
 */
export async function start(store, alarms, env = process.env, { port = "0", more = [] } = {}) {
  const args = [MAIN, "serve", "--store", store, "--port", port, "--log-format", "json", ...more];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"], env });
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  const lines = createInterface({ input: child.stderr });
  /** @type {Promise<string>} */
  const listening = new Promise((resolve, reject) => {
    /** @type {string[]} */
    const said = [];
    lines.on("line", (line) => {
      const entry = JSON.parse(line);
      if (entry.code === "listening") resolve(entry.address);
      if (STORE_ALARMS.has(entry.code)) alarms.push(`a start said ${entry.code}: ${entry.message}`);
      if (said.length < 20) said.push(line);
    });
    void ended.then(() => reject(new Error(`the service did not start:\n${said.join("\n")}`)));
  });
  const address = await within("the service's address", listening).catch((error) => {
    child.kill("SIGKILL");
    throw error;
  });
  const agent = new Agent({ keepAlive: true });
  let answers = 0;
  let told = () => {};
  return {
    address,
    /** Resolves after so many answers. @param {number} count @returns {Promise<void>} */
    answered(count) {
      return new Promise((resolve) => {
        told = () => {
          if (answers >= count) resolve();
        };
        told();
      });
    },
    /** @param {"SIGKILL" | "SIGTERM"} signal */
    async kill(signal) {
      child.kill(signal);
      await within("the end of the service", ended);
      agent.destroy();
    },
    /**
     * @param {string} method @param {string} path @param {Record<string, string>} headers @param {string} [body]
     * @returns {Promise<{ status: number, text: string }>} @throws {NoAnswer}
     */
    ask(method, path, headers, body = "") {
      return new Promise((resolve, reject) => {
        const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const sending = request(
          `${address}${path}`,
          { method, agent, headers: { ...headers, ...length } },
          (answer) => {
            let text = "";
            answer.setEncoding("utf8");
            answer.on("data", (piece) => {
              text += piece;
            });
            answer.on("error", () => reject(new NoAnswer()));
            answer.on("close", () =>
              answer.complete ? resolve({ status: answer.statusCode ?? 0, text }) : reject(new NoAnswer()),
            );
            answer.on("end", () => {
              answers++;
              told();
            });
          },
        );
        sending.on("error", () => reject(new NoAnswer()));
        sending.end(body);
      });
    },
  };
}

/** Numbers from 0 to 1, the same for a seed (mulberry32). @param {number} seed */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
