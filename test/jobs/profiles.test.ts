/** Exports that are recognised by their headers, and profiles that are named: read as their options say. */
import { describe, expect, test } from "vitest";
import { electro, inFolder } from "../oracle/electro.js";
import { goldenCases, readFolder } from "../oracle/golden.js";

const cases = goldenCases().filter(({ name }) => name.startsWith("profile-"));

describe("an export that is recognised", () => {
  test("has golden cases", () => expect(cases.length).toBeGreaterThan(5));

  test.each(cases.map((golden) => [golden.name, golden] as const))(
    "%s: gives the same files as its options do, written out",
    (_, golden) =>
      inFolder(async (folder) => {
        const args = ["aggregate", ...golden.written, "--profile", "none", "-o", folder];
        const run = await electro(args, golden.folder);
        expect([run.status, run.stderr]).toEqual([0, expect.not.stringContaining("read as")]);
        expect(Object.fromEntries(readFolder(folder))).toEqual(Object.fromEntries(golden.expected));
      }),
  );
});
