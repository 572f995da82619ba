/** `electro token`, as people and scripts use it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../../dist/cli/program.js";
import { IN_MEMORY } from "../../in-memory.js";
import { within } from "../../wait.mjs";
import { fakeWorld } from "../fake-world.js";

const MAIN = fileURLToPath(new URL("../../../dist/bin/electro.js", import.meta.url));

let folder: string;

beforeEach(() => {
  // One change waits for others no longer than ten seconds.
  folder = mkdtempSync(join(IN_MEMORY, "electro-token-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function token(...given: (string | { time: number })[]) {
  const world = fakeWorld();
  world.cwd = folder;
  const args = given.filter((one) => typeof one === "string");
  for (const one of given) if (typeof one !== "string") world.time = one.time;
  const status = await run(["token", ...args], world);
  return { status, stdout: world.stdout.text, stderr: world.stderr.text };
}

test("add prints the token and nothing else; list shows what it begins with, never the token; revoke takes it back", async () => {
  const first = await token("add", "gateway-3", "--scope", "write");
  expect(first).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^electro_[a-z2-9]{10}_[\w-]{43}\n$/),
    stderr: "this is the only time that the token is shown\n",
  });
  const second = await token("add", "nightly", "--scope", "read,write", "--quiet");
  expect(second.stderr).toBe("");

  const begins = [first, second].map(({ stdout }) => `${stdout.slice(0, 19)}…`);
  expect(await token("list")).toEqual({
    status: 0,
    stderr: "",
    stdout: `name       scopes      sources  expires  created               begins with
gateway-3  write       all      never    2026-01-02T03:04:05Z  ${begins[0]}
nightly    read,write  all      never    2026-01-02T03:04:05Z  ${begins[1]}
`,
  });
  const other = await token("rotate", "gateway-3");
  expect(other).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^electro_\S+\n$/),
    stderr: "this is the only time that the token is shown; the previous one is no longer valid\n",
  });
  expect(other.stdout).not.toBe(first.stdout);
  expect(await token("revoke", "gateway-3")).toEqual({ status: 0, stdout: "", stderr: "gateway-3 is revoked\n" });
  expect((await token("list")).stdout.match(/^\S+/gm)).toEqual(["name", "nightly"]);
});

test("--source and --expires limit a token, and list shows how, to people and to programs", async () => {
  const add = (name: string, ...args: string[]) => token("add", name, "--scope", "read", ...args);
  await add("day", "--expires", "2026-01-02", "--source", "m\u001b1");
  await add("days", "--expires", "90d", "--source", "", "--source", "b", "--source", "b");
  await add("leap", "--expires", "2028-02-29", "--source", "");
  const { stdout } = await token("list");
  expect(
    stdout.replace(/electro_.*/g, "…"),
  ).toBe(`name  scopes  sources    expires               created               begins with
day   read    m\\x1b1     2026-01-03T00:00:00Z  2026-01-02T03:04:05Z  …
days  read    2 of them  2026-04-02T03:04:05Z  2026-01-02T03:04:05Z  …
leap  read    ""         2028-03-01T00:00:00Z  2026-01-02T03:04:05Z  …
`);
  const json = await token("list", "--json");
  expect(json.stdout).not.toMatch(/sha256|[\da-f]{64}/);
  expect(JSON.parse(json.stdout).tokens.slice(0, 2)).toEqual([
    {
      ...{ name: "day", scopes: ["read"], sources: ["m\u001b1"], expires: "2026-01-03T00:00:00Z", expired: false },
      ...{ created: "2026-01-02T03:04:05Z", begins_with: expect.stringMatching(/^electro_\w{10}_…$/) },
    },
    expect.objectContaining({ sources: ["", "b"], expires: "2026-04-02T03:04:05Z" }),
  ]);
  const later = await token("list", "--json", { time: Date.UTC(2026, 0, 3) });
  expect(JSON.parse(later.stdout).tokens.map((one: { expired: boolean }) => one.expired)).toEqual([true, false, false]);
  expect((await token("list", { time: Date.UTC(2026, 0, 3) })).stdout).toContain("2026-01-03T00:00:00Z (expired)  ");
  expect((await token("list", "--json", "--tokens", "none.json")).stdout).toBe('{\n  "tokens": []\n}\n');
});

test("a rotated token has the limits of the one before, and what --expires says", async () => {
  await token("add", "a", "--scope", "write", "--source", "m1", "--expires", "1d");
  const limits = async () => {
    const { tokens } = JSON.parse((await token("list", "--json")).stdout);
    return [tokens[0].scopes, tokens[0].sources, tokens[0].expires];
  };
  expect((await token("rotate", "a")).status).toBe(0);
  expect(await limits()).toEqual([["write"], ["m1"], "2026-01-03T03:04:05Z"]);
  const after = { time: Date.UTC(2026, 5, 1) };
  expect(await token("rotate", "a", after)).toMatchObject({
    status: 1,
    stderr: "error: a expired at 2026-01-03T03:04:05Z; say until when the new token is valid, with --expires\n",
  });
  expect((await token("rotate", "a", "--expires", "2026-06-01", after)).status).toBe(0);
  expect(await limits()).toEqual([["write"], ["m1"], "2026-06-02T00:00:00Z"]);
});

test("a token of some sources is no admin's", async () => {
  expect(await token("add", "x", "--scope", "read,admin", "--source", "a")).toEqual({
    status: 2,
    stdout: "",
    stderr: "error: admin is about the whole store; a token of some sources has read or write\n",
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("without a file, list says so", async () => {
  expect(await token("list", "--tokens", "here.json")).toEqual({
    status: 0,
    stdout: "",
    stderr: "there is no here.json: no token has been made\n",
  });
  expect(readdirSync(folder)).toEqual([]);
});

const REFUSED: [args: string[], status: number, message: string][] = [
  [[], 2, "no action; use add NAME --scope SCOPE, list, rotate NAME, or revoke NAME"],
  [["delete", "x"], 2, '"delete" is not an action; use add NAME --scope SCOPE, list, rotate NAME, or revoke NAME'],
  [["add"], 2, "no NAME; use electro token add NAME"],
  [["add", "x"], 2, "no --scope; say what the bearer may do: read, write, admin, or several, as read,write"],
  [["add", "x", "--scope", "all"], 2, '--scope: "all" has "all", which is not one of read, write, admin'],
  [["add", "x", "y", "--scope", "read"], 2, '"y" is one argument too many'],
  [["list", "x"], 2, '"x" is one argument too many'],
  [["list", "--scope", "read"], 2, "--scope is for add; electro token list has none"],
  [
    ["add", "there", "--scope", "read"],
    1,
    "there is a token there already; choose another name, or give it another token with electro token rotate there",
  ],
  ...["2026-01-01", "2026-02-30", "0d", "99999d", "1.5d", "tomorrow", "2027-1-1"].map(
    (day): [string[], number, string] => [
      ["add", "x", "--scope", "read", "--expires", day],
      2,
      `--expires "${day}": write a day that is not over, as 2026-12-31, or days from now, as 90d`,
    ],
  ),
  [["rotate", "there", "--source", "a"], 2, "--source is for add; electro token rotate has none"],
  [["list", "--expires", "1d"], 2, "--expires is for add and rotate; electro token list has none"],
  [["revoke", "there", "--json"], 2, "--json is for list; electro token revoke has none"],
  [["rotate"], 2, "no NAME; use electro token rotate NAME"],
  [["rotate", "there", "--scope", "read"], 2, "--scope is for add; electro token rotate has none"],
  [["rotate", "x"], 1, "electro-tokens.json has no token x; electro token list shows what there is"],
  [["revoke", "x"], 1, "electro-tokens.json has no token x; electro token list shows what there is"],
  [
    ["add", "x", "--scope", "read", "--tokens", "no/t.json"],
    1,
    "cannot write no/t.json: there is no such folder; create it, or choose another place",
  ],
];

test.each(REFUSED)("electro token %j", async (args, status, message) => {
  await token("add", "there", "--scope", "read");
  const before = readFileSync(join(folder, "electro-tokens.json"), "utf8");
  expect(await token(...args)).toEqual({
    status,
    stdout: "",
    stderr: `error: ${message}\n${status === 2 ? "See electro token --help.\n" : ""}`,
  });
  expect(readFileSync(join(folder, "electro-tokens.json"), "utf8")).toBe(before);
});

test.each(["", "a b", "-", ".a", "a/b", "ä", "a".repeat(65)])("no token is named %j", async (name) => {
  const { status, stdout, stderr } = await token("add", "--scope", "read", "--", name);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error: (no NAME|".*" cannot name a token; a name has 1 to 64 letters, digits and \. _ @ -)/);
  expect(readdirSync(folder)).toEqual([]);
});

describe("processes", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  function electro(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [MAIN, "token", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    return child;
  }

  test("that add at the same time lose nothing", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
    const ends = await Promise.all(
      names.map(async (name) => {
        const child = electro("add", name, "--scope", "read");
        const all = Promise.all([once(child, "exit"), text(child.stdout!)]);
        const [[status], stdout] = await within("the end of electro token", all);
        return { status, stdout };
      }),
    );
    expect(ends.map(({ status }) => status)).toEqual(names.map(() => 0));
    const { tokens } = JSON.parse(readFileSync(join(folder, "electro-tokens.json"), "utf8"));
    expect(tokens.map(({ name }: { name: string }) => name).sort()).toEqual(names);
    expect(readdirSync(folder)).toEqual(["electro-tokens.json"]);
  });

  test("that were killed while they wrote stand in nobody's way", async () => {
    await token("add", "a", "--scope", "read");
    const child = spawn("true");
    await once(child, "exit");
    writeFileSync(join(folder, ".electro-electro-tokens.json.tmp"), "half");
    const host = hostname()
      .slice(0, 64)
      .replace(/[^A-Za-z0-9-]/g, "_");
    writeFileSync(join(folder, `.electro-electro-tokens.json.lock.${child.pid}.1.${host}.0`), "");
    expect((await token("add", "b", "--scope", "read")).status).toBe(0);
    expect(readdirSync(folder)).toEqual(["electro-tokens.json"]);
  });

  test("a standard output that is full says that the token is lost, and how to take it back", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [MAIN, "token", "add", "x", "--scope", "read"], {
      cwd: folder,
      stdio: ["ignore", full, "pipe"],
    });
    children.push(child);
    const all = Promise.all([once(child, "exit"), text(child.stderr!)]);
    const [[status], stderr] = await within("the end of electro token", all);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "error: cannot print the token x, which is stored already; make another one with electro token rotate x\n",
    });
  });
});
