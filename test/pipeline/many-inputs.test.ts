/** A file per meter and day is an ordinary case: thousands of inputs, on any number of threads, and stopped at any stage. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveInputs } from "../../dist/input/resolve.js";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { loadFiles } from "../../dist/jobs/load.js";
import { qualityOfFiles } from "../../dist/jobs/quality.js";
import type { RunEvent } from "../../dist/pipeline/event.js";
import { until } from "../wait.mjs";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
/** Together more than the 8 MiB from which on several threads read. */
const FILES = 12_000;
const METERS = 50;
const DAYS = 240;
const HOURS = [1, 2, 5, 6, 9, 10, 13, 14, 22, 23];
/** Every so many files there is one with a bad record, or one that is no JSON at all. */
const BAD = 997;
const BROKEN = 3001;
/** Of these a few, for what does not need as many. */
const SOME = 1500;

let folder: string;
let children: ChildProcess[] = [];
/** 10⁻³ kWh of each day, by meter. */
const expected = new Map<string, Map<string, number>>();

function readingsOf(n: number): string[] {
  const meter = `meter-${n % METERS}`;
  const day = new Date(Date.UTC(2024, 0, 1 + (Math.floor(n / METERS) % DAYS))).toISOString().slice(0, 10);
  return HOURS.map((hour) => {
    const milli = (n * 7 + hour * 13) % 5000;
    const days = expected.get(day) ?? new Map<string, number>();
    expected.set(day, days.set(meter, (days.get(meter) ?? 0) + milli));
    return `{"timestamp":"${day}T${String(hour).padStart(2, "0")}:00:00Z","kWh_value":${milli / 1000},"meter_id":"${meter}"}`;
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-many-"));
  mkdirSync(join(folder, "in"));
  for (const name of ["broken", "some"]) mkdirSync(join(folder, name));
  for (let n = 0; n < FILES; n++) {
    const records = readingsOf(n);
    if (n % BAD === 0) records.splice(2, 0, `{"timestamp":"yesterday","kWh_value":${n}}`);
    writeFileSync(join(folder, "in", `${n}.json`), `[${records.join(",\n")}]\n`);
    if (n % BROKEN === 0) writeFileSync(join(folder, "broken", `${n}.json`), `[${records.join(",\n")}\n`);
    if (n < SOME) writeFileSync(join(folder, "some", `${n}.json`), `[${records.join(",\n")}]\n`);
  }
  // So that several threads read these, too.
  writeFileSync(join(folder, "some", "more.json"), " ".repeat(8 * 1024 * 1024));
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function electro(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

async function ended(child: ChildProcess) {
  const [[status], stdout, stderr] = await Promise.all([once(child, "exit"), text(child.stdout!), text(child.stderr!)]);
  children = children.filter((one) => one !== child);
  return { status, stdout, stderr };
}

test("thousands of files give the same bytes and messages on one, two and three threads, and the right sums", async () => {
  const outcomes = [];
  for (const workers of ["1", "2", "3"]) {
    const options = ["--workers", workers, "--by-source", "--with-counts", "--on-error", "skip", "--hash-inputs", "-v"];
    const { status, stderr } = await ended(electro("aggregate", "in", "-o", "out", ...options));
    expect(status).toBe(0);
    const files = readdirSync(join(folder, "out")).map((name) => [
      name,
      readFileSync(join(folder, "out", name), "utf8"),
    ]);
    rmSync(join(folder, "out"), { recursive: true });
    // Not how the command was called.
    outcomes.push({ stderr, files: Object.fromEntries(files) as Record<string, string> });
  }
  const [one, ...others] = outcomes;
  for (const other of others) {
    expect(other.stderr === one!.stderr).toBe(true);
    expect(Object.keys(other.files)).toEqual(Object.keys(one!.files));
    for (const [name, text] of Object.entries(other.files)) expect(text === one!.files[name], name).toBe(true);
  }
  const rows = one!.files["daily_data.csv"]!.trimEnd().split("\n").slice(1);
  for (const row of rows) {
    const [day, meter, kWh, count] = row.split(",") as [string, string, string, string];
    const milli = expected.get(day)?.get(meter);
    expect({ row, kWh: Number(kWh), count }).toEqual({
      row,
      kWh: milli! / 1000,
      count: String((HOURS.length * FILES) / (DAYS * METERS)),
    });
  }
  expect(rows).toHaveLength(DAYS * METERS);
  const { inputs, totals } = JSON.parse(one!.files["manifest.json"]!);
  expect(totals).toMatchObject({ readings: HOURS.length * FILES, rejected: Math.ceil(FILES / BAD), sources: METERS });
  const names = Array.from({ length: FILES }, (_, n) => `in/${n}.json`).sort();
  expect(inputs.map(({ name }: { name: string }) => name)).toEqual(names);
  const bad = names.filter((name) => Number(/\d+/.exec(name)) % BAD === 0);
  const rejected = one!.files["rejected.ndjson"]!.trimEnd().split("\n");
  expect(rejected.map((line) => JSON.parse(line))).toMatchObject(bad.map((input) => ({ input, record: 3, line: 3 })));
});

test("what cannot be read is told in the order of the inputs", async () => {
  const failed = (stderr: string) => [...stderr.matchAll(/^error: (broken\/\d+\.json): /gm)].map(([, name]) => name);
  const runs = await Promise.all(
    ["1", "2"].map((workers) =>
      ended(electro("aggregate", "broken", "in", "--workers", workers, "-o", `out${workers}`)),
    ),
  );
  expect(runs[1]!.stderr === runs[0]!.stderr).toBe(true);
  expect(runs.map(({ status }) => status)).toEqual([1, 1]);
  expect(failed(runs[0]!.stderr)).toEqual(
    readdirSync(join(folder, "broken"))
      .map((name) => `broken/${name}`)
      .sort(),
  );
});

describe("is stopped", () => {
  const reason = new Error("enough");
  /** Aborts as soon as the event loop turns. */
  const soon = () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(reason));
    return controller.signal;
  };

  test.each([["some"], ["s*"], ["some/*.json"]])("while %s is listed", async (name) => {
    await expect(resolveInputs([name], { cwd: folder, exclude: [], signal: soon() })).rejects.toBe(reason);
  });

  test("while files that are named are looked at", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `some/${n}.json`);
    await expect(resolveInputs(names, { cwd: folder, exclude: [], signal: soon() })).rejects.toBe(reason);
  });

  const isRejected = (event: RunEvent) => event.kind === "warning" && event.code === "rejected";
  // Each stage is told by the first event of it, or the last before it.
  const stages: [string, number, boolean, (event: RunEvent) => boolean][] = [
    ["scanned", 1, false, ({ kind }) => kind === "progress"],
    ["scanned", 2, false, ({ kind }) => kind === "progress"],
    ["told of", 2, false, (event) => event.kind === "detail" && event.message.startsWith("some/")],
    ["hashed", 1, true, isRejected],
    ["written", 1, false, isRejected],
  ];
  test.each(stages)("while inputs are %s with %i workers", async (_, workers, hashInputs, begun) => {
    const controller = new AbortController();
    const onEvent = (event: RunEvent) => {
      if (begun(event)) controller.abort(reason);
    };
    const context = { cwd: folder, signal: controller.signal, onEvent };
    const options = { workers, hashInputs, onError: "skip", output: "stopped" } as const;
    await expect(aggregateFiles(["some"], options, context)).rejects.toBe(reason);
    expect(existsSync(join(folder, "stopped"))).toBe(false);
  });

  test("when the quality of files is told", async () => {
    const controller = new AbortController();
    const onEvent = ({ kind }: RunEvent) => {
      if (kind === "warning") setImmediate(() => controller.abort(reason));
    };
    const context = { cwd: folder, signal: controller.signal, onEvent };
    await expect(qualityOfFiles(["some"], { onError: "skip" }, context)).rejects.toBe(reason);
  });

  test("before anything is loaded", async () => {
    const context = { cwd: folder, signal: soon() };
    await expect(loadFiles(["some"], { store: `duckdb:${join(folder, "none.duckdb")}` }, context)).rejects.toBe(reason);
    expect(existsSync(join(folder, "none.duckdb"))).toBe(false);
  });

  test.each([["1"], ["2"]])("by a signal, as a process with %s workers", async (workers) => {
    const output = join(folder, "signalled");
    await until("a run is stopped before its end", async () => {
      const child = electro("aggregate", "in", "-o", "signalled", "--workers", workers, "--on-error", "skip");
      // The folder is made once the inputs are known, before any is read.
      await until("the output folder is there", () => existsSync(output) || child.exitCode !== null);
      child.kill("SIGINT");
      const { status, stderr } = await ended(child);
      if (status === 0) {
        rmSync(output, { recursive: true });
        return false;
      }
      expect(status).toBe(130);
      expect(stderr).toContain("stopped by SIGINT; the output folder is as it was\n");
      expect(existsSync(output)).toBe(false);
      return true;
    });
  });
});
