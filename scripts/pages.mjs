// `node scripts/pages.mjs [--write] [PAGE…]`: runs the commands of the console blocks of README.md and docs/*.md, each page's in
// one shell, in a folder of its own that has examples/ and docs/tour/, and compares what they print with what the page
// shows. `--write` puts it into the page. A page whose commands call localhost:8080 runs beside a service. A block of code
// begins with the name of a file, and is compared with that file. Commands in `sh` blocks are not run, but their options exist.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { flagsOf } from "../dist/cli/options.js";
import { within } from "../test/wait.mjs";
import { root } from "./ready.mjs";

const SERVICE = ["serve", "--port", "0", "--log-format", "json"];
/** Blocks that have tests of their own: scripts/try-proxies.mjs, and test/service/clients.test.ts. */
const TRIED_ELSEWHERE = ["caddyfile", "nginx", "ts"];
const BLOCK = /^```([a-z]+)\n(.*?)^```$/gms;
/** `$ electro …`, with `\` at the end of a line that goes on. */
const COMMAND = /^\$ (?:.*\\\n)*.*\n/gm;
/** The first line of a block of code: the name of its file, in a comment. */
const FILE = /^(?:\/\/|#) (docs\/tour\/\S+)$/m;
const LINES_OF_JSON = /^\$ (cat|head) .*\.ndjson$/m;
/** JSON that is wider takes several lines. */
const WIDTH = 110;
const END = "\x1e";
/** The commands of a page take seconds; one that waits for ever is ended. */
const SESSION_MS = 240_000;
/** Pages at a time. */
const PARALLEL = 2;
/** What no two runs have in common: tokens, ids of batches and requests, cursors, moments. */
const VARIES = [
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?= +electro_)/g,
  /electro_[a-z2-9]{10}_([\w-]{43}|…)/g,
  /\b\d+-[0-9a-f]{10}\b/g,
  /(?<="(?:request_id|next)": ")[^"]+/g,
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g,
];

const named = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const waiting = named.length > 0 ? named : ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
let commands = 0;
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) await compare(page);
  }),
);
if (commands === 0 && named.length === 0) throw new Error("no page shows a command: nothing was compared");
console.log(`pages: ${commands} commands`);

async function compare(/** @type {string} */ name) {
  const page = join(root, name);
  const before = readFileSync(page, "utf8");
  const shown = [...before.matchAll(BLOCK)].flatMap(([, kind, text = ""]) =>
    kind === "console" ? [...text.matchAll(COMMAND)].map(([command]) => command) : [],
  );
  commands += shown.length;
  const outputs = shown.length === 0 ? [] : await outputsOf(shown);
  let at = 0;
  const after = before.replace(BLOCK, (block, kind, text) => {
    if (TRIED_ELSEWHERE.includes(kind)) return block;
    if (kind === "sh") return checked(name, block);
    if (kind !== "console") return `\`\`\`${kind}\n${code(name, text)}\`\`\``;
    const now = [...text.matchAll(COMMAND)].map(([command]) => command + outputs[at++]).join("");
    const fresh = `\`\`\`console\n${now}\`\`\``;
    return constant(fresh) === constant(block) ? block : fresh;
  });
  if (process.argv.includes("--write")) writeFileSync(page, after);
  else if (after !== before) fail(name, before, after);
}

/** Runs commands in one shell in a folder of their own, and gives the output of each. */
async function outputsOf(/** @type {string[]} */ shown) {
  const folder = mkdtempSync(join(tmpdir(), "electro-page-"));
  try {
    for (const part of ["examples", "docs/tour"]) cpSync(join(root, part), join(folder, part), { recursive: true });
    const bin = join(folder, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(root, join(folder, "node_modules/electro-kwh"));
    symlinkSync(join(root, "dist/bin/electro.js"), join(bin, "electro"));
    writeFileSync(
      join(bin, "duckdb"),
      `#!/bin/sh\nexec "${process.execPath}" "${join(root, "scripts/duckdb.mjs")}" "$@"\n`,
    );
    chmodSync(join(bin, "duckdb"), 0o755);
    return await (shown.some((command) => command.includes("localhost:8080"))
      ? besideService(shown, folder)
      : session(shown, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function session(/** @type {string[]} */ shown, /** @type {string} */ folder, env = {}) {
  const PATH = [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const script = shown.map((command) => `${command.slice(2)}printf '${END}'\n`).join("");
  const child = spawn("sh", ["-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { ...process.env, PATH, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: SESSION_MS,
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  await once(child, "close");
  const outputs = printed.split(END);
  if (outputs.length !== shown.length + 1) throw new Error(`the shell ended early:\n${printed}`);
  return outputs.slice(0, -1).map((output, i) => {
    const text = LINES_OF_JSON.test(shown[i] ?? "") ? output : legible(output);
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  });
}

/** JSON as people read it; anything else as it is. */
function legible(/** @type {string} */ output) {
  if (!/^[{[]/.test(output)) return output;
  try {
    return lines(JSON.parse(output), "");
  } catch {
    return output;
  }
}

/** @returns {string} */
function lines(/** @type {unknown} */ value, /** @type {string} */ indent) {
  const flat = JSON.stringify(value, null, 1).replace(/\n */g, " ");
  if (typeof value !== "object" || value === null || indent.length + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const members = Object.entries(value).map(([name, member]) => {
    const text = lines(member, inner);
    return `${inner}${Array.isArray(value) ? "" : `${JSON.stringify(name)}: `}${text}`;
  });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${members.join(",\n")}\n${indent}${close}`;
}

/** A session beside a service, which curl finds at localhost:8080, whatever its port is. */
async function besideService(/** @type {string[]} */ shown, /** @type {string} */ folder) {
  const main = join(root, "dist/bin/electro.js");
  const child = spawn(process.execPath, [main, ...SERVICE], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  try {
    const listening = new Promise((resolve, reject) => {
      /** @type {string[]} */
      const log = [];
      createInterface({ input: child.stderr }).on("line", (line) => {
        log.push(line);
        const { code, address } = JSON.parse(line);
        if (code === "listening") resolve(new URL(address).port);
      });
      child.on("exit", () => reject(new Error(`the service did not start:\n${log.join("\n")}`)));
    });
    const port = await within("the service's address", listening);
    const curl = join(folder, ".curlrc");
    writeFileSync(curl, `silent\nshow-error\nconnect-to = "localhost:8080:127.0.0.1:${port}"\n`);
    return await session(shown, folder, { CURL_HOME: folder });
  } finally {
    child.removeAllListeners("exit");
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
}

/** A block as it is in each run. */
function constant(/** @type {string} */ block) {
  return VARIES.reduce((text, pattern) => text.replace(pattern, "…"), block);
}

/** The file of a block of code. */
function code(/** @type {string} */ name, /** @type {string} */ text) {
  const file = FILE.exec(text)?.[1];
  if (file === undefined) throw new Error(`${name} shows code that is in no file of docs/tour/:\n${text}`);
  return readFileSync(join(root, file), "utf8");
}

/** A block of commands that are not run: those of electro have options that exist. */
function checked(/** @type {string} */ name, /** @type {string} */ block) {
  for (const [line, command = ""] of block.matchAll(/\belectro ((?!electro )[a-z]+)[^\n|;&)]*/g)) {
    const flags = flagsOf(/** @type {any} */ (command)).map(({ long }) => long);
    const unknown = [...line.matchAll(/ (--[a-z-]+)/g)].filter(([, flag = ""]) => !flags.includes(flag));
    if (flags.length === 0 || unknown.length > 0) throw new Error(`${name} shows what electro does not know: ${line}`);
  }
  return block;
}

function fail(/** @type {string} */ name, /** @type {string} */ before, /** @type {string} */ after) {
  const [is, was] = [after.split("\n"), before.split("\n")];
  const at = is.findIndex((line, i) => constant(line) !== constant(was[i] ?? ""));
  console.error(`${name}:${at + 1} shows:  ${was[at] ?? "(nothing)"}\nbut it prints:  ${is[at] ?? "(nothing)"}`);
  console.error("node scripts/pages.mjs --write brings the page up to date.");
  process.exitCode = 1;
}
