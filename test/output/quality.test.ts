/** The page on quality says what each column is. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FINDINGS_HEADING, QUALITY_HEADING } from "../../dist/output/quality.js";

const page = readFileSync(new URL("../../docs/quality.md", import.meta.url), "utf8");

/** The names in the first column of the tables under a heading. */
function described(from: string, to: string): string[] {
  const part = page.slice(page.indexOf(from), page.indexOf(to));
  return part
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => Array.from(line.split(" | ")[0]!.matchAll(/`(\w+)`/g), ([, name]) => name!));
}

test("the page describes the columns of both CSV forms, in their order", () => {
  expect(`${described("## The columns", "The findings").join()}\n`).toBe(QUALITY_HEADING);
  expect(`${described("The findings", "## How it is computed").join()}\n`).toBe(FINDINGS_HEADING);
});
