/** `GET /v1/backup` and `POST /v1/check` while batches come in, and the commands that ask for them. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Access } from "../../../dist/service/auth/access.js";
import { withoutTokens } from "../../../dist/service/auth/access.js";
import { openTokens } from "../../../dist/service/auth/tokens.js";
import { type Serving, serve } from "../../../dist/service/serve.js";
import { openStore } from "../../../dist/store/open.js";
import type { Store } from "../../../dist/store/store.js";
import { electroProcess } from "../../oracle/electro-process.js";
import { until } from "../../wait.mjs";
import { reading, send } from "../support.js";

let folder: string;
let store: Store;
let service: Serving;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-whole-"));
});
afterEach(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

async function start(access: Access = withoutTokens, changed = (own: Store) => own): Promise<void> {
  store = changed(await openStore(`duckdb:${join(folder, "electro.duckdb")}`));
  service = await serve({ store, access, host: "127.0.0.1", port: 0, log: () => {} });
}

/** Batches of clients that send and ask until `stop` is called; keys in the order in which they were acknowledged. */
function traffic() {
  const acknowledged: string[] = [];
  let going = true;
  const sender = async (name: string) => {
    for (let n = 0; going; n++) {
      const key = `${name}-${n}`;
      // Some are large enough to be read by another thread.
      const body = reading("2024-01-31T13:00:00Z", 0.1, key).repeat(n % 5 === 0 ? 1500 : 2);
      const { status } = await send(service, "POST", "/v1/readings", { body, headers: { "idempotency-key": key } });
      if (status === 201) acknowledged.push(key);
    }
  };
  const reader = async () => {
    while (going) expect((await send(service, "GET", "/v1/daily?by=source")).status).toBe(200);
  };
  const all = Promise.all([...["a", "b", "c", "d"].map(sender), reader()]);
  const more = async (count: number) => {
    const enough = acknowledged.length + count;
    await until(`${count} more batches`, () => acknowledged.length >= enough);
  };
  const stop = async () => {
    going = false;
    await all;
  };
  return { acknowledged, more, stop };
}

/** Opens a copy: kWh and readings of each source, which is its batch's key too. */
async function batchesIn(path: string, keys = true): Promise<Map<string, { readings: number; energy: bigint }>> {
  const copy = await openStore(`duckdb:${path}`);
  try {
    expect(await copy.check()).toEqual([]);
    return await copy.read(async (reader) => {
      const batches = await reader.batches({ limit: 100_000 });
      const sources = await reader.sources({ limit: 100_000 });
      if (keys) expect(sources.map(({ id }) => id).sort()).toEqual(batches.map(({ key }) => key).sort());
      return new Map(sources.map(({ id, readings, energy }) => [id, { readings, energy }]));
    });
  } finally {
    await copy.close();
  }
}

const beside = () => readdirSync(folder).filter((name) => name.includes("backup"));

test("a backup has each batch that was acknowledged before it began, wholly, while others come in", async () => {
  await start();
  const { acknowledged, more, stop } = traffic();
  for (let round = 0; round < 3; round++) {
    await more(15);
    const before = [...acknowledged];
    const path = join(folder, `copy-${round}.duckdb`);
    if (round === 2) {
      const told = await electroProcess(["backup", "--service", service.address, "--output", path], folder);
      expect([told.status, told.stderr]).toEqual([0, expect.stringMatching(/^.*copy-2\.duckdb: \d\.\d\d MB\n$/)]);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } else {
      const response = await fetch(`${service.address}/v1/backup`);
      expect([response.status, response.headers.get("content-disposition")]).toEqual([
        200,
        'attachment; filename="electro.duckdb"',
      ]);
      writeFileSync(path, Buffer.from(await response.arrayBuffer()));
      expect(String(statSync(path).size)).toBe(response.headers.get("content-length"));
    }
    const found = await batchesIn(path);
    expect(before.filter((key) => !found.has(key))).toEqual([]);
    for (const [key, { readings, energy }] of found) {
      const whole = Number(key.split("-")[1]) % 5 === 0 ? 1500 : 2;
      expect([readings, energy]).toEqual([whole, BigInt(whole) * 10n ** 17n]);
    }
  }
  expect(beside()).toEqual([]);
  const { json } = await send(service, "POST", "/v1/check");
  expect(json).toMatchObject({ proven: true, differences: [] });
  const compacted = await send(service, "POST", "/v1/compact");
  expect([compacted.status, compacted.json]).toEqual([200, { before: expect.any(Number), after: expect.any(Number) }]);
  await stop();
  const told = await electroProcess(["check", "--service", service.address, "--json"], folder);
  const { batches } = await store.state();
  expect([told.status, JSON.parse(told.stdout)]).toEqual([
    0,
    { proven: true, batches, sources: batches, readings: (await store.state()).readings, differences: [] },
  ]);
});

test("one backup and one check at a time; a client that leaves frees everything", async () => {
  // The store itself, whose work begins when the test lets it.
  const signals: AbortSignal[] = [];
  let open = () => {};
  let gate = Promise.resolve();
  const close = () => {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  await start(withoutTokens, (own) =>
    Object.assign(Object.create(own), {
      backup: async (path: undefined, signal: AbortSignal) => {
        signals.push(signal);
        await gate;
        return own.backup(path, signal);
      },
      check: async (signal: AbortSignal) => {
        signals.push(signal);
        await gate;
        return own.check(signal);
      },
    }),
  );
  await send(service, "POST", "/v1/readings", { body: reading("2024-01-31T13:00:00Z", 0.1, "a") });
  for (const [method, path] of [
    ["GET", "/v1/backup"],
    ["POST", "/v1/check"],
  ] as const) {
    close();
    const gone = request(`${service.address}${path}`, { method, agent: false }).on("error", () => {});
    gone.end();
    const begun = signals.length + 1;
    await until("the work has begun", () => signals.length === begun);
    const second = await send(service, method, path);
    expect([second.status, second.json.code, second.headers.get("retry-after")]).toEqual([503, "busy", "5"]);
    gone.destroy();
    await until("the work is given up", () => signals.at(-1)!.aborted);
    open();
    expect((await free(method, path)).length).toBeGreaterThan(0);
    expect(beside()).toEqual([]);
  }
  // One that leaves in the midst of its answer.
  const leaving = request(`${service.address}/v1/backup`, { agent: false }).end();
  const [answer] = (await once(leaving, "response")) as [IncomingMessage];
  expect([answer.statusCode, beside()]).toEqual([200, []]);
  answer.on("error", () => {});
  leaving.on("error", () => {}).destroy();
  writeFileSync(join(folder, "copy.duckdb"), await free("GET", "/v1/backup"));
  expect((await batchesIn(join(folder, "copy.duckdb"), false)).size).toBe(1);
});

/** The answer once what was under way, which ends in its own time, has ended. */
async function free(method: string, path: string): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  await until(`an answer to ${method} ${path}`, async () => {
    const answer = await fetch(service.address + path, { method });
    bytes = Buffer.from(await answer.arrayBuffer());
    return answer.status === 200;
  });
  return bytes;
}

describe("only who has the scope admin", () => {
  test("may check and copy the store", async () => {
    const tokens = join(folder, "tokens.json");
    for (const scope of ["admin", "read,write"]) {
      const { stdout } = await electroProcess(
        ["token", "add", scope[0]!, "--scope", scope, "--tokens", tokens],
        folder,
      );
      writeFileSync(join(folder, `${scope[0]}.token`), stdout);
    }
    await start(openTokens({ path: tokens, displayName: "tokens.json" }, () => {}, Date.now));
    const ask = (command: string, ...args: string[]) =>
      electroProcess([command, "--service", service.address, ...args], folder);
    for (const [command, ...more] of [["check"], ["backup", "--output", "copy"]] as const) {
      expect(await ask(command, ...more)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("it requires a token; name a file that has one: --token-file FILE"),
      });
      expect(await ask(command, ...more, "--token-file", "r.token")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('the token r has no scope "admin"'),
      });
      expect(existsSync(join(folder, "copy"))).toBe(false);
      expect(await ask(command, ...more, "--token-file", "a.token")).toMatchObject({ status: 0 });
    }
    expect(readFileSync(join(folder, "copy")).length).toBeGreaterThan(0);
    const token = readFileSync(join(folder, "a.token"), "utf8").trim();
    const daily = await send(service, "GET", "/v1/daily", { headers: { authorization: `Bearer ${token}` } });
    expect(daily.json.code).toBe("missing_scope");
  });
});
