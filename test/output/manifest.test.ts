// biome-ignore-all lint/suspicious/noExplicitAny: the tests break a manifest in ways that no type allows.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { manifestSchema } from "../../dist/jobs/manifest-schema.js";
import type { AggregateOptions } from "../../dist/jobs/options.js";
import { filesListed, type Manifest, manifestText } from "../../dist/output/manifest.js";
import { sampleManifest } from "./sample.js";

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
formats.default(ajv);
const valid = ajv.compile(manifestSchema);

const FILE = { name: "daily_data.csv", rows: 1, bytes: 60, sha256: "0".repeat(64) };

function changed(change: (manifest: any) => void): unknown {
  const manifest = JSON.parse(manifestText(sampleManifest([FILE])));
  change(manifest);
  return manifest;
}

describe("the manifest", () => {
  it("conforms to the schema", () => {
    expect(valid(JSON.parse(manifestText(sampleManifest([FILE]))))).toBe(true);
    expect(valid.errors).toBeNull();
  });

  it.each([
    ["no reading", (m: any) => Object.assign(m.totals, { first: null, last: null, kWh: "0" })],
    ["no period", (m: any) => Object.assign(m, { period: null, files: [] })],
    ["a pipe", (m: any) => Object.assign(m.inputs[0], { size: null, modified: null })],
    ["the hash of an input", (m: any) => Object.assign(m.inputs[0], { sha256: "f".repeat(64) })],
    ["a negative total", (m: any) => Object.assign(m.totals, { kWh: "-0.5" })],
    ["a zone with seconds", (m: any) => Object.assign(m.totals, { first: "1930-01-01T00:00:00+00:19:32" })],
  ])("may have %s", (_, change) => {
    expect(valid(changed(change)), JSON.stringify(valid.errors)).toBe(true);
  });

  it.each([
    ["another member", (m: any) => Object.assign(m, { created: "2024-01-01T00:00:00Z" })],
    ["another format", (m: any) => Object.assign(m, { format: 2 })],
    ["a float for a total", (m: any) => Object.assign(m.totals, { kWh: 1.5 })],
    ["trailing zeros", (m: any) => Object.assign(m.totals, { kWh: "1.50" })],
    ["minus zero", (m: any) => Object.assign(m.totals, { kWh: "-0" })],
    ["an exponent", (m: any) => Object.assign(m.totals, { kWh: "1e3" })],
    ["a negative count", (m: any) => Object.assign(m.totals, { readings: -1 })],
    ["a path for a name", (m: any) => Object.assign(m.files[0], { name: "../daily_data.csv" })],
    ["no list of files", (m: any) => delete m.files],
    ["a nested option", (m: any) => Object.assign(m.options, { x: {} })],
  ])("may not have %s", (_, change) => {
    expect(valid(changed(change))).toBe(false);
  });

  it("is the same text whatever the order of its members", () => {
    const turned = (value: unknown): any => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, turned(member)]),
      );
    };
    const manifest = sampleManifest([FILE]);
    expect(manifestText(turned(manifest) as Manifest)).toBe(manifestText(manifest));
  });

  it("is indented by two, ends with a line end, and has a fixed order", () => {
    const text = manifestText(sampleManifest([FILE]));
    expect(text.startsWith('{\n  "electro": {\n    "version": "0.1.0"\n  },\n  "format": 1,\n')).toBe(true);
    expect(text.endsWith("\n}\n")).toBe(true);
    const members = ["electro", "format", "versions", "options", "inputs", "totals", "period", "warnings", "files"];
    expect(Object.keys(JSON.parse(text))).toEqual(members);
    expect(Object.keys(JSON.parse(text).options)).toEqual(["bySource", "timezone"]);
    expect(JSON.parse(text)).toEqual(sampleManifest([FILE]));
  });
});

describe("the manifest of a real run", () => {
  const READINGS = [
    '{"timestamp":"2024-03-30T22:10:00Z","kWh_value":0.1234567890123456789,"meter_id":"a"}',
    '{"timestamp":"2024-03-31T02:30:00","kWh_value":-2,"meter_id":"b"}',
    '{"timestamp":"soon","kWh_value":1}',
    '{"timestamp":"2023-03-31T00:00:00Z","kWh_value":"7"}',
  ].join("\n");

  const RUNS: [title: string, text: string, options: AggregateOptions][] = [
    [
      "of all kinds of readings",
      READINGS,
      { onError: "skip", timezone: "Europe/Paris", bySource: true, hashInputs: true },
    ],
    [
      "over a given period",
      READINGS,
      { onError: "skip", from: "2024-03-30", to: "2024-03-31", decimals: 3, fileDate: "iso" },
    ],
    ["over nothing", "", {}],
    ["over a period with nothing in it", "", { from: "2024-01-01", to: "2024-01-02", withCounts: true }],
  ];

  it.each(RUNS)("%s conforms to the schema", async (_, text, options) => {
    const cwd = mkdtempSync(join(tmpdir(), "electro-manifest-"));
    try {
      writeFileSync(join(cwd, "readings.ndjson"), text);
      const { manifest, folder } = await aggregateFiles(["readings.ndjson"], options, { cwd });
      const written = readFileSync(join(folder, "manifest.json"), "utf8");
      expect(valid(JSON.parse(written)), JSON.stringify(valid.errors)).toBe(true);
      expect(written).toBe(manifestText(manifest));
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});

describe("the files of the last run", () => {
  it("are those listed in its manifest", () => {
    expect(filesListed(manifestText(sampleManifest([FILE])))).toEqual(["daily_data.csv"]);
  });

  it.each([
    ["not JSON", "hello"],
    ["cut short", manifestText(sampleManifest([FILE])).slice(0, -9)],
    ["empty", ""],
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["a web app's", '{"name":"App","short_name":"App","icons":[]}'],
    ["of a later format", JSON.stringify(changed((m) => Object.assign(m, { format: 2 })))],
    ["with a hostile name", JSON.stringify(changed((m) => m.files.push({ ...FILE, name: "../../etc/passwd" })))],
    ["with an absolute name", JSON.stringify(changed((m) => m.files.push({ ...FILE, name: "/etc/passwd" })))],
    ["with somebody's file", JSON.stringify(changed((m) => m.files.push({ ...FILE, name: "notes.txt" })))],
    ["with a null file", JSON.stringify(changed((m) => m.files.push(null)))],
    ["whose files are no list", JSON.stringify(changed((m) => Object.assign(m, { files: {} })))],
  ])("are not taken from a manifest that is %s", (_, text) => {
    expect(filesListed(text)).toBeUndefined();
  });
});
