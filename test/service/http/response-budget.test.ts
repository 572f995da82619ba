// slow: not of the fast lane
/** Large answers whose clients take nothing of them, or a little: others are answered, and memory stays bounded. */
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../dist/service/http/limits.js";
import { until } from "../../wait.mjs";
import { metric, pass, type Running, reading, send, stopTime, withService } from "../support.js";

/** Each row has a source's id, so that an answer has 2 GB, more than any system keeps for a connection, and is hardly made. */
const IDS = ["a", "b"].map((letter) => letter.repeat(1e6));
const HOURS = 24 * 42;
const ROWS = IDS.length * HOURS;
const PERIOD = "from=2024-01-01&to=2024-02-11&by=source";
const BODY = IDS.map((id) => reading("2024-01-31T13:05:00Z", 0.1, id)).join("");

let clients = 0;

/** Asks without taking more than the first bytes of what comes; `status` is 0 until those are there. */
function taker(service: Running, head: string) {
  const { port } = new URL(service.address);
  // Each is a client of its own: one alone does not get all of the room.
  const localAddress = `127.0.0.${10 + (clients++ % 200)}`;
  const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
  const one = { socket, status: 0, closed: false };
  socket.on("error", () => {});
  socket.on("close", () => {
    one.closed = true;
  });
  socket.once("readable", () => {
    one.status = Number(/^HTTP\/1.1 (\d+)/.exec(String(socket.read(12)))?.[1]);
  });
  socket.write(`${head} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n`);
  return one;
}

type Taker = ReturnType<typeof taker>;

function asking(service: Running): Taker {
  const one = taker(service, `GET /v1/hourly?${PERIOD}`);
  one.socket.write("\r\n");
  return one;
}

/** Asks for the sums of a body. */
function summing(service: Running, path: string, body: string): Taker {
  const one = taker(service, `POST ${path}`);
  one.socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
  return one;
}

const leave = (takers: Taker[]) => takers.forEach(({ socket }) => socket.destroy());

/** Until so many of them are being answered, and so many wait for room. */
async function untilAnswered(service: Running, takers: Taker[], answered: number, waiting: number): Promise<void> {
  const begun = () => takers.filter(({ status }) => status === 200).length === answered;
  await until(`${answered} answers have begun`, begun);
  await until(`${waiting} wait`, async () => (await metric(service, "electro_answers_waiting")) === waiting);
}

/** All of the room has come back, and can be had. */
async function expectRoom(service: Running): Promise<void> {
  await until("all room has come back", async () => (await metric(service, "electro_answer_rows")) === 0);
  const takers = Array.from({ length: 4 }, () => asking(service));
  await untilAnswered(service, takers, 4, 0);
  expect(await metric(service, "electro_answer_rows")).toBe(4 * ROWS);
  leave(takers);
}

/** An answer that takes as much room, and is short: the days of the same hours. */
async function expectWhole(service: Running): Promise<void> {
  const whole = await send(service, "GET", `/v1/daily?${PERIOD}`, { headers: { accept: "text/csv" } });
  expect([whole.status, whole.text.split("\n").length]).toEqual([200, ROWS / 24 + 2]);
}

describe("large responses", () => {
  test("are limited in number; further ones wait, and small ones do not", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 7 }, () => asking(service));
      await untilAnswered(service, takers, 4, 3);
      const small = await send(service, "GET", "/v1/hourly?from=2024-01-31&to=2024-01-31");
      expect(small.json.rows).toHaveLength(24);
      // Who waits gets the room of whoever goes.
      takers.find(({ status }) => status === 200)?.socket.destroy();
      await untilAnswered(service, takers, 5, 2);
      leave(takers);
      await expectWhole(service);
    }));

  test("are refused to clients that have waited too long", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      stopTime();
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 4 }, () => asking(service));
      await untilAnswered(service, takers, 4, 0);
      const refused = send(service, "GET", `/v1/hourly?${PERIOD}`);
      await untilAnswered(service, takers, 4, 1);
      pass(LIMITS.idleTimeout);
      expect((await refused).json).toMatchObject({ status: 503, code: "busy" });
      leave(takers);
      await expectRoom(service);
    }));

  test("end if their clients take too long", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      stopTime();
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 4 }, () => asking(service));
      await untilAnswered(service, takers, 4, 0);
      pass(LIMITS.sendTimeout);
      // What had been sent before is there to be taken, and then the connection ends, in the middle of the answer.
      for (const { socket } of takers) socket.resume();
      await until("all connections are closed", () => takers.every(({ closed }) => closed));
      await expectRoom(service);
    }));

  test("are not held up by clients that disconnected while waiting", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 4 }, () => asking(service));
      await untilAnswered(service, takers, 4, 0);
      const waiting = Array.from({ length: 4 }, () => asking(service));
      await untilAnswered(service, takers, 4, 4);
      leave(waiting);
      await untilAnswered(service, takers, 4, 0);
      leave(takers);
      await expectRoom(service);
    }));

  test("pipelined on a connection are made one after another", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const one = asking(service);
      for (let n = 0; n < 5; n++) one.socket.write(`GET /v1/hourly?${PERIOD} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      await untilAnswered(service, [one], 1, 0);
      expect(await metric(service, "electro_answer_rows")).toBe(ROWS);
      leave([one]);
      await expectRoom(service);
    }));

  test("are not defects if their clients disconnect at any moment, and release the whole budget", () =>
    withService({ limits: { rows: ROWS } }, async (service) => {
      // However slow all of it is, nobody is told to come again.
      stopTime();
      await send(service, "POST", "/v1/readings", { body: BODY });
      /** From here on any moment is as good as another. */
      const moments: [what: string, is: (one: Taker) => boolean | Promise<boolean>][] = [
        ["it is sent", () => true],
        ["it is connected", ({ socket }) => !socket.connecting],
        ["its body is read", async ({ status }) => status > 0 || (await metric(service, "electro_bodies_reading")) > 0],
        ["it has room", async ({ status }) => status > 0 || (await metric(service, "electro_answer_rows")) > 0],
        ["its answer has begun", ({ status }) => status > 0],
      ];
      for (let round = 0; round < 5; round++) {
        for (const [what, is] of moments) {
          const one = summing(service, `/v1/aggregate?resolution=hour&${PERIOD}`, BODY);
          await until(what, () => is(one));
          leave([one]);
        }
        // Several answers on one connection, of which none but the first ever has it.
        for (const n of [0, 1, 3, 4]) {
          const one = asking(service);
          for (let i = 0; i < 3; i++) one.socket.write(`GET /v1/hourly?${PERIOD} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
          const [what, is] = moments[n]!;
          await until(what, () => is(one));
          leave([one]);
        }
      }
      const last = asking(service);
      await untilAnswered(service, [last], 1, 0);
      leave([last]);
      await expectRoom(service);
      expect(service.log.filter(({ level }) => level === "error")).toEqual([]);
      expect(service.log.some(({ code }) => code === "gone")).toBe(true);
    }));

  test("made from bodies count like those of the store, however small the bodies", () => {
    // Ten years of ids of 30 kB are 5 GB.
    const period = "from=2015-01-01&to=2024-12-31&by=source";
    const hours = 24 * 3653;
    const body = (id: number) => BODY.replaceAll(/([ab])\1+/g, (_, letter: string) => letter.repeat(id));
    const path = `/v1/aggregate?resolution=hour&${period}`;
    return withService({ limits: { rows: IDS.length * hours } }, async (service) => {
      // Whoever takes nothing of an answer would be cut off after a while.
      stopTime();
      const takers = [body(30_000), BODY].flatMap((one) => [1, 2, 3].map(() => summing(service, path, one)));
      await untilAnswered(service, takers, 4, 2);
      leave(takers);
      const again = await send(service, "POST", path, { body: body(1), headers: { accept: "text/csv" } });
      expect(again.text.split("\n")).toHaveLength(IDS.length * hours + 2);
    });
  });
});
