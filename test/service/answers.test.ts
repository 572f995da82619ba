/** Large answers whose clients take nothing of them, or a little: others are answered, and memory stays bounded. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Running, reading, send, withService } from "./support.js";

const SOURCES = 24;
const HOURS = 24 * 180;
/** Some 10 MB of JSON: more than the system keeps for a connection. */
const QUESTION = "by=source&from=2024-01-01&to=2024-06-28";
const BODY = Array.from({ length: SOURCES }, (_, n) => reading("2024-01-31T13:05:00Z", 0.1, `s${n}`)).join("");
const ROWS = SOURCES * HOURS;

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

const asking = (service: Running, question = QUESTION) => {
  const one = taker(service, `GET /v1/hourly?${question}`);
  one.socket.write("\r\n");
  return one;
};

const statuses = (takers: { status: number }[]) => takers.map(({ status }) => status).sort();

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(20);
}

async function expectWhole(service: Running): Promise<void> {
  const whole = await send(service, "GET", `/v1/hourly?${QUESTION}`, { headers: { accept: "text/csv" } });
  expect([whole.status, whole.text.split("\n").length]).toEqual([200, ROWS + 2]);
}

describe("large answers", () => {
  test("are given to so many clients at a time; others wait, and small ones do not", () =>
    withService({ limits: { rows: ROWS, patience: 2500 } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 7 }, () => asking(service));
      await until(() => statuses(takers).filter((status) => status === 200).length === 4);
      const small = await send(service, "GET", "/v1/hourly?from=2024-01-31&to=2024-01-31");
      expect(small.json.rows).toHaveLength(24);
      // Who waits gets the room of whoever goes.
      takers.find(({ status }) => status === 200)?.socket.destroy();
      await until(() => statuses(takers).filter((status) => status === 200).length === 5);
      await until(() => statuses(takers).every((status) => status !== 0));
      expect(statuses(takers)).toEqual([200, 200, 200, 200, 200, 503, 503]);
      for (const { socket } of takers) socket.destroy();
      await expectWhole(service);
    }));

  test("are over when their clients take too long, or have gone while they waited", () =>
    withService({ limits: { rows: ROWS, patience: 12_000, taking: 5000 } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const takers = Array.from({ length: 4 }, () => asking(service));
      await until(() => statuses(takers).every((status) => status === 200));
      const waiting = Array.from({ length: 4 }, () => asking(service));
      await sleep(300);
      for (const { socket } of waiting) socket.destroy();
      await expectWhole(service);
      // What had been sent before is there to be taken, and then the connection ends, in the middle of the answer.
      for (const { socket } of takers) socket.resume();
      await until(() => takers.every(({ closed }) => closed));
      await Promise.all(Array.from({ length: 6 }, () => expectWhole(service)));
    }));

  test("whose clients leave at any moment are no defects, and leave all of the room", () =>
    withService({ limits: { rows: ROWS, patience: 3000 } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const body = BODY.repeat(50);
      const head = `POST /v1/aggregate?resolution=hour&${QUESTION}`;
      for (let n = 0; n < 30; n++) {
        const one = taker(service, head);
        one.socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
        await sleep(n * 3);
        one.socket.destroy();
      }
      // Several answers on one connection, of which none but the first ever has it.
      for (let n = 0; n < 6; n++) {
        const one = asking(service);
        for (let i = 0; i < 3; i++) one.socket.write(`GET /v1/hourly?${QUESTION} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
        await sleep(n * 60);
        one.socket.destroy();
      }
      await sleep(500);
      const takers = Array.from({ length: 4 }, () => asking(service));
      await until(() => statuses(takers).every((status) => status !== 0));
      expect(statuses(takers)).toEqual([200, 200, 200, 200]);
      for (const { socket } of takers) socket.destroy();
      expect(service.log.filter(({ level }) => level === "error")).toEqual([]);
      expect(service.log.some(({ code }) => code === "gone")).toBe(true);
    }));

  test("of bodies count like those of the store, however small the bodies", () =>
    withService({ limits: { rows: ROWS, patience: 1500 } }, async (service) => {
      const takers = Array.from({ length: 6 }, () => {
        const one = taker(service, `POST /v1/aggregate?resolution=hour&${QUESTION}`);
        one.socket.write(`content-length: ${BODY.length}\r\n\r\n${BODY}`);
        return one;
      });
      await until(() => statuses(takers).every((status) => status !== 0));
      expect(statuses(takers)).toEqual([200, 200, 200, 200, 503, 503]);
      for (const { socket } of takers) socket.destroy();
      const again = await send(service, "POST", `/v1/aggregate?resolution=hour&${QUESTION}`, { body: BODY });
      expect(again.json.rows).toHaveLength(ROWS);
    }));
});
