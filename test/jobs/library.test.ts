/** The library, as code uses it. */
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  aggregate,
  aggregateFiles,
  BadRecordsError,
  exportFiles,
  load,
  manifestSchema,
  openStore,
  quality,
  RunError,
  UsageError,
} from "../../dist/index.js";
import { within } from "../wait.mjs";

const records = [
  { timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1, meter_id: "b" },
  { timestamp: "2024-01-31T13:30:00Z", kWh_value: "0.2", meter_id: 42n },
  { timestamp: new Date("2024-01-31T15:00:00Z"), kWh_value: 5n, meter_id: "b", note: undefined },
];
const lines =
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1.25}\n{"timestamp":"2024-02-01T00:30:00Z","kWh_value":2}\n';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-library-"));
  file = join(folder, "readings.ndjson");
  writeFileSync(file, lines);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function failure(promise: Promise<unknown>): Promise<RunError | UsageError> {
  return promise.then(
    () => expect.fail("it should have failed"),
    (error) => error,
  );
}

describe("data", () => {
  test("can be records, with the values that JavaScript has", async () => {
    const sum = await aggregate(records, { bySource: true });
    expect({ ...sum, rejected: [] }).toMatchObject({ kWh: "5.3", readings: 3, sources: 2, hoursFilled: 45 });
    expect([...sum.daily()]).toEqual([
      { daily_timestamp: "2024-01-31", source_id: "42", aggregated_kWh_value: "0.2", reading_count: 1, covered: true },
      { daily_timestamp: "2024-01-31", source_id: "b", aggregated_kWh_value: "5.1", reading_count: 2, covered: true },
    ]);
    expect([...sum.hourly()][26]).toEqual({
      hourly_timestamp: "2024-01-31T13:00:00Z",
      source_id: "42",
      aggregated_kWh_value: "0.2",
      reading_count: 1,
      covered: true,
    });
  });

  test("can be records that come with time, more than fit one block", async () => {
    async function* many() {
      for (let n = 0; n < 30_000; n++) yield { timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1 };
    }
    expect((await aggregate(many())).kWh).toBe("3000");
  });

  test("can be bytes, several of them, beside paths", async () => {
    const bytes = new TextEncoder().encode(lines);
    expect((await aggregate(bytes)).kWh).toBe("3.25");
    expect((await aggregate([bytes, bytes, file])).kWh).toBe("9.75");
  });

  test("can be objects around records, which say whose they are", async () => {
    const bytes = Buffer.from('{"r":[{"timestamp":"2024-01-31T13:00Z","kWh_value":1}],"meter_id":"A"}'.repeat(2));
    const sum = await aggregate(bytes, { bySource: true, records: "/r" });
    expect([...sum.daily()].map((row) => [row.source_id, row.aggregated_kWh_value])).toEqual([["A", "2"]]);
    const elsewhere = Buffer.from('{"none":[],"a":[[{"timestamp":"2024-01-31T13:00Z","kWh_value":1}]]}');
    expect(await failure(aggregate(elsewhere))).toMatchObject({ code: "array_elsewhere" });
  });

  test("can be a stream of bytes", async () => {
    expect((await aggregate(createReadStream(file))).kWh).toBe("3.25");
  });

  test("can be URLs, a web stream of bytes or of records", async () => {
    expect((await aggregate(pathToFileURL(file))).kWh).toBe("3.25");
    expect((await aggregate([pathToFileURL(file), new TextEncoder().encode(lines)])).kWh).toBe("6.5");
    expect((await aggregate(new Blob([lines]).stream())).kWh).toBe("3.25");
    const web = new ReadableStream({
      start(controller) {
        for (const record of records) controller.enqueue(record);
        controller.close();
      },
    });
    // As a browser's, which cannot be iterated over.
    expect((await aggregate({ getReader: () => web.getReader() })).kWh).toBe("5.3");
  });

  test("can be paths, and a file that is named twice is read once", async () => {
    expect((await aggregate(file)).kWh).toBe("3.25");
    const twice = await aggregate([file, folder, join(folder, "*.ndjson")]);
    expect(twice.kWh).toBe("3.25");
    expect(twice.warnings.map(({ code }) => code)).toEqual(["input_twice", "input_twice"]);
    expect(await failure(aggregate([file, file], { strict: true }))).toMatchObject({
      code: "strict",
      warnings: [{ code: "input_twice", message: expect.stringContaining("readings.ndjson") }],
    });
  });

  test("can be empty", async () => {
    const sum = await aggregate([]);
    expect([sum.kWh, sum.period, [...sum.hourly()], sum.warnings[0]?.code]).toEqual(["0", null, [], "no_readings"]);
  });

  test.each([null, undefined, 5, {}, new ArrayBuffer(4), true])("cannot be %o", async (data) => {
    expect(await failure(aggregate(data as never))).toMatchObject({ code: "bad_data", name: "UsageError" });
  });
});

describe("bad records", () => {
  const bad = [null, records[0], { timestamp: "soon", kWh_value: 1 }, 7];

  test("fail it, with the first ones in a list", async () => {
    const error = (await failure(aggregate(bad as never))) as BadRecordsError;
    expect(error).toBeInstanceOf(BadRecordsError);
    expect(error).toBeInstanceOf(RunError);
    expect(error.message).toMatch(/^3 of 4 records are bad \(1 bad_timestamp, 2 not_a_record\)/);
    expect(
      error.rejected.map(({ reason, input, record, line, field }) => [reason, input, record, line, field]),
    ).toEqual([
      ["not_a_record", "records", 1, 1, undefined],
      ["bad_timestamp", "records", 3, 3, "timestamp"],
      ["not_a_record", "records", 4, 4, undefined],
    ]);
    expect(error.rejected[1]?.message).toBe(
      'timestamp "soon": not an ISO 8601 date and time; it looks like 2024-01-31T13:00:00Z',
    );
    expect(new TextDecoder().decode(error.rejected[1]?.bytes)).toBe('{"timestamp":"soon","kWh_value":1}');
  });

  test("can be set aside", async () => {
    const sum = await aggregate(bad as never, { onError: "skip" });
    expect(sum.kWh).toBe("0.1");
    expect(sum.rejected.map(({ record, reason }) => [record, reason])).toEqual([
      [1, "not_a_record"],
      [3, "bad_timestamp"],
      [4, "not_a_record"],
    ]);
  });
});

describe("options", () => {
  test("make the files that the command writes", async () => {
    const sum = await aggregate(file, { timezone: "Europe/Berlin", fileDate: "iso", withCounts: true });
    const files = Object.fromEntries([...sum.csv()].map(({ name, text }) => [name, text]));
    const output = join(folder, "out");
    const options = { timezone: "Europe/Berlin", fileDate: "iso", withCounts: true, output } as const;
    const { manifest } = await aggregateFiles([file], { ...options, cwd: folder });
    const written = readdirSync(output).filter((name) => name !== "manifest.json");
    expect(Object.keys(files).sort()).toEqual(written.sort());
    for (const name of written) expect(files[name]).toBe(readFileSync(join(output, name), "utf8"));
    const ajv = new Ajv.default({ strict: false });
    addFormats.default(ajv);
    expect(ajv.validate(manifestSchema, JSON.parse(JSON.stringify(manifest))), ajv.errorsText()).toBe(true);
  });

  test.each([
    [{ timeZone: "Europe/Berlin" }, 'there is no option "timeZone"; did you mean timezone?'],
    // Only where files are written.
    [{ output: "out" }, 'there is no option "output"'],
    [{ valueField: "" }, "valueField: it is empty"],
    [{ bySource: "no" }, 'the option bySource must be a boolean, not "no"'],
    [{ onError: "ignore" }, 'the option onError must be fail or skip, not "ignore"'],
    [{ fileDate: "foo" }, 'the option fileDate must be dd_mm or iso, not "foo"'],
    [{ timezone: 5 }, "the option timezone must be a string, not 5"],
    [{ decimals: 19 }, "decimals: 19: it must be a whole number from 0 to 18"],
  ])("%o is refused", async (options, message) => {
    const error = await failure(aggregate(file, options as never));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(message);
  });

  test("without an input nothing is written", async () => {
    expect(await failure(aggregateFiles([], { cwd: folder }))).toMatchObject({ code: "missing_input" });
  });

  test("that are undefined are not given", async () => {
    const sum = await aggregate(file, { timezone: undefined, from: undefined, bySource: undefined, signal: undefined });
    expect(sum.kWh).toBe("3.25");
  });

  test("of the wrong form are told, whatever they are", async () => {
    for (const call of [
      () => aggregate(file, null as never),
      () => aggregateFiles(file, [] as never),
      () => aggregateFiles(5 as never),
      () => aggregateFiles(["-"]),
      () => load(undefined as never),
      () => exportFiles({ sources: "a" as never }),
      () => exportFiles({ sources: [1n] as never }),
      () => quality([], { memory: 1n as never }),
      () => quality([file], { store: "duckdb:x" }),
      () => quality([], { store: "duckdb:x", unit: "Wh" }),
      () => quality([]),
      () => load([]),
      () => aggregate(file, { signal: {} as never }),
      () => aggregate(file, { onEvent: 1 as never }),
      () => aggregate(file, { cwd: 5 as never }),
      () => openStore("duckdb:x", { maxDays: -1 }),
      () => openStore("duckdb:x", { memory: "x" as never }),
    ])
      expect(await failure(call())).toBeInstanceOf(UsageError);
  });

  test("a signal stops it", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    expect((await failure(aggregate(file, { signal: controller.signal }))).message).toBe("enough");
  });
});

describe("bad records are not kept in the place of a file of the output", () => {
  test.each(["daily_data.csv", "manifest.json", "hourly_data_31_01.csv", "rejected.ndjson"])("%s", async (name) => {
    const output = join(folder, "kept");
    const error = await failure(aggregateFiles(file, { output, rejects: join(output, name), cwd: folder }));
    expect(error).toMatchObject({ code: "rejects_is_output", name: "UsageError" });
  });
});

test("all inputs that are broken are told", async () => {
  const broken = ["a.json", "b.json", "c.json"].map((name) => join(folder, name));
  for (const path of broken) writeFileSync(path, '[{"timestamp":');
  const told: string[] = [];
  const error = await failure(
    aggregateFiles(broken, {
      output: join(folder, "no"),
      cwd: folder,
      onEvent: (event) => {
        if (event.kind === "failed") told.push(event.message);
      },
    }),
  );
  for (const path of broken) rmSync(path);
  expect([...told, error.message].map((message) => message.slice(folder.length + 1, folder.length + 7))).toEqual([
    "a.json",
    "b.json",
    "c.json",
  ]);
});

test("end stamps are suspected also where the period ends before the last", async () => {
  const month = Array.from({ length: 97 }, (_, i) => ({
    timestamp: new Date(Date.UTC(2024, 0, 31) + i * 900_000),
    kWh_value: 0.1 + (i % 7) / 10,
  }));
  const sum = await aggregate(month, { from: "2024-01-31", to: "2024-01-31" });
  expect(sum.warnings.map(({ code }) => code)).toContain("end_stamps");
});

describe("a source that has nothing to say", () => {
  const never = new Promise<never>(() => {});
  async function* silent(onWait: () => void) {
    yield records[0]!;
    onWait();
    await never;
  }
  const web = (onWait: () => void) => {
    let pulls = 0;
    return new ReadableStream({
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(records[0]);
        onWait();
        await never;
      },
    });
  };

  test.each([
    ["an iterator", silent],
    ["a stream", (onWait: () => void) => Readable.from(silent(onWait))],
    ["a web stream", web],
    [
      "a web stream that cannot be iterated over",
      (onWait: () => void) => ({ getReader: () => web(onWait).getReader() }),
    ],
  ])("does not keep a signal from stopping the job: %s", async (_, data) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onWait = () => setImmediate(() => controller.abort(reason));
    const sum = failure(aggregate(data(onWait) as never, { signal: controller.signal }));
    expect(await within("the end of the job", sum)).toBe(reason);
  });

  test("tells why it fails, where it does", async () => {
    const cause = new Error("the database is gone");
    async function* failing() {
      yield records[0]!;
      throw cause;
    }
    expect(await failure(aggregate(failing()))).toMatchObject({ code: "input_unreadable", cause });
  });
});

test("a record may have its fields from its class", async () => {
  class Row {
    readonly #value = 2;
    get timestamp() {
      return new Date("2024-01-31T13:00:00Z");
    }
    get kWh_value() {
      return this.#value;
    }
  }
  expect((await aggregate([new Row(), Object.create(records[0]!)], { bySource: true })).kWh).toBe("2.1");
});

test("values that JSON has not are shown as they are", async () => {
  const error = await failure(
    aggregate([
      { timestamp: new Date(Number.NaN), kWh_value: 1 },
      { timestamp: "2024-01-31T13:00:00Z", kWh_value: Number.NaN },
    ]),
  );
  const messages = (error as BadRecordsError).rejected.map(({ message }) => message);
  expect(messages).toEqual([expect.stringContaining('"Invalid Date"'), expect.stringContaining('"NaN"')]);
});

describe("the jobs of the command line", () => {
  test("are there in code: a store is loaded, asked, and written as files", async () => {
    const store = `duckdb:${join(folder, "library.duckdb")}`;
    const events: string[] = [];
    const loaded = await load(file, { store, cwd: folder, onEvent: ({ kind }) => events.push(kind) });
    expect(loaded.inputs.map(({ outcome, readings, kWh }) => [outcome, readings, kWh])).toEqual([["added", 2, "3.25"]]);
    expect([loaded.failures, loaded.warnings, loaded.state.readings]).toEqual([[], [], 2]);
    expect(events).toContain("progress");
    expect((await load([pathToFileURL(file)], { store })).inputs[0]?.outcome).toBe("there");

    const exported = await exportFiles({ store, output: "from-store", cwd: folder });
    const direct = await aggregateFiles(file, { output: "direct", cwd: folder });
    expect(exported.manifest.totals.kWh).toBe(direct.manifest.totals.kWh);
    expect(readFileSync(join(folder, "from-store", "daily_data.csv"), "utf8")).toBe(
      readFileSync(join(folder, "direct", "daily_data.csv"), "utf8"),
    );

    const ofStore = await quality([], { store });
    expect(ofStore).toEqual(await quality(file, { cwd: folder }));
    expect(ofStore.sources.map(({ source, readings }) => [source, readings])).toEqual([["", 2]]);

    const open = await openStore(store, { create: false });
    expect((await open.state()).batches).toBe(1);
    await open.close();
  });

  test("tell what was wrong with an input that was not loaded", async () => {
    const broken = join(folder, "broken.ndjson");
    writeFileSync(broken, '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":"x"}\n');
    const loaded = await load([broken, file], { store: `duckdb:${join(folder, "partly.duckdb")}` });
    rmSync(broken);
    expect(loaded.inputs.map(({ outcome }) => outcome)).toEqual(["failed", "added"]);
    const [error] = loaded.failures;
    expect(error).toBeInstanceOf(BadRecordsError);
    expect((error as BadRecordsError).rejected.map(({ reason, field }) => [reason, field])).toEqual([
      ["bad_value", "kWh_value"],
    ]);
  });
});

test("a plain sum loads neither a database nor an HTTP server", () => {
  const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const follow = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    // What is imported at once; `import()` is not.
    for (const [, from = ""] of readFileSync(path, "utf8").matchAll(
      /^(?:import|export) .*?from "([^"]+)";$|^import "[^"]+";$/gms,
    ))
      if (from.startsWith(".")) follow(join(dirname(path), from));
      else packages.add(from);
  };
  follow(join(dist, "index.js"));
  expect(seen.size).toBeGreaterThan(50);
  expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual([]);
  expect([...packages].filter((name) => /^node:(http|https|net)$/.test(name))).toEqual([]);
});
