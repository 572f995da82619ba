/** `GET /v1/events`: who listens hears of each change, once readers see it, and of nothing that is none of its business. */
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Access, Caller } from "../../../dist/service/auth/access.js";
import { until } from "../../wait.mjs";
import { withApp } from "../in-process.js";
import { listen } from "../listen.js";
import { pass, type Running, reading, send, stopTime, withService } from "../support.js";

const on = (day: number, source: string, kWh = 1) =>
  reading(`2024-01-${String(day).padStart(2, "0")}T13:05:00Z`, kWh, source);
const day = (n: number) => `2024-01-${String(n).padStart(2, "0")}`;

/** Sends a batch, and returns its id. */
async function put(service: Running, body: string, query = "", headers = {}): Promise<string> {
  const { status, json } = await send(service, "POST", `/v1/readings${query}`, { body, headers });
  expect(status).toBe(201);
  return json.batch_id;
}

describe("who listens", () => {
  test("hears of what comes in, ends and is replaced, with its days and sources, in order", () =>
    withService({}, async (service) => {
      await put(service, on(1, "a"));
      const one = await listen(service);
      expect(one.events).toEqual([{ event: "state", id: "1", data: { version: 1, changed: null } }]);

      const first = await put(service, on(20, "a") + on(3, "b") + on(4, "b"));
      expect(await one.change(1)).toEqual({
        ...{ version: 2, from: day(3), to: day(20), sources: 2, batch_id: first, kind: "ingested" },
      });
      // Neither of these changes anything.
      const dry = await send(service, "POST", "/v1/readings?dry_run=true", { body: on(9, "c") });
      expect(dry.status).toBe(200);
      expect((await send(service, "POST", "/v1/readings", { body: "{}" })).status).toBe(422);
      const second = await put(service, on(25, "b") + on(24, "c"), `?replaces=${first}`, { "idempotency-key": "k" });
      expect(await one.change(2)).toEqual({
        ...{ version: 3, from: day(3), to: day(25), sources: 3, batch_id: second, kind: "replaced" },
      });
      await put(service, on(25, "b") + on(24, "c"), `?replaces=${first}`, { "idempotency-key": "k" });
      const empty = await put(service, "[]", "", { "content-type": "application/json" });
      expect(await one.change(3)).toEqual({
        ...{ version: 4, from: null, to: null, sources: 0, batch_id: empty, kind: "ingested" },
      });
      expect((await send(service, "DELETE", `/v1/batches/${second}`)).status).toBe(200);
      expect(await one.change(4)).toEqual({
        ...{ version: 5, from: day(24), to: day(25), sources: 2, batch_id: second, kind: "retracted" },
      });
      expect(one.events.slice(1).map(({ event, id, data }) => [event, id === String(data.version)])).toEqual(
        [1, 2, 3, 4].map(() => ["change", true]),
      );
      one.close();
    }));

  test("and asks, gets an answer of that version or a later one", () =>
    withService({}, async (service) => {
      const one = await listen(service);
      const asked: Promise<void>[] = [];
      let told = 0;
      const count = 60;
      const looks = (async () => {
        await until("the last change is told", () => {
          for (; told < one.changes.length; told++) {
            // Each batch is a version, and has one reading.
            const { version } = one.changes[told];
            asked.push(
              send(service, "GET", "/v1/sources").then(({ json }) =>
                expect(json.sources[0].readings).toBeGreaterThanOrEqual(version),
              ),
            );
          }
          return one.changes.at(-1)?.version === count;
        });
      })();
      for (let n = 1; n <= count; n++) await put(service, on(1 + (n % 28), "a"));
      await looks;
      await Promise.all(asked);
      const versions = one.changes.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(one.changes.reduce((sum, { sources }) => sum + sources, 0)).toBe(count);
      one.close();
    }));

  test("is told together what comes within a moment", () =>
    withService({}, async (service) => {
      stopTime();
      const one = await listen(service);
      const first = await put(service, on(1, "a"));
      expect(await one.change(1)).toMatchObject({ version: 1, batch_id: first });
      await put(service, on(9, "a") + on(9, "b"));
      await put(service, on(4, "a"));
      await put(service, "[]", "", { "content-type": "application/json" });
      // Whoever begins now knows of them.
      const late = await listen(service);
      expect(late.events[0]?.data).toEqual({ version: 4, changed: null });
      pass(250);
      expect(await one.change(2)).toEqual({
        ...{ version: 4, from: day(4), to: day(9), sources: 3, batch_id: null, kind: "ingested" },
      });
      await put(service, on(2, "a"));
      await send(service, "DELETE", `/v1/batches/${first}`);
      pass(250);
      const together = { version: 6, from: day(1), to: day(2), sources: 2, batch_id: null, kind: "replaced" };
      expect([await one.change(3), await late.change(1)]).toEqual([together, together]);
      // After a pause, at once again.
      pass(1000);
      await put(service, on(3, "a"));
      expect(await one.change(4)).toMatchObject({ version: 7 });
      for (const each of [one, late]) each.close();
    }));

  test("again is told whether anything has changed since", () =>
    withService({}, async (service) => {
      await put(service, on(1, "a"));
      for (const [seen, changed] of [
        ["1", false],
        ["0", true],
        ["2", true],
        ["x", true],
      ] as const) {
        const one = await listen(service, { "last-event-id": seen });
        expect(one.events[0]).toEqual({ event: "state", id: "1", data: { version: 1, changed } });
        one.close();
      }
    }));

  test("hears that the connection lives, and is not cut off for being idle", () =>
    withService({ limits: { idleTimeout: 600, heartbeat: 3000 } }, async (service) => {
      // A connection that is silent for four times as long as a client may be is closed, but for this one.
      const one = await listen(service);
      await until("a comment has come", () => one.comments >= 1);
      await put(service, on(1, "a"));
      await one.change(1);
      expect(one.end).toBeUndefined();
      one.close();
    }));

  test("hears so every 15 seconds", () =>
    withService({}, async (service) => {
      stopTime();
      const one = await listen(service);
      pass(14_999);
      pass(1);
      await until("a comment has come", () => one.comments === 1);
      pass(30_000);
      await until("two more have come", () => one.comments === 3);
      one.close();
    }));
});

const CALLERS: Record<string, Caller | undefined> = {
  all: { name: "all", scopes: ["read", "write", "admin"] },
  tenant: { name: "tenant", scopes: ["read", "write"], sources: ["a1", "a2", "silent"] },
  other: { name: "other", scopes: ["read"], sources: ["b"] },
  writer: { name: "writer", scopes: ["write"] },
};
const access: Access = { open: false, check: (header = "") => CALLERS[header.replace("Bearer ", "")] };
const as = (name: string) => ({ authorization: `Bearer ${name}` });

describe("a token of some sources", () => {
  test("hears of changes of these only, and of their days and batches only", () =>
    withService({ access }, async (service) => {
      const [tenant, other, all] = [
        await listen(service, as("tenant")),
        await listen(service, as("other")),
        await listen(service, as("all")),
      ];
      const foreign = await put(service, on(1, "b"), "", as("all"));
      await put(service, "[]", "", { ...as("all"), "content-type": "application/json" });
      const mixed = await put(service, on(2, "b") + on(10, "a1") + on(12, "a2") + on(30, "b"), "", as("all"));
      expect(await tenant.change(1)).toEqual({
        ...{ version: 3, from: day(10), to: day(12), sources: 2, batch_id: null, kind: "ingested" },
      });
      const own = await put(service, on(11, "a1"), "", as("tenant"));
      expect(await tenant.change(2)).toEqual({
        ...{ version: 4, from: day(11), to: day(11), sources: 1, batch_id: own, kind: "ingested" },
      });
      // What it loses is all that it hears of.
      await put(service, on(29, "b"), `?replaces=${mixed}`, as("all"));
      expect(await tenant.change(3)).toEqual({
        ...{ version: 5, from: day(10), to: day(12), sources: 2, batch_id: null, kind: "retracted" },
      });
      await send(service, "DELETE", `/v1/batches/${foreign}`, { headers: as("all") });
      const next = await put(service, on(13, "a2"), `?replaces=${own}`, as("tenant"));
      expect(await tenant.change(4)).toEqual({
        ...{ version: 7, from: day(11), to: day(13), sources: 2, batch_id: next, kind: "replaced" },
      });
      await until("all is told", () => all.changes.at(-1)?.version === 7);
      await until("all of the other's is told", () => other.changes.at(-1)?.version === 6);
      expect(tenant.changes).toHaveLength(4);
      for (const { from, to, sources, batch_id } of other.changes) {
        expect([day(1), day(2), day(29)]).toContain(from);
        expect([day(1), day(30)]).toContain(to);
        // Some may be told together, and it has one source.
        expect([[1, 2, 3, 4].includes(sources), batch_id]).toEqual([true, null]);
      }
      for (const each of [tenant, other, all]) each.close();
    }));

  test("hears nothing more once it is revoked, or is for other sources", () =>
    withService({ access }, async (service) => {
      for (const [name, then] of [
        ["gone", undefined],
        ["narrowed", { name: "narrowed", scopes: ["read"], sources: ["b"] }],
        ["demoted", { name: "demoted", scopes: ["write"] }],
      ] as const) {
        CALLERS[name] = { name, scopes: ["read"] };
        const one = await listen(service, as(name));
        CALLERS[name] = then;
        await put(service, on(1, "a1"), "", as("all"));
        await until("the stream ends", () => one.end !== undefined);
        expect([one.end, one.changes]).toEqual(["whole", []]);
      }
      await until(
        "all are freed",
        () => service.log.filter(({ message }) => message.includes("/v1/events")).length === 3,
      );
    }));

  test("is refused without `read`", () =>
    withService({ access }, async (service) => {
      for (const [headers, status] of [
        [as("writer"), 403],
        [as("nobody"), 401],
        [{}, 401],
      ] as const)
        expect((await send(service, "GET", "/v1/events", { headers })).status).toBe(status);
    }));
});

test("HEAD, parameters, methods, compression and preflights are as elsewhere", () =>
  withApp({ cors: ["https://page.example"] }, async (ask) => {
    const head = await ask("HEAD", "/v1/events");
    expect([head.status, head.text, head.headers["content-type"]]).toEqual([
      200,
      "",
      "text/event-stream; charset=utf-8",
    ]);
    const wrong = await ask("GET", "/v1/events?source=a");
    expect([wrong.status, wrong.json.code]).toEqual([400, "unknown_parameter"]);
    expect((await ask("POST", "/v1/events")).status).toBe(405);
    const other = await ask("HEAD", "/v1/events", { headers: { accept: "application/json" } });
    expect(other.status).toBe(406);
    expect((await ask("HEAD", "/v1/events", { headers: { accept: "text/*, */*;q=0" } })).status).toBe(200);
    const packed = await ask("GET", "/v1/events", { headers: { "accept-encoding": "gzip, identity;q=0" } });
    expect([packed.status, gunzipSync(packed.bytes).toString()]).toEqual([
      406,
      expect.stringContaining("not_acceptable"),
    ]);
    const preflight = await ask("OPTIONS", "/v1/events", {
      headers: {
        ...{ origin: "https://page.example", "access-control-request-method": "GET" },
        "access-control-request-headers": "authorization,last-event-id",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-headers"]).toContain("Last-Event-ID");
  }));

test("events are neither compressed nor kept", () =>
  withService({}, async (service) => {
    const one = await listen(service, { "accept-encoding": "gzip, zstd" });
    expect(one.headers["content-encoding"]).toBeUndefined();
    expect(one.headers["cache-control"]).toBe("no-store, no-transform");
    expect(one.headers["x-accel-buffering"]).toBe("no");
    one.close();
  }));

describe("places for those who listen", () => {
  test("are limited, of one client and in all, and free again when one disconnects", () =>
    withService({ access, limits: { listeners: 4 } }, async (service) => {
      const first = await Promise.all([1, 2, 3].map(() => listen(service, as("all"))));
      const refused = await send(service, "GET", "/v1/events", { headers: as("all") });
      expect([refused.status, refused.json.code, refused.headers.get("retry-after")]).toEqual([503, "busy", "5"]);
      const last = await listen(service, as("tenant"));
      expect((await send(service, "GET", "/v1/events", { headers: as("other") })).status).toBe(503);
      const text = async () => (await send(service, "GET", "/metrics", { headers: as("all") })).text;
      expect(await text()).toContain("\nelectro_event_streams 4\n");
      for (const one of [...first, last]) one.close();
      await until("nobody listens", async () => (await text()).includes("\nelectro_event_streams 0\n"));
      const { watchers } = service.store as unknown as { watchers: { any: boolean } };
      await until("the store has nobody to tell", () => !watchers.any);
      const again = await listen(service, as("other"));
      // Nobody else is in the way of what is told.
      await put(service, on(5, "b"), "", as("all"));
      expect(await again.change(1)).toMatchObject({ version: 1, from: day(5) });
      again.close();
    }));

  test("leave most connections to others", () =>
    withService({ limits: { connections: 8 } }, async (service) => {
      const some = await Promise.all([1, 2].map(() => listen(service)));
      expect((await send(service, "GET", "/v1/events")).status).toBe(503);
      for (const one of some) one.close();
    }));
});

test("the service's stop ends streams whole, and does not wait for them", async () => {
  const some: Awaited<ReturnType<typeof listen>>[] = [];
  await withService({}, async (service) => {
    for (let n = 0; n < 20; n++) some.push(await listen(service));
    await put(service, on(1, "a"));
    await Promise.all(some.map((one) => one.change(1)));
  });
  await until("all have ended", () => some.every(({ end }) => end !== undefined));
  expect(some.map(({ end }) => end)).toEqual(some.map(() => "whole"));
});
