/** From options to a job, from its events and its end to what people see: with a job made by hand. */
import { describe, expect, test } from "vitest";
import { RunError, UsageError } from "../../../dist/base/errors.js";
import { CHANGES_MEANING, WARNINGS, type WarningCode } from "../../../dist/base/warning.js";
import { aggregate, type Job } from "../../../dist/cli/commands/aggregate.js";
import type { AggregateFlags } from "../../../dist/cli/options.js";
import type { AggregateOptions } from "../../../dist/jobs/options.js";
import { manifestText } from "../../../dist/output/manifest.js";
import type { RunEvent } from "../../../dist/pipeline/event.js";
import type { RunContext } from "../../../dist/pipeline/run.js";
import { fakeManifest, fakeSummary } from "../fake-run.js";
import { type FakeWorld, fakeWorld } from "../fake-world.js";

const summary = fakeSummary("UTC", "2024-01-31", "2024-01-31", ["1.5"]);
const manifest = fakeManifest({ readings: 1, sources: 1, kWh: "1.5", hoursFilled: 23 });
const result = { manifest, summary, folder: "/data/output_data" };

const SUMMARY = `1 reading of 1 source, 2024-01-31 (UTC)
total 1.5 kWh · 24 hours, 23 of them filled with 0
hourly_data_31_01.csv and daily_data.csv in output_data/
`;

function runOf(
  flags: AggregateFlags,
  job: (context: RunContext, options: AggregateOptions, inputs: readonly string[]) => unknown,
  world: FakeWorld = fakeWorld(),
  inputs: string[] = ["a.json"],
): Promise<number> {
  const whole = async (names: readonly string[], options: AggregateOptions, context: RunContext) =>
    (await job(context, options, names)) ?? result;
  return aggregate(inputs, flags, world, async () => whole as unknown as Job);
}

describe("a run that succeeds", () => {
  test("is told on standard error, with nothing on standard output", async () => {
    const world = fakeWorld();
    expect(await runOf({}, () => result, world)).toBe(0);
    expect(world.stderr.text).toBe(SUMMARY);
    expect(world.stdout.text).toBe("");
  });

  test("--json prints the manifest's own text", async () => {
    const world = fakeWorld();
    expect(await runOf({ json: true }, () => result, world)).toBe(0);
    expect(world.stdout.text).toBe(manifestText(manifest));
    expect(world.stderr.text).toBe(SUMMARY);
  });

  test("--print prints the tables", async () => {
    const world = fakeWorld();
    expect(await runOf({ print: true, quiet: true }, () => result, world)).toBe(0);
    expect(world.stdout.text).toMatch(/^hourly_timestamp .*\n2024-01-31T00:00:00Z +1\.5\n/);
    expect(world.stdout.text).toMatch(/\n\ndaily_timestamp .*\n2024-01-31 +1\.5\n$/);
    expect(world.stderr.text).toBe("");
  });

  test("--log-format json tells it in one object", async () => {
    const world = fakeWorld({ columns: 80 });
    expect(await runOf({ logFormat: "json", output: "out" }, () => result, world)).toBe(0);
    expect(JSON.parse(world.stderr.text)).toEqual({
      time: "2026-01-02T03:04:05.678Z",
      level: "info",
      code: "done",
      message: SUMMARY.replace("output_data", "out").trim().replaceAll("\n", "; "),
      folder: "out",
      period: manifest.period,
      totals: manifest.totals,
    });
    expect(world.stderr.text.endsWith("}\n")).toBe(true);
  });

  test("standard input is handed in only where it is asked for", async () => {
    let context: RunContext | undefined;
    const keep = (given: RunContext) => {
      context = given;
    };
    await runOf({}, keep);
    expect(context?.cwd).toBe("/data");
    expect(context).not.toHaveProperty("stdin");
    await runOf({}, keep, fakeWorld(), ["a.json", "-"]);
    expect(context?.stdin).toBeDefined();
  });

  test("a standard output that nobody reads is no error", async () => {
    const world = fakeWorld();
    world.stdout.gone = true;
    expect(await runOf({ print: true }, () => result, world)).toBe(0);
    expect(world.stderr.text).toBe(SUMMARY);
  });

  test("a standard output that fails is one", async () => {
    const world = fakeWorld();
    world.stdout.gone = true;
    world.stdout.failure = new Error("ENOSPC: no space left on device, write");
    expect(await runOf({ json: true }, () => result, world)).toBe(1);
    expect(world.stderr.text).toBe(
      `${SUMMARY}error: cannot write to standard output: ENOSPC: no space left on device, write; ` +
        "the files in output_data are complete\n",
    );
  });
});

describe("options", () => {
  test("reach the job under the library's names", async () => {
    let seen: unknown;
    const world = fakeWorld();
    const flags: AggregateFlags = {
      print: true,
      quiet: true,
      logFormat: "text",
      decimals: 3,
      memory: 2e9,
      bySource: true,
    };
    const keep = (_: RunContext, options: AggregateOptions, inputs: readonly string[]) => {
      seen = [inputs, options];
    };
    await runOf(flags, keep, world, ["a.json", "b/"]);
    expect(seen).toEqual([["a.json", "b/"], { decimals: 3, memory: 2e9, bySource: true }]);
  });
});

describe("events", () => {
  const events = ({ onEvent }: RunContext) => {
    onEvent?.({ kind: "progress", bytes: 10, totalBytes: 20, readings: 1, rejected: 0 });
    onEvent?.({ kind: "warning", code: "register", message: "meter 7: seems to have cumulative meter readings" });
    onEvent?.({ kind: "detail", message: "2 workers" });
    onEvent?.({ kind: "rejected", message: "a.json: record 7 (line 9): no kWh_value\x1b[2J", extra: false });
    for (let i = 0; i < 1234; i++) onEvent?.({ kind: "rejected", message: `a.json: record ${i}`, extra: true });
    return {
      ...result,
      manifest: fakeManifest({
        ...manifest.totals,
        rejected: 1235,
        rejectedByReason: { value: 1200, timestamp: 35, id: 0 },
      }),
    };
  };

  test("are lines, bad records beyond the first counted", async () => {
    const world = fakeWorld();
    expect(await runOf({ onError: "skip" }, events, world)).toBe(0);
    expect(world.stderr.text.split("\n").slice(0, 3)).toEqual([
      "warning: meter 7: seems to have cumulative meter readings",
      "a.json: record 7 (line 9): no kWh_value\\x1b[2J",
      "… and 1,234 more; -v shows them",
    ]);
  });

  test("-v shows all", async () => {
    const world = fakeWorld();
    await runOf({ onError: "skip", verbose: true }, events, world);
    const lines = world.stderr.text.split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "warning: meter 7: seems to have cumulative meter readings",
      "debug: 2 workers",
      "a.json: record 7 (line 9): no kWh_value\\x1b[2J",
      "a.json: record 0",
    ]);
    expect(lines.length).toBe(3 + 1234 + 3 + 1);
  });

  test("a warning comes below the bad records that were before it", async () => {
    const world = fakeWorld();
    const job = ({ onEvent }: RunContext) => {
      for (let i = 0; i < 3; i++) onEvent?.({ kind: "rejected", message: `record ${i}`, extra: i > 0 });
      onEvent?.({ kind: "warning", code: "end_stamps", message: "odd" });
      onEvent?.({ kind: "rejected", message: "record 3", extra: true });
      onEvent?.({ kind: "warning", code: "end_stamps", message: "also odd" });
    };
    await runOf({ onError: "skip" }, job, world);
    expect(world.stderr.text).toBe(
      `record 0\n… and 2 more; -v shows them\nwarning: odd\n… and 1 more; -v shows them\nwarning: also odd\n${SUMMARY}`,
    );
  });

  test("--strict makes warnings errors, which -q shows", async () => {
    const world = fakeWorld();
    await runOf(
      { strict: true, quiet: true },
      ({ onEvent }) => onEvent?.({ kind: "warning", code: "end_stamps", message: "odd" }),
      world,
    );
    expect(world.stderr.text).toBe("error: odd\n");
  });

  test("-q shows bad records where they fail the run, and not where they are set aside", async () => {
    const [skip, fail] = [fakeWorld(), fakeWorld()];
    await runOf({ onError: "skip", quiet: true }, events, skip);
    expect(skip.stderr.text).toBe("warning: meter 7: seems to have cumulative meter readings\n");
    expect(await runOf({ quiet: true }, (context) => void events(context), fail)).toBe(0);
    expect(fail.stderr.text.split("\n")).toContain("a.json: record 7 (line 9): no kWh_value\\x1b[2J");
  });

  test("-q shows the warnings that change what a number means", async () => {
    const world = fakeWorld();
    const warn = ({ onEvent }: { onEvent?: (event: RunEvent) => void }) => {
      for (const code of Object.keys(WARNINGS) as WarningCode[]) onEvent?.({ kind: "warning", code, message: code });
    };
    await runOf({ quiet: true }, warn as never, world);
    const shown = world.stderr.text.trim().split("\n");
    expect(shown).toContain("warning: no_offset");
    expect(shown).not.toContain("warning: rounded");
    expect(shown.map((line) => line.replace("warning: ", "")).sort()).toEqual([...CHANGES_MEANING].sort());
  });

  test("each is one JSON object with --log-format json", async () => {
    const world = fakeWorld();
    await runOf({ logFormat: "json", onError: "skip" }, events, world);
    const lines = world.stderr.text.trimEnd().split("\n");
    expect(
      lines
        .map((line) => JSON.parse(line) as { level: string; code: string })
        .map(({ level, code }) => `${level} ${code}`),
    ).toEqual(["warning register", "warning bad_record", "warning more_bad_records", "info done"]);
  });

  test("make the bar go before a line, on a terminal only", async () => {
    const later = (world: FakeWorld) => (context: RunContext) => {
      world.time += 1000;
      return events(context);
    };
    const [terminal, pipe, dumb] = [
      fakeWorld({ columns: 80 }),
      fakeWorld(),
      fakeWorld({ columns: 80, env: { TERM: "dumb" } }),
    ];
    await runOf({}, later(terminal), terminal);
    expect(terminal.stderr.text).toMatch(
      /^\r\x1b\[2K 50% ━+─+ [^\n]*readings?\r\x1b\[2K\x1b\[33mwarning:\x1b\[0m meter/,
    );
    for (const world of [pipe, dumb]) {
      await runOf({}, later(world), world);
      expect(world.stderr.text).toMatch(/^warning: /);
    }
  });
});

describe("a run that fails", () => {
  const fails = (error: unknown) => () => {
    throw error;
  };

  test("ends with 1, its message, and -v with the cause", async () => {
    const error = new RunError("broken_gzip", "a.gz: ends\nearly", { cause: new Error("unexpected end of file") });
    const [plain, verbose] = [fakeWorld(), fakeWorld()];
    expect(await runOf({}, fails(error), plain)).toBe(1);
    expect(plain.stderr.text).toBe("error: a.gz: ends\\nearly\n");
    expect(await runOf({ verbose: true }, fails(error), verbose)).toBe(1);
    expect(verbose.stderr.text).toBe("error: a.gz: ends\\nearly\ndebug: caused by: Error: unexpected end of file\n");
  });

  test("ends with 2 for wrong usage", async () => {
    const world = fakeWorld();
    expect(await runOf({ logFormat: "json" }, fails(new UsageError("unknown_zone", "no zone Mars")), world)).toBe(2);
    expect(JSON.parse(world.stderr.text)).toMatchObject({
      level: "error",
      code: "unknown_zone",
      message: "no zone Mars",
    });
  });

  test("says how many bad records more there were", async () => {
    const world = fakeWorld();
    const job = ({ onEvent }: RunContext) => {
      onEvent?.({ kind: "rejected", message: "a.json: record 1", extra: false });
      onEvent?.({ kind: "rejected", message: "a.json: record 2", extra: true });
      throw new RunError("bad_records", "2 records are bad");
    };
    expect(await runOf({}, job, world)).toBe(1);
    expect(world.stderr.text).toBe("a.json: record 1\n… and 1 more; -v shows them\nerror: 2 records are bad\n");
  });

  test("apologises for a defect, and shows where it is with -v only", async () => {
    const [plain, verbose] = [fakeWorld(), fakeWorld()];
    const error = new TypeError("x is not a function");
    expect(await runOf({}, fails(error), plain)).toBe(1);
    expect(plain.stderr.text).toBe(
      "error: sorry, this is a defect of Electro: x is not a function " +
        "(please report it to its maintainers, with the command and its output with -v)\n",
    );
    expect(await runOf({ verbose: true }, fails(error), verbose)).toBe(1);
    expect(verbose.stderr.text).toMatch(/^error: sorry.*\ndebug: at /);
    expect(await runOf({}, fails("a string"))).toBe(1);
  });
});

describe("a signal", () => {
  const untilAborted = ({ signal }: RunContext, begun: () => void) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      begun();
    });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops the run with %d", async (name, status) => {
    const world = fakeWorld();
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const ended = runOf({}, (context) => untilAborted(context, begun), world);
    await running;
    world.send(name);
    expect(await ended).toBe(status);
    expect(world.stderr.text).toBe(`error: stopped by ${name}; the output folder is as it was\n`);
    expect(world.exits).toEqual([]);
  });

  test("a second one ends the process at once", async () => {
    const world = fakeWorld();
    await new Promise<void>((begun) => {
      const endless = () => {
        begun();
        return new Promise(() => {});
      };
      void runOf({}, endless, world);
    });
    world.send("SIGINT");
    // npm passes on the signal that the terminal has sent already.
    world.time += 100;
    world.send("SIGINT");
    expect(world.exits).toEqual([]);
    world.time += 500;
    world.send("SIGTERM");
    expect(world.exits).toEqual([143]);
  });

  test("one that comes when the files are written ends the printing at once", async () => {
    const world = fakeWorld();
    world.stdout.write = async () => world.send("SIGINT");
    await runOf({ json: true }, () => result, world);
    expect(world.exits).toEqual([130]);
  });
});

test("a terminal as standard input is told how to end", async () => {
  const world = fakeWorld();
  const stdin = Object.assign(world.stdin(), { isTTY: true });
  world.stdin = () => stdin;
  await runOf({}, () => result, world, ["-"]);
  expect(world.stderr.text).toBe(`reading from the terminal; Ctrl-D on a line of its own ends the input\n${SUMMARY}`);
});
