// slow: not of the fast lane
/** Answers are compressed for those who accept it, and mean the same. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { Readable } from "node:stream";
import * as zlib from "node:zlib";
import type { FastifyReply } from "fastify";
import { describe, expect, test } from "vitest";
import { compression } from "../../../dist/service/http/compression.js";
import { until, within } from "../../wait.mjs";
import { type Ask, withApp } from "../in-process.js";
import { metric, reading, send, withService } from "../support.js";

const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Buffer };

const unpack: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: zlib.gunzipSync,
  ...(zstdDecompressSync !== undefined && { zstd: zstdDecompressSync }),
};

const BODY = reading("2024-01-01T00:10:00Z", "1.5", "a") + reading("2024-03-01T12:10:00Z", 2, "b");
/** One block; more than one; a page in one piece. */
const PATHS = ["/v1/daily", "/v1/hourly?from=2024-01-01&to=2024-02-15&by=source", "/docs", "/v1/quality"];

async function encodingOf(ask: Ask, path: string, accept: string | undefined) {
  const headers = { accept: "text/csv, */*", ...(accept !== undefined && { "accept-encoding": accept }) };
  const answer = await ask("GET", path, { headers });
  expect(answer.status).toBe(200);
  return answer.headers["content-encoding"] ?? "identity";
}

describe("with Accept-Encoding", () => {
  test("an answer is compressed, and holds what it holds without", () =>
    withApp({}, async (ask) => {
      await ask("POST", "/v1/readings", { body: BODY });
      for (const path of PATHS)
        for (const accept of ["application/json, text/html", "text/csv, text/html"]) {
          const plain = await ask("GET", path, { headers: { accept } });
          expect([plain.headers["content-encoding"], path]).toEqual([undefined, path]);
          for (const [name, unpacked] of Object.entries(unpack)) {
            const packed = await ask("GET", path, { headers: { accept, "accept-encoding": name } });
            const short = plain.bytes.length < 1024;
            expect([packed.headers["content-encoding"], path]).toEqual([short ? undefined : name, path]);
            if (short) continue;
            expect(unpacked(packed.bytes).equals(plain.bytes)).toBe(true);
            expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
            expect([undefined, String(packed.bytes.length)]).toContain(packed.headers["content-length"]);
          }
        }
    }));

  test("the client's wishes count: weights, q=0, identity, and what there is", () =>
    withApp({}, async (ask) => {
      const best = zstdDecompressSync === undefined ? "gzip" : "zstd";
      for (const [accept, encoding] of [
        [undefined, "identity"],
        ["", "identity"],
        ["identity", "identity"],
        ["gzip", "gzip"],
        ["GZIP", "gzip"],
        ["br, deflate", "identity"],
        ["gzip;q=0", "identity"],
        ["gzip;q=0.5, identity", "identity"],
        ["gzip;q=0.5, identity;q=0.1", "gzip"],
        ["gzip, deflate, br, zstd", best],
        ["zstd;q=0.1, gzip", "gzip"],
        ["*", best],
        ["gzip;q=0, *;q=0.1", best === "zstd" ? "zstd" : "identity"],
      ] as const)
        expect([accept, await encodingOf(ask, "/docs", accept)]).toEqual([accept, encoding]);
      for (const accept of ["identity;q=0", "*;q=0", "br, identity;q=0"]) {
        const refused = await ask("GET", "/v1/sources", { headers: { "accept-encoding": accept } });
        expect([refused.status, refused.json.code]).toEqual([406, "not_acceptable"]);
      }
      // An answer of a few bytes is as it is, unless the client refuses that.
      expect(await encodingOf(ask, "/healthz", "gzip")).toBe("identity");
      expect(await encodingOf(ask, "/healthz", "gzip, identity;q=0")).toBe("gzip");
    }));

  test("caches are told that answers differ by it, and an ETag holds for all of them", () =>
    withApp({}, async (ask) => {
      await ask("POST", "/v1/readings", { body: BODY });
      for (const path of ["/v1/daily", "/v1/quality"]) {
        const [plain, packed] = [
          await ask("GET", path),
          await ask("GET", path, { headers: { "accept-encoding": "gzip" } }),
        ];
        expect(plain.headers["vary"]).toBe("accept, authorization, accept-encoding");
        expect(packed.headers["vary"]).toBe("accept, authorization, accept-encoding");
        const { etag } = packed.headers;
        expect(etag).toMatch(/^W\/"[\w-]+"$/);
        expect(plain.headers["etag"]).toBe(etag);
        const headers = { "accept-encoding": "gzip", "if-none-match": etag! };
        const again = await ask("GET", path, { headers });
        expect([again.status, again.text, again.headers["etag"], again.headers["vary"]]).toEqual([
          ...[304, "", etag],
          "accept, authorization, accept-encoding",
        ]);
        expect(again.headers["content-encoding"]).toBeUndefined();
      }
    }));

  test("HEAD tells the same headers, without a body", () =>
    withApp({}, async (ask) => {
      await ask("POST", "/v1/readings", { body: BODY });
      for (const path of PATHS.slice(0, 3)) {
        const headers = { "accept-encoding": "gzip" };
        const [get, head] = [await ask("GET", path, { headers }), await ask("HEAD", path, { headers })];
        expect([head.status, head.text]).toEqual([200, ""]);
        for (const name of ["content-encoding", "content-type", "vary", "etag"])
          expect([path, name, head.headers[name]]).toEqual([path, name, get.headers[name]]);
      }
    }));
});

test("few answers are compressed while they are sent at a time; more are sent as they are", async () => {
  const compress = compression();
  const replyTo = (accept: string) => {
    const headers: Record<string, unknown> = { "content-type": "text/csv" };
    const reply = {
      ...{ statusCode: 200, request: { method: "GET", headers: { "accept-encoding": accept } } },
      getHeader: (name: string) => headers[name],
      header: (name: string, value: unknown) =>
        Object.assign(reply, { headers: Object.assign(headers, { [name]: value }) }),
      removeHeader: () => reply,
    };
    return reply as unknown as FastifyReply;
  };
  const begun: Readable[] = [];
  const compressed = (accept = "gzip") => {
    const plain = new Readable({ read() {} });
    const sent = compress(replyTo(accept), plain) as Readable;
    begun.push(sent);
    return sent !== plain;
  };
  while (begun.length < 1000 && compressed());
  expect(begun.length).toBeLessThan(1000);
  expect(compressed("gzip, identity;q=0")).toBe(true);
  begun[0]!.destroy();
  begun.at(-1)!.destroy();
  await until("there is room again", () => compressed());
  for (const stream of begun) stream.destroy();
});

test("an answer that is compressed while it is sent holds its rows until its client has it, or leaves", () =>
  withService({ limits: { rows: 2000 } }, async (service) => {
    // Text that hardly compresses in each of a thousand rows: more than any system keeps for a connection.
    const body = reading("2024-01-31T13:05:00Z", 0.1, randomBytes(750_000).toString("base64url"));
    expect((await send(service, "POST", "/v1/readings", { body })).status).toBe(201);
    const socket = connect(Number(new URL(service.address).port), "127.0.0.1");
    const begun = new Promise<Buffer>((resolve) => socket.once("readable", () => resolve(socket.read(800))));
    const path = "/v1/hourly?from=2024-01-01&to=2024-02-10&by=source";
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\n\r\n`);
    const head = String(await within("the beginning of the answer", begun));
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(head).toContain("content-encoding: gzip\r\n");
    expect(await metric(service, "electro_answer_rows")).toBe(24 * 41);
    socket.destroy();
    await until("the rows are given back", async () => (await metric(service, "electro_answer_rows")) === 0);
  }));
