/** What `electro load` leaves in the ledger, and the period that a store may come to have. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { run as runHere } from "../../../dist/cli/program.js";
import { openStore } from "../../../dist/store/open.js";
import { inFolder } from "../../oracle/electro.js";
import { type FakeWorld, fakeWorld } from "../fake-world.js";

const line = (timestamp: string) => `{"timestamp":"${timestamp}","kWh_value":1,"meter_id":"m"}\n`;

/** Loads files, in the order of their names, with these arguments. */
async function load(folder: string, files: Record<string, string | Uint8Array>, ...args: string[]) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const world: FakeWorld = { ...fakeWorld(), cwd: folder };
  const store = `--store=duckdb:${join(folder, "electro.duckdb")}`;
  const status = await runHere(["load", ...Object.keys(files), store, ...args], world);
  return { status, stderr: world.stderr.text };
}

test("bad records that were set aside, and warnings, are in the ledger", () =>
  inFolder(async (folder) => {
    const bad = '{"timestamp":"2024-01-31T00:00:00Z","kWh_value":"é"}';
    const text = `${line("2024-01-31T00:00:00")}${bad}\n`;
    expect((await load(folder, { "a.ndjson": text }, "--on-error", "skip")).status).toBe(0);
    const store = await openStore(`duckdb:${join(folder, "electro.duckdb")}`);
    await store.read(async (reader) => {
      const [batch] = await reader.batches({ limit: 1 });
      expect(batch!.notes).toMatchObject({
        rejectedByReason: { bad_value: 1 },
        rejects: [
          {
            record: 2,
            line: 2,
            code: "bad_value",
            message: expect.stringMatching(/^a\.ndjson: record 2 \(line 2\): /),
          },
        ],
        rejectsKept: 1,
        warnings: [
          { code: "no_offset", message: expect.stringContaining("--input-timezone") },
          { code: "rejected", message: "a.ndjson: 1 bad record was set aside" },
        ],
      });
      const kept = Buffer.concat((await reader.rejects(batch!.id)).map((part) => gunzipSync(part))).toString();
      expect(JSON.parse(kept)).toMatchObject({ input: "a.ndjson", record: 2, line: 2, reason: "bad_value", text: bad });
    });
    await store.close();
  }));

test.each([
  ["a.ndjson", (text: string) => text],
  ["a.ndjson.gz", gzipSync],
])("a reading that would make the store's period too long is named, and keeps its file out: %s", (name, pack) =>
  inFolder(async (folder) => {
    const far = pack(`${line("2024-01-31T00:00:00Z")}{}\n${line("1900-01-01T00:00:00Z")}`);
    const files = { [name]: far, "b.ndjson": line("2024-01-31T00:00:00Z") };
    const { status, stderr } = await load(folder, files, "--on-error", "skip");
    expect(status).toBe(1);
    expect(stderr).toContain(
      `error: ${name}: record 3 (line 3) is of 1900-01-01T00:00:00Z: with it the store would have 45321 days, from 1900-01-01 to 2024-01-31, more than --max-days 3660; if that is right, allow more with --max-days\n`,
    );
    expect(stderr).toContain("2 inputs: 1 added, 1 not loaded\n");
    const allowed = await load(folder, files, "--on-error", "skip", "--max-days", "50000");
    expect([allowed.status, allowed.stderr]).toEqual([
      0,
      expect.stringContaining("2 inputs: 1 added, 1 already loaded\n"),
    ]);
  }),
);
