// slow: not of the fast lane
/** The oracle is held to the golden cases too, whose values were worked out by hand. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import { describe, expect, test } from "vitest";
import { aggregate } from "./aggregate.js";
import { type GoldenCase, goldenCases } from "./golden.js";
import { parseArgs } from "./options.js";

/** What an input stands for: a file, standard input, a folder, or names with `*`. */
function filesOf(golden: GoldenCase, input: string): string[] {
  const path = join(golden.folder, input);
  if (input.includes("*")) {
    const pattern = new RegExp(`^${basename(path).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    return readdirSync(dirname(path))
      .filter((name) => pattern.test(name))
      .map((name) => join(dirname(path), name));
  }
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.(json|jsonl|ndjson|csv)(\.gz|\.zst)?$/.test(name)).map((name) => join(path, name));
}

function unpack(bytes: Buffer): Uint8Array {
  if (bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes);
  if (bytes.readUInt32LE(0) !== 0xfd2fb528) return bytes;
  return decompress(bytes);
}

function datasets(golden: GoldenCase, inputs: readonly string[]): Uint8Array[] {
  if (inputs.includes("-")) return [golden.stdin!];
  const files = new Set(inputs.flatMap((input) => filesOf(golden, input)));
  return [...files].map((file) => {
    const bytes = readFileSync(file);
    return bytes.length < 4 ? bytes : unpack(bytes);
  });
}

/** Cases that fail before a dataset is read, or while it is unpacked: nothing the oracle has an opinion on. */
const aboutReading = goldenCases().filter(
  ({ status, name, byHand }) => !byHand && status < 2 && name !== "no-file" && name !== "broken-gzip",
);

describe("the oracle", () => {
  test("has golden cases to be held to", () => expect(aboutReading.length).toBeGreaterThan(100));

  test.each(aboutReading.map((golden) => [golden.name, golden] as const))("agrees with %s", (_, golden) => {
    const { options, inputs } = parseArgs(golden.written);
    const outcome = aggregate(datasets(golden, inputs), options);
    expect(outcome.status).toBe(golden.status === 0 ? "done" : "failed");
    if (outcome.status === "failed") return;
    // Writes the expected files of a new case: to be checked by eye before they are kept.
    if ([golden.name, "all"].includes(process.env["ELECTRO_WRITE_GOLDEN"] ?? "")) {
      mkdirSync(join(golden.folder, "expected"), { recursive: true });
      for (const [name, text] of outcome.files) writeFileSync(join(golden.folder, "expected", name), text);
    }
    expect([...outcome.files.keys()].sort()).toEqual([...golden.names].sort());
    for (const [name, text] of golden.expected) expect(outcome.files.get(name)).toBe(text);
    expect(outcome.totals).toMatchObject(golden.totals);
  });
});
