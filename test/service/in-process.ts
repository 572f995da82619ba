/** The application over a real store, asked without a socket. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type AppOptions, createApp } from "../../dist/service/app.js";
import { withoutTokens } from "../../dist/service/auth/access.js";
import { openapiDocument } from "../../dist/service/openapi/document.js";
import { openStore } from "../../dist/store/open.js";
import type { Store } from "../../dist/store/store.js";
import { IN_MEMORY } from "../in-memory.js";
import { conformance } from "./conforms.js";

const conforms = conformance(openapiDocument("0"));

export interface Asked {
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member
  readonly json: any;
}

export type Ask = (method: string, path: string, asked?: Asked) => Promise<Answered>;

/** Calls `use` with a way to ask an application that is gone afterwards. Answers have to be as the document says. */
export async function withApp<T>(
  options: Partial<AppOptions>,
  use: (ask: Ask, store: Store) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(IN_MEMORY, "electro-app-"));
  const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`, { maxDays: 110_000 });
  const app = createApp({ store, access: withoutTokens, log: () => {}, threads: 1, ...options });
  const ask: Ask = async (method, path, { headers = {}, body } = {}) => {
    const answer = await app.inject({
      method: method as "GET",
      url: path,
      headers: {
        host: "localhost",
        ...(body !== undefined && { "content-type": "application/x-ndjson" }),
        ...headers,
      },
      // A copy: the service moves what it received to another thread.
      ...(body !== undefined && { payload: typeof body === "string" ? body : Buffer.from(body) }),
    });
    const { statusCode: status, rawPayload: bytes, payload: text } = answer;
    const received = answer.headers as Answered["headers"];
    if (received["content-encoding"] === undefined && method !== "OPTIONS")
      conforms({ method, path, status, headers: received, body: bytes });
    return {
      status,
      headers: received,
      bytes,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  };
  try {
    return await use(ask, store);
  } finally {
    await app.close();
    await store.close();
    rmSync(folder, { recursive: true });
  }
}
