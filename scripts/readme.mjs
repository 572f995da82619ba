// `node scripts/readme.mjs [--write]`: runs the commands of README.md's console blocks, in a folder of their own that
// has examples/ and docs/tour/, and holds what they print to what the page says. `--write` puts it into the page.
// A block of code that begins with the name of a file is held to that file in the same way.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { root } from "./ready.mjs";

const BLOCK = /^```(console|js)\n(.*?)^```$/gms;

const page = join(root, "README.md");
const before = readFileSync(page, "utf8");
const folder = mkdtempSync(join(tmpdir(), "electro-readme-"));
let commands = 0;
try {
  for (const name of ["examples", "docs/tour"]) cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/electro-kwh"));
  symlinkSync(join(root, "dist/bin/electro.js"), join(folder, "node_modules/.bin/electro"));
  const after = before.replace(
    BLOCK,
    (_, kind, text) => `\`\`\`${kind}\n${(kind === "js" ? code : session)(text)}\`\`\``,
  );
  if (process.argv.includes("--write")) writeFileSync(page, after);
  else if (after !== before) fail(after);
  if (commands === 0) throw new Error("README.md shows no command: nothing was checked");
  console.log(`readme: ${commands} commands`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs each command of a block (`$ electro …`, with `\` at the end of a line that goes on) and puts its output below. */
function session(/** @type {string} */ text) {
  const said = [...text.matchAll(/^\$ (?:.*\\\n)*.*\n/gm)].map(([command]) => command);
  return said.map((command) => command + run(command.slice(2))).join("");
}

function run(/** @type {string} */ command) {
  commands++;
  const PATH = [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const { stdout } = spawnSync("sh", ["-c", `exec 2>&1\n${command}`], {
    cwd: folder,
    env: { ...process.env, PATH, NO_COLOR: "1" },
    encoding: "utf8",
  });
  return stdout === "" || stdout.endsWith("\n") ? stdout : `${stdout}\n`;
}

function code(/** @type {string} */ text) {
  const file = /^\/\/ (examples\/\S+)/.exec(text)?.[1];
  return file ? readFileSync(join(root, file), "utf8") : text;
}

function fail(/** @type {string} */ after) {
  const [is, was] = [after.split("\n"), before.split("\n")];
  const at = is.findIndex((line, i) => line !== was[i]);
  console.error(`README.md:${at + 1} says:  ${was[at] ?? "(nothing)"}\nbut it prints:  ${is[at] ?? "(nothing)"}`);
  console.error("node scripts/readme.mjs --write brings the page up to date.");
  process.exitCode = 1;
}
