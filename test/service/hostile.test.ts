// slow: not of the fast lane
/** Clients that mean harm, or are broken: they are answered or cut off, keep nothing in the store, and harm no other. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../dist/service/http/limits.js";
import { until } from "../wait.mjs";
import { metric, pass, type Running, reading, send, stopTime, withService } from "./support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const HEAD = "POST /v1/readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n";

/** Sends bytes and collects what comes back until the connection is closed. */
function raw(service: Running, ...bytes: (string | Buffer)[]): { socket: Socket; closed: Promise<string> } {
  const { port } = new URL(service.address);
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  socket.on("data", (piece) => {
    text += piece.toString("latin1");
  });
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(text));
  });
  for (const piece of bytes) socket.write(piece);
  return { socket, closed };
}

async function expectUnharmed(service: Running, batches = 0): Promise<void> {
  expect((await send(service, "GET", "/v1/batches")).json.batches).toHaveLength(batches);
  expect((await send(service, "POST", "/v1/readings", { body: ONE })).status).toBe(201);
}

/** Lets time go by until the service has closed a connection; what it said. */
async function toldInTime({ socket, closed }: ReturnType<typeof raw>): Promise<string> {
  await until("the service closes the connection", () => {
    pass(LIMITS.idleTimeout);
    return socket.closed;
  });
  return closed;
}

const waiting = (service: Running) => metric(service, "electro_bodies_waiting");

describe("clients that are slow", () => {
  test("get an error when headers do not arrive", () =>
    withService({ limits: { idleTimeout: 400 } }, async (service) => {
      const answer = await raw(service, "POST /v1/readings HTTP/1.1\r\nhost: local").closed;
      expect(answer).toMatch(/^HTTP\/1.1 408 .*"code":"too_slow"/s);
      // Others may lose so little patience, too.
      const body = { body: ONE };
      await until("another is served", async () => (await send(service, "POST", "/v1/readings", body)).status === 201);
      expect((await service.store.state()).batches).toBe(1);
    }));

  test("get an error when bodies do not arrive, small or large", () =>
    withService({}, async (service) => {
      stopTime();
      for (const slow of [
        raw(service, `${HEAD}content-length: 1000\r\n\r\n`, ONE),
        raw(service, `${HEAD}transfer-encoding: chunked\r\n\r\n20000\r\n`, Buffer.alloc(100_000, " ")),
      ])
        expect(await toldInTime(slow)).toMatch(/^HTTP\/1.1 408 .*"code":"too_slow"/s);
      await expectUnharmed(service);
    }));

  test("that do not read their response lose their place to others", () =>
    withService({ limits: { bodies: 1, sendTimeout: 2e9 } }, async (service) => {
      stopTime();
      // With such ids an answer has 2 GB: more than any system keeps for a connection.
      const body = ["a", "b"].map((id) => reading("2024-01-31T13:05:00Z", 0.1, id.repeat(1e6))).join("");
      const head = HEAD.replace(
        "/v1/readings",
        "/v1/aggregate?resolution=hour&by=source&from=2024-01-01&to=2024-02-11",
      );
      const { socket } = raw(service, `${head}content-length: ${body.length}\r\n\r\n${body}`);
      await once(socket, "data");
      socket.pause();
      const large = ONE.repeat(3000);
      await until("the place is another's", async () => {
        const sending = send(service, "POST", "/v1/readings", { body: large });
        let told = false;
        void sending.finally(() => {
          told = true;
        });
        for (let half = 0; half < 2; half++) {
          await until("a body waits, or is read", async () => told || (await waiting(service)) === 1);
          pass(LIMITS.idleTimeout / 2);
        }
        // While the system still takes some of the answer, its client has time.
        return (await sending).status === 201;
      });
      socket.destroy();
      await expectUnharmed(service, 1);
    }));

  test("wait for a place, and get an error when there is none", () =>
    withService({ limits: { bodies: 2 } }, async (service) => {
      stopTime();
      const large = ONE.repeat(10_000);
      const many = await Promise.all(
        Array.from({ length: 8 }, () => send(service, "POST", "/v1/readings", { body: large })),
      );
      expect(many.map(({ status }) => status)).toEqual(many.map(() => 201));
      // Large batches get into the store when the test says so.
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      let held = 0;
      const { store } = service;
      const ingest = store.ingest.bind(store);
      store.ingest = async (batch) => {
        if (batch.readings > 1) {
          held++;
          await opened;
        }
        return ingest(batch);
      };
      const holders = [1, 2].map(() => send(service, "POST", "/v1/readings", { body: large }));
      await until("two places are taken", () => held === 2);
      const refused = send(service, "POST", "/v1/readings", { body: large });
      await until("a third body waits", async () => (await waiting(service)) === 1);
      pass(LIMITS.idleTimeout);
      const answer = await refused;
      expect([answer.status, answer.json.code]).toEqual([503, "busy"]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      // Small bodies need no place.
      expect((await send(service, "POST", "/v1/readings", { body: ONE })).status).toBe(201);
      open();
      expect((await Promise.all(holders)).map(({ status }) => status)).toEqual([201, 201]);
    }));

  test("lose their place to others who wait for one", () =>
    withService({ limits: { bodies: 2 } }, async (service) => {
      stopTime();
      const large = ONE.repeat(10_000);
      const holders = [1, 2].map(() =>
        raw(service, `${HEAD}content-length: 9000000\r\n\r\n`, Buffer.alloc(100_000, "\n")),
      );
      await until("two places are taken", async () => (await metric(service, "electro_bodies_reading")) === 2);
      const others = [1, 2].map(() => send(service, "POST", "/v1/readings", { body: large }));
      await until("two bodies wait", async () => (await waiting(service)) === 2);
      // Sooner than who sends nothing is told so where nobody waits.
      pass(LIMITS.idleTimeout / 3);
      expect((await Promise.all(others)).map(({ status }) => status)).toEqual([201, 201]);
      for (const told of await Promise.all(holders.map(toldInTime))) {
        expect(told).toMatch(/^HTTP\/1.1 408 /);
        expect(told).toContain("others waited for the body's place");
      }
      await expectUnharmed(service, 2);
    }));

  test("that disconnect half-way, with small bodies or large, leave nothing behind", () =>
    withService({}, async (service) => {
      let left = 0;
      for (const [length, bytes] of [
        [1000, 500],
        [9_000_000, 300_000],
      ] as const)
        for (const part of [0, 0.1, 0.5, 1]) {
          // When it is told to go on, the service has begun with it.
          const { socket, closed } = raw(service, `${HEAD}expect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`);
          await once(socket, "data");
          socket.write(ONE.repeat((part * bytes) / ONE.length));
          if (left++ % 2 === 0) socket.destroy();
          else socket.resetAndDestroy();
          await closed;
        }
      const gone = () => service.log.filter(({ code }) => code === "gone").length;
      await until("the service has seen all of them leave", () => gone() === left);
      await expectUnharmed(service);
      expect(service.log.filter(({ level }) => level === "error")).toEqual([]);
    }));
});

describe("bodies that are too large", () => {
  test("are refused by their Content-Length, before they arrive", () =>
    withService({}, async (service) => {
      const { closed } = raw(service, `${HEAD}content-length: 10000000000\r\n\r\n`);
      expect(await closed).toMatch(/^HTTP\/1.1 413 .*"code":"body_too_large"/s);
      const expecting = raw(service, `${HEAD}expect: 100-continue\r\ncontent-length: 10000000000\r\n\r\n`);
      expect(await expecting.closed).toMatch(/^HTTP\/1.1 413 /);
      const { closed: small, socket } = raw(
        service,
        `${HEAD}connection: close\r\nexpect: 100-continue\r\ncontent-length: ${ONE.length}\r\n\r\n`,
      );
      socket.write(ONE);
      expect(await small).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /);
      await expectUnharmed(service, 1);
    }));

  test("and never end are refused at the limit, with little memory", () =>
    withService({ limits: { body: 8_000_000 } }, async (service) => {
      const before = process.memoryUsage().rss;
      const { socket, closed } = raw(service, `${HEAD}transfer-encoding: chunked\r\n\r\n`);
      const block = Buffer.from(ONE.repeat(16_384 / ONE.length));
      let sent = 0;
      let open = true;
      void closed.then(() => {
        open = false;
      });
      while (open && sent < 2e9) {
        const more = socket.write(
          Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from("\r\n")]),
        );
        sent += block.length;
        if (!more) await Promise.race([closed, new Promise((resolve) => socket.once("drain", resolve))]);
      }
      expect(await closed).toMatch(/^HTTP\/1.1 413 .*"code":"body_too_large"/s);
      expect(process.memoryUsage().rss - before).toBeLessThan(250e6);
      await expectUnharmed(service);
    }));

  test("and arrive byte by byte are counted like any other", () =>
    withService({}, async (service) => {
      const body = Array.from({ length: 20_000 }, (_, n) => reading("2024-01-31T13:05:00Z", n % 7, `m${n % 9}`)).join(
        "",
      );
      const chunks = `1\r\n${[...body].join("\r\n1\r\n")}\r\n0\r\n\r\n`;
      const { closed } = raw(
        service,
        `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n`,
        Buffer.from(chunks),
      );
      // Handed over piece by piece, they would take the thread that receives them longer than a test may.
      expect(await closed).toMatch(/^HTTP\/1.1 201 .*"readings":20000,.*"sources":9,/s);
      await expectUnharmed(service, 1);
    }));

  test("when decompressed are refused", () =>
    withService({ limits: { unpacked: 16e6 } }, async (service) => {
      const headers = { "content-encoding": "gzip" };
      const zeros = gzipSync(Buffer.alloc(100e6));
      const readings = gzipSync(ONE.repeat(1_000_000));
      for (const path of ["/v1/readings", "/v1/aggregate?resolution=day"]) {
        const answer = await send(service, "POST", path, { body: readings, headers });
        expect([answer.status, answer.json.code]).toEqual([413, "unpacked_too_large"]);
        expect((await send(service, "POST", path, { body: zeros, headers })).status).toBeGreaterThanOrEqual(413);
      }
      await expectUnharmed(service);
    }));

  test("in sources or cells are refused; merely large ones are not", () =>
    withService({ limits: { sources: 40_000, heap: 32e6 } }, async (service) => {
      const sources = (count: number) =>
        Array.from(
          { length: count },
          (_, i) => `{"timestamp":"2024-01-31T13:05:00Z","kWh_value":1,"meter_id":"m${i}"}\n`,
        );
      const many = await send(service, "POST", "/v1/readings", { body: sources(40_000).join("") });
      expect([many.status, many.json.sources]).toEqual([201, 40_000]);
      const more = await send(service, "POST", "/v1/readings", { body: sources(40_001).join("") });
      expect([more.status, more.json.code]).toEqual([422, "too_many_sources"]);
      const sparse = Array.from({ length: 150_000 }, (_, i) =>
        reading(new Date(Date.UTC(1950, 0, 1) + i * 5 * 3600_000).toISOString(), 1),
      );
      const wide = await send(service, "POST", "/v1/readings", { body: sparse.join("") });
      expect([wide.status, wide.json.code]).toEqual([422, "too_many_cells"]);
      expect((await send(service, "GET", "/v1/batches")).json.batches).toHaveLength(1);
    }));
});

describe("bodies that take too much memory together", () => {
  const body = Array.from({ length: 30_000 }, (_, i) =>
    reading(new Date(Date.UTC(1950, 0, 1) + i * 20 * 3600_000).toISOString(), 1),
  ).join("");
  const path = "/v1/aggregate?resolution=day&from=2024-01-01&to=2024-01-01";

  test("are read one after another", () =>
    withService({ limits: { heap: 20e6 } }, async (service) => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => send(service, "POST", path, { body })));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }));

  test("get an error to try again when the first does not end", () =>
    withService({ limits: { heap: 20e6, idleTimeout: 2500 } }, async (service) => {
      // The thread that reads bodies goes by the clock; here nothing is told to be late.
      stopTime();
      const { socket, closed } = raw(service, `${HEAD}content-length: 200000000\r\n\r\n`, body);
      // Until the one that does not end has been read so far.
      await until("a body is refused", async () => {
        socket.write("\n");
        const answer = await send(service, "POST", path, { body });
        return answer.status === 503 && answer.json.code === "busy";
      });
      socket.destroy();
      await closed;
      await until("a body is read", async () => (await send(service, "POST", path, { body })).status === 200);
    }));
});

describe("a connection without a valid request", () => {
  test("gets an error, or is cut off", () =>
    withService({}, async (service) => {
      const tls = Buffer.from("16030100c8010000c40303", "hex");
      const many = await Promise.all(
        [
          raw(service, "rubbish\r\n\r\n"),
          raw(service, Buffer.concat([tls, randomBytes(200)])),
          raw(service, randomBytes(10_000), "\r\n\r\n"),
          raw(service, `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n`),
          raw(service, `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`),
          raw(service, `${HEAD}x: ${"y".repeat(100_000)}\r\n\r\n`),
          raw(service, "GET /v1/daily HTTP/1.1\r\nconnection: close\r\n\r\n"),
        ].map(({ closed }) => closed),
      );
      for (const answer of many) expect(answer).toMatch(/^HTTP\/1.1 4\d\d .*|^$/);
      expect(many[0]).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s);
      expect(many[5]).toMatch(/^HTTP\/1.1 431 .*"status":431/s);
      await expectUnharmed(service);
    }));

  test("that has another name for this machine gets nothing from a service without tokens", () =>
    withService({}, async (service) => {
      const hosts: [string, string][] = [
        ["localhost", "200"],
        ["127.0.0.1:80", "200"],
        ["[::1]:8080", "200"],
        ["LOCALHOST", "200"],
        ["localhost.:8080", "200"],
        ["Localhost.", "200"],
        ["localhost..", "403"],
        ["evil.example", "403"],
        ["localhost.evil.example:8080", "403"],
        ["127.0.0.1.evil.example", "403"],
        ["192.168.0.1", "403"],
      ];
      for (const [host, status] of hosts) {
        const { closed } = raw(service, `GET /v1/daily HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
        expect([host, (await closed).slice(9, 12)]).toEqual([host, status]);
      }
    }));
});

test("500 connections at once are all served", () =>
  withService({}, async (service) => {
    const body = `${HEAD}content-length: ${ONE.length}\r\n\r\n${ONE}`;
    const all = Array.from({ length: 500 }, () => raw(service));
    await Promise.all(all.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
    const answers = all.map(
      ({ socket }) => new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data)))),
    );
    for (const { socket } of all) socket.write(body);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 201 /);
    for (const { socket } of all) socket.destroy();
    const { json } = await send(service, "GET", "/v1/daily");
    expect(json.rows[0].aggregated_kWh_value).toBe("50");
  }));

test("a client that does not read its response does not hold up others", () =>
  withService({}, async (service) => {
    await send(service, "POST", "/v1/readings", { body: ONE });
    const { socket, closed } = raw(
      service,
      "GET /v1/hourly?from=2016-01-01&to=2025-12-31 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    await once(socket, "data");
    socket.pause();
    await expectUnharmed(service, 1);
    socket.resume();
    socket.destroy();
    await closed;
  }));
