/** What a proxy passed on: refused where there are no tokens, and whose it is where there are some. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { addToken, openTokens } from "../../dist/service/auth/tokens.js";
import { electroProcess } from "../oracle/electro-process.js";
import { until } from "../wait.mjs";
import { type Running, reading, send, withService } from "./support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");

/** A service with one token, behind a proxy that is trusted. */
async function withProxied(
  options: Pick<Parameters<typeof withService>[0], "limits" | "trustedProxies">,
  use: (service: Running, authorization: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "electro-proxied-"));
  try {
    const file = { path: join(folder, "tokens.json"), displayName: "tokens.json" };
    const token = await addToken(file, "a", { scopes: ["read", "write"] }, new Date());
    const access = openTokens(file, () => {}, Date.now);
    await withService({ access, ...options }, (service) => use(service, `Bearer ${token}`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a service without tokens", () => {
  test("refuses what a proxy passed on, and says what to do", () =>
    withService({}, async (service) => {
      const headers = [
        "Forwarded",
        "Via",
        "X-Real-IP",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "x-forwarded-anything",
      ];
      for (const name of headers)
        for (const [method, path] of [
          ["GET", "/v1/daily"],
          ["POST", "/v1/readings"],
          ["GET", "/healthz"],
          ["GET", "/metrics"],
        ] as const) {
          const body = method === "POST" ? { body: ONE } : {};
          const answer = await send(service, method, path, { ...body, headers: { [name]: "127.0.0.1" } });
          expect([name, path, answer.status, answer.json.code]).toEqual([name, path, 403, "proxied_without_tokens"]);
          expect(answer.json.detail).toMatch(
            new RegExp(`^the header ${name} .*electro token add NAME --scope read,write.*--tokens`, "i"),
          );
        }
      expect((await send(service, "GET", "/v1/batches")).json.batches).toEqual([]);
      // What only looks like it.
      const other = { "x-forwarded": "a", "x-request-id": "b", "x-real-ips": "c" };
      expect((await send(service, "GET", "/v1/daily", { headers: other })).status).toBe(200);
    }));

  test("is closed to it by the first token", async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-proxied-"));
    const file = { path: join(folder, "tokens.json"), displayName: "tokens.json" };
    await withService({ access: openTokens(file, () => {}, Date.now) }, async (service) => {
      const headers = { via: "1.1 proxy", "x-forwarded-for": "198.51.100.7" };
      expect((await send(service, "GET", "/v1/daily", { headers })).status).toBe(403);
      const authorization = `Bearer ${await addToken(file, "a", { scopes: ["read"] }, new Date())}`;
      expect((await send(service, "GET", "/v1/daily", { headers })).status).toBe(401);
      expect((await send(service, "GET", "/v1/daily", { headers: { ...headers, authorization } })).status).toBe(200);
    });
    rmSync(folder, { recursive: true });
  });

  test("does not start behind a proxy, nor as the unit of systemd has it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-proxied-"));
    const unit = readFileSync(fileURLToPath(new URL("../../deploy/electro.service", import.meta.url)), "utf8");
    const [, command = ""] = /^ExecStart=\/usr\/bin\/env electro (.*)$/m.exec(unit) ?? [];
    expect(command).toMatch(/^serve .*--host 127\.0\.0\.1 /);
    for (const [args, said] of [
      [command.split(" "), /--tokens electro-tokens\.json: there is no such file; make one with electro token add/],
      [["serve", "--trusted-proxy", "127.0.0.1"], /--trusted-proxy .* there are no tokens: make one/],
    ] as const) {
      const { status, stderr } = await electroProcess([...args], folder);
      expect([status, stderr]).toEqual([2, expect.stringMatching(said)]);
    }
    await electroProcess(["token", "add", "a", "--scope", "read"], folder);
    const { status, stderr } = await electroProcess(["serve", "--trusted-proxy", "10.0.0.1/40"], folder);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--trusted-proxy "10\.0\.0\.1\/40" is neither/)]);
    rmSync(folder, { recursive: true });
  });
});

describe("a client's address", () => {
  const lastClient = ({ log }: Running) => log.findLast(({ code }) => code === "request")?.fields?.["client"];

  test("is what a trusted proxy says, and nothing that others say", async () => {
    const headers = {
      "x-forwarded-for": "203.0.113.9, 198.51.100.7",
      "x-real-ip": "192.0.2.1",
      forwarded: "for=192.0.2.1",
    };
    for (const [trustedProxies, client] of [
      [[], "127.0.0.1"],
      [["10.0.0.0/8"], "127.0.0.1"],
      [["127.0.0.1"], "198.51.100.7"],
      [["127.0.0.0/8", "198.51.100.0/24"], "203.0.113.9"],
    ] as const)
      await withProxied({ trustedProxies }, async (service, authorization) => {
        expect((await send(service, "GET", "/v1/daily", { headers: { ...headers, authorization } })).status).toBe(200);
        expect([trustedProxies, lastClient(service)]).toEqual([trustedProxies, client]);
      });
  });

  test("behind a proxy limits its requests at a time, not the proxy's connections", () =>
    withProxied({ trustedProxies: ["127.0.0.1"], limits: { connectionsOfOne: 2 } }, async (service, authorization) => {
      const from = (client: string) =>
        send(service, "GET", "/v1/daily", { headers: { authorization, "x-forwarded-for": client } });
      const uploading = (client: string) => {
        const socket = connect(Number(new URL(service.address).port), "127.0.0.1").on("error", () => {});
        const head = `POST /v1/readings HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\nx-forwarded-for: ${client}\r\ncontent-type: text/csv\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n`;
        socket.write(head);
        return new Promise<typeof socket>((resolve) => socket.once("data", () => resolve(socket)));
      };
      const some = await Promise.all([1, 2].flatMap(() => [uploading("198.51.100.7"), uploading("198.51.100.8")]));
      const refused = await from("203.0.113.9, 198.51.100.7");
      expect([refused.status, refused.json.code]).toEqual([503, "too_many_connections"]);
      expect((await from("203.0.113.9")).status).toBe(200);
      for (const socket of some) socket.destroy();
      await until("it is served again", async () => (await from("198.51.100.7")).status === 200);
    }));

  test("without a token has its own rate of requests", () =>
    withProxied({ trustedProxies: ["127.0.0.1"], limits: { rate: 1 } }, async (service) => {
      const from = async (client: string) =>
        (await send(service, "GET", "/healthz", { headers: { "x-forwarded-for": client } })).status;
      const many = await Promise.all(Array.from({ length: 50 }, () => from("2001:db8::1")));
      expect(many).toContain(429);
      // One of IPv6 has all of its addresses in common; others have their own.
      expect(await Promise.all(Array.from({ length: 50 }, (_, n) => from(`2001:db8::${n}`)))).toContain(429);
      expect(await from("2001:db8:0:1::1")).toBe(200);
      expect(await from("198.51.100.7")).toBe(200);
    }));
});
