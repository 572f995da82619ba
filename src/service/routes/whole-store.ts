/** `GET /v1/backup`, `POST /v1/check` and `POST /v1/compact`: they work on the whole store while it is in use. One of each at a time. */
import { unlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { FastifyRequest } from "fastify";
import { RunError, StoreError } from "../../base/errors.js";
import { ClientDisconnected, whileConnected } from "../http/client.js";
import { Problem } from "../http/problem.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";

export const wholeStore: Resource = (app, { store, limits }) => {
  /** Runs a long job: it ends when its client disconnects, but not when the connection is idle. */
  async function withoutIdleTimeout<T>({ raw }: FastifyRequest, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    raw.socket.setTimeout(0);
    try {
      return await whileConnected(raw, job);
    } finally {
      raw.socket.setTimeout(4 * limits.idleTimeout);
    }
  }

  let checking = false;
  app.post("/v1/check", { config: { scope: "admin" } }, async (request) => {
    readQuery(queryOf(request), {});
    if (checking) throw new Problem("busy", "another check is running; try again after it");
    checking = true;
    try {
      const { batches, sources, readings } = await store.state();
      const differences = await withoutIdleTimeout(request, (signal) => store.check(signal));
      return { proven: differences.length === 0, batches, sources, readings, differences };
    } finally {
      checking = false;
    }
  });

  let compacting = false;
  app.post("/v1/compact", { config: { scope: "admin" } }, async (request) => {
    readQuery(queryOf(request), {});
    if (compacting) throw new Problem("busy", "the store is being compacted; try again after it");
    compacting = true;
    try {
      return await withoutIdleTimeout(request, (signal) => store.compact(signal));
    } finally {
      compacting = false;
    }
  });

  let copying = false;
  // HEAD would make a copy only to report its length.
  app.get("/v1/backup", { config: { scope: "admin" }, exposeHeadRoute: false }, async (request, reply) => {
    readQuery(queryOf(request), {});
    if (copying) throw new Problem("busy", "another backup is running; try again after it");
    copying = true;
    let copy: FileHandle;
    let bytes: number;
    try {
      copy = await withoutIdleTimeout(request, (signal) => copyOf((path) => store.backup(path, signal)));
      bytes = (await copy.stat()).size;
    } catch (error) {
      copying = false;
      throw problemOfBackup(error);
    }
    const stream = copy.createReadStream({ start: 0, highWaterMark: 1 << 18 });
    stream.once("close", () => {
      copying = false;
    });
    if (request.raw.socket.destroyed) {
      stream.destroy();
      throw new ClientDisconnected("the client disconnected before its response was ready");
    }
    reply.headers({
      "content-type": "application/octet-stream",
      "content-disposition": 'attachment; filename="electro.duckdb"',
      "content-length": bytes,
      "cache-control": "no-store",
    });
    return reply.send(stream);
  });
};

/** Without a name, the copy disappears as soon as it is no longer read, for whatever reason. */
async function copyOf(backup: (path: undefined) => Promise<string>): Promise<FileHandle> {
  const path = await backup(undefined);
  try {
    return await open(path, "r");
  } finally {
    unlinkSync(path);
  }
}

function problemOfBackup(error: unknown): unknown {
  const { code } = error instanceof RunError ? error : { code: undefined };
  if (code === "backup_running") return new Problem("busy", "another backup is running; try again after it");
  if (code === "disk_full")
    return new Problem(
      "disk_full",
      "the store's disk has no room for a copy of the store, which is made there first; free some space, or stop the service and copy the store with electro backup",
    );
  // Its message names files, so it goes to the log only.
  return code === undefined ? error : new StoreError("store_failed", (error as Error).message, { cause: error });
}
