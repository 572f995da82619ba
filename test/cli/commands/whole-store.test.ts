/** `electro check` and `electro backup` of a store that nothing has open; and what every command says of its files. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { electro, inFolder } from "../../oracle/electro.js";
import { electroProcess } from "../../oracle/electro-process.js";

const READINGS = `timestamp,kWh_value,meter_id
2024-01-31T13:00:00Z,0.1,a
2024-01-31T13:15:00Z,0.2,a
2024-02-01T00:00:00Z,1.5,"b, c"
`;

/** A folder with a store that has the readings above. */
async function inStore(use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "in.csv"), READINGS);
    expect((await electro(["load", "in.csv", "--quiet"], folder)).status).toBe(0);
    await use(folder);
  });
}

async function sql(file: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

test("electro compact says how large a store is, which stays as it was", () =>
  inStore(async (folder) => {
    const { status, stderr } = await electro(["compact", "--store", "electro.duckdb"], folder);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^electro\.duckdb: [\d.]+ MB, [\d.]+ MB before\n$/)]);
    expect((await electro(["check"], folder)).status).toBe(0);
  }));

describe("electro check", () => {
  test("proves a store, also in JSON", () =>
    inStore(async (folder) => {
      expect(await electro(["check"], folder)).toEqual({
        status: 0,
        stdout: "",
        stderr: "duckdb:electro.duckdb: 3 readings of 2 sources; every sum agrees with 1 batch\n",
      });
      const { status, stdout } = await electro(["check", "--store", "duckdb:electro.duckdb", "--json"], folder);
      const proof = { proven: true, batches: 1, sources: 2, readings: 3, differences: [] };
      expect([status, JSON.parse(stdout)]).toEqual([0, proof]);
    }));

  test("says of what differs the source, the day and the sums", () =>
    inStore(async (folder) => {
      await sql(
        join(folder, "electro.duckdb"),
        "UPDATE series SET cells = (SELECT cells FROM series WHERE day = 19754 LIMIT 1) WHERE day = 19753",
        "UPDATE sources SET readings = 7 WHERE id = 'b, c'",
        "DELETE FROM totals WHERE day = 19754",
        "UPDATE now SET energy = energy + 1",
      );
      const { status, stderr } = await electro(["check"], folder);
      expect(status).toBe(1);
      expect(stderr.split("\n").slice(0, -2).sort()).toEqual(
        [
          'source "a", day 2024-01-31: kept are 1 reading with 1.5 kWh; what counts adds up to 2 readings with 0.3 kWh',
          "all sources, day 2024-02-01: kept are nothing; what counts adds up to 1 reading with 1.5 kWh",
          'source "b, c": the list of sources has 7 readings with 1.5 kWh from 2024-02-01T00:00Z to 2024-02-01T00:00Z; what counts is 1 reading with 1.5 kWh from 2024-02-01T00:00Z to 2024-02-01T00:00Z',
          "the store's totals are 1 batches, 2 sources, 3 readings with 1.800000000000000001 kWh, sizes 1.8 kWh; the ledger has 1 batches, 2 sources, 3 readings with 1.8 kWh, sizes 1.8 kWh",
        ].sort(),
      );
      expect(stderr).toMatch(/\nerror: duckdb:electro.duckdb: 4 differences; restore a backup, or load the readings/);
      const { stdout, status: again } = await electro(["check", "--json", "--quiet"], folder);
      expect(again).toBe(1);
      const { proven, differences } = JSON.parse(stdout);
      expect(proven).toBe(false);
      expect(differences).toContainEqual({
        message:
          'source "a", day 2024-01-31: kept are 1 reading with 1.5 kWh; what counts adds up to 2 readings with 0.3 kWh',
        source: "a",
        day: "2024-01-31",
        kept: "1 reading with 1.5 kWh",
        found: "2 readings with 0.3 kWh",
      });
    }));

  test("says that batches are missing", () =>
    inStore(async (folder) => {
      writeFileSync(join(folder, "older"), readFileSync(join(folder, "electro.duckdb")));
      writeFileSync(join(folder, "more.csv"), READINGS.replace("0.1", "0.4"));
      await electro(["load", "more.csv", "--quiet"], folder);
      writeFileSync(join(folder, "electro.duckdb"), readFileSync(join(folder, "older")));
      const { status, stderr } = await electro(["check"], folder);
      expect([status, stderr]).toEqual([1, expect.stringContaining("\n1 acknowledged batch is missing\n")]);
    }));
});

describe("electro backup", () => {
  test("writes a store of its own, and replaces nothing without --force", () =>
    inStore(async (folder) => {
      const backup = (...more: string[]) => electro(["backup", "-o", "copy.duckdb", ...more], folder);
      expect(await backup()).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/^copy\.duckdb: \d\.\d\d MB\n$/),
      });
      expect(readdirSync(folder).sort()).toEqual(["copy.duckdb", "electro.duckdb", "electro.duckdb.mark", "in.csv"]);
      await electro(["export", "--output", "a"], folder);
      await electro(["export", "--output", "b", "--store", "duckdb:copy.duckdb"], folder);
      expect(readFileSync(join(folder, "b/daily_data.csv"))).toEqual(readFileSync(join(folder, "a/daily_data.csv")));
      writeFileSync(join(folder, "copy.duckdb"), "mine");
      expect(await backup()).toMatchObject({
        status: 1,
        stderr: "error: copy.duckdb already exists; choose another name, or use --force to replace it\n",
      });
      expect(readFileSync(join(folder, "copy.duckdb"), "utf8")).toBe("mine");
      expect((await backup("--force")).status).toBe(0);
      expect((await electro(["check", "--store", "duckdb:copy.duckdb"], folder)).status).toBe(0);
    }));

  test("refuses what would harm, and says why", () =>
    inStore(async (folder) => {
      mkdirSync(join(folder, "dir"));
      writeFileSync(join(folder, "beside.wal"), "");
      writeFileSync(join(folder, "empty.token"), "\n");
      const before = readdirSync(folder).sort();
      const service = ["--service", "http://127.0.0.1:1"];
      const refused: [args: string[], status: number, said: string][] = [
        [[], 2, "no --output; name the file to write"],
        [["-o", "electro.duckdb", "--force"], 2, "--output electro.duckdb is the store itself"],
        [["-o", "dir"], 1, "dir is not a file"],
        [["-o", "beside"], 1, "beside.wal exists, the log of another store"],
        [["-o", "none/copy"], 1, "there is no folder"],
        [["-o", "copy", "--store", "duckdb:none.duckdb"], 1, "there is no store duckdb:none.duckdb"],
        [["-o", "copy", "--token-file", "x"], 2, "--token-file goes with --service"],
        [["-o", "copy", ...service, "--store", "duckdb:electro.duckdb"], 2, "--store and --service"],
        [["-o", "copy", ...service], 1, "the connection was refused"],
        [["-o", "copy", ...service, "--token-file", "none"], 1, "--token-file none: cannot be read"],
        [["-o", "copy", ...service, "--token-file", "empty.token"], 2, "it has no token"],
        [["-o", "copy", "--service", "127.0.0.1:8080"], 2, "it is not an address"],
      ];
      for (const [args, status, said] of refused) {
        const told = await electroProcess(["backup", ...args], folder);
        expect([told.status, told.stderr]).toEqual([status, expect.stringContaining(said)]);
        expect(told.stderr).not.toContain("    at ");
      }
      expect(readdirSync(folder).sort()).toEqual(before);
    }));

  test("keeps nothing of a copy that did not come whole", () =>
    inStore(async (folder) => {
      const cut = createServer((_, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("x".repeat(500), () => response.destroy());
      });
      await new Promise<void>((resolve) => cut.listen(0, "127.0.0.1", resolve));
      const address = `http://127.0.0.1:${(cut.address() as AddressInfo).port}`;
      try {
        const told = await electro(["backup", "-o", "copy", "--service", address], folder);
        expect(told).toMatchObject({
          status: 1,
          stderr: expect.stringContaining("was closed before everything had arrived"),
        });
        expect(readdirSync(folder).filter((name) => name.includes("copy"))).toEqual([]);
      } finally {
        cut.close();
      }
    }));
});

describe("every command that opens a store", () => {
  const COMMANDS = [
    ["load", "in.csv"],
    ["export", "--output", "out"],
    ["quality", "--store", "duckdb:electro.duckdb"],
    ["check"],
    ["backup", "-o", "copy.duckdb"],
    ["serve", "--port", "0"],
  ];

  test("refuses a log without its store, and leaves it alone", () =>
    inStore(async (folder) => {
      rmSync(join(folder, "electro.duckdb"));
      writeFileSync(join(folder, "electro.duckdb.wal"), "changes");
      for (const command of COMMANDS) {
        const { status, stderr } = await electroProcess(command, folder);
        expect([status, stderr]).toEqual([
          1,
          expect.stringMatching(/electro\.duckdb\.wal does: a store's log of changes/),
        ]);
        expect(readFileSync(join(folder, "electro.duckdb.wal"), "utf8")).toBe("changes");
        expect(existsSync(join(folder, "electro.duckdb"))).toBe(false);
      }
    }));

  test("tells that batches are missing", () =>
    inStore(async (folder) => {
      const older = readFileSync(join(folder, "electro.duckdb"));
      writeFileSync(join(folder, "more.csv"), READINGS.replace("0.1", "0.4"));
      await electro(["load", "more.csv", "--quiet"], folder);
      writeFileSync(join(folder, "electro.duckdb"), older);
      for (const command of COMMANDS.filter(([name]) => name !== "serve")) {
        const { stderr } = await electro(command, folder);
        expect(stderr).toMatch(/^warning: store .*: 1 acknowledged batch is missing, .* remove .*\.mark/m);
      }
      const { warnings } = JSON.parse(readFileSync(join(folder, "out/manifest.json"), "utf8"));
      expect(warnings).toContainEqual({ code: "batches_missing", message: expect.any(String) });
    }));
});
