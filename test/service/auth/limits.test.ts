// slow: not of the fast lane
/** Tokens that are limited, to sources or in time: what they are told, and what they are not. */
import { describe, expect, test } from "vitest";
import type { Access, Caller } from "../../../dist/service/auth/access.js";
import { type Ask, withApp } from "../in-process.js";
import { reading } from "../support.js";

const CALLERS: Readonly<Record<string, Caller>> = {
  all: { name: "all", scopes: ["read", "write"] },
  tenant: { name: "tenant", scopes: ["read", "write"], sources: ["a1", "a2", "silent"] },
  other: { name: "other", scopes: ["read"], sources: ["b"] },
  unnamed: { name: "unnamed", scopes: ["read", "write"], sources: [""] },
};
const access: Access = {
  open: false,
  check: (header = "") => {
    const name = header.replace("Bearer ", "");
    return name === "old" ? { expired: "2026-01-31T00:00:00Z" } : CALLERS[name];
  },
};

const withTokens = (use: (ask: Ask) => Promise<void>) =>
  withApp({ access, limits: { rate: 1_000_000 } }, (ask) =>
    use((method, path, { headers, body } = {}) => {
      const [name = "", rest = ""] = path.split(/(?<=^\w+) /);
      const sent = { authorization: `Bearer ${name}`, ...headers };
      return ask(method, rest, { headers: sent, ...(body !== undefined && { body }) });
    }),
  );

const at = (time: string, kWh: number, source?: string) => reading(`2024-01-${time}Z`, kWh, source);
const DATA = [
  ...[at("10T00:10:00", 1, "a1"), at("11T00:10:00", 2, "a2"), at("05T00:10:00", 100, "b")],
  ...[at("20T00:10:00", 1000, "b"), at("15T00:10:00", 10_000)],
].join("");

describe("a token of some sources", () => {
  test("is told sums, a period and a list of these only, and of each by its name", () =>
    withTokens(async (ask) => {
      await ask("POST", "all /v1/readings", { body: DATA });
      const csv = { headers: { accept: "text/csv" } };
      const daily = "daily_timestamp,aggregated_kWh_value\n2024-01-10,1\n2024-01-11,2\n";
      const sums = await ask("GET", "tenant /v1/daily", csv);
      expect([sums.text, sums.headers["electro-unknown-sources"]]).toEqual([daily, undefined]);
      const one = await ask("GET", "tenant /v1/daily?source=a2&source=silent", csv);
      expect(one.text).toBe("daily_timestamp,aggregated_kWh_value\n2024-01-11,2\n");
      expect(one.headers["electro-unknown-sources"]).toBe("silent");
      expect((await ask("GET", "unnamed /v1/daily", csv)).text).toContain("2024-01-15,10000\n");

      const ids = (answer: { json: { sources: { source_id: string }[] } }) =>
        answer.json.sources.map(({ source_id }) => source_id);
      for (const path of ["/v1/sources", "/v1/quality"]) {
        const first = await ask("GET", `tenant ${path}?limit=1`);
        expect(ids(first)).toEqual(["a1"]);
        const second = await ask("GET", `tenant ${path}?limit=1&cursor=${first.json.next}`);
        expect([ids(second), second.json.next]).toEqual([["a2"], null]);
      }
      const named = await ask("GET", "tenant /v1/quality?source=silent");
      expect(ids(named)).toEqual(["silent"]);
      const total = await ask("GET", "tenant /v1/total", csv);
      expect(total.text).toBe("total_timestamp,aggregated_kWh_value\n2024-01-10/2024-01-11,3\n");
      const others = ["quarter-hourly", "weekly", "monthly", "yearly", "total"].map((call) => `/v1/${call}?source=b`);
      for (const path of ["/v1/daily?source=b", "/v1/hourly?source=a1&source=", "/v1/quality?source=b", ...others]) {
        const { status, json } = await ask("GET", `tenant ${path}`);
        expect([path, status, json.code]).toEqual([path, 403, "limited_token"]);
      }
    }));

  test("has no use for another's ETag", () =>
    withTokens(async (ask) => {
      await ask("POST", "all /v1/readings", { body: DATA });
      for (const path of ["/v1/daily", "/v1/total", "/v1/quality"]) {
        const { etag = "" } = (await ask("GET", `tenant ${path}`)).headers;
        const headers = { "if-none-match": etag };
        const states = ["tenant", "other", "all"].map(async (name) => {
          return (await ask("GET", `${name} ${path}`, { headers })).status;
        });
        expect(await Promise.all(states)).toEqual([304, 200, 200]);
      }
    }));

  test("sends readings of these, and nothing of a batch with any other, small or large, skipped or not", () =>
    withTokens(async (ask) => {
      const own = at("10T00:10:00", 1, "a1");
      expect((await ask("POST", "tenant /v1/readings", { body: own })).status).toBe(201);
      const large = own.repeat(2000);
      for (const start of [own, large])
        for (const [other, which] of [
          [at("10T00:10:00", 1, "b"), 'the source "b"'],
          [at("10T00:10:00", 1), "the unnamed source"],
        ])
          for (const query of ["", "?on_error=skip"]) {
            const { status, json } = await ask("POST", `tenant /v1/readings${query}`, { body: start + other });
            expect([status, json.code]).toEqual([403, "limited_token"]);
            expect(json.detail).toBe(
              `the token tenant sends readings of some sources only, and ${which} is not among them; nothing was stored`,
            );
          }
      expect((await ask("POST", "tenant /v1/readings", { body: large })).status).toBe(201);
      expect((await ask("POST", "unnamed /v1/readings", { body: at("10T00:10:00", 1) })).status).toBe(201);
      expect((await ask("GET", "all /v1/sources")).json.sources).toMatchObject([
        { source_id: "" },
        { source_id: "a1" },
      ]);
    }));

  test("sees, retracts and replaces what its name has sent, and nobody else's batches", () =>
    withTokens(async (ask) => {
      const others = (await ask("POST", "all /v1/readings", { body: at("10T00:10:00", 1, "a1") })).json.batch_id;
      const own = (await ask("POST", "tenant /v1/readings", { body: at("10T00:10:00", 1, "a1") })).json.batch_id;
      expect((await ask("GET", "tenant /v1/batches")).json.batches).toMatchObject([{ batch_id: own }]);
      expect((await ask("GET", "other /v1/batches")).json.batches).toEqual([]);
      for (const path of [`/v1/batches/${others}`, `/v1/batches/${others}/rejects`])
        expect((await ask("GET", `tenant ${path}`)).status).toBe(404);
      expect((await ask("DELETE", `tenant /v1/batches/${others}`)).status).toBe(404);
      const body = at("10T00:10:00", 5, "a2");
      expect((await ask("POST", `tenant /v1/readings?replaces=${others}`, { body })).status).toBe(404);
      expect((await ask("POST", `tenant /v1/readings?replaces=${own}`, { body })).status).toBe(201);
    }));

  test("may not what is about all of them", () =>
    withTokens(async (ask) => {
      const { status, json } = await ask("GET", "other /metrics");
      expect([status, json.code]).toEqual([403, "limited_token"]);
      expect(json.detail).toBe("the token other is limited to some sources, and this is about all of them");
    }));
});

test("an expired token is told so, and nothing else", () =>
  withTokens(async (ask) => {
    for (const path of ["/v1/daily", "/v1/sources", "/metrics"]) {
      const { status, json, headers } = await ask("GET", `old ${path}`);
      expect([status, json.code]).toEqual([401, "token_expired"]);
      expect(json.detail).toContain("the token expired at 2026-01-31T00:00:00Z");
      expect(headers["www-authenticate"]).toBe('Bearer realm="electro", error="invalid_token"');
    }
    expect((await ask("GET", "old /healthz")).status).toBe(200);
  }));
