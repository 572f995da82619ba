/** Pages of other origins are let in where the operator says so, and nowhere else. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../../dist/cli/program.js";
import { createApp } from "../../../dist/service/app.js";
import type { Access } from "../../../dist/service/auth/access.js";
import { EXPOSED } from "../../../dist/service/http/cors.js";
import { openapiDocument } from "../../../dist/service/openapi/document.js";
import { fakeWorld } from "../../cli/fake-world.js";
import { IN_MEMORY } from "../../in-memory.js";
import { until } from "../../wait.mjs";
import { type Answered, withApp } from "../in-process.js";
import { reading } from "../support.js";

const PAGE = "https://energy.example.com";
const DEV = "http://localhost:5173";
const READER = { name: "r", scopes: ["read"] as const };
const access: Access = { open: false, check: (header) => (header === "Bearer r" ? READER : undefined) };

const corsOf = ({ headers }: Answered) => Object.keys(headers).filter((name) => name.startsWith("access-control-"));
const asking = (origin: string, method: string, headers: string) => ({
  headers: { origin, "access-control-request-method": method, "access-control-request-headers": headers },
});

describe("with an origin allowed", () => {
  test("its pages may send all that clients send, and read all that answers say, errors too", () =>
    withApp({ access, cors: [PAGE, DEV] }, async (ask) => {
      const wanted = "authorization,content-encoding,content-type,idempotency-key,if-none-match";
      for (const origin of [PAGE, DEV])
        for (const [method, path] of [
          ["POST", "/v1/readings"],
          ["DELETE", "/v1/batches/17"],
          ["GET", "/v1/daily"],
        ] as const) {
          const { status, headers, text } = await ask("OPTIONS", path, asking(origin, method, wanted));
          expect([status, text, headers["access-control-allow-origin"]]).toEqual([204, "", origin]);
          expect(headers["access-control-allow-methods"]?.split(", ")).toContain(method);
          const allowed = headers["access-control-allow-headers"]?.toLowerCase().split(", ");
          for (const name of wanted.split(",")) expect(allowed).toContain(name);
          expect(headers["vary"]).toContain("origin");
        }
      for (const authorization of ["Bearer r", "Bearer x"]) {
        const answer = await ask("GET", "/v1/daily", { headers: { origin: PAGE, authorization } });
        expect(answer.status).toBe(authorization === "Bearer r" ? 200 : 401);
        expect(answer.headers["access-control-allow-origin"]).toBe(PAGE);
        expect(answer.headers["access-control-expose-headers"]).toBe(EXPOSED.join(", "));
        expect(answer.headers["vary"]?.split(", ")).toContain("origin");
        expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
      }
      // A body that is refused before it has come.
      const body = reading("2024-01-31T13:05:00Z", 1);
      const refused = await ask("POST", "/v1/readings", { body, headers: { origin: PAGE, authorization: "Bearer r" } });
      expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([403, PAGE]);
    }));

  test("pages of others are not, and answers to them are told apart", () =>
    withApp({ access, cors: [PAGE] }, async (ask) => {
      for (const origin of [
        "https://evil.example",
        "http://energy.example.com",
        `${PAGE}:444`,
        `${PAGE}.evil`,
        "null",
      ]) {
        const preflight = await ask("OPTIONS", "/v1/daily", asking(origin, "GET", "authorization"));
        expect([preflight.status, corsOf(preflight)]).toEqual([405, []]);
        const answer = await ask("GET", "/v1/daily", { headers: { origin, authorization: "Bearer r" } });
        expect([answer.status, corsOf(answer)]).toEqual([200, []]);
        expect(answer.headers["vary"]?.split(", ")).toContain("origin");
      }
      const none = await ask("GET", "/v1/daily", { headers: { authorization: "Bearer r" } });
      expect([corsOf(none), none.headers["vary"]?.split(", ")]).toEqual([[], expect.arrayContaining(["origin"])]);
    }));

  test("its pages may write to a service without tokens, and those of others still may not", () =>
    withApp({ cors: [PAGE] }, async (ask) => {
      const body = reading("2024-01-31T13:05:00Z", 1);
      for (const [origin, status] of [
        [PAGE, 201],
        ["https://evil.example", 403],
      ] as const) {
        const headers = { origin, "sec-fetch-site": "cross-site" };
        expect((await ask("POST", "/v1/readings", { body, headers })).status).toBe(status);
      }
    }));
});

test("without --cors there is no header of it, and no preflight", () =>
  withApp({}, async (ask) => {
    const answer = await ask("GET", "/v1/daily", { headers: { origin: PAGE } });
    expect([corsOf(answer), answer.headers["vary"]]).toEqual([[], "accept, authorization, accept-encoding"]);
    const preflight = await ask("OPTIONS", "/v1/daily", asking(PAGE, "GET", "authorization"));
    expect([preflight.status, corsOf(preflight)]).toEqual([403, []]);
  }));

test("every header that the document describes can be read by a page", () => {
  const { paths, components } = openapiDocument("0");
  const named = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ headers = {} }) => Object.keys(headers));
  expect(named.length).toBeGreaterThan(20);
  expect(Object.keys(components.headers).length).toBeGreaterThan(5);
  for (const name of named) expect(EXPOSED).toContain(name);
});

test("electro serve lets in the origins of --cors, and does not start with what is none", async () => {
  const wrong = fakeWorld();
  expect(await run(["serve", "--cors", PAGE, "--cors", "*"], wrong)).toBe(2);
  expect(wrong.stderr.text).toMatch(/^error: --cors "\*" is no origin; write scheme and host, .*\n/);

  const world = fakeWorld();
  world.cwd = mkdtempSync(join(IN_MEMORY, "electro-cors-"));
  try {
    const status = run(["serve", "--port", "0", "--cors", DEV, "--cors", PAGE], world);
    const address = () => /listening on (http:\S+\d)/.exec(world.stderr.text)?.[1];
    await until("it listens", () => address() !== undefined);
    const { headers } = await fetch(`${address()}/healthz`, { headers: { origin: PAGE } });
    expect(headers.get("access-control-allow-origin")).toBe(PAGE);
    world.send("SIGTERM");
    expect(await status).toBe(143);
  } finally {
    rmSync(world.cwd, { recursive: true });
  }
});

test.each([
  ["*", ""],
  ["null", ""],
  ["energy.example.com", ""],
  ["https://energy.example.com/", "; did you mean https://energy.example.com?"],
  ["https://Energy.example.com", "; did you mean https://energy.example.com?"],
  ["https://energy.example.com:443", "; did you mean https://energy.example.com?"],
  ["https://energy.example.com/page", "; did you mean https://energy.example.com?"],
  ["file:///tmp", ""],
])("%s is no origin", (origin, hint) => {
  const create = () => createApp({ cors: [origin], access, log: () => {}, threads: 1, store: undefined as never });
  expect(create).toThrow(`"${origin}" is no origin; write scheme and host`);
  expect(create).toThrow(new RegExp(`com${hint.replace("?", "\\?")}$`));
});
