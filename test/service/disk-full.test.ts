/** A store whose disk is full takes nothing, says so, and goes on when there is room: a small file system, which only root may mount. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withoutTokens } from "../../dist/service/auth/access.js";
import { serve } from "../../dist/service/serve.js";
import { openStore } from "../../dist/store/open.js";
import { reading, send } from "./support.js";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));

const MB = 1024 * 1024;

test("a full disk", async (context) => {
  const base = mkdtempSync(join(tmpdir(), "electro-full-"));
  const disk = join(base, "disk");
  mkdirSync(disk);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${24 * MB}`, "tmpfs", disk]).status === 0;
  try {
    if (!mounted) context.skip();
    const store = await openStore(`duckdb:${join(disk, "electro.duckdb")}`);
    const log: { code?: string; message: string }[] = [];
    const service = await serve({
      store,
      access: withoutTokens,
      host: "127.0.0.1",
      port: 0,
      log: (entry) => log.push(entry),
    });
    try {
      let sent = 0;
      const kept: string[] = [];
      const next = async () => {
        // No two readings share an hour, so nothing is packed.
        const source = `m${sent}`;
        const lines = Array.from({ length: 2000 }, (_, i) => {
          const at = new Date(Date.UTC(2000, 0, 1) + i * 7_200_000 + sent * 1000).toISOString();
          return `{"timestamp":"${at}","kWh_value":${(i * 7919 + sent * 104729) % 1e6}.${sent + 1},"meter_id":"${source}"}\n`;
        });
        sent++;
        const answer = await send(service, "POST", "/v1/readings", { body: lines.join("") });
        if (answer.status === 201) kept.push(source);
        return answer;
      };
      expect((await next()).status).toBe(201);
      expect((await send(service, "GET", "/readyz")).status).toBe(200);
      const ballast = join(disk, "ballast");
      spawnSync("sh", ["-c", `cat /dev/zero > "${ballast}"`]);
      let refused = await next();
      while (refused.status === 201 && sent < 200) refused = await next();
      expect([refused.status, refused.json.code]).toEqual([507, "disk_full"]);
      expect(refused.text).not.toContain(base);
      expect(log.some(({ code }) => code === "disk_full")).toBe(true);
      const ready = await send(service, "GET", "/readyz");
      expect([ready.status, ready.json.code, ready.headers.get("retry-after")]).toEqual([503, "store_failed", "5"]);
      // What is there can still be asked for.
      expect((await send(service, "GET", "/v1/sources?limit=1000")).json.sources).toHaveLength(kept.length);

      rmSync(ballast);
      expect((await next()).status).toBe(201);
      expect((await send(service, "GET", "/readyz")).status).toBe(200);
      const { json } = await send(service, "GET", "/v1/sources?limit=1000");
      expect(new Set(json.sources.map(({ source_id }: { source_id: string }) => source_id))).toEqual(new Set(kept));
      expect(await store.check()).toEqual([]);
    } finally {
      await service.stop();
    }
  } finally {
    if (mounted) spawnSync("umount", [disk]);
    rmSync(base, { recursive: true, force: true });
  }
});

test("a service that is stopped with its disk full says that the log stayed, and what to copy", async (context) => {
  const base = mkdtempSync(join(tmpdir(), "electro-stop-"));
  const disk = join(base, "disk");
  mkdirSync(disk);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${12 * MB}`, "tmpfs", disk]).status === 0;
  try {
    if (!mounted) context.skip();
    const store = `duckdb:${join(disk, "electro.duckdb")}`;
    const service = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--store", store, "--log-format", "json"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(service, "exit");
    const said: { level: string; code: string; message: string; address: string }[] = [];
    for await (const line of createInterface({ input: service.stderr })) {
      const entry = JSON.parse(line);
      said.push(entry);
      if (entry.code !== "listening") continue;
      const lines = Array.from({ length: 20_000 }, (_, i) =>
        reading(new Date(Date.UTC(2000, 0, 1) + i * 900_000).toISOString(), `${(i * 7919) % 1e6}.12345678${i % 10}`),
      );
      const { status } = await send(entry, "POST", "/v1/readings", { body: lines.join("") });
      expect(status).toBe(201);
      spawnSync("sh", ["-c", `cat /dev/zero > "${join(disk, "ballast")}"`]);
      service.kill("SIGTERM");
    }
    expect(await ended).toEqual([143, null]);
    const left = said.find(({ code }) => code === "log_left");
    expect(left).toMatchObject({ level: "warning", message: expect.stringMatching(/the disk is full, .* copy both/) });
    expect(said.at(-1)!.code).toBe("stopped");

    const codes: string[] = [];
    const readingsIn = async (...ends: string[]) => {
      const copy = mkdtempSync(join(base, "copy-"));
      for (const end of ends) copyFileSync(join(disk, `electro.duckdb${end}`), join(copy, `electro.duckdb${end}`));
      const tell = ({ code }: { code: string }) => codes.push(code);
      const opened = await openStore(`duckdb:${join(copy, "electro.duckdb")}`, { tell });
      const { readings } = await opened.state();
      expect(await opened.check()).toHaveLength(codes.length);
      await opened.close();
      return readings;
    };
    expect([await readingsIn("", ".wal", ".mark"), await readingsIn("", ".wal"), codes]).toEqual([20_000, 20_000, []]);
    // The file alone has nothing of it, and says so.
    expect([await readingsIn(""), codes]).toEqual([0, ["batches_missing"]]);
  } finally {
    if (mounted) spawnSync("umount", [disk]);
    rmSync(base, { recursive: true, force: true });
  }
});
