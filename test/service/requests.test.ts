// slow: not of the fast lane
/** What is wrong with a request is said, in one form, with the status that HTTP has for it. */
import { describe, expect, test } from "vitest";
import type { Access } from "../../dist/service/auth/access.js";
import { PROBLEMS } from "../../dist/service/http/problem.js";
import { type Answer, reading, send, withService } from "./support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const [, title] = PROBLEMS[code as keyof typeof PROBLEMS];
  expect(answer.json).toMatchObject({ type: `/docs#${code}`, title, status, detail: expect.any(String) });
  expect(answer.json.request_id).toBe(answer.headers.get("x-request-id"));
  expect(answer.text).not.toMatch(/node_modules|\/dist\/|at .*\.js:\d/);
}

test("what no call takes", () =>
  withService({}, async (service) => {
    const wrong: [method: string, path: string, status: number, code: string, detail: RegExp][] = [
      ["GET", "/v1/daily?timezon=UTC", 400, "unknown_parameter", /did you mean timezone\?$/],
      [
        "GET",
        "/v1/sources?unit=Wh",
        400,
        "unknown_parameter",
        /there are limit, cursor, prefix, order, from, to, timezone$/,
      ],
      ["GET", "/healthz?x=1", 400, "unknown_parameter", /takes none$/],
      ["GET", "/v1/daily?__proto__=1", 400, "unknown_parameter", /__proto__/],
      ["GET", "/v1/daily?from=2024-02-30", 400, "bad_parameter", /^from: "2024-02-30" is not a day: February 2024/],
      [
        "GET",
        "/v1/daily?from=2024-02-02&to=2024-02-01",
        400,
        "bad_parameter",
        /^from=2024-02-02 is after to=2024-02-01$/,
      ],
      ["GET", "/v1/daily?timezone=Europe/Berln", 400, "bad_parameter", /did you mean Europe\/Berlin\?$/],
      ["GET", "/v1/daily?timezone=+05:30", 400, "bad_parameter", /such as \+01:00; in an address, its plus is %2B$/],
      ["GET", "/v1/daily?timezone=", 400, "bad_parameter", /^timezone: "": it is empty$/],
      ["GET", "/v1/daily?by=sources", 400, "bad_parameter", /did you mean source\?$/],
      ["GET", "/v1/daily?decimals=19", 400, "bad_parameter", /^decimals: "19": it is not a whole number from 0 to 18$/],
      ["GET", "/v1/daily?with_counts=1", 400, "bad_parameter", /it must be true or false$/],
      ["GET", "/v1/daily?from=2024-01-01&from=2024-01-02", 400, "bad_parameter", /^from: it is there twice/],
      ["GET", "/v1/daily?source=%ff", 400, "bad_parameter", /percent-encoded UTF-8/],
      ["GET", "/v1/batches?cursor=x", 400, "bad_cursor", /next/],
      ["GET", `/v1/batches?cursor=${Buffer.from("sm1").toString("base64url")}`, 400, "bad_cursor", /next/],
      ["GET", "/v1/batches?limit=0", 400, "bad_parameter", /1 to 1000/],
      ["GET", "/v1/batches/17", 404, "no_such_batch", /"17"/],
      ["DELETE", "/v1/batches/17", 404, "no_such_batch", /"17"/],
      ["GET", "/v1/nothing", 404, "not_found", /\/docs/],
      ["GET", "/%zz", 400, "bad_request", /address/],
      ["PUT", "/v1/readings", 405, "method_not_allowed", /takes POST, not PUT/],
      ["POST", "/openapi_json", 404, "not_found", /\/docs/],
      ["DELETE", "/v1/batches", 405, "method_not_allowed", /takes GET, HEAD, not DELETE/],
      ["POST", "/v1/batches/17", 405, "method_not_allowed", /not POST/],
      ["OPTIONS", "/v1/daily", 405, "method_not_allowed", /GET/],
    ];
    for (const [method, path, status, code, detail] of wrong) {
      const answer = await send(service, method, path);
      expectProblem(answer, status, code);
      expect([path, answer.json.detail]).toEqual([path, expect.stringMatching(detail)]);
    }
    const put = await send(service, "PUT", "/v1/batches/1");
    expect(put.headers.get("allow")).toBe("GET, HEAD, DELETE");
  }));

test("what no body may be, or say of itself", () =>
  withService({ limits: { body: 2000 } }, async (service) => {
    const types: [Record<string, string>, number, string][] = [
      [{ "content-type": "application/msword" }, 415, "unsupported_type"],
      [{ "content-type": "text/csv; charset=latin1" }, 415, "unsupported_type"],
      [{ "content-type": "application/json-seq" }, 415, "unsupported_type"],
      [{ "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported_type"],
      [{ "content-type": "text/plain; charset=utf-16" }, 415, "unsupported_type"],
      [{ "content-type": "rubbish" }, 415, "unsupported_type"],
      [{ "content-encoding": "br" }, 415, "unsupported_encoding"],
      [{ "content-encoding": "gzip, gzip" }, 415, "unsupported_encoding"],
    ];
    for (const path of ["/v1/readings", "/v1/aggregate?resolution=day"]) {
      for (const [headers, status, code] of types)
        expectProblem(await send(service, "POST", path, { body: ONE, headers }), status, code);
      expectProblem(await send(service, "POST", path, { body: ONE.repeat(100) }), 413, "body_too_large");
      // One that does not say how long it is.
      const stream = new Blob([ONE.repeat(100)]).stream();
      expectProblem(await send(service, "POST", path, { body: stream }), 413, "body_too_large");
      const untyped = await send(service, "POST", path);
      expectProblem(untyped, 415, "unsupported_type");
      for (const type of untyped.headers.get("accept")!.split(", ")) expect(untyped.json.detail).toContain(type);
    }
    expectProblem(await send(service, "POST", "/v1/aggregate", { body: ONE }), 400, "bad_parameter");
    for (const query of [
      "unit=kwh",
      "stamps=middle",
      "records=x",
      "timestamp_field=",
      "input_timezone=Mars",
      "resolution=day",
    ]) {
      const answer = await send(service, "POST", `/v1/readings?${query}`, { body: ONE });
      expect([query, answer.status]).toEqual([query, 400]);
      expect(answer.json.detail).not.toContain("--");
    }
    const same = await send(service, "POST", "/v1/readings?timestamp_field=a&value_field=a", { body: ONE });
    expectProblem(same, 400, "bad_parameter");
    const accept = await send(service, "GET", "/v1/daily", { headers: { accept: "text/html, image/*;q=0.5" } });
    expectProblem(accept, 406, "not_acceptable");
  }));

test("which form of an answer is wanted", () =>
  withService({}, async (service) => {
    const forms: [string, RegExp][] = [
      ["*/*", /json/],
      ["text/*", /csv/],
      ["text/csv", /csv/],
      ["text/csv;q=0.5, application/json", /json/],
      ["text/csv, application/json;q=0.9", /csv/],
      ["text/html,application/xhtml+xml,*/*;q=0.8", /json/],
      ["application/json;q=0, */*", /csv/],
    ];
    for (const [accept, type] of forms) {
      const answer = await send(service, "GET", "/v1/daily", { headers: { accept } });
      expect([accept, answer.headers.get("content-type")]).toEqual([accept, expect.stringMatching(type)]);
    }
  }));

describe("every answer", () => {
  test("has its headers, and the id that the client gave, if that can be one", () =>
    withService({}, async (service) => {
      for (const path of ["/healthz", "/v1/daily", "/nothing"]) {
        const { headers } = await send(service, "GET", path, { headers: { "x-request-id": "a-1.b:2_c" } });
        expect(headers.get("x-request-id")).toBe("a-1.b:2_c");
        expect(headers.get("x-content-type-options")).toBe("nosniff");
        expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      }
      const ids = new Set<string | null>();
      for (const id of [undefined, "a b", "x".repeat(129), "<script>"]) {
        const { headers } = await send(
          service,
          "GET",
          "/healthz",
          id === undefined ? {} : { headers: { "x-request-id": id } },
        );
        ids.add(headers.get("x-request-id"));
        expect(headers.get("x-request-id")).not.toBe(id);
      }
      expect(ids.size).toBe(4);
    }));

  test("is logged and counted, without secrets", () =>
    withService({}, async (service) => {
      const headers = { authorization: "Bearer secret-token", "x-request-id": "one" };
      await send(service, "POST", "/v1/readings?unit=Wh", { body: ONE, headers });
      await send(service, "POST", "/v1/readings", { body: ONE + ONE.replace("0.1", '"x"') });
      await send(service, "POST", "/v1/readings?on_error=skip", { body: ONE + ONE.replace("0.1", '"x"') });
      await send(service, "GET", "/v1/nothing");
      const first = service.log.find(({ code }) => code === "request");
      expect(first).toMatchObject({
        level: "info",
        message: expect.stringMatching(/^POST \/v1\/readings 201 [\d.]+ ms$/),
      });
      expect(first!.fields).toMatchObject({ request_id: "one", method: "POST", path: "/v1/readings", status: 201 });
      expect(JSON.stringify(service.log)).not.toMatch(/secret|meter_id|(?<!\d\.)\b0\.1\b/);
      const { text, headers: got } = await send(service, "GET", "/metrics");
      expect(got.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
      const value = (name: string) =>
        Number(
          text
            .split("\n")
            .find((line) => line.startsWith(`${name} `))
            ?.split(" ")[1],
        );
      expect(value("electro_ingested_readings_total")).toBe(2);
      expect(value('electro_rejected_records_total{reason="bad_value"}')).toBe(2);
      expect(value('electro_batches_total{outcome="stored"}')).toBe(2);
      expect(value('electro_batches_total{outcome="refused"}')).toBe(1);
      expect(value("electro_store_batches")).toBe(2);
      expect(value("electro_store_readings")).toBe(2);
      expect(value("electro_store_queue")).toBe(0);
      expect(value("electro_store_bytes")).toBeGreaterThan(0);
      expect(
        value('electro_http_request_duration_seconds_count{method="POST",route="/v1/readings",status="201"}'),
      ).toBe(2);
      expect(value('electro_http_request_duration_seconds_count{method="GET",route="other",status="404"}')).toBe(1);
    }));

  test("tells the health of the service", () =>
    withService({}, async (service) => {
      expect((await send(service, "GET", "/healthz")).json).toEqual({ status: "ok" });
      expect((await send(service, "GET", "/readyz")).json).toEqual({ status: "ready" });
    }));
});

describe("access", () => {
  const tokens: Access = {
    open: false,
    check: (header) =>
      header === "Bearer r"
        ? { name: "reader", scopes: ["read"] }
        : header === "Bearer w"
          ? { name: "writer", scopes: ["write"] }
          : undefined,
  };

  test("needs a token with the right scope, and the ledger says whose it was", () =>
    withService({ access: tokens }, async (service) => {
      const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
      const calls: [string, string, "read" | "write"][] = [
        ["POST", "/v1/readings", "write"],
        ["POST", "/v1/aggregate?resolution=day", "read"],
        ["GET", "/v1/hourly", "read"],
        ["GET", "/v1/daily", "read"],
        ["GET", "/v1/sources", "read"],
        ["DELETE", "/v1/batches/1", "write"],
        ["GET", "/metrics", "read"],
      ];
      for (const [method, path, scope] of calls) {
        const body = method === "POST" ? { body: ONE } : {};
        const none = await send(service, method, path, body);
        expectProblem(none, 401, "not_authorised");
        expect(none.headers.get("www-authenticate")).toBe('Bearer realm="electro"');
        const wrong = await send(service, method, path, { ...body, ...as("x") });
        expectProblem(wrong, 401, "not_authorised");
        expect(wrong.headers.get("www-authenticate")).toContain("invalid_token");
        expectProblem(
          await send(service, method, path, { ...body, ...as(scope === "read" ? "w" : "r") }),
          403,
          "missing_scope",
        );
        const right = await send(service, method, path, { ...body, ...as(scope === "read" ? "r" : "w") });
        expect([path, right.status < 300 || right.json.code === "no_such_batch"]).toEqual([path, true]);
      }
      const { json } = await send(service, "GET", "/v1/batches", as("r"));
      expect(json.batches.map(({ sender }: { sender: string }) => sender)).toEqual(["writer"]);
      // With either of the two scopes.
      for (const path of ["/v1/batches", "/v1/batches/1", "/v1/batches/1/rejects"]) {
        expectProblem(await send(service, "GET", path), 401, "not_authorised");
        for (const token of ["r", "w"])
          expect((await send(service, "GET", path, as(token))).status).toBe(path.endsWith("batches") ? 200 : 404);
      }
      for (const path of ["/healthz", "/readyz", "/"]) expect((await send(service, "GET", path)).status).toBe(200);
      // Other names are no danger where a token is needed.
      const headers = { ...as("r").headers, origin: "https://elsewhere.example" };
      expect((await send(service, "GET", "/v1/daily", { headers })).status).toBe(200);
    }));

  test("without tokens is for this machine, and not for pages of other sites", () =>
    withService({}, async (service) => {
      const post = (headers: Record<string, string>) => send(service, "POST", "/v1/readings", { body: ONE, headers });
      expectProblem(await post({ origin: "https://evil.example" }), 403, "cross_site");
      expectProblem(await post({ "sec-fetch-site": "cross-site" }), 403, "cross_site");
      expectProblem(await post({ origin: "null" }), 403, "cross_site");
      expect((await post({ origin: service.address, "sec-fetch-site": "same-origin" })).status).toBe(201);
    }));

  test("is limited in how often, for each token", () =>
    withService({ access: tokens, limits: { rate: 5 } }, async (service) => {
      const as = (token: string) => send(service, "GET", "/healthz", { headers: { authorization: `Bearer ${token}` } });
      const many = await Promise.all(Array.from({ length: 12 }, () => send(service, "GET", "/v1/daily")));
      const limited = many.filter(({ status }) => status === 429);
      expect(limited.length).toBeGreaterThan(2);
      expectProblem(limited[0]!, 429, "too_many_requests");
      expect(limited[0]!.headers.get("retry-after")).toBe("1");
      await as("r");
      const other = await send(service, "GET", "/v1/daily", { headers: { authorization: "Bearer r" } });
      expect(other.status).toBe(200);
    }));
});
