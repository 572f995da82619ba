/** A service on a port of its own, over a real store in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { type Access, withoutTokens } from "../../dist/service/auth/access.js";
import type { Limits } from "../../dist/service/http/limits.js";
import { openapiDocument } from "../../dist/service/openapi/document.js";
import { type ServeOptions, type Serving, serve } from "../../dist/service/serve.js";
import { openStore } from "../../dist/store/open.js";
import type { Store } from "../../dist/store/store.js";
import { IN_MEMORY } from "../in-memory.js";
import { conformance } from "./conforms.js";

const conforms = conformance(openapiDocument("0"));

export interface Running extends Serving {
  readonly store: Store;
  readonly log: { level: string; code?: string; message: string; fields?: Readonly<Record<string, unknown>> }[];
}

/** Calls `use` with a service that is gone afterwards, and whose store has agreed with itself. */
export async function withService<T>(
  options: { access?: Access; limits?: Partial<Limits>; maxDays?: number } & Partial<
    Pick<ServeOptions, "host" | "files" | "trustedProxies">
  >,
  use: (service: Running) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(IN_MEMORY, "electro-service-"));
  try {
    // Most tests take timestamps from wherever they like.
    const { maxDays = 110_000 } = options;
    const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`, { maxDays });
    const log: Running["log"] = [];
    const serving = await serve({
      store,
      access: options.access ?? withoutTokens,
      host: options.host ?? "127.0.0.1",
      port: 0,
      log: (entry) => log.push(entry),
      limits: options.limits,
      files: options.files,
      trustedProxies: options.trustedProxies,
      // One, however many processors there are: bodies share the memory of their thread.
      threads: 1,
    });
    try {
      const result = await use({ ...serving, store, log });
      const differences = await store.check();
      if (differences.length > 0)
        throw new Error(`the store differs from itself: ${differences.map(({ message }) => message).join("; ")}`);
      return result;
    } finally {
      // Whatever stood still goes on: a service that stops goes by its own timers.
      vi.useRealTimers();
      await serving.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member
  readonly json: any;
}

/** Sends a request, by default with newline-delimited JSON, and reads its answer, which has to be as the document says. */
export async function send(
  { address }: { address: string },
  method: string,
  path: string,
  {
    body,
    headers = {},
  }: { body?: string | Uint8Array | ReadableStream<Uint8Array>; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(address + path, {
    method,
    redirect: "manual",
    headers: { ...(body !== undefined && { "content-type": "application/x-ndjson" }), ...headers },
    ...(body !== undefined && { body, duplex: "half" }),
  } as RequestInit);
  const text = await response.text();
  conforms({ method, path, status: response.status, headers: Object.fromEntries(response.headers), body: text });
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** A number that the service tells of itself at `/metrics`. */
export async function metric(service: Running, name: string): Promise<number> {
  const { text } = await send(service, "GET", "/metrics");
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/**
 * From here to the service's end its own timers stand still, until `pass` lets time go by for them: so a test
 * holds what it waits for, however slow the machine is. Sockets, threads and the waits of the test go on as ever.
 */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
}

/** @param milliseconds that go by at once */
export function pass(milliseconds: number): void {
  vi.advanceTimersByTime(milliseconds);
}

export function reading(timestamp: string, kWh: number | string, source?: string): string {
  return `${JSON.stringify({ timestamp, kWh_value: kWh, ...(source !== undefined && { meter_id: source }) })}\n`;
}
