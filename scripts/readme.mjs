// `node scripts/readme.mjs [--write]`: runs the commands of the console blocks of README.md and docs/api.md, each page's
// in one shell, in a folder of its own that has examples/ and docs/tour/, and holds what they print to what the page
// says. `--write` puts it into the page. A page that says so runs beside a service. A block of code that begins with
// the name of a file is held to that file in the same way.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { within } from "../test/wait.mjs";
import { root } from "./ready.mjs";

/** Each with the arguments of the service that runs beside it, if one does; its clients call it localhost:8080. */
const PAGES = [
  { name: "README.md" },
  { name: "docs/api.md", service: ["serve", "--port", "0", "--log-format", "json"] },
];
const BLOCK = /^```(console|js)\n(.*?)^```$/gms;
/** `$ electro …`, with `\` at the end of a line that goes on. */
const COMMAND = /^\$ (?:.*\\\n)*.*\n/gm;
/** JSON that is wider takes several lines. */
const WIDTH = 110;
const END = "\x1e";
/** The commands of a page take seconds; one that waits for ever is ended. */
const SESSION_MS = 240_000;
/** What no two runs have in common: tokens, ids of batches and requests, cursors, moments. */
const VARIES = [
  /electro_[a-z2-9]{10}_([\w-]{43}|…)/g,
  /\b\d+-[0-9a-f]{10}\b/g,
  /(?<="(?:request_id|next)": ")[^"]+/g,
  /(?<=never +)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g,
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g,
];

let commands = 0;
for (const page of PAGES) await hold(page);
console.log(`readme: ${commands} commands`);

async function hold(/** @type {{ name: string, service?: string[] }} */ { name, service }) {
  const page = join(root, name);
  const before = readFileSync(page, "utf8");
  const folder = mkdtempSync(join(tmpdir(), "electro-readme-"));
  try {
    for (const part of ["examples", "docs/tour"]) cpSync(join(root, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    symlinkSync(root, join(folder, "node_modules/electro-kwh"));
    symlinkSync(join(root, "dist/bin/electro.js"), join(folder, "node_modules/.bin/electro"));
    const said = [...before.matchAll(BLOCK)].flatMap(([, kind, text = ""]) =>
      kind === "console" ? [...text.matchAll(COMMAND)].map(([command]) => command) : [],
    );
    if (said.length === 0) throw new Error(`${name} shows no command: nothing was checked`);
    const outputs = service === undefined ? session(said, folder) : await beside(service, said, folder);
    let at = 0;
    const after = before.replace(BLOCK, (block, kind, text) => {
      if (kind === "js") return `\`\`\`js\n${code(text)}\`\`\``;
      const shown = [...text.matchAll(COMMAND)].map(([command]) => command + outputs[at++]).join("");
      const now = `\`\`\`console\n${shown}\`\`\``;
      return constant(now) === constant(block) ? block : now;
    });
    commands += said.length;
    if (process.argv.includes("--write")) writeFileSync(page, after);
    else if (after !== before) fail(name, before, after);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs commands in one shell, and gives the output of each. */
function session(/** @type {string[]} */ said, /** @type {string} */ folder, env = {}) {
  const PATH = [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const script = said.map((command) => `${command.slice(2)}printf '${END}'\n`).join("");
  const { stdout } = spawnSync("sh", ["-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { ...process.env, PATH, NO_COLOR: "1", ...env },
    encoding: "utf8",
    timeout: SESSION_MS,
  });
  const outputs = stdout.split(END);
  if (outputs.length !== said.length + 1) throw new Error(`the shell ended early:\n${stdout}`);
  return outputs.map((output) => {
    const text = legible(output);
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

/** The same beside a service, which curl finds at localhost:8080, whatever its port is. */
async function beside(/** @type {string[]} */ args, /** @type {string[]} */ said, /** @type {string} */ folder) {
  const main = join(root, "dist/bin/electro.js");
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
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
    return session(said, folder, { CURL_HOME: folder });
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

function code(/** @type {string} */ text) {
  const file = /^\/\/ (docs\/tour\/\S+)/.exec(text)?.[1];
  return file ? readFileSync(join(root, file), "utf8") : text;
}

function fail(/** @type {string} */ name, /** @type {string} */ before, /** @type {string} */ after) {
  const [is, was] = [after.split("\n"), before.split("\n")];
  const at = is.findIndex((line, i) => constant(line) !== constant(was[i] ?? ""));
  console.error(`${name}:${at + 1} says:  ${was[at] ?? "(nothing)"}\nbut it prints:  ${is[at] ?? "(nothing)"}`);
  console.error("node scripts/readme.mjs --write brings the page up to date.");
  process.exitCode = 1;
}
