/** The servers, each a real process on loopback with a fresh folder of its own, stopped by its own process id. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const POSTGRES = "/usr/lib/postgresql/15/bin";

/** Debian's packages that are missing are installed; `false` where that cannot be. */
export function installServers(say) {
  const missing = [
    ["/usr/bin/victoria-metrics", "victoria-metrics"],
    [`${POSTGRES}/postgres`, "postgresql-15"],
  ].filter(([path]) => !existsSync(path));
  if (missing.length === 0) return true;
  say(`installing ${missing.map(([, name]) => name).join(", ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { env, stdio: "ignore" });
  const { status } = spawnSync("apt-get", ["install", "-y", "-qq", ...missing.map(([, name]) => name)], {
    env,
    stdio: "ignore",
  });
  return status === 0;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A started server: where it is, what it takes, how it is stopped. */
async function started(name, folder, args, env, ready, owner) {
  const child = spawn(args[0], args.slice(1), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    ...(owner !== undefined && { uid: owner.uid, gid: owner.gid }),
  });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    messages = (messages + text).slice(-2000);
  });
  const began = performance.now();
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} did not start: ${messages}`);
    if (await ready().catch(() => false)) break;
    if (performance.now() - began > 60_000) throw new Error(`${name} was not ready within a minute: ${messages}`);
    await sleep(20);
  }
  return {
    name,
    folder,
    readyAfter: (performance.now() - began) / 1000,
    pid: child.pid,
    memory: () => memoryOf(child.pid),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      // PostgreSQL's fast shutdown is SIGINT.
      child.kill(name === "PostgreSQL" ? "SIGINT" : "SIGTERM");
      await ended;
    },
  };
}

/** @param store the file of a store; default: a new one in the folder */
export async function startElectro(folder, options = [], store = join(folder, "electro.duckdb")) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  if (folder !== "") mkdirSync(folder, { recursive: true });
  const args = [
    process.execPath,
    COMMAND,
    "serve",
    "--store",
    `duckdb:${store}`,
    "--port",
    String(port),
    "-q",
    ...options,
  ];
  const server = await started("Electro", folder, args, {}, async () => (await fetch(`${url}/readyz`)).ok);
  return { ...server, url, port };
}

export async function startVictoria(folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    "victoria-metrics",
    `-storageDataPath=${folder}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
    "-loggerLevel=ERROR",
  ];
  const server = await started("VictoriaMetrics", folder, args, {}, async () => (await fetch(`${url}/health`)).ok);
  return { ...server, url };
}

/** PostgreSQL refuses to run as root, so it runs as the user that its package has made. */
export async function startPostgres() {
  const port = await freePort();
  const id = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  const owner = { uid: id("-u"), gid: id("-g") };
  const folder = mkdtempSync(join(tmpdir(), "electro-bench-pg-"));
  spawnSync("chown", ["postgres", folder]);
  const data = join(folder, "data");
  const made = spawnSync(`${POSTGRES}/initdb`, ["-D", data, "-A", "trust", "-E", "UTF8", "--locale=C"], {
    ...owner,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const settings = [
    "shared_buffers=1GB",
    "maintenance_work_mem=512MB",
    "work_mem=256MB",
    "max_wal_size=8GB",
    "synchronous_commit=on",
    "fsync=on",
  ];
  const args = [
    `${POSTGRES}/postgres`,
    "-D",
    data,
    "-p",
    String(port),
    "-h",
    "127.0.0.1",
    "-k",
    folder,
    ...settings.flatMap((one) => ["-c", one]),
  ];
  const sql = (text, input) => {
    const run = spawnSync(
      "psql",
      ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text],
      {
        encoding: "utf8",
        ...(input !== undefined && { stdio: [input, "pipe", "pipe"] }),
      },
    );
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout.trim();
  };
  const server = await started("PostgreSQL", folder, args, {}, async () => sql("select 1") === "1", owner);
  return {
    ...server,
    sql,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resident bytes of a process and of those that it started. */
function memoryOf(pid) {
  let pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean)) {
    try {
      const [, resident, shared] = readFileSync(`/proc/${child}/statm`, "utf8").split(" ").map(Number);
      pages += resident - shared;
    } catch {}
  }
  return pages * 4096;
}

/** Bytes on disk of all files in a folder. */
export function diskOf(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      bytes += entry.isDirectory() ? diskOf(path) : statSync(path).blocks * 512;
    } catch {}
  }
  return bytes;
}
