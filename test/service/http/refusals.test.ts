// slow: not of the fast lane
/** What HTTP clients may expect before the service looks at what they ask for, byte by byte. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Access } from "../../../dist/service/auth/access.js";
import { until, within } from "../../wait.mjs";
import { type Running, reading, withService } from "../support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const HOST = "host: localhost\r\n";
const LENGTH = `content-length: ${ONE.length}\r\n`;
const NDJSON = "content-type: application/x-ndjson\r\n";
const CONTINUE = "expect: 100-continue\r\n";

function client({ address }: Running, head: string) {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  const seen = { text: "" };
  socket.on("data", (piece) => {
    seen.text += piece.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(head);
  return { socket, seen };
}

/** All that comes back, until the connection ends. */
async function answerOf(service: Running, head: string): Promise<string> {
  const { socket, seen } = client(service, head);
  await within("the end of the connection", once(socket, "close"));
  return seen.text;
}

/** Status and document of an answer that ends its connection. */
async function problemOf(service: Running, head: string) {
  const answer = await answerOf(service, head);
  const [, status] = /^HTTP\/1.1 (\d+) /.exec(answer) ?? [];
  const [headers = "", text = ""] = answer.split("\r\n\r\n");
  expect(headers.toLowerCase()).toContain("content-type: application/problem+json");
  expect(headers.toLowerCase()).toContain(`content-length: ${text.length}`);
  const document = JSON.parse(text);
  expect(document.status).toBe(Number(status));
  expect(document.detail).toMatch(/\w/);
  return { status: Number(status), code: document.code };
}

describe("Expect: 100-continue", () => {
  test("asks for the body once all that the headers say is right", () =>
    withService({}, async (service) => {
      for (const path of ["/v1/readings", "/v1/aggregate?resolution=day"]) {
        const { socket, seen } = client(service, `POST ${path} HTTP/1.1\r\n${HOST}${NDJSON}${CONTINUE}${LENGTH}\r\n`);
        await until("the body is asked for", () => seen.text !== "");
        expect(seen.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
        socket.write(ONE);
        await until("the answer", () => /HTTP\/1.1 20[01] /.test(seen.text));
        socket.destroy();
      }
    }));

  const READER = { name: "r", scopes: ["read"] as const };
  const onlyReads: Access = { open: false, check: (header) => (header === "Bearer r" ? READER : undefined) };
  test("without the right token gets the final answer at once, and never 100", () =>
    withService({ access: onlyReads }, async (service) => {
      const head = `POST /v1/readings HTTP/1.1\r\n${HOST}${CONTINUE}${NDJSON}${LENGTH}`;
      expect(await problemOf(service, `${head}\r\n`)).toMatchObject({ status: 401 });
      expect(await problemOf(service, `${head}authorization: Bearer r\r\n\r\n`)).toMatchObject({ status: 403 });
    }));

  const wrong: [what: string, path: string, headers: string, status: number][] = [
    ["a type that is not taken", "/v1/readings", `content-type: image/png\r\n${LENGTH}`, 415],
    ["an encoding that is not known", "/v1/readings", `content-encoding: br\r\n${NDJSON}${LENGTH}`, 415],
    ["too long a body", "/v1/readings", `${NDJSON}content-length: 10000000000\r\n`, 413],
    ["a wrong parameter", "/v1/readings?unit=apples", NDJSON + LENGTH, 400],
    ["a parameter that is not known", "/v1/aggregate?resolution=day&x=1", NDJSON + LENGTH, 400],
    ["a wrong key", "/v1/readings", `idempotency-key: \x7f\r\n${NDJSON}${LENGTH}`, 400],
    ["a wrong Accept", "/v1/aggregate?resolution=day", `accept: image/png\r\n${NDJSON}${LENGTH}`, 406],
    ["an address where there is nothing", "/v1/nothing", NDJSON + LENGTH, 404],
    ["a call without a body", "/v1/check?x=1", LENGTH, 400],
  ];
  test("with anything wrong in the headers gets the final answer at once, and never 100", () =>
    withService({}, async (service) => {
      for (const [what, path, headers, status] of wrong) {
        const head = `POST ${path} HTTP/1.1\r\n${HOST}${CONTINUE}${headers}\r\n`;
        expect([what, await problemOf(service, head)]).toMatchObject([what, { status }]);
      }
    }));
});

describe("what cannot be answered is refused with a problem document", () => {
  const requests: [what: string, head: string, status: number, code: string][] = [
    ["no Host", "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n", 400, "bad_request"],
    [
      "another expectation",
      `POST /v1/readings HTTP/1.1\r\n${HOST}${NDJSON}expect: the-moon\r\n${LENGTH}\r\n`,
      417,
      "expectation_failed",
    ],
    ["long headers", `GET / HTTP/1.1\r\n${HOST}x: ${"y".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["a long address", `GET /${"y".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431, "headers_too_large"],
    ["no HTTP", "hello\r\n\r\n", 400, "bad_request"],
    ["a method that is none", `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400, "bad_request"],
    ["another method", `TRACE /healthz HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`, 405, "method_not_allowed"],
    [
      "a method of others",
      `PROPFIND /v1/daily HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`,
      405,
      "method_not_allowed",
    ],
    ["a tunnel", `CONNECT example.com:80 HTTP/1.1\r\nhost: example.com\r\n\r\n`, 405, "method_not_allowed"],
    ["a broken address", `GET /%zz HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`, 400, "bad_request"],
    ["two lengths", `POST / HTTP/1.1\r\n${HOST}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400, "bad_request"],
  ];
  test("whoever finds the fault: the application, its framework, or Node", () =>
    withService({}, async (service) => {
      for (const [what, head, status, code] of requests)
        expect([what, await problemOf(service, head)]).toEqual([what, { status, code }]);
    }));

  test("HTTP/1.0 needs no Host, and knows no expectations", () =>
    withService({ access: { open: false, check: () => undefined } }, async (service) => {
      expect(await answerOf(service, "GET /healthz HTTP/1.0\r\nexpect: the-moon\r\n\r\n")).toMatch(/^HTTP\/1.1 200 /);
    }));
});
