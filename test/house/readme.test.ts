import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root, run } from "./npm.js";

const pages = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
  .stdout.trim()
  .split("\n")
  .filter((page) => existsSync(join(root, page)));

test("the commands of the README print what it says", () => {
  expect(run(process.execPath, ["scripts/readme.mjs"])).toMatchObject({ status: 0, stderr: "" });
});

test("no page tells anyone to install somebody else's package", () => {
  expect(pages).toContain("README.md");
  for (const page of pages) {
    expect(readFileSync(join(root, page), "utf8"), page).not.toMatch(
      /\b(npm (i|install|add)|npx)( -\S+)* electro(?!-kwh)\b/,
    );
  }
});

test("links between pages lead somewhere", () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link]) =>
      join(dirname(page), link!),
    ),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});
