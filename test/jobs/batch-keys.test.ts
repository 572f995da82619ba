/** A batch's key knows what changes the meaning of its bytes, also where that takes the place of a profile's or a format's own. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFiles } from "../../dist/jobs/load.js";
import type { LoadOptions } from "../../dist/jobs/options.js";
import { ingestionPlanOf } from "../../dist/jobs/plan.js";
import { shaOfBatch } from "../../dist/pipeline/contribute.js";
import { openStore } from "../../dist/store/open.js";
import { inFolder } from "../oracle/electro.js";
import { send, withService } from "../service/support.js";

const OCTOPUS =
  "Consumption (kwh), Estimated Cost Inc. Tax (p), Standing Charge Inc. Tax (p), Start, End\n0.5, 1, 2, 2024-01-31T23:50:00Z, 2024-02-01T00:20:00Z\n";
const NEM12 =
  "100,NEM12,202402010000,A,B\n200,6305000123,E1,1,E1,N1,M1,kWh,240,\n300,20240131,1,2,3,4,5,6,A,,,20240201000000,\n900\n";
const PLAIN = "timestamp,kWh_value\n2024-01-31T13:00:00Z,1\n";
const HOURS =
  '{"headers": [["a", "b"]], "options": {"timestampField": "a", "valueField": ["in", "out"]}, "export": {"columns": ["out"]}}';
const TURNED = HOURS.replace('["out"]}}', '["in"]}}');

type Loads = readonly (readonly [options: LoadOptions, outcome: string])[];

describe("load", () => {
  test.each<[string, string, Loads]>([
    [
      "a recognised profile that --stamps start replaces",
      OCTOPUS,
      [
        [{}, "added"],
        [{ stamps: "start" }, "failed"],
        [{}, "there"],
      ],
    ],
    [
      "the same the other way round",
      OCTOPUS,
      [
        [{ stamps: "start" }, "added"],
        [{ stamps: "start" }, "there"],
        [{}, "failed"],
      ],
    ],
    [
      "options that a recognised profile does not have",
      OCTOPUS,
      [
        [{ unit: "Wh" }, "added"],
        [{ unit: "kWh" }, "failed"],
        [{}, "failed"],
      ],
    ],
    [
      "NEM12 in days of UTC",
      NEM12,
      [
        [{}, "added"],
        [{ inputTimezone: "UTC" }, "failed"],
        [{ inputTimezone: "+10:00" }, "failed"],
      ],
    ],
    [
      "NEM12 in days of UTC first",
      NEM12,
      [
        [{ inputTimezone: "UTC" }, "added"],
        [{ inputTimezone: "Etc/UTC" }, "there"],
        [{}, "failed"],
      ],
    ],
    [
      "defaults that change nothing",
      PLAIN,
      [
        [{ stamps: "start", unit: "kWh" }, "added"],
        [{}, "there"],
        [{ inputTimezone: "UTC" }, "there"],
      ],
    ],
    [
      "defaults that changed nothing",
      PLAIN,
      [
        [{}, "added"],
        [{ profile: "none", encoding: "utf-8" }, "there"],
        [{ stamps: "end" }, "failed"],
      ],
    ],
  ])("%s", (_, text, loads) =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "a.csv"), text);
      const store = `duckdb:${join(folder, "s.duckdb")}`;
      const outcomes: string[] = [];
      for (const [options] of loads)
        outcomes.push((await loadFiles(["a.csv"], { ...options, store }, { cwd: folder })).inputs[0]!.outcome);
      expect(outcomes).toEqual(loads.map(([, outcome]) => outcome));
    }),
  );

  test("a profile of the user's that says that something else is export", () =>
    inFolder(async (folder) => {
      const store = `duckdb:${join(folder, "s.duckdb")}`;
      writeFileSync(join(folder, "a.csv"), "a,in,out\n2024-01-31T13:00:00Z,1,2\n");
      const load = async (profile: string) => {
        writeFileSync(join(folder, "p.json"), profile);
        return (await loadFiles(["a.csv"], { profile: "./p.json", store }, { cwd: folder })).inputs[0]!.outcome;
      };
      expect([await load(HOURS), await load(HOURS), await load(TURNED)]).toEqual(["added", "there", "failed"]);
    }));

  test("where options change nothing, the key is the one of versions that did not look at them", () =>
    inFolder(async (folder) => {
      const store = `duckdb:${join(folder, "s.duckdb")}`;
      writeFileSync(join(folder, "a.csv"), PLAIN);
      await loadFiles(["a.csv"], { stamps: "start", store }, { cwd: folder });
      const opened = await openStore(store);
      const [batch] = await opened.read((reader) => reader.batches({ limit: 1 }));
      await opened.close();
      const body = createHash("sha256").update(PLAIN).digest("hex");
      expect(batch!.key).toBe(shaOfBatch(body, ingestionPlanOf({}), []));
    }));
});

test("over HTTP the same key with another meaning is refused", () =>
  withService({}, async (service) => {
    const post = async (body: string, key: string, query = "") => {
      const headers = { "content-type": "text/csv", "idempotency-key": key };
      return (await send(service, "POST", `/v1/readings${query}`, { body, headers })).status;
    };
    expect([await post(NEM12, "a"), await post(NEM12, "a", "?input_timezone=UTC")]).toEqual([201, 422]);
    expect([await post(OCTOPUS, "b"), await post(OCTOPUS, "b", "?stamps=start")]).toEqual([201, 422]);
    expect([await post(PLAIN, "c"), await post(PLAIN, "c", "?stamps=start")]).toEqual([201, 201]);
  }));
