// `node scripts/try-proxies.mjs`: the Caddy and nginx blocks of docs/service.md before a real service, with ports of loopback
// and without certificates. Needs both programs (`apt-get install nginx caddy`); ends within a minute.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./ready.mjs";

const MAIN = join(root, "dist/bin/electro.js");
/** An address of the client that is not the proxy's. */
const CLIENT = "127.0.0.9";
const MAX_BODY = "8MB";
const READING = `${JSON.stringify({ timestamp: "2024-01-31T13:05:00Z", kWh_value: 0.1, meter_id: "a" })}\n`;

/** @type {Record<string, (block: string, proxy: number, service: number, folder: string) => [name: string, text: string, ...args: string[]]>} */
const PROXIES = {
  caddyfile: (block, proxy, service) => [
    "Caddyfile",
    `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${replaced(block, [/^electro\.example\.com/m, `http://127.0.0.1:${proxy}, http://localhost:${proxy}`], ["127.0.0.1:8080", `127.0.0.1:${service}`])}`,
    ..."caddy run --adapter caddyfile --config Caddyfile".split(" "),
  ],
  nginx: (block, proxy, service, folder) => {
    const server = replaced(
      block,
      ["listen 443 ssl;", `listen 127.0.0.1:${proxy};`],
      ["127.0.0.1:8080", `127.0.0.1:${service}`],
      [/^ *ssl_certificate.*\n/m, ""],
      [/^ *ssl_certificate_key.*\n/m, ""],
    );
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    return [
      "nginx.conf",
      `daemon off;\nuser root;\npid ${folder}/pid;\nerror_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n${paths.join("\n")}\n${server}\n}\n`,
      ..."nginx -e stderr -p . -c nginx.conf".split(" "),
    ];
  },
};

let failed = 0;
let passed = 0;
for (const kind of Object.keys(PROXIES)) await tryProxy(kind);
console.log(`proxies: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function tryProxy(/** @type {string} */ kind) {
  const block = new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "ms").exec(
    readFileSync(join(root, "docs/service.md"), "utf8"),
  )?.[1];
  if (block === undefined) throw new Error(`docs/service.md has no block of ${kind}`);
  const folder = mkdtempSync(join(tmpdir(), "electro-proxies-"));
  const { stdout } = spawnSync(process.execPath, [MAIN, "token", "add", "a", "--scope", "read,write"], {
    cwd: folder,
    encoding: "utf8",
  });
  const authorization = `Bearer ${stdout.trim()}`;
  const closed = await startService(
    folder,
    "--tokens",
    "electro-tokens.json",
    "--trusted-proxy",
    "127.0.0.1",
    "--max-body",
    MAX_BODY,
  );
  const open = await startService(mkdtempSync(join(folder, "open-")));
  /** @type {import("node:child_process").ChildProcess[]} */
  const proxies = [];
  try {
    const [before, beforeOpen] = [
      await startProxy(kind, block, closed.port, folder, proxies),
      await startProxy(kind, block, open.port, folder, proxies),
    ];
    const asked = (/** @type {object} */ options, /** @type {string | undefined} */ body = undefined) =>
      ask(before, { headers: { authorization }, ...options }, body);
    const post = {
      method: "POST",
      path: "/v1/readings",
      headers: { authorization, "content-type": "application/x-ndjson" },
    };

    const sent = await asked(post, READING);
    hold(kind, "readings are taken", sent.status === 201 && sent.json.readings === 1, sent);
    const large = await asked(post, READING.repeat(60_000));
    hold(kind, "also some megabytes of them", large.status === 201 && large.json.readings === 60_000, large);
    const day = await asked({ path: "/v1/daily?from=2024-01-31&to=2024-01-31" });
    hold(kind, "their sum is told", day.json?.rows?.[0]?.aggregated_kWh_value === "6000.1", day);
    const hours = await asked({
      path: "/v1/hourly?from=2016-01-01&to=2024-12-31",
      headers: { authorization, accept: "text/csv" },
    });
    hold(kind, "a long answer comes whole", hours.text.split("\n").length === 24 * 3288 + 2, { status: hours.status });
    const nobody = await ask(before, { path: "/v1/daily" });
    hold(kind, "tokens are asked for", nobody.status === 401, nobody);

    const forged = {
      authorization,
      "x-forwarded-for": "203.0.113.9",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9",
    };
    await asked({ path: "/v1/sources", headers: forged });
    const { client } = (await closed.line((line) => line.path === "/v1/sources")) ?? {};
    hold(kind, "the log names the client, not what it says of itself", client === CLIENT, { client });

    const endless = await asked({ ...post, endless: true }, READING.repeat(200_000));
    hold(
      kind,
      "a body is passed on before it has ended",
      endless.status === 413 && endless.json.code === "body_too_large",
      endless,
    );

    const refused = await ask(beforeOpen, { path: "/v1/daily", headers: { host: `localhost:${beforeOpen}` } });
    hold(
      kind,
      "without tokens nothing is taken",
      refused.status === 403 && refused.json.code === "proxied_without_tokens",
      refused,
    );
  } finally {
    for (const child of [...proxies, closed.child, open.child]) {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function hold(
  /** @type {string} */ kind,
  /** @type {string} */ what,
  /** @type {boolean} */ right,
  /** @type {object} */ got,
) {
  if (right) passed++;
  else failed++;
  console.log(`${right ? "ok    " : "FAILED"} ${kind}: ${what}${right ? "" : ` ${JSON.stringify(got).slice(0, 500)}`}`);
}

function replaced(/** @type {string} */ text, /** @type {[string | RegExp, string][]} */ ...changes) {
  for (const [what, by] of changes) {
    const changed = text.replace(what, by);
    if (changed === text) throw new Error(`docs/service.md: nothing like ${what} to be replaced`);
    text = changed;
  }
  return text;
}

async function startService(/** @type {string} */ cwd, /** @type {string[]} */ ...args) {
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--log-format", "json", ...args], {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
  });
  /** @type {any[]} */
  const lines = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(JSON.parse(line)));
  const line = (/** @type {(line: any) => boolean} */ wanted) => until(() => lines.find(wanted));
  const { address } = (await line(({ code }) => code === "listening")) ?? {};
  if (address === undefined) throw new Error(JSON.stringify(lines));
  return { child, line, port: Number(new URL(address).port) };
}

async function startProxy(
  /** @type {string} */ kind,
  /** @type {string} */ block,
  /** @type {number} */ service,
  /** @type {string} */ parent,
  /** @type {import("node:child_process").ChildProcess[]} */ proxies,
) {
  const port = await freePort();
  const folder = mkdtempSync(join(parent, "proxy-"));
  const [name, text, program = "", ...args] = /** @type {NonNullable<typeof PROXIES[string]>} */ (PROXIES[kind])(
    block,
    port,
    service,
    folder,
  );
  writeFileSync(join(folder, name), text);
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  proxies.push(child);
  let said = "";
  child.stderr.on("data", (piece) => {
    said += piece;
  });
  child.on("error", (error) => {
    said += error.message;
  });
  const there = await until(async () => {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`${program} ended (apt-get install ${program}, if it is not there): ${said}`);
    return (await answers(port)) || undefined;
  });
  if (there !== true) throw new Error(`${program} does not listen: ${said}`);
  return port;
}

function answers(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** @template T @param {() => T | undefined | Promise<T | undefined>} what @returns {Promise<T | undefined>} */
async function until(what) {
  for (const ends = Date.now() + 20_000; Date.now() < ends; await sleep(20)) {
    const found = await what();
    if (found !== undefined) return found;
  }
  return undefined;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @returns {Promise<{ status: number, text: string, json: any }>} */
function ask(
  /** @type {number} */ port,
  /** @type {any} */ { endless = false, ...options },
  /** @type {string | undefined} */ body = undefined,
) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, localAddress: CLIENT, agent: false, timeout: 30_000, ...options });
    sent.on("timeout", () => sent.destroy(new Error(`no answer to ${options.path}`)));
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.on("error", reject).on("data", (piece) => {
        text += piece;
      });
      response.on("end", () => {
        const json = /json/.test(response.headers["content-type"] ?? "") ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, text, json });
        sent.on("error", () => {}).destroy();
      });
    });
    if (endless) sent.write(body);
    else sent.end(body);
  });
}
