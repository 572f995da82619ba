/** Bodies that are zip archives: their members are one batch. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../dist/service/http/limits.js";
import { zipOf } from "../input/zip-samples.js";
import { withApp } from "./in-process.js";

const reading = (hour: number, value: string) => `{"timestamp":"2024-01-01T0${hour}:00:00Z","kWh_value":${value}}\n`;
const CSV = "timestamp,kWh_value\n2024-01-01T02:00:00Z,4\n";

describe("a zip archive as a body", () => {
  test("is one batch of all of its members, each in its own form", () =>
    withApp({}, async (ask) => {
      const members = [
        { name: "a.ndjson", content: reading(0, "1") },
        { name: "b.json.gz", content: gzipSync(`[${reading(1, "2")}]`) },
        { name: "c/d.csv", content: CSV },
        { name: "read me.txt", content: "x" },
      ];
      const sent = { body: zipOf(members), headers: { "content-type": "application/zip" } };
      const { status, json } = await ask("POST", "/v1/readings", sent);
      expect([status, json.readings, json.total_kWh, json.first, json.last]).toEqual([
        ...[201, 3, "7", "2024-01-01T00:00:00Z", "2024-01-01T02:00:00Z"],
      ]);
      expect(json.warnings).toEqual([
        {
          code: "skipped_files",
          message:
            "body: skipped 1 file whose name does not say that it holds readings: 1 .txt; to read it, unpack the archive, and name it",
        },
      ]);
      const summed = await ask("POST", "/v1/aggregate?resolution=total", sent);
      expect(summed.json.rows).toMatchObject([{ aggregated_kWh_value: "7" }]);
    }));

  test("counts as a whole or not at all, and messages name the member", () =>
    withApp({}, async (ask) => {
      const good = { name: "a.ndjson", content: reading(0, "1") };
      const bad = { name: "b.ndjson", content: `${reading(1, "2")}${reading(2, '"x"')}` };
      const refused = await ask("POST", "/v1/readings", { body: zipOf([good, bad]) });
      expect([refused.status, refused.json.code]).toEqual([422, "bad_records"]);
      expect(refused.json.records).toMatchObject([
        { code: "bad_value", message: expect.stringMatching(/^body:b\.ndjson: record 2 \(line 2\): /) },
      ]);
      const skipped = await ask("POST", "/v1/readings?on_error=skip&dry_run=true", { body: zipOf([good, bad]) });
      expect([skipped.status, skipped.json.readings, skipped.json.rejected]).toEqual([200, 2, 1]);
      const damaged = await ask("POST", "/v1/readings", { body: zipOf([good, { ...good, name: "b.json", crc: 1 }]) });
      expect([damaged.status, damaged.json.code, damaged.json.detail]).toEqual([
        ...[422, "bad_body"],
        "body:b.json: this member of the archive is damaged (its checksum is wrong); copy or fetch the archive again",
      ]);
      const broken = await ask("POST", "/v1/readings", { body: zipOf([good, { name: "c.json", content: "[{]" }]) });
      expect([broken.status, broken.json.detail]).toEqual([422, expect.stringContaining("body:c.json: line 1")]);
      const none = await ask("POST", "/v1/readings", { body: zipOf([]) });
      expect([none.status, none.json.code, none.json.detail]).toEqual([
        ...[422, "bad_body", "body: there are no files to read in this archive: it is empty"],
      ]);
      const { json } = await ask("GET", "/v1/batches");
      expect(json.batches).toEqual([]);
    }));

  test("may not unpack to more than a body may, all members together", () =>
    withApp({ limits: { ...LIMITS, unpacked: 3_000_000 } }, async (ask) => {
      const content = Buffer.alloc(2_000_000, " ");
      const one = await ask("POST", "/v1/readings", { body: zipOf([{ name: "a.json", content }]) });
      expect([one.status, one.json.readings]).toEqual([201, 0]);
      const names = ["a.json", "b.json"];
      const two = await ask("POST", "/v1/readings", { body: zipOf(names.map((name) => ({ name, content }))) });
      expect([two.status, two.json.code]).toEqual([413, "unpacked_too_large"]);
    }));
});
