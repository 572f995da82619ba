/** Connections that want nothing, never end, or are too many: they are cut off, and keep the service from nobody. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../dist/service/http/limits.js";
import { until, within } from "../../wait.mjs";
import { pass, type Running, reading, stopTime, withService } from "../support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const ATTACKER = "127.0.0.2";
const OTHER = "127.0.0.3";
const GET = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const POST = "POST /v1/readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n";

/** A connection that closes only when the service destroys it, with what has come on it. */
function open({ address }: { address: string }, first: string, localAddress = ATTACKER) {
  const { port, hostname } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect({ port: Number(port), host, localAddress, allowHalfOpen: true });
  const one = { socket, text: "", ended: false, closed: false };
  socket.on("data", (piece) => {
    one.text += piece;
  });
  socket.on("end", () => {
    one.ended = true;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    one.closed = true;
  });
  socket.write(first);
  return one;
}

/** One request on a connection of its own. */
function ask({ address }: { address: string }, path: string, { from = OTHER, body = "" } = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = body === "" ? {} : { "content-type": "application/x-ndjson" };
    const method = body === "" ? "GET" : "POST";
    const sent = request(address + path, { method, headers, localAddress: from, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.on("data", (piece) => {
        text += piece;
      });
      response.on("error", reject).on("end", () => resolve({ status: response.statusCode!, text }));
    });
    sent.end(body);
  });
}

/** What a metric says; each look is a connection, which counts. NaN where the one who looks was cut off. */
async function metric(service: Running, name: string): Promise<number> {
  const { text } = await ask(service, "/metrics").catch(() => ({ text: "" }));
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  return Number(line?.split(" ")[1]);
}

/** How many of a kind the lines of the log say were cut off, and how many lines there are. */
function toldOf({ log }: Pick<Running, "log">, reason: string): number {
  const lines = log.filter(({ code }) => code === "cut_off");
  return lines.reduce((sum, { fields }) => sum + Number(fields?.[reason] ?? 0), 0);
}

/** Until a batch is taken: where connections have little time, one of an honest client may end, too. */
async function untilServed(service: Running): Promise<void> {
  const posted = () => ask(service, "/v1/readings", { body: ONE }).catch(() => undefined);
  await until("another client is served", async () => (await posted())?.status === 201);
}

function isOver({ ended, closed }: { ended: boolean; closed: boolean }): boolean {
  return ended || closed;
}

/** Sends some more, if it can. */
function drip({ socket }: { socket: Socket }, bytes: string): void {
  if (bytes !== "" && socket.writable) socket.write(bytes);
}

describe("a connection ends although its client never closes it", () => {
  const ways: [what: string, first: string, bytes: string, reason: string | undefined][] = [
    ["if it sends nothing", "", "", "too_slow"],
    ["if it sends half a header", "GET / HTTP/1.1\r\nhost: local", "", "too_slow"],
    ["if its header does not end", "GET / HTTP/1.1\r\nhost: localhost\r\nx: ", "x", "too_slow"],
    ["if its header does not begin", "", "\r\n", "too_slow"],
    ["if its next header does not begin", GET, "\r\n", undefined],
    ["if its next header does not end", `${GET}GET / HTTP/1.1\r\nx: `, "x", "too_slow"],
    ["if its body does not end", `${POST}content-length: 1000000\r\n\r\n`, "\n", undefined],
    ["if its body is not wanted", `${GET.slice(0, -2)}content-length: 1000000\r\n\r\n`, "x", undefined],
    ["if it is not HTTP", "rubbish\r\n\r\n", "", "not_http"],
    ["if it keeps sending something other than HTTP", "rubbish\r\n\r\n", "rubbish", "not_http"],
  ];
  test.each(ways)("%s", async (_, first, bytes, reason) => {
    // Where one without a request is meant; else it would end for that reason, too.
    const keepAlive = reason === undefined ? 200 : 60_000;
    const service = await withService({ limits: { idleTimeout: 200, keepAlive } }, async (service) => {
      const one = open(service, first);
      await until("it is cut off", async () => {
        drip(one, bytes);
        // Only its own connection is left to the one that looks.
        return isOver(one) && (await metric(service, "electro_connections")) === 1;
      });
      one.socket.destroy();
      const counted = `electro_connections_cut_off_total{reason="${reason}"}`;
      if (reason !== undefined) await until("it is counted", async () => (await metric(service, counted)) > 0);
      await untilServed(service);
      return service;
    });
    if (reason !== undefined) expect(toldOf(service, reason)).toBeGreaterThan(0);
  });

  test("if it was half closed before its request arrived", () =>
    withService({}, async (service) => {
      const one = open(service, "GET / HTTP/1.1\r\n");
      one.socket.end();
      await until("it is over", async () => isOver(one) && (await metric(service, "electro_connections")) === 1);
      one.socket.destroy();
    }));

  test("if the client does not read its responses", () =>
    withService({ limits: { sendTimeout: 300, idleTimeout: 8000, pipelined: 1e6 } }, async (service) => {
      const one = open(service, "");
      one.socket.pause();
      // However much the system keeps for it, at some time it is full.
      const many = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20);
      await until("it is cut off", async () => {
        drip(one, many);
        return (await metric(service, `electro_connections_cut_off_total{reason="too_slow"}`)) > 0;
      });
      one.socket.destroy();
    }));
});

describe("connections of one address", () => {
  test("are limited in number, without affecting others", async () => {
    const service = await withService({ limits: { connectionsOfOne: 3 } }, async (service) => {
      const some = [1, 2, 3].map(() => open(service, GET));
      await until("all are answered", () => some.every(({ text }) => text.endsWith('{"status":"ok"}')));
      const refused = open(service, GET);
      await until("it is refused", () => isOver(refused));
      expect(refused.text).toMatch(/^HTTP\/1.1 503 .*\r\nretry-after: \d+\r\n.*"code":"too_many_connections"/s);
      refused.socket.destroy();
      expect((await ask(service, "/v1/readings", { body: ONE })).status).toBe(201);
      // Those that it has go on, and one that it closes makes room.
      some[0]!.socket.write(GET);
      await until("they are answered", () => some[0]!.text.split('{"status":"ok"}').length === 3);
      some[1]!.socket.destroy();
      await until(
        "it gets another one",
        async () => (await ask(service, "/healthz", { from: ATTACKER })).status === 200,
      );
      for (const { socket } of some) socket.destroy();
      return service;
    });
    expect(toldOf(service, "address_limit")).toBeGreaterThan(0);
  });

  test("are logged in one line even if there are thousands", async () => {
    const service = await withService({ limits: { connectionsOfOne: 10, idleTimeout: 500 } }, async (service) => {
      // Only at its end is it time to tell.
      stopTime();
      const many = Array.from({ length: 1000 }, () => open(service, "GET / HTTP/1.1\r\n"));
      await until("all are over", () => many.every(isOver));
      await untilServed(service);
      for (const { socket } of many) socket.destroy();
      return service;
    });
    expect(toldOf(service, "address_limit") + toldOf(service, "too_slow")).toBeGreaterThanOrEqual(1000);
    expect(service.log.filter(({ code }) => code === "cut_off")).toHaveLength(1);
  });
});

describe("requests of one connection", () => {
  test("may be sent before earlier ones are answered", () =>
    withService({ limits: { pipelined: 10 } }, async (service) => {
      const one = open(service, GET.repeat(10));
      await until("all are answered", () => one.text.split('{"status":"ok"}').length === 11);
      one.socket.destroy();
    }));

  test("are limited in number; beyond it their client gets no connection for a while", () =>
    withService({ limits: { pipelined: 10 } }, async (service) => {
      const one = open(service, GET.repeat(5000));
      await until("it is over", () => isOver(one));
      const next = open(service, GET);
      await until("the next is over", () => isOver(next));
      expect(next.text).not.toContain('{"status":"ok"}');
      for (const { socket } of [one, next]) socket.destroy();
      expect((await ask(service, "/v1/readings", { body: ONE })).status).toBe(201);
    }));
});

describe("the service", () => {
  test("has places for large bodies left, however many one client wants", () =>
    withService({ limits: { bodies: 4 } }, async (service) => {
      // Nobody loses a place, nor the patience to wait for one.
      stopTime();
      const many = Array.from({ length: 30 }, () =>
        open(service, `${POST}content-length: 9000000\r\n\r\n${"\n".repeat(100_000)}`),
      );
      await until("many bodies wait", async () => (await metric(service, "electro_bodies_waiting")) >= 20);
      expect((await ask(service, "/v1/readings", { body: ONE.repeat(3000) })).status).toBe(201);
      for (const { socket } of many) socket.destroy();
    }));

  test("has room for responses left, however many one client requests and does not read", () =>
    withService({ limits: { rows: 3 * 42 * 24, sendTimeout: 2e9 } }, async (service) => {
      stopTime();
      // With ids of 1 MB an answer has 2 GB: more than any system keeps for a connection.
      const ids = ["a".repeat(1e6), "b".repeat(1e6), "c"];
      const body = ids.map((id) => reading("2024-01-31T13:05:00Z", 0.1, id)).join("");
      expect((await ask(service, "/v1/readings", { body })).status).toBe(201);
      const days = (count: number) =>
        `from=2024-01-01&to=${new Date(Date.UTC(2024, 0, count)).toISOString().slice(0, 10)}`;
      const path = `/v1/hourly?by=source&${days(42)}`;
      const many = Array.from({ length: 20 }, () => {
        const one = open(service, `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
        one.socket.pause();
        return one;
      });
      // The last has waited in vain.
      const refused = 'electro_http_request_duration_seconds_count{method="GET",route="/v1/hourly",status="503"}';
      await until("an answer is refused", async () => {
        pass(LIMITS.idleTimeout);
        return (await metric(service, refused)) > 0;
      });
      // As many rows, of an id that is short.
      for (let n = 0; n < 3; n++)
        expect((await ask(service, `/v1/hourly?by=source&source=c&${days(3 * 42)}`)).status).toBe(200);
      for (const { socket } of many) socket.destroy();
    }));
});

describe("a process that may have few files open", () => {
  test("accepts fewer connections, and says so", async () => {
    const service = await withService({ files: 210 }, async (service) => {
      expect(service.log).toContainEqual(
        expect.objectContaining({ level: "warning", code: "few_files", message: expect.stringMatching(/210 .* 10 /) }),
      );
      const some = ["127.0.0.4", "127.0.0.5"].flatMap((from) => [1, 2, 3, 4, 5].map(() => open(service, GET, from)));
      await until("all are answered", () => some.every(({ text }) => text.endsWith('{"status":"ok"}')));
      const { status, text } = await ask(service, "/healthz");
      expect([status, JSON.parse(text).code]).toEqual([503, "busy"]);
      for (const { socket } of some) socket.destroy();
      await until("there is room again", async () => (await ask(service, "/healthz")).status === 200);
      return service;
    });
    expect(toldOf(service, "total_limit")).toBeGreaterThan(0);
  });

  test("keeps what it needs for the store and its threads", async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-files-"));
    const main = fileURLToPath(new URL("../../../dist/bin/electro.js", import.meta.url));
    const command = 'ulimit -n 260 && exec "$0" "$1" serve --port 0 --log-format json';
    const child = spawn("sh", ["-c", command, process.execPath, main], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const listening = new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stderr }).on("line", (line) => {
          const entry = JSON.parse(line);
          if (entry.code === "listening") resolve(entry.address);
        });
        void ended.then(reject);
      });
      const address = await within("the service's address", listening);
      const honest = open({ address }, GET, OTHER);
      await until("the first is answered", () => honest.text.endsWith('{"status":"ok"}'));
      const many = ["127.0.0.4", "127.0.0.5", "127.0.0.6"].flatMap((from) =>
        Array.from({ length: 150 }, () => open({ address }, GET, from)),
      );
      await until("each of the others is answered or refused", () =>
        many.every(({ text, closed, ended }) => text !== "" || closed || ended),
      );
      // A large body is read by a thread that has not been started yet.
      const body = ONE.repeat(3000);
      honest.socket.write(`${POST}content-length: ${body.length}\r\n\r\n${body}`);
      await until("the body is answered", () => /"readings":3000/.test(honest.text) || honest.ended || honest.closed);
      expect(honest.text).toMatch(/HTTP\/1.1 201 .*"readings":3000/s);
      for (const { socket } of [honest, ...many]) socket.destroy();
      child.kill("SIGTERM");
      expect(await within("the end of the service", ended)).toBe(143);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((some) => some?.some(({ address }) => address === "::1"));
test.runIf(hasIpv6)("localhost is both of its addresses, with the same limits", () =>
  withService({ host: "localhost", limits: { connectionsOfOne: 2 } }, async ({ address, ...service }) => {
    const second = { ...service, address: address.replace("127.0.0.1", "[::1]") };
    const some = [1, 2].map(() => open(second, GET, "::1"));
    await until("all are answered", () => some.every(({ text }) => text.endsWith('{"status":"ok"}')));
    const refused = open(second, GET, "::1");
    await until("it is refused", () => isOver(refused));
    expect(refused.text).toContain("too_many_connections");
    expect((await ask({ address }, "/healthz")).status).toBe(200);
    for (const { socket } of [...some, refused]) socket.destroy();
  }),
);
