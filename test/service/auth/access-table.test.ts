// slow: not of the fast lane
/** The table of docs/service.md that says what a token may do: each cell is tried, and each call of the service has a row. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Access, Caller } from "../../../dist/service/auth/access.js";
import { openapiDocument } from "../../../dist/service/openapi/document.js";
import { listen } from "../listen.js";
import { type Answer, reading, send, withService } from "../support.js";

const PAGE = readFileSync(new URL("../../../docs/service.md", import.meta.url), "utf8");
const A = reading("2024-01-31T13:05:00Z", 1, "source-a");
const B = reading("2024-01-31T13:05:00Z", 1, "source-b");

type Ask = (method: string, path: string, asked: Parameters<typeof send>[3]) => Promise<Answer>;

/** The service, for answers that do not end. */
let served: { address: string } | undefined;

/** Who asks, by the table's columns. */
const COLUMNS: Readonly<Record<string, Caller | undefined>> = {
  "no token": undefined,
  "`read`": { name: "reader", scopes: ["read"] },
  "`write`": { name: "writer", scopes: ["write"] },
  "`admin`": { name: "admin", scopes: ["admin"] },
  "`read`, limited": { name: "tenant", scopes: ["read"], sources: ["source-a", "source-0"] },
  "`write`, limited": { name: "gateway", scopes: ["write"], sources: ["source-a", "source-0"] },
};

/** The token says all of it. */
const access: Access = {
  open: false,
  check: (header) => (header === undefined ? undefined : JSON.parse(header.slice("Bearer ".length))),
};

const QUERIES: Readonly<Record<string, string>> = { "/v1/aggregate": "?resolution=day" };

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: ReadonlySet<string>;
  readonly body: boolean;
}

function calls(): Call[] {
  const { paths } = openapiDocument("0");
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: new Set(parameters.map((one) => ("$ref" in one ? one.$ref.split("/").at(-1)! : one.name))),
      body: requestBody !== undefined,
    })),
  );
}

function table(): { columns: string[]; rows: Map<string, string[]> } {
  const lines = PAGE.split("\n");
  const head = lines.findIndex((line) => line.startsWith("| call | no token |"));
  const cells = (line: string) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim());
  const rows = new Map<string, string[]>();
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith("|")) break;
    const [call = "", ...rest] = cells(line);
    expect(rows.has(call), call).toBe(false);
    rows.set(call, rest);
  }
  return { columns: cells(lines[head]!).slice(1), rows };
}

const as = (caller: Caller | undefined) =>
  caller === undefined ? {} : { authorization: `Bearer ${JSON.stringify(caller)}` };

/** A batch of source b that somebody has sent, whatever else that one may do. */
async function batchOf(ask: Ask, name: string): Promise<string> {
  const headers = as({ name, scopes: ["write"] });
  const { status, json } = await ask("POST", "/v1/readings", { body: B, headers });
  expect(status).toBe(201);
  return json.batch_id;
}

/** What each word of the table means. */
const WORDS: Readonly<Record<string, (ask: Ask, call: Call, caller: Caller | undefined) => Promise<void>>> = {
  yes: async (ask, call, caller) => {
    if (call.path === EVENTS) return hears(ask, caller!);
    const id = await batchOf(ask, "other");
    expect((await asked(ask, call, caller, { id, body: A + B })).status).toBeLessThan(400);
  },
  "–": async (ask, call, caller) => {
    const id = await batchOf(ask, caller?.name ?? "other");
    const { status, json } = await asked(ask, call, caller, { id, body: A });
    if (caller === undefined) expect([status, json.code]).toEqual([401, "not_authorised"]);
    else expect([status, json.code]).toEqual([403, expect.stringMatching(/^(missing_scope|limited_token)$/)]);
  },
  "its own": async (ask, call, caller) => {
    const [own, other] = [await batchOf(ask, caller!.name!), await batchOf(ask, "other")];
    const answer = await asked(ask, call, caller, { id: own });
    expect(answer.status).toBe(200);
    if (call.path.includes("{id}")) {
      const refused = await asked(ask, call, caller, { id: other });
      expect([refused.status, refused.json.code]).toEqual([404, "no_such_batch"]);
    } else {
      expect(answer.text).toContain(own);
      for (const { sender } of answer.json.batches) expect(sender).toBe(caller!.name);
    }
  },
  "its sources": async (ask, call, caller) => {
    if (call.path === EVENTS) return hearsOfItsSources(ask, caller!);
    const all = await asked(ask, call, caller, { body: A });
    expect(all.status).toBeLessThan(300);
    expect(all.text).not.toContain("source-b");
    if (call.body) {
      expectLimited(await asked(ask, call, caller, { body: A + B }));
      expectLimited(await asked(ask, call, caller, { body: reading("2024-01-31T13:05:00Z", 1) }));
      return;
    }
    if (call.path === "/v1/profile") {
      // It names no source: that of all that the caller may see is that of its one source with readings.
      const own = await asked(ask, call, caller, { query: "source=source-a" });
      expect({ ...own.json, unknown_sources: undefined }).toEqual({ ...all.json, unknown_sources: undefined });
      const reader = await asked(ask, call, COLUMNS["`read`"], {});
      expect(reader.json.readings).toBeGreaterThan(all.json.readings);
    } else expect(all.text).toContain("source-a");
    if (!call.query.has("source")) return;
    if (call.path !== "/v1/profile")
      expect((await asked(ask, call, caller, { query: "source=source-a" })).text).toContain("source-a");
    expectLimited(await asked(ask, call, caller, { query: "source=source-a&source=source-b" }));
  },
};

/** Its answer does not end. */
const EVENTS = "/v1/events";

async function hears(ask: Ask, caller: Caller): Promise<void> {
  const one = await listen(served!, as(caller));
  expect(one.status).toBe(200);
  const id = await batchOf(ask, "other");
  expect(await one.change(1)).toMatchObject({ batch_id: id });
  one.close();
}

async function hearsOfItsSources(ask: Ask, caller: Caller): Promise<void> {
  const one = await listen(served!, as(caller));
  await batchOf(ask, "other");
  const headers = as({ name: "other", scopes: ["write"] });
  await ask("POST", "/v1/readings", { body: A + B, headers });
  const { version } = one.events[0]!.data;
  expect(await one.change(1)).toMatchObject({ version: version + 2, sources: 1, batch_id: null });
  one.close();
}

function expectLimited({ status, json }: Answer): void {
  expect([status, json.code]).toEqual([403, "limited_token"]);
  expect(json.detail).toMatch(/and the (source "source-b"|unnamed source) is not among them/);
}

function asked(
  ask: Ask,
  call: Call,
  caller: Caller | undefined,
  { id = "", body, query = "" }: { id?: string; body?: string; query?: string },
): Promise<Answer> {
  const { method, path } = call;
  const by = call.query.has("by") && method === "GET" ? "by=source" : "";
  const parameters = QUERIES[path] ?? `?${[by, query].filter(Boolean).join("&")}`;
  return ask(method, path.replace("{id}", id) + parameters.replace(/^\?$/, ""), {
    headers: as(caller),
    ...(call.body && { body: body ?? "" }),
  });
}

test("each call of the service has a row, and each row is a call", () => {
  const { columns, rows } = table();
  expect(columns).toEqual(Object.keys(COLUMNS));
  expect([...rows.keys()].sort()).toEqual(
    calls()
      .map(({ method, path }) => `\`${method} ${path}\``)
      .sort(),
  );
  for (const cells of rows.values()) for (const cell of cells) expect(Object.keys(WORDS)).toContain(cell);
});

test("each cell says what the service does", () =>
  withService({ access, limits: { rate: 1_000_000 } }, async (service) => {
    served = service;
    const ask: Ask = (method, path, asked) => send(service, method, path, asked);
    for (const body of [A, A + B]) {
      const { status } = await ask("POST", "/v1/readings", { body, headers: as({ name: "other", scopes: ["write"] }) });
      expect(status).toBe(201);
    }
    const { rows } = table();
    for (const call of calls()) {
      const cells = rows.get(`\`${call.method} ${call.path}\``)!;
      for (const [n, [column, caller]] of Object.entries(COLUMNS).entries()) {
        const tried = WORDS[cells[n]!]!(ask, call, caller);
        await tried.catch((cause) => {
          throw new Error(`${call.method} ${call.path}, ${column}: not "${cells[n]}"`, { cause });
        });
      }
    }
  }));
