/** Help and version, and the reference in docs/cli.md, which tells of the same options. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { run } from "../../../dist/cli/program.js";
import { STATUS, STOPPED } from "../../../dist/cli/status.js";
import { fakeWorld } from "../fake-world.js";

const ROOT = new URL("../../../", import.meta.url);
const MAIN = fileURLToPath(new URL("dist/bin/electro.js", ROOT));
const VERSION = (JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { version: string }).version;

async function helpOf(args: string[], columns?: number, env?: Record<string, string>): Promise<string> {
  const world = fakeWorld({ ...(columns && { columns }), ...(env && { env }) });
  expect(await run(args, world)).toBe(0);
  expect(world.stderr.text).toBe("");
  return world.stdout.text;
}

describe("help", () => {
  const WAYS = [
    ["--help"],
    ["help"],
    ["-h"],
    ["aggregate", "--help"],
    ["aggregate", "-h"],
    ["help", "aggregate"],
    ["token", "--help"],
  ];

  test.each(WAYS)("%s %s: has examples and exit statuses, fits 98 columns, has no colour", async (...args) => {
    const help = await helpOf(args.filter(Boolean));
    expect(help).toMatch(/^Usage: electro /);
    expect(help).toMatch(/\nExamples:\n/);
    expect(help).toMatch(/\nExit status: /);
    expect(help).not.toContain("\x1b");
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(98);
  });

  test("has an aligned column of descriptions", async () => {
    const starts = [
      ...(await helpOf(["aggregate", "--help"])).matchAll(/^( {2}(-\w, | {4})--\S+( \S+)? {2,})\S/gm),
    ].map((match) => match[1]!.length);
    expect(starts.length).toBeGreaterThan(25);
    expect(new Set(starts).size).toBe(1);
  });

  test("is narrower on a narrow terminal, and bold there in its headings", async () => {
    const help = await helpOf(["aggregate", "--help"], 80);
    const options = help.slice(0, help.indexOf("Examples:"));
    expect(options).toContain("\x1b[1mWhat to sum:\x1b[0m");
    expect(Math.max(...options.split("\n").map((line) => line.replace(/\x1b\[\d+m/g, "").length))).toBeLessThanOrEqual(
      80,
    );
  });

  test("has no colour with NO_COLOR", async () => {
    expect(await helpOf(["aggregate", "--help"], 80, { NO_COLOR: "1" })).not.toContain("\x1b");
  });
});

describe("version", () => {
  test.each(["--version", "-V", "version"])("%s", (flag) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, flag], {
      encoding: "utf8",
      timeout: 100_000,
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
  });

  test("is known by the program too", async () => {
    const world = fakeWorld();
    expect(await run(["--version", "x"], world)).toBe(0);
    expect(world.stdout.text).toBe(`${VERSION}\n`);
  });
});

describe("docs/cli.md", () => {
  const docs = readFileSync(new URL("docs/cli.md", ROOT), "utf8");

  test("has the same options as the help, with the same values, in the same order and groups", async () => {
    const help = await helpOf(["aggregate", "--help"]);
    expect(entriesOf(docs.slice(0, docs.indexOf("### What is refused")), /^### (.*)|^\| `(-[^`]*)` \|/gm)).toEqual(
      entriesOf(help, /^([A-Z][\w ]+):$|^ {2,6}(-\S.*?)(?: {2,}.*)?$/gm),
    );
  });

  test("has the same defaults as the help", async () => {
    const help = (await helpOf(["aggregate", "--help"])).replace(/\n {10,}/g, " ");
    const shown = [...help.matchAll(/--([\w-]+)[^\n]*\(default: (.*)\)$/gm)];
    expect(shown.length).toBeGreaterThan(15);
    for (const [, name, value] of shown) {
      const row = docs.split("\n").find((line) => line.startsWith("| `") && line.includes(`--${name} `));
      if (/^[\w.]+$/.test(value!) && value !== "found") expect(row).toMatch(new RegExp(`\\| \`?${value}\`? \\|$`));
    }
  });

  test("has all exit statuses", () => {
    const listed = [...docs.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    expect(listed).toEqual([...Object.values(STATUS), ...Object.values(STOPPED)]);
  });

  /** Headings and options in order, headings without options left out. */
  function entriesOf(text: string, pattern: RegExp): string[] {
    const entries = [...text.matchAll(pattern)].map(([, heading, option]) =>
      heading ? `# ${heading}` : option!.replaceAll("\\|", "|"),
    );
    return entries.filter((entry, i) => !entry.startsWith("#") || entries[i + 1]?.startsWith("-"));
  }
});
