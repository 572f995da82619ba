/** Each folder of test/golden is one case; its README says how to add one. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { electro, inFolder } from "../oracle/electro.js";
import { type GoldenCase, goldenCases, readFolder } from "../oracle/golden.js";

const cases = goldenCases();

test("there are golden cases", () => expect(cases.length).toBeGreaterThan(100));

describe("electro aggregate", () => {
  test.each(cases.map((golden) => [golden.name, golden.about, golden] as const))("%s: %s", (_, __, golden) =>
    inFolder(async (folder) => {
      const output = join(folder, "out");
      const run = await electro(["aggregate", ...golden.args, "--output", output], golden.folder, golden.stdin);
      expect(run.status, run.stderr).toBe(golden.status);
      for (const text of golden.stderr) expect(run.stderr).toContain(text);
      expect(run.stderr).not.toMatch(/^ {4}at /m);
      const files = readFolder(output);
      if (golden.status === 0) holdsWhatIsExpected(golden, files, output);
      else expect([...files.keys(), existsSync(join(output, "manifest.json"))]).toEqual([false]);
    }),
  );
});

function holdsWhatIsExpected(golden: GoldenCase, files: Map<string, string>, output: string): void {
  expect([...files.keys()]).toEqual([...golden.names].sort());
  for (const [name, text] of golden.expected) expect(`${name}\n${files.get(name)}`).toBe(`${name}\n${text}`);

  const manifest = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"));
  expect(manifest.totals).toMatchObject(golden.totals);
  const listed: { name: string; sha256: string }[] = manifest.files;
  for (const { name, sha256 } of listed) {
    expect([
      name,
      createHash("sha256")
        .update(readFileSync(join(output, name)))
        .digest("hex"),
    ]).toEqual([name, sha256]);
  }
  expect(
    listed
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".csv"))
      .sort(),
  ).toEqual([...files.keys()]);
}
