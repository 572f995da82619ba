import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until, within } from "../wait.mjs";
import { env, root, run, scratch } from "./npm.js";

const reading = '{"timestamp":"2024-01-31T13:45:00Z","kWh_value":1.5}\n';

test("npm start -- ARGS is electro ARGS, says nothing of its own, and leaves what is up to date", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(run("npm", ["start", "-s", "--", "--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("paths count from where the person stands, also below the root", () => {
  const cwd = scratch(join(root, ".cache"));
  writeFileSync(join(cwd, "readings.ndjson"), reading);
  expect(run("npm", ["start", "-s", "--", "aggregate", "readings.ndjson"], { cwd }).status).toBe(0);
  expect(readFileSync(join(cwd, "output_data/daily_data.csv"), "utf8")).toBe(
    "daily_timestamp,aggregated_kWh_value\n2024-01-31,1.5\n",
  );
});

test("without arguments it shows the examples, and writes where the person stands", () => {
  const cwd = scratch(join(root, ".cache"));
  const { status, stdout, stderr } = run("npm", ["start", "-s"], { cwd });
  expect(stderr).toMatch(/^electro aggregate \.\.\/\.\.\/examples --timezone Europe\/Berlin --print$/m);
  expect(stdout).toMatch(/^2026-10-25T02:00:00\+02:00 .*\n2026-10-25T02:00:00\+01:00 /m);
  expect(stdout).toMatch(/^2026-10-26 /m);
  expect(existsSync(join(cwd, "output_data/hourly_data_25_10.csv"))).toBe(true);
  expect(status).toBe(0);
});

test("the exit status is the command's", () => {
  expect(run("npm", ["start", "-s", "--", "aggregate", "--no-such-option"]).status).toBe(2);
  expect(run("npm", ["start", "-s", "--", "aggregate", "no-such-file.json"]).status).toBe(1);
});

test("standard input is the command's", () => {
  const cwd = scratch(join(root, ".cache"));
  const { status, stdout } = run("npm", ["start", "-s", "--", "aggregate", "-", "--json"], { cwd, input: reading });
  expect(status).toBe(0);
  expect(JSON.parse(stdout).totals.kWh).toBe("1.5");
});

test.each([
  ["npm", "SIGTERM", 143],
  ["npm", "SIGINT", 130],
  ["all of a terminal's processes, as Ctrl-C does,", "SIGINT", 130],
] as const)("a signal to %s: %s ends the run with %i, and it leaves nothing", async (to, signal, expected) => {
  const cwd = scratch(join(root, ".cache"));
  const child = spawn("npm", ["start", "-s", "--", "aggregate", "-"], { cwd, env, detached: true });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    child.stdin.write(reading);
    await until("the run has begun", () => existsSync(join(cwd, "output_data")) || child.exitCode !== null);
    process.kill(to === "npm" ? child.pid! : -child.pid!, signal);
    expect(await within("the end of npm", ended)).toBe(expected);
  } finally {
    // All that npm has started is of its group.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
  }
  expect(readdirSync(cwd)).toEqual([]);
});
