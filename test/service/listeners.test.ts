// slow: not of the fast lane
/** Many who listen to events, such that do not read, and such that are gone: at a service, and at one in a process of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until, within } from "../wait.mjs";
import { listen } from "./listen.js";
import { metric, pass, type Running, reading, send, stopTime, withService } from "./support.js";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const listeners = (service: { address: string }) => metric(service as Running, "electro_event_streams");
const put = (service: { address: string }, body: string) => send(service, "POST", "/v1/readings", { body });

test("who does not read is cut off, and others hear on", () =>
  withService({}, async (service) => {
    stopTime();
    const one = await listen(service);
    const socket = connect(Number(new URL(service.address).port), "127.0.0.1").on("error", () => {});
    socket.write("GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await until("both listen", async () => (await listeners(service)) === 2);
    socket.pause();
    const cutOff = 'electro_connections_cut_off_total{reason="too_slow"}';
    // However much the system keeps for it, at some time it is full.
    await until("it is cut off", async () => {
      pass(2000 * 15_000);
      return (await listeners(service)) === 1;
    });
    expect((await send(service, "GET", "/metrics")).text).toContain(`${cutOff} 1\n`);
    await put(service, reading("2024-01-31T13:05:00Z", 1, "a"));
    await one.change(1);
    for (const each of [one, { close: () => socket.destroy() }]) each.close();
  }));

test("a process with many listeners tells each of every version, frees those that are gone, and stops at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-listeners-"));
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--log-format", "json"], {
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
      void ended.then(() => reject(new Error("it did not start")));
    });
    const service = { address: await within("the service's address", listening) };
    const all = await Promise.all(Array.from({ length: 300 }, () => listen(service)));
    expect(await listeners(service)).toBe(300);
    const [gone, left] = [all.slice(0, 150), all.slice(150)];
    for (const one of gone) one.close();
    await until("those that are gone are freed", async () => (await listeners(service)) === 150);
    const last = 30;
    await Promise.all(
      Array.from({ length: last }, (_, n) => put(service, reading("2024-01-31T13:05:00Z", 1, `m${n}`))),
    );
    const { json } = await send(service, "GET", "/v1/sources");
    expect(json.sources).toHaveLength(last);
    // Batches that were written together are one version, and each is told of once.
    const told = ({ changes }: (typeof left)[number]) => changes.reduce((sum, { sources }) => sum + sources, 0);
    await until("all is told to all", () => left.every((one) => told(one) === last));
    for (const { changes } of left) {
      const versions = changes.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    }
    child.kill("SIGTERM");
    expect(await within("the end of the service", ended)).toBe(143);
    await until("all have ended", () => left.every(({ end }) => end !== undefined));
    // It closes connections that it waits for in vain in the middle of their responses.
    expect(new Set(left.map(({ end }) => end))).toEqual(new Set(["whole"]));
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
