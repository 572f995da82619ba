/** `electro serve` as a process: what it refuses to do, what it says, and how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { electroProcess } from "../oracle/electro-process.js";
import { until, within } from "../wait.mjs";
import { reading, send } from "./support.js";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-serve-"));
});
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Process {
  readonly address: string;
  readonly child: ChildProcess;
  readonly lines: { level: string; code?: string; message: string }[];
  readonly ended: Promise<number | null>;
}

async function start(...args: string[]): Promise<Process> {
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--log-format", "json", ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines: Process["lines"] = [];
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on("line", (line) => {
      const entry = JSON.parse(line);
      lines.push(entry);
      if (entry.code === "listening") resolve(entry.address);
    });
    void ended.then(() => reject(new Error(JSON.stringify(lines))));
  });
  return { address: await within("the service's address", listening), child, lines, ended };
}

/** Tells it to stop; its exit status. */
function stopped({ child, ended }: Process, signal: "SIGINT" | "SIGTERM"): Promise<number | null> {
  child.kill(signal);
  return within("the end of the service", ended);
}

describe("a service that cannot begin", () => {
  test("says why, and what to do", async () => {
    const refused: [args: string[], status: number, said: RegExp][] = [
      [
        ["--host", "0.0.0.0"],
        2,
        /--host 0\.0\.0\.0 lets others in, and there are no tokens: make one with electro token/,
      ],
      [["--host", "::"], 2, /there are no tokens/],
      [["--tokens", "none.json"], 2, /--tokens none\.json: there is no such file; make one/],
      [["--port", "65536"], 2, /--port: "65536" is not a whole number/],
      [["--max-body", "10"], 2, /--max-body: "10" is not a size/],
      [["--stor", "x"], 2, /did you mean --store/],
      [["--store", "files:x"], 2, /an address begins with "duckdb:"/],
      [["--quiet", "--verbose"], 2, /the opposite/],
      [
        ["--host", "192.0.2.1", "--tokens", "tokens.json"],
        1,
        /cannot listen on 192\.0\.2\.1 port 8080: this machine has no such/,
      ],
    ];
    await electroProcess(["token", "add", "a", "--scope", "read", "--tokens", "tokens.json"], folder);
    const ends = await Promise.all(refused.map(([args]) => electroProcess(["serve", ...args], folder)));
    refused.forEach(([args, status, said], n) => {
      expect([args, ends[n]!.status, ends[n]!.stdout]).toEqual([args, status, ""]);
      expect(ends[n]!.stderr).toMatch(said);
      expect(ends[n]!.stderr).not.toMatch(/ at .*:\d+:\d+/);
    });
  });

  test("where another one has the port or the store", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const taken = await electroProcess(["serve", "--store", "duckdb:port.duckdb", "--port", String(port)], folder);
    other.close();
    expect([taken.status, taken.stderr]).toEqual([
      1,
      expect.stringMatching(/another process listens there; choose another with --port/),
    ]);

    const first = await start("--store", "duckdb:one.duckdb");
    const second = await electroProcess(["serve", "--store", "duckdb:one.duckdb", "--port", "0"], folder);
    expect([second.status, second.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: store one\.duckdb: another process has it open/),
    ]);
    expect(await stopped(first, "SIGINT")).toBe(130);

    writeFileSync(
      join(folder, "text.duckdb"),
      "this is no store, but some text that is long enough to be looked at".repeat(99),
    );
    const text = await electroProcess(["serve", "--store", "duckdb:text.duckdb", "--port", "0"], folder);
    expect(text.status).toBe(1);
    expect(text.stderr).toMatch(/^error: /);
    expect(text.stderr).not.toMatch(/ at .*:\d+:\d+/);
  });
});

test("tokens are asked for where there are some, and a change counts at once", async () => {
  const tokens = ["--tokens", "live.json"];
  const token = (
    await electroProcess(["token", "add", "meter", "--scope", "read,write", ...tokens], folder)
  ).stdout.trim();
  const service = await start(
    "--store",
    "duckdb:tokens.duckdb",
    "--host",
    "127.0.0.1",
    ...tokens,
    "--max-body",
    "1kB",
    "--rate-limit",
    "3",
  );
  const as = { headers: { authorization: `Bearer ${token}` } };
  expect((await send(service, "POST", "/v1/readings", { body: ONE })).status).toBe(401);
  expect((await send(service, "POST", "/v1/readings", { body: ONE, ...as })).status).toBe(201);
  expect((await send(service, "POST", "/v1/readings", { body: ONE.repeat(20), ...as })).status).toBe(413);
  expect((await send(service, "GET", "/v1/batches", as)).json.batches[0].sender).toBe("meter");
  await electroProcess(["token", "revoke", "meter", ...tokens], folder);
  expect((await send(service, "GET", "/v1/batches", as)).status).toBe(401);
  await until("somebody has asked too often", async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => send(service, "GET", "/healthz")));
    return many.some(({ status }) => status === 429);
  });
  expect(await stopped(service, "SIGTERM")).toBe(143);
});

test("told to stop under load it finishes what it has accepted, and ends although some clients do nothing", async () => {
  const service = await start("--store", "duckdb:stop.duckdb");
  const { port } = new URL(service.address);
  const idle = connect(Number(port), "127.0.0.1").on("error", () => {});
  const stalled = connect(Number(port), "127.0.0.1").on("error", () => {});
  stalled.write(
    "POST /v1/readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 100\r\n\r\ntime",
  );
  const acknowledged = new Set<string>();
  let refused = 0;
  let stopping = false;
  const clients = Array.from({ length: 20 }, async (_, c) => {
    for (let n = 0; ; n++) {
      const source = `m-${c}-${n}`;
      const large = n % 5 === 4;
      const body = reading("2024-01-31T13:05:00Z", 1, source).repeat(large ? 3000 : 1);
      try {
        const answer = await send(service, "POST", "/v1/readings", { body });
        if (answer.status === 201) acknowledged.add(source);
        else refused++;
      } catch {
        if (stopping) return;
        throw new Error("the service went away before it was told to");
      }
    }
  });
  await until("100 batches are acknowledged", () => acknowledged.size >= 100);
  stopping = true;
  expect(await stopped(service, "SIGTERM")).toBe(143);
  await Promise.all(clients);
  idle.destroy();
  stalled.destroy();
  expect(refused).toBe(0);
  expect(service.lines.at(-1)).toMatchObject({ level: "info", code: "stopped" });
  expect(service.lines.filter(({ level }) => level === "error")).toEqual([]);

  const again = await start("--store", "duckdb:stop.duckdb");
  const found = new Set<string>();
  for (let path: string | undefined = "/v1/sources?limit=1000"; path !== undefined; ) {
    const { json } = await send(again, "GET", path);
    for (const source of json.sources) {
      const large = Number(source.source_id.split("-")[2]) % 5 === 4;
      expect(source.readings).toBe(large ? 3000 : 1);
      found.add(source.source_id);
    }
    path = json.next === null ? undefined : `/v1/sources?limit=1000&cursor=${json.next}`;
  }
  expect([...acknowledged].filter((source) => !found.has(source))).toEqual([]);
  // At most one of each client had no answer.
  expect(found.size - acknowledged.size).toBeLessThanOrEqual(20);
  await stopped(again, "SIGTERM");
});
