/** Which copies of a store are whole, as docs/service.md says: both files of a frozen service, and the one of a stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../dist/store/open.js";
import { until, within } from "../wait.mjs";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));

let folder: string;
let service: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-backup-"));
});

afterEach(() => {
  service.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(): Promise<string> {
  return within("the service's address", listening());
}

async function listening(): Promise<string> {
  service = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--log-format", "json"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: service.stderr! })) {
    const { code, address } = JSON.parse(line);
    if (code !== "listening") continue;
    service.stderr!.resume();
    return address;
  }
  throw new Error("the service did not start");
}

/** Stops the service in the middle of whatever it does; where the system shows that, it is waited for. */
async function freeze(): Promise<void> {
  service.kill("SIGSTOP");
  const threads = `/proc/${service.pid}/task`;
  if (!existsSync(threads)) return;
  // What follows the program's name in brackets is the state.
  const state = (thread: string) => /\) (\w)/.exec(readFileSync(`${threads}/${thread}/stat`, "utf8"))?.[1];
  await until("the service stands still", () => readdirSync(threads).every((thread) => state(thread) === "T"));
}

/** Opens a copy: which batches count, by their keys. */
async function keysIn(copy: string): Promise<Set<string | undefined>> {
  const store = await openStore(`duckdb:${join(copy, "electro.duckdb")}`);
  try {
    expect(await store.check()).toEqual([]);
    const batches = await store.read((reader) => reader.batches({ limit: 10_000 }));
    return new Set(batches.map(({ key }) => key));
  } finally {
    await store.close();
  }
}

function copyTo(copy: string): void {
  mkdirSync(copy);
  for (const name of readdirSync(folder))
    if (name.startsWith("electro.duckdb")) copyFileSync(join(folder, name), join(copy, name));
}

test("copies of a frozen and of a stopped service have every batch that was acknowledged", async () => {
  const address = await start();
  const acknowledged: string[] = [];
  let sending = true;
  const client = async (name: string) => {
    for (let n = 0; sending; n++) {
      const key = `${name}-${n}`;
      const body = `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"meter_id":"${name}"}\n`.repeat(
        n % 7 === 0 ? 5000 : 1,
      );
      const headers = { "content-type": "application/x-ndjson", "idempotency-key": key };
      const { status } = await fetch(`${address}/v1/readings`, { method: "POST", headers, body });
      if (status === 201) acknowledged.push(key);
    }
  };
  const clients = ["a", "b", "c"].map(client);
  for (let round = 0; round < 4; round++) {
    const enough = acknowledged.length + 20;
    await until("20 more batches are acknowledged", () => acknowledged.length >= enough);
    await freeze();
    const before = [...acknowledged];
    copyTo(join(folder, `frozen-${round}`));
    service.kill("SIGCONT");
    const keys = await keysIn(join(folder, `frozen-${round}`));
    expect(before.filter((key) => !keys.has(key))).toEqual([]);
  }
  sending = false;
  await Promise.all(clients);
  const ended = once(service, "exit");
  service.kill("SIGTERM");
  await within("the end of the service", ended);
  expect(readdirSync(folder).filter((name) => name.startsWith("electro.duckdb"))).toEqual([
    "electro.duckdb",
    "electro.duckdb.mark",
  ]);
  copyTo(join(folder, "stopped"));
  expect(await keysIn(join(folder, "stopped"))).toEqual(new Set(acknowledged));
});
