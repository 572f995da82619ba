/** The command as a process: its streams, signals and status, with readings of its own in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until, within } from "../wait.mjs";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
const READING = '{"timestamp":"2024-01-31T13:45:00Z","kWh_value":1.5,"meter_id":"a"}\n';
/** Half a year: rows enough to fill a pipe. */
const PERIOD = ["--from", "2023-10-01", "--to", "2024-03-31"];
const DAYS = 183;

const SUMMARY = `1 reading of 1 source, 2023-10-01 to 2024-03-31 (UTC)
total 1.5 kWh · 4,392 hours, 4,391 of them filled with 0
${DAYS} hourly files and daily_data.csv in output_data/
`;

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-cli-"));
  writeFileSync(join(folder, "a.json"), READING);
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function electro(args: string[], stdio: ("pipe" | "ignore" | number)[] = ["ignore", "pipe", "pipe"]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, "aggregate", ...args], { cwd: folder, stdio });
  children.push(child);
  return child;
}

async function ended(child: ChildProcess) {
  const all = Promise.all([
    once(child, "exit"),
    child.stdout && !child.stdout.destroyed ? text(child.stdout) : "",
    child.stderr && !child.stderr.destroyed ? text(child.stderr) : "",
  ]);
  const [[status], stdout, stderr] = await within("the end of the command", all);
  return { status, stdout, stderr };
}

function expectWholeOutput() {
  expect(readdirSync(join(folder, "output_data")).length).toBe(DAYS + 2);
  const { files } = JSON.parse(readFileSync(join(folder, "output_data/manifest.json"), "utf8")) as { files: unknown[] };
  expect(files.length).toBe(DAYS + 1);
}

test("--json prints what is in manifest.json, and the summary goes to standard error", async () => {
  const { status, stdout, stderr } = await ended(electro(["a.json", "--json", ...PERIOD]));
  expect({ status, stderr }).toEqual({ status: 0, stderr: SUMMARY });
  expect(stdout).toBe(readFileSync(join(folder, "output_data/manifest.json"), "utf8"));
});

describe("a standard output", () => {
  test("that is closed at its first line is no error, and the files are complete", async () => {
    const child = electro(["a.json", "--print", ...PERIOD]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    const all = Promise.all([once(child, "exit"), text(child.stderr!)]);
    const [[status], stderr] = await within("the end of the command", all);
    expect({ status, stderr }).toEqual({ status: 0, stderr: SUMMARY });
    expectWholeOutput();
  });

  test.skipIf(!existsSync("/dev/full"))("that is full is status 1, and the files are complete", async () => {
    const child = electro(["a.json", "--print", ...PERIOD], ["ignore", openSync("/dev/full", "w"), "pipe"]);
    const { status, stderr } = await ended(child);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `${SUMMARY}error: cannot write to standard output: ENOSPC: no space left on device, write; ` +
        "the files in output_data are complete\n",
    );
    expectWholeOutput();
  });
});

test("a standard error that nobody reads is no error", async () => {
  const child = electro(["a.json", "--json", ...PERIOD]);
  child.stderr!.destroy();
  const { status, stdout } = await ended(child);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty("totals");
  expectWholeOutput();
});

describe("an open pipe as standard input", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops it with %d and leaves nothing behind", async (signal, status) => {
    const child = electro(["-", "-v"], ["pipe", "pipe", "pipe"]);
    const ending = ended(child);
    child.stdin!.on("error", () => {});
    child.stdin!.write(READING.repeat(100_000));
    // It takes its folder when it begins to read, and is ready for signals long before.
    await until("the run has begun", () => existsSync(join(folder, "output_data")) || child.exitCode !== null);
    child.kill(signal);
    const end = await ending;
    expect(end).toMatchObject({ status, stdout: "" });
    expect(end.stderr).toMatch(
      new RegExp(`^(debug: .*\n)*error: stopped by ${signal}; the output folder is as it was\n$`),
    );
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  test("does not keep a run alive that has failed", async () => {
    const child = electro(["-", "--timezone", "Mars/Phobos"], ["pipe", "pipe", "pipe"]);
    const { status, stderr } = await ended(child);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .*Mars\/Phobos/);
  });
});
