/** `electro retract`: of a store that nothing has open, and through a service. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTokens } from "../../../dist/service/auth/tokens.js";
import { serve } from "../../../dist/service/serve.js";
import { openStore } from "../../../dist/store/open.js";
import { electro, inFolder } from "../../oracle/electro.js";
import { electroProcess } from "../../oracle/electro-process.js";

const JANUARY = "timestamp,kWh_value,meter_id\n2024-01-30T12:00:00Z,1.5,a\n2024-01-31T12:00:00Z,2,a\n";
const AGAIN = "timestamp,kWh_value,meter_id\n2024-01-31T12:00:00Z,2.25,a\n";
const UNKNOWN = "99-0123456789";

/** Loads a file, and gives the id of its batch. */
async function load(folder: string, name: string, text: string, ...more: string[]): Promise<string> {
  writeFileSync(join(folder, name), text);
  const { status, stdout, stderr } = await electro(["load", name, "--json", ...more], folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout).inputs[0].batch;
}

/** The days of the store, and what its check says. */
async function days(folder: string): Promise<string[]> {
  expect((await electro(["check"], folder)).status).toBe(0);
  expect((await electro(["export", "--quiet"], folder)).status).toBe(0);
  return readFileSync(join(folder, "output_data/daily_data.csv"), "utf8").trimEnd().split("\n").slice(1);
}

describe("a batch of a store that nothing has open", () => {
  test("ends, once, and leaves the others as they are", () =>
    inFolder(async (folder) => {
      const id = await load(folder, "january.csv", JANUARY);
      await load(folder, "again.csv", AGAIN);
      expect(await days(folder)).toEqual(["2024-01-30,1.5", "2024-01-31,4.25"]);
      const ended = {
        status: 0,
        stdout: "",
        stderr: `duckdb:electro.duckdb: batch ${id} is retracted; its 2 readings count no more\n`,
      };
      expect(await electro(["retract", id], folder)).toEqual(ended);
      expect(await days(folder)).toEqual(["2024-01-31,2.25"]);
      expect(await electro(["retract", id], folder)).toEqual(ended);
      expect(await days(folder)).toEqual(["2024-01-31,2.25"]);
    }));

  test("gives back what it covered", () =>
    inFolder(async (folder) => {
      await load(folder, "january.csv", JANUARY, "--duplicates", "latest");
      const id = await load(folder, "again.csv", AGAIN, "--duplicates", "latest");
      expect(await days(folder)).toEqual(["2024-01-30,1.5", "2024-01-31,2.25"]);
      const { stderr } = await electro(["retract", id, "--log-format", "json", "--store", "electro.duckdb"], folder);
      expect(JSON.parse(stderr)).toMatchObject({
        ...{ level: "info", code: "retracted", id, state: "retracted", readings: 1, kWh: "2.25" },
        message: `electro.duckdb: batch ${id} is retracted; its 1 reading counts no more`,
      });
      expect(await days(folder)).toEqual(["2024-01-30,1.5", "2024-01-31,2"]);
    }));

  test("that was replaced is said to be that", () =>
    inFolder(async (folder) => {
      const id = await load(folder, "january.csv", JANUARY);
      const by = await load(folder, "january.csv", AGAIN, "--replace");
      const { status, stderr } = await electro(["retract", id], folder);
      expect([status, stderr]).toEqual([
        0,
        `duckdb:electro.duckdb: batch ${id} was replaced by batch ${by}, and did not count any more; nothing was changed\n`,
      ]);
      expect(await days(folder)).toEqual(["2024-01-31,2.25"]);
    }));

  test.each<[args: string[], status: number, said: string]>([
    [[UNKNOWN], 1, `there is no batch "${UNKNOWN}" in the store; electro load --json prints the ids of batches`],
    [[UNKNOWN, "--store", "duckdb:none.duckdb"], 1, "there is no store duckdb:none.duckdb"],
    [[], 2, "no ID; name the batch to end"],
    [["../check"], 2, '"../check" is not the id of a batch; such an id looks like 5-6c7a0724c0'],
    [[UNKNOWN, "more"], 2, '"more" is one argument too many'],
    [[UNKNOWN, "--token-file", "x"], 2, "--token-file goes with --service"],
    [[UNKNOWN, "--service", "http://127.0.0.1:1", "--store", "x"], 2, "--store and --service"],
    [[UNKNOWN, "--service", "http://127.0.0.1:1"], 1, "the connection was refused"],
  ])("%j is refused, and changes nothing", (args, status, said) =>
    inFolder(async (folder) => {
      await load(folder, "january.csv", JANUARY);
      const told = await electro(["retract", ...args], folder);
      expect([told.status, told.stderr]).toEqual([status, expect.stringContaining(said)]);
      expect(told.stderr).not.toContain("    at ");
      expect(await days(folder)).toEqual(["2024-01-30,1.5", "2024-01-31,2"]);
    }),
  );
});

test("through a service, a sender ends its own batches, and admin all", () =>
  inFolder(async (folder) => {
    const tokens = join(folder, "tokens.json");
    for (const [name, scope] of [
      ["one", "write"],
      ["two", "write"],
      ["boss", "admin"],
      ["eye", "read"],
    ] as const) {
      const { stdout } = await electro(["token", "add", name, "--scope", scope, "--tokens", tokens], folder);
      writeFileSync(join(folder, name), stdout);
    }
    const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`);
    const access = openTokens({ path: tokens, displayName: "tokens.json" }, () => {}, Date.now);
    const service = await serve({ store, access, host: "127.0.0.1", port: 0, log: () => {} });
    try {
      const sent = async (body: string) => {
        const authorization = `Bearer ${readFileSync(join(folder, "one"), "utf8").trim()}`;
        const headers = { authorization, "content-type": "text/csv" };
        const answer = await fetch(`${service.address}/v1/readings`, { method: "POST", body, headers });
        return ((await answer.json()) as { batch_id: string }).batch_id;
      };
      const [first, second] = [await sent(JANUARY), await sent(AGAIN)];
      const retract = (id: string, ...more: string[]) =>
        electroProcess(["retract", id, "--service", service.address, ...more], folder);
      const refused: [args: string[], said: string][] = [
        [[], "it requires a token; name a file that has one: --token-file FILE"],
        [["--token-file", "two"], `there is no batch "${first}" that two has sent`],
        [["--token-file", "eye"], 'the token eye has no scope "write" or "admin"'],
      ];
      for (const [args, said] of refused)
        expect(await retract(first, ...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
      expect((await store.state()).batches).toBe(2);
      expect(await retract(first, "--token-file", "one")).toMatchObject({
        status: 0,
        stderr: `${service.address}: batch ${first} is retracted; its 2 readings count no more\n`,
      });
      expect((await store.state()).batches).toBe(1);
      expect((await retract(second, "--token-file", "boss")).status).toBe(0);
      expect(await store.state()).toMatchObject({ batches: 0, readings: 0 });
      expect(await retract(UNKNOWN, "--token-file", "boss")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`there is no batch "${UNKNOWN}"`),
      });
    } finally {
      await service.stop();
    }
  }));
