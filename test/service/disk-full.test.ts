/** A store whose disk is full takes nothing, says so, and goes on when there is room: a small file system, which only root may mount. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withoutTokens } from "../../dist/service/access.js";
import { serve } from "../../dist/service/serve.js";
import { openStore } from "../../dist/store/open.js";
import { send } from "./support.js";

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
