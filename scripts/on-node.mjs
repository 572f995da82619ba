// `node scripts/on-node.mjs MAJOR [ZONE]`: the short part of the tests, with the packed command among it, under
// another major of Node (the npm package `node` brings it) and with the system's clock in ZONE.
import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { ready, root } from "./ready.mjs";

// What depends on Node most: npm and the packed command, whole runs and their signals, its time zone data, its unpackers,
// the native engine, the HTTP server.
const SHORT = [
  ...["test/house/pack", "test/cli/golden", "test/cli/process", "test/time/zone", "test/tally"],
  ...["test/input/unpack", "test/input/stream", "test/input/resolve"],
  ...["test/service/routes/readings", "test/service/http/compression"],
];

const [major = "", zone = "America/St_Johns"] = process.argv.slice(2);
if (!/^\d+$/.test(major)) {
  console.error("usage: node scripts/on-node.mjs MAJOR [ZONE]");
  process.exit(2);
}
ready({ tests: true });
const found = spawnSync("npx", ["-y", "--loglevel=error", `node@${major}`, "-p", "process.execPath"], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
  shell: process.platform === "win32",
});
const node = found.stdout?.trim();
if (found.status !== 0 || !node) {
  console.error(`Node ${major} could not be had from the npm registry (npx -y node@${major}).`);
  process.exit(1);
}
const env = {
  ...process.env,
  PATH: `${dirname(node)}${delimiter}${process.env["PATH"]}`,
  ELECTRO_TEST_TZ: zone,
  ELECTRO_TEST_REPORT: `.cache/test/node-${major}.json`,
};
const { stdout: version } = spawnSync(node, ["--version"], { encoding: "utf8" });
console.log(`The short part of the tests on Node ${version.trim()}, clock in ${zone}`);
const { status } = spawnSync(node, ["node_modules/vitest/vitest.mjs", "run", ...SHORT], {
  cwd: root,
  stdio: "inherit",
  env,
});
process.exitCode = status ?? 1;
