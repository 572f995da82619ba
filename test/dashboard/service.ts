/** A service as a process of its own, over a store in a folder of its own, for the page to be opened from. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { start } from "../../scripts/service-process.mjs";
import { electroProcess } from "../oracle/electro-process.js";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member
  readonly json: any;
}

export interface PageService {
  readonly address: string;
  /** Sends a request to the service. */
  readonly send: (method: string, path: string, body?: string, headers?: Record<string, string>) => Promise<Answer>;
  /** Sends readings that have to be taken; resolves with the batch's id. */
  readonly add: (body: string, query?: string) => Promise<string>;
  /** Ends the process at once. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port, after `kill`. */
  readonly restart: () => Promise<void>;
  /** Ends the process, if it is there, and removes the folder. */
  readonly end: () => Promise<void>;
  /** Ends a token. */
  readonly revoke: (name: string) => Promise<void>;
  /** The token of a name, with which the service was started. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** @param tokens name → arguments of `electro token add`, as `--scope read`; none: the service asks for no token */
export async function startService(tokens: Readonly<Record<string, readonly string[]>> = {}): Promise<PageService> {
  const folder = mkdtempSync(join(tmpdir(), "electro-dashboard-"));
  const made: Record<string, string> = {};
  for (const [name, args] of Object.entries(tokens)) {
    const { stdout } = await electroProcess(["token", "add", name, ...args, "--quiet"], folder);
    made[name] = stdout.trim();
  }
  const store = `duckdb:${join(folder, "electro.duckdb")}`;
  const more = Object.keys(made).length === 0 ? [] : ["--tokens", join(folder, "electro-tokens.json")];
  const alarms: string[] = [];
  let running: Awaited<ReturnType<typeof start>> | undefined = await start(store, alarms, process.env, { more });
  const { address } = running;
  const ask: PageService["send"] = async (method, path, body, headers = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/x-ndjson" };
    const answer = await fetch(address + path, { method, headers: { ...type, ...headers }, body: body ?? null });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  };
  const kill = async () => {
    const ending = running;
    running = undefined;
    await ending?.kill("SIGKILL");
  };
  return {
    address,
    tokens: made,
    send: ask,
    revoke: async (name) => {
      const { status, stderr } = await electroProcess(["token", "revoke", name], folder);
      expect(status, stderr).toBe(0);
    },
    kill,
    add: async (body, query = "") => {
      const { status, text, json } = await ask("POST", `/v1/readings${query}`, body);
      expect(status, text).toBe(201);
      return json.batch_id;
    },
    restart: async () => {
      running = await start(store, alarms, process.env, { more, port: new URL(address).port });
    },
    end: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
      expect(alarms).toEqual([]);
    },
  };
}
