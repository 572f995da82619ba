import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, run } from "./npm.js";

const pages = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
  .stdout.trim()
  .split("\n")
  .filter((page) => existsSync(join(root, page)));
const text = (page: string) => readFileSync(join(root, page), "utf8");

test("the commands of all pages print what the pages show, and code is what its files have", () => {
  expect(run(process.execPath, ["scripts/pages.mjs"])).toMatchObject({ status: 0, stderr: "" });
});

test("no page tells anyone to install somebody else's package", () => {
  expect(pages).toContain("README.md");
  for (const page of pages)
    expect(text(page), page).not.toMatch(/\b(npm (i|install|add)|npx)( -\S+)* electro(?!-kwh)\b/);
});

test("links between pages lead somewhere, to headings too", () => {
  const links = pages.flatMap((page) =>
    [...text(page).matchAll(/\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)/g)].map(([, path, heading]) => ({
      path: path === "" ? page : join(dirname(page), path!),
      heading,
    })),
  );
  expect(links.length).toBeGreaterThan(50);
  expect(
    links.filter(
      ({ path, heading }) => !existsSync(join(root, path)) || (heading !== "" && !headings(path).includes(heading!)),
    ),
  ).toEqual([]);
});

/** The names that headings of a page have in links. */
function headings(page: string): string[] {
  return [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("the messages that the troubleshooting is sorted by are those of the program", () => {
  const source = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => text(join("src", name)))
    .join("\n");
  const quoted = [...text("docs/faq.md").matchAll(/^### (".*")$/gm)].flatMap(
    ([, line = ""]) => line.match(/[^"]{3,}/g)!,
  );
  expect(quoted.length).toBeGreaterThan(8);
  expect(quoted.filter((message) => !source.includes(message))).toEqual([]);
});

describe("the steps that a file of deploy/ names are those of docs/service.md:", () => {
  test.each([
    ["electro.service", "As a systemd service"],
    ["Containerfile", "In a container"],
  ])("%s", (file, heading) => {
    const steps = [...text(`deploy/${file}`).matchAll(/^# {3}(.*)\n/gm)].map(([, step]) => step);
    const [, section = ""] = text("docs/service.md").split(`## ${heading}\n`);
    expect(steps.length).toBeGreaterThan(2);
    expect(/^```sh\n(.*?)^```/ms.exec(section)?.[1]).toBe(`${steps.join("\n")}\n`);
  });
});
