/** The quality of files and of a store's sources. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RunError, UsageError } from "../../dist/base/errors.js";
import type { QualityOptions } from "../../dist/jobs/options.js";
import { idsOfPage, qualityOfFiles, qualityOfSources, qualityPlanOf } from "../../dist/jobs/quality.js";
import type { SourceQuality } from "../../dist/quality/quality.js";
import type { Snapshot } from "../../dist/store/store.js";
import { inFolder } from "../oracle/electro.js";
import { every, told } from "../quality/quality-support.js";
import { readerOf } from "./small-store.js";

interface Reading {
  readonly source: string;
  readonly second: number;
}

const METERS: readonly Reading[] = [
  ...every(15, "2024-01-01T00:00Z", "2024-01-03T00:00Z").map((second) => ({ source: "b", second })),
  ...every(60, "2024-01-02T00:00Z", "2024-01-05T00:00Z").map((second) => ({ source: "a", second })),
  ...every(60, "2024-01-04T00:00Z", "2024-01-05T00:00Z").map((second) => ({ source: "", second })),
  ...every(15, "2024-01-01T00:00Z", "2024-01-01T10:00Z").map((second) => ({ source: "é", second })),
];

const line = ({ source, second }: Reading, text = new Date(second * 1000).toISOString()) =>
  JSON.stringify({ meter_id: source, timestamp: text, kWh_value: 0.25 });

async function ofFiles(texts: readonly string[], options: QualityOptions = {}): Promise<SourceQuality[]> {
  return inFolder(async (folder) => {
    for (const [n, text] of texts.entries()) writeFileSync(join(folder, `${n}.ndjson`), text);
    return [...(await qualityOfFiles([folder], options, { cwd: folder })).sources];
  });
}

async function ofStore(ids: string[], options: { from?: string; to?: string }): Promise<SourceQuality[]> {
  const reader = readerOf(METERS.map((reading) => ({ ...reading, energy: 25n * 10n ** 16n })));
  const found: SourceQuality[] = [];
  for await (const quality of qualityOfSources(reader, ids, qualityPlanOf(options))) found.push(quality);
  return found;
}

describe("the quality of files", () => {
  test("is told source by source, in the order of their ids, over all files together", async () => {
    const [even, odd] = [0, 1].map((rest) => METERS.filter((_, n) => n % 2 === rest).map((reading) => line(reading)));
    const found = await ofFiles([even!.join("\n"), odd!.join("\n")]);
    expect(found.map(({ source, readings, expected }) => [source, readings, expected])).toEqual([
      ["", 24, 24],
      ["a", 72, 72],
      ["b", 192, 192],
      ["é", 40, 40],
    ]);
    expect(found[2]!.energy).toBe(48n * 10n ** 18n);
  });

  test("has the sources without a reading in the period too", async () => {
    const found = await ofFiles([METERS.map((reading) => line(reading)).join("\n")], {
      ...{ from: "2024-01-03", to: "2024-01-04", timezone: "UTC" },
    });
    expect(found.map(({ source, readings, expected, present }) => [source, readings, expected, present])).toEqual([
      ["", 24, 48, 24],
      ["a", 48, 48, 48],
      ["b", 0, undefined, 0],
      ["é", 0, undefined, 0],
    ]);
    expect(told(found[2]!.gaps)).toEqual(["2024-01-03T00:00 2024-01-05T00:00 undefined"]);
  });

  test("reads wall times in the run's zone, and keeps days of 25 hours whole", async () => {
    const wall = every(60, "2024-10-26T00:00Z", "2024-10-29T00:00Z").map((second) =>
      line({ source: "m", second }, new Date(second * 1000).toISOString().slice(0, 19)),
    );
    const [berlin] = await ofFiles([wall.join("\n")], { timezone: "Europe/Berlin" });
    // No wall time of the repeated hour says that it is the second one: that one is missing.
    expect(told(berlin!.gaps)).toEqual(["2024-10-27T01:00 2024-10-27T02:00 1"]);
    const [utc] = await ofFiles([wall.join("\n")], { timezone: "Europe/Berlin", inputTimezone: "UTC" });
    expect(utc).toMatchObject({ gapCount: 0, duplicateCount: 0 });
  });

  test.each([
    ["as they come", false, 900],
    ["newest first", true, 900],
    ["by the hour", false, 3600],
  ])("of a perfect file of wall times is perfect, %s", async (_, falls, step) => {
    const from = Date.parse("2024-10-25T22:00Z") / 1000;
    const change = Date.parse("2024-10-27T01:00Z") / 1000;
    const lines = Array.from({ length: (73 * 3600) / step }, (_, n) => {
      const second = from + n * step;
      const wall = new Date((second + (second < change ? 7200 : 3600)) * 1000).toISOString().slice(0, 19);
      return line({ source: "m", second }, wall);
    });
    if (falls) lines.reverse();
    const [meter] = await ofFiles([lines.join("\n")], { timezone: "Europe/Berlin" });
    const all = lines.length;
    expect(meter).toMatchObject({ readings: all, expected: all, present: all, gapCount: 0, duplicateCount: 0 });
  });

  test("fails for bad records unless they are to be set aside", async () => {
    const text = [...METERS.map((reading) => line(reading)), '{"timestamp":"nonsense","kWh_value":1}'].join("\n");
    await expect(ofFiles([text])).rejects.toThrow(RunError);
    expect((await ofFiles([text], { onError: "skip" })).length).toBe(4);
  });

  test("is not told in a zone whose clock is off quarter hours", async () => {
    const text = every(60, "1971-01-01T00:00Z", "1971-02-01T00:00Z").map((second) => line({ source: "m", second }));
    await expect(ofFiles([text.join("\n")], { timezone: "Africa/Monrovia" })).rejects.toThrow(
      /does not fit them on 1970-12-31/,
    );
  });

  test("refuses a period that ends before it begins", async () => {
    await expect(ofFiles([""], { from: "2024-02-01", to: "2024-01-01" })).rejects.toThrow(UsageError);
  });

  test("of nothing is nothing", async () => expect(await ofFiles([""])).toEqual([]));
});

describe("the quality of a store's sources", () => {
  const FILES = METERS.map((reading) => line(reading)).join("\n");

  test("is that of the files", async () => {
    for (const options of [
      {},
      { from: "2024-01-02", to: "2024-01-04" },
      { from: "2024-01-03" },
      { to: "2024-01-01" },
    ]) {
      expect(await ofStore(["", "a", "b", "é"], options)).toEqual(await ofFiles([FILES], options));
    }
  });

  test("is told of those that are asked for, whether they have a reading or not", async () => {
    const found = await ofStore(["a", "aa", "b", "z"], { from: "2024-01-03", to: "2024-01-03" });
    expect(found.map(({ source, readings }) => [source, readings])).toEqual([
      ["a", 24],
      ["aa", 0],
      ["b", 0],
      ["z", 0],
    ]);
  });

  test("comes in pages, of all or of those named", async () => {
    const all = ["", "a", "b", "\uffff", "\u{10000}"];
    const reader: Snapshot = {
      ...readerOf([]),
      sources: async ({ after, limit }) =>
        all
          .slice(after === undefined ? 0 : all.indexOf(after) + 1)
          .slice(0, limit)
          .map((id) => ({ id, first: 0, last: 0, readings: 1, energy: 0n })),
    };
    expect(await idsOfPage(reader, { limit: 2 })).toEqual({ ids: ["", "a"], next: "a" });
    expect(await idsOfPage(reader, { limit: 3, after: "a" })).toEqual({ ids: all.slice(2), next: undefined });
    const sources = ["\u{10000}", "b", "\uffff", "b", ""];
    expect(await idsOfPage(reader, { sources, limit: 3 })).toEqual({ ids: ["", "b", "\uffff"], next: "\uffff" });
    expect(await idsOfPage(reader, { sources, after: "\uffff", limit: 3 })).toEqual({
      ids: ["\u{10000}"],
      next: undefined,
    });
  });
});
