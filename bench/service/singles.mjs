/**
 * One reading a request from many connections that are kept open: requests acknowledged a second. Requests are bytes
 * made beforehand and answers are looked at no further than their status, so that the client takes little of the machine.
 */
import { connect } from "node:net";

/** @returns {Promise<{ acknowledged: number, seconds: number, slowest: number, median: number }>} times of answers in ms */
export async function singles(port, { connections = 100, seconds = 10, meters = 300, first = 0 }) {
  let sent = first;
  let acknowledged = 0;
  const times = [];
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise((resolve, reject) => {
          const socket = connect({ port, host: "127.0.0.1", noDelay: true });
          let at = 0;
          let pending = "";
          const send = () => {
            const n = sent++;
            const second = Date.UTC(2025, 0, 1) / 1000 + Math.floor(n / meters) * 900;
            const body = `{"timestamp":"${new Date(second * 1000).toISOString().slice(0, 19)}Z","kWh_value":0.${String(n % 1000).padStart(3, "0")},"meter_id":"meter-${String(n % meters).padStart(4, "0")}"}`;
            at = performance.now();
            socket.write(
              `POST /v1/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nIdempotency-Key: one-${n}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
            );
          };
          socket.setEncoding("latin1").on("data", (text) => {
            pending += text;
            const head = pending.indexOf("\r\n\r\n");
            if (head < 0) return;
            const length = Number(/\r\ncontent-length: (\d+)/i.exec(pending)?.[1] ?? 0);
            if (pending.length < head + 4 + length) return;
            if (!pending.startsWith("HTTP/1.1 201")) return reject(new Error(pending.slice(0, 600)));
            pending = "";
            acknowledged++;
            times.push(performance.now() - at);
            if (performance.now() < until) send();
            else socket.end(resolve);
          });
          socket.on("error", reject);
          socket.on("connect", send);
        }),
    ),
  );
  times.sort((a, b) => a - b);
  return {
    acknowledged,
    seconds: (performance.now() - began) / 1000,
    median: times[times.length >> 1],
    slowest: times[times.length - 1],
    next: sent,
  };
}
