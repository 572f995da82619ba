// slow: not of the fast lane
/** Keys and batches are their sender's: what one token's name has sent is nothing to another's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Scope } from "../../dist/service/auth/token.js";
import { addToken, openTokens, revokeToken, rotateToken } from "../../dist/service/auth/tokens.js";
import { type Running, reading, send, withService } from "./support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const TWO = reading("2024-01-31T13:20:00Z", 0.2, "b");
const NOW = new Date("2026-01-31T13:45:00Z");

let folder: string;
let file: { path: string; displayName: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-senders-"));
  file = { path: join(folder, "tokens.json"), displayName: "tokens.json" };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A service, and for each token a way to send as its bearer. */
async function withTokens(tokens: Record<string, Scope[]>, use: (service: Running, as: As) => Promise<void>) {
  const made = new Map<string, string>();
  for (const [name, scopes] of Object.entries(tokens)) made.set(name, await addToken(file, name, { scopes }, NOW));
  const access = openTokens(file, () => {}, Date.now);
  await withService({ access }, (service) =>
    use(service, (who, method, path, body, key) =>
      send(service, method, path, {
        ...(body !== undefined && { body }),
        headers: {
          authorization: `Bearer ${made.get(who) ?? who}`,
          ...(key !== undefined && { "idempotency-key": key }),
        },
      }),
    ),
  );
}
type As = (who: string, method: string, path: string, body?: string, key?: string) => ReturnType<typeof send>;

test("two senders use one key for two batches, each once", () =>
  withTokens({ a: ["write"], b: ["write"], office: ["read"] }, async (_, as) => {
    const first = await as("a", "POST", "/v1/readings", ONE, "2024-01-31");
    const second = await as("b", "POST", "/v1/readings", TWO, "2024-01-31");
    expect([first.status, second.status, second.headers.get("idempotency-replayed")]).toEqual([201, 201, null]);
    expect(second.json.batch_id).not.toBe(first.json.batch_id);
    for (const [who, body, answer] of [
      ["a", ONE, first],
      ["b", TWO, second],
    ] as const) {
      const again = await as(who, "POST", "/v1/readings", body, "2024-01-31");
      expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([answer.text, "true"]);
    }
    const reused = await as("b", "POST", "/v1/readings", ONE, "2024-01-31");
    expect([reused.status, reused.json.code]).toEqual([422, "key_reused"]);
    expect(reused.text).not.toContain(first.json.batch_id);
    expect((await as("office", "GET", "/v1/daily")).json.rows[0].aggregated_kWh_value).toBe("0.3");
  }));

test("with write one sees, retracts and replaces one's own batches, and others' are as if there were none", () =>
  withTokens({ a: ["write"], b: ["write"], both: ["read", "write"], office: ["read"] }, async (_, as) => {
    const { batch_id: id } = (await as("a", "POST", "/v1/readings?on_error=skip", `${ONE}{}\n`)).json;
    const own = (await as("b", "POST", "/v1/readings", TWO)).json.batch_id;
    const nothing = "9-0123456789";
    for (const who of ["b", "both"])
      for (const [method, path, body] of [
        ["DELETE", "/v1/batches/ID", undefined],
        ["POST", "/v1/readings?replaces=ID", ONE],
      ] as const) {
        const others = await as(who, method, path.replace("ID", id), body);
        const none = await as(who, method, path.replace("ID", nothing), body);
        expect([others.status, others.json.code]).toEqual([404, "no_such_batch"]);
        expect(others.json.detail.replace(id, nothing)).toBe(none.json.detail);
      }
    for (const path of ["/v1/batches/ID", "/v1/batches/ID/rejects"]) {
      expect((await as("a", "GET", path.replace("ID", id))).status).toBe(200);
      expect((await as("both", "GET", path.replace("ID", id))).status).toBe(200);
      const others = await as("b", "GET", path.replace("ID", id));
      const none = await as("b", "GET", path.replace("ID", nothing));
      expect([others.status, others.json.detail.replace(id, nothing)]).toEqual([404, none.json.detail]);
    }
    const listed = async (who: string, query = "") =>
      (await as(who, "GET", `/v1/batches${query}`)).json.batches.map(({ batch_id }: { batch_id: string }) => batch_id);
    expect([await listed("a"), await listed("b"), await listed("office")]).toEqual([[id], [own], [own, id]]);
    expect(await listed("a", "?state=retracted")).toEqual([]);
    const replaced = await as("a", "POST", `/v1/readings?replaces=${id}`, TWO);
    expect(replaced.status).toBe(201);
    expect((await as("b", "DELETE", `/v1/batches/${own}`)).json.state).toBe("retracted");
    expect((await as("office", "GET", "/v1/daily")).json.rows[0].aggregated_kWh_value).toBe("0.2");
  }));

test("admin sees and ends all batches, and with write replaces them", () =>
  withTokens({ a: ["write"], boss: ["admin"], both: ["write", "admin"] }, async (_, as) => {
    const first = (await as("a", "POST", "/v1/readings", ONE, "k")).json.batch_id;
    const second = (await as("a", "POST", "/v1/readings", TWO)).json.batch_id;
    expect((await as("boss", "GET", "/v1/batches")).json.batches).toHaveLength(2);
    expect((await as("boss", "GET", `/v1/batches/${first}/rejects`)).status).toBe(200);
    expect((await as("boss", "GET", "/v1/daily")).status).toBe(403);
    expect((await as("boss", "POST", `/v1/readings?replaces=${first}`, TWO, "k")).status).toBe(403);
    expect((await as("both", "POST", `/v1/readings?replaces=${first}`, TWO, "k")).status).toBe(201);
    expect((await as("boss", "DELETE", `/v1/batches/${second}`)).json.state).toBe("retracted");
    expect((await as("a", "POST", "/v1/readings", ONE, "k")).json).toMatchObject({
      batch_id: first,
      state: "replaced",
    });
  }));

test("a token that is rotated, and one of a name that was revoked, has the keys and batches of its name", () =>
  withTokens({ meter: ["write"] }, async (_, as) => {
    const first = await as("meter", "POST", "/v1/readings", ONE, "k");
    const rotated = await rotateToken(file, "meter", NOW);
    expect((await as("meter", "POST", "/v1/readings", ONE, "k")).status).toBe(401);
    const again = await as(rotated, "POST", "/v1/readings", ONE, "k");
    expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([first.text, "true"]);
    await revokeToken(file, "meter");
    const fresh = await addToken(file, "meter", { scopes: ["write"] }, NOW);
    expect((await as(rotated, "POST", "/v1/readings", ONE, "k")).status).toBe(401);
    expect((await as(fresh, "POST", "/v1/readings", ONE, "k")).text).toBe(first.text);
    expect((await as(fresh, "DELETE", `/v1/batches/${first.json.batch_id}`)).json.state).toBe("retracted");
  }));

test("without tokens all are one sender, who may end what came in with tokens", () =>
  withService({}, async (service) => {
    const { batchOf } = await import("../store/batches.js");
    const cells = [{ source: "a", slot: 20_000 * 96, energy: 1n, count: 1 }];
    const { batch } = await service.store.ingest(batchOf(cells, { sender: "meter", key: "k" }));
    const own = await send(service, "POST", "/v1/readings", { body: ONE, headers: { "idempotency-key": "k" } });
    expect([own.status, own.headers.get("idempotency-replayed")]).toEqual([201, null]);
    expect((await send(service, "GET", "/v1/batches")).json.batches).toHaveLength(2);
    expect((await send(service, "DELETE", `/v1/batches/${batch.id}`)).json.state).toBe("retracted");
  }));
