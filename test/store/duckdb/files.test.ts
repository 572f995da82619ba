/** What may be in the way when a store is opened, each said in its own words; and a store of the schema before this one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../dist/base/errors.js";
import { openDuckdb } from "../../../dist/store/duckdb/store.js";
import { openStore } from "../../../dist/store/open.js";
import { within } from "../../wait.mjs";
import { batchOf, readTotals } from "../batches.js";

const OPEN = pathToFileURL("dist/store/open.js").href;
const cells = Array.from({ length: 300 }, (_, n) => ({
  source: `meter ${n % 3}`,
  slot: 20_000 * 96 + n,
  energy: BigInt(n) * 10n ** 15n,
  count: 1,
}));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-files-"));
  path = join(folder, "electro.duckdb");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function refusal(at = path): Promise<string> {
  const error = await openStore(`duckdb:${at}`).then(
    () => undefined,
    (reason: { code: string; message: string }) => reason,
  );
  return `${error?.code}: ${error?.message.replaceAll(`${folder}/`, "")}`;
}

async function fill(): Promise<void> {
  const store = await openStore(`duckdb:${path}`);
  await store.ingest(batchOf(cells, { key: "first" }));
  await store.close();
}

async function sql(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

describe("a store is not opened", () => {
  it("at what is no address of one", async () => {
    for (const url of ["sqlite:x", "duckdb:", "", "clickhouse://me@host:8123/electro"])
      await expect(openStore(url)).rejects.toThrow(UsageError);
  });

  it("where there is no folder, or something else than a file", async () => {
    expect(await refusal(join(folder, "none/electro.duckdb"))).toMatch(
      /^no_such_folder: store none\/electro.duckdb: .*create it/,
    );
    mkdirSync(path);
    expect(await refusal()).toBe("not_a_store: store electro.duckdb: it is not a file; choose another name");
  });

  it("in a file that is none", async () => {
    const array = '[{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1}]';
    for (const content of [
      "",
      "{}",
      array,
      "timestamp,kWh_value\n2024-01-01T00:00:00Z,1\n",
      '{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1}\n'.repeat(10_000),
    ]) {
      writeFileSync(path, content);
      expect(await refusal()).toMatch(/^not_a_store: store electro.duckdb: the file is not a store; choose another/);
      expect(readFileSync(path, "utf8")).toBe(content);
    }
  });

  it("in a file of another kind whose name the engine would go by", async () => {
    for (const [name, content] of [
      ["victim.json", '[{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1}]'],
      ["victim.csv", "timestamp,kWh_value\n2024-01-01T00:00:00Z,1\n"],
    ] as const) {
      const victim = join(folder, name);
      writeFileSync(victim, content);
      expect(await refusal(victim)).toMatch(/^not_a_store: .*: the file is not a store; choose another/);
      expect(readFileSync(victim, "utf8")).toBe(content);
    }
  });

  it("in a database of something else", async () => {
    await sql("CREATE TABLE bills (amount INTEGER)");
    expect(await refusal()).toMatch(
      /^not_a_store: store electro.duckdb: it is another kind of database \(with a table "bills"\)/,
    );
  });

  it("when a newer version made it", async () => {
    await fill();
    await sql("UPDATE electro SET schema_version = 99");
    expect(await refusal()).toMatch(
      /^store_too_new: store electro.duckdb: it was written by a newer version of Electro \(schema 99; .* use that version$/,
    );
  });

  it("when it is cut off anywhere", async () => {
    await fill();
    const { size } = statSync(path);
    const cut = join(folder, "cut.duckdb");
    for (const left of [1, 3000, 4096, 8192, 12_288, 12_289, size >> 1, size - 1]) {
      copyFileSync(path, cut);
      truncateSync(cut, left);
      expect(await refusal(cut)).toMatch(
        /^(store_damaged|not_a_store): store cut.duckdb: .*(restore a backup|choose another)/,
      );
    }
  });

  it("twice by a process, under whatever name, until it is closed", async () => {
    const store = await openStore(`duckdb:${path}`);
    symlinkSync(path, join(folder, "link.duckdb"));
    linkSync(path, join(folder, "hard.duckdb"));
    for (const name of ["electro.duckdb", "link.duckdb", "hard.duckdb"])
      expect(await refusal(join(folder, name))).toMatch(
        /^store_in_use: store \w+.duckdb: this process already has it open/,
      );
    await store.close();
    await (await openStore(`duckdb:${path}`)).close();
  });

  it("by a second process, until the first is gone", async () => {
    const first = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `await (await import("${OPEN}")).openStore("duckdb:${path}"); console.log("open"); setInterval(() => {}, 1000)`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const gone = new Promise((resolve) => first.on("exit", resolve));
    await within("the first to have opened it", Promise.race([once(first.stdout, "data"), gone]));
    expect(await refusal()).toMatch(
      /^store_in_use: store electro.duckdb: another process has it open, .*stop that one/,
    );
    first.kill("SIGKILL");
    await within("the end of the first", gone);
    await (await openStore(`duckdb:${path}`)).close();
  });
});

describe("a damaged store", () => {
  it("says so when what is damaged is read, and gives no number", async () => {
    await fill();
    const bytes = readFileSync(path);
    let told = 0;
    for (let at = 12_288 + 4096; at < bytes.length; at += 32_768) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= 0x10;
      writeFileSync(path, damaged);
      const outcome = await (async () => {
        const store = await openStore(`duckdb:${path}`);
        try {
          return await store.read(async (reader) => (await readTotals(reader, { from: 0, to: 5_000_000 })).length);
        } finally {
          await store.close();
        }
      })().catch((error: { code: string }) => error.code);
      if (outcome === "store_damaged") told++;
      else expect(outcome).toBe(300);
    }
    expect(told).toBeGreaterThan(0);
  });
});

/** What version 5 added. */
const TO_VERSION_5 = [
  "ALTER TABLE sources DROP COLUMN way",
  "ALTER TABLE sources DROP COLUMN kept_batches",
  "DROP TABLE readings",
];
const TO_VERSION_4 = [...TO_VERSION_5, "ALTER TABLE sources DROP COLUMN export_batches", "DROP TABLE export_sources"];

/** What version 3 added, and those after it. */
const TO_VERSION_2 = [
  ...TO_VERSION_4,
  "ALTER TABLE batches DROP COLUMN notes",
  "ALTER TABLE now DROP COLUMN sender_keys_from",
  "DROP TABLE rejects",
  "DROP TABLE ended_sources",
  "UPDATE electro SET schema_version = 2",
];

describe("a store of version 4", () => {
  it("has everything when it is opened, and knows what is export from then on", async () => {
    await fill();
    await sql(...TO_VERSION_4, "UPDATE electro SET schema_version = 4");
    const store = await openStore(`duckdb:${path}`, { maxDays: 30_000 });
    const directions = () => store.read((reader) => reader.directions());
    expect(await directions()).toEqual({ exports: false, consumption: true });
    await store.read(async (reader) => {
      expect((await readTotals(reader, { from: 100, to: 5_000_000 })).map(({ energy }) => energy)).toEqual(
        cells.map(({ energy }) => energy),
      );
    });
    const { batch } = await store.ingest(
      batchOf([{ source: "fed in", slot: 1, energy: 5n, count: 1 }], {}, ["fed in"]),
    );
    expect(await directions()).toEqual({ exports: true, consumption: true });
    await store.retract(batch.id);
    expect(await directions()).toEqual({ exports: false, consumption: true });
    expect(await store.check()).toEqual([]);
    await store.close();
  });
});

describe("a store of version 3", () => {
  it("is cleared of what ended batches contributed, and still finds them by their sources", async () => {
    let store = await openStore(`duckdb:${path}`);
    const day = (energy: bigint) => batchOf([{ source: "a", slot: 1, energy, count: 1 }]);
    const { batch } = await store.ingest(day(5n));
    await store.ingest(day(7n));
    await store.retract(batch.id);
    await store.close();
    await sql(
      "INSERT INTO contributions SELECT 1, source, day, cells FROM contributions",
      "DROP TABLE ended_sources",
      ...TO_VERSION_4,
      "UPDATE electro SET schema_version = 3",
    );
    store = await openStore(`duckdb:${path}`);
    expect(await store.check()).toEqual([]);
    const found = await store.read((reader) => reader.batches({ limit: 10, source: "a" }));
    expect(found.map(({ state }) => state)).toEqual(["counts", "retracted"]);
    await store.close();
  });
});

describe("a store of version 2", () => {
  it.each([2, 1000])(
    "finds every key again, sent or loaded, and has one for each sender from then on (%i in memory)",
    async (keyRun) => {
      const open = () => openDuckdb(path, { memory: 2 ** 28, maxSources: 100, keyRun });
      const batch = (n: number, more = {}) => batchOf([cells[n]!], { key: `key ${n}`, ...more });
      let store = await open();
      for (let n = 0; n < 6; n++) await store.ingest(batch(n));
      await store.close();
      // Version 2 looked a batch up by its key alone, whoever sent it.
      await sql("UPDATE batches SET sender = 'meter' WHERE seq <= 3", ...TO_VERSION_2);
      for (let opened = 0; opened < 2; opened++) {
        store = await open();
        for (let n = 0; n < 6; n++) {
          const sender = n < 3 ? "meter" : undefined;
          expect(await store.batchOfKey(`key ${n}`, sender)).toMatchObject({ key: `key ${n}`, sender });
          expect(await store.ingest(batch(n, { sender }))).toMatchObject({ repeated: true });
          expect(await store.batchOfKey(`key ${n}`, "nobody")).toBeUndefined();
          // Another sender's same key is another batch: new the first time, known the next.
          const other = await store.ingest(batch(n, { sender: "other" }));
          expect(other.repeated).toBe(opened > 0);
        }
        await expect(store.ingest(batch(9, { key: "key 1", sender: "meter" }))).rejects.toMatchObject({
          code: "key_reused",
        });
        expect(await store.check()).toEqual([]);
        await store.close();
      }
    },
  );
});

describe("a store of version 1", () => {
  it("has everything when it is opened, and takes in more", async () => {
    await fill();
    // Version 1 had no column for the file that a batch came from.
    await sql(...TO_VERSION_2, "ALTER TABLE batches DROP COLUMN file", "UPDATE electro SET schema_version = 1");
    for (const file of ["a.csv", "b.csv"]) {
      const store = await openStore(`duckdb:${path}`, { maxDays: 30_000 });
      await store.ingest(batchOf([{ source: "new", slot: 1, energy: 5n, count: 1 }], { file }));
      expect((await store.batchOfKey("first"))?.readings).toBe(300);
      await store.read(async (reader) => {
        expect((await readTotals(reader, { from: 100, to: 5_000_000 })).map(({ energy }) => energy)).toEqual(
          cells.map(({ energy }) => energy),
        );
        expect((await reader.batchesOfFiles([file])).get(file)).toHaveLength(1);
      });
      expect(await store.check()).toEqual([]);
      await store.close();
    }
    expect(existsSync(`${path}.wal`)).toBe(false);
  });
});
