/** Access by the tokens of a file: who is let in, from when on, and what becomes of a file that is not as it should be. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant, Scope } from "../../../dist/service/auth/token.js";
import { addToken, openTokens, revokeToken, rotateToken } from "../../../dist/service/auth/tokens.js";
import { IN_MEMORY } from "../../in-memory.js";

const NOW = new Date("2026-01-31T13:45:00.678Z");

let folder: string;
let file: { path: string; displayName: string };
let told: string[];

beforeEach(() => {
  // One change waits for others no longer than ten seconds.
  folder = mkdtempSync(join(IN_MEMORY, "electro-tokens-"));
  file = { path: join(folder, "tokens.json"), displayName: "tokens.json" };
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

const add = (name: string, ...scopes: Scope[]) => addToken(file, name, { scopes }, NOW);
const open = () =>
  openTokens(
    file,
    (code, message) => void told.push(`${code}: ${message}`),
    () => NOW.getTime(),
  );

/** Another character in place of the one at `at`. */
function changed(token: string, at: number): string {
  return token.slice(0, at) + (token[at] === "x" ? "y" : "x") + token.slice(at + 1);
}

describe("a token", () => {
  test("is an id and 256 random bits, of which a hash is stored", async () => {
    const token = await add("gateway", "write");
    expect(token).toMatch(/^electro_[a-z2-9]{10}_[\w-]{43}$/);
    const text = readFileSync(file.path, "utf8");
    expect(text).not.toContain(token.slice(-43));
    expect(JSON.parse(text)).toEqual({
      electro: "tokens",
      version: 1,
      tokens: [
        {
          name: "gateway",
          scopes: ["write"],
          created: "2026-01-31T13:45:00Z",
          id: token.split("_")[1],
          sha256: createHash("sha256").update(token).digest("hex"),
        },
      ],
    });
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["tokens.json"]);
  });

  test("gives its name and its own scopes", async () => {
    const [reader, writer, both] = [await add("r", "read"), await add("w", "write"), await add("b", "read", "write")];
    const access = open();
    expect(access.check(`Bearer ${reader}`)).toMatchObject({ name: "r", scopes: ["read"] });
    expect(access.check(`Bearer ${writer}`)).toMatchObject({ name: "w", scopes: ["write"] });
    expect(access.check(`bearer  ${both}`)).toMatchObject({ name: "b", scopes: ["read", "write"] });
    expect(access.tokens).toBe(3);
  });

  test("with any one character changed, removed or added is not valid", async () => {
    const token = await add("gateway", "read");
    const access = open();
    for (let at = 0; at < token.length; at++) {
      expect(access.check(`Bearer ${changed(token, at)}`), `changed at ${at}`).toBeUndefined();
      expect(access.check(`Bearer ${token.slice(0, at)}`), `cut at ${at}`).toBeUndefined();
    }
    expect(access.check(`Bearer ${token}A`)).toBeUndefined();
    expect(access.check(`Bearer ${token}`)).toBeDefined();
  });

  test("is not accepted in any other header, and no header does harm", async () => {
    const token = await add("gateway", "read");
    const hash = JSON.parse(readFileSync(file.path, "utf8")).tokens[0].sha256;
    const access = open();
    for (const header of [undefined, "", token, `Basic ${token}`, `Bearer${token}`, `Bearer ${token} x`, "Bearer "]) {
      expect(access.check(header), String(header)).toBeUndefined();
    }
    expect(access.check(`Bearer ${hash}`)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(access.check(text)).toBeUndefined();
        expect(access.check(`Bearer ${text}`)).toBeUndefined();
      }),
    );
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(access.check(`Bearer electro_${name.padEnd(10, "a").slice(0, 10)}_${"A".repeat(43)}`)).toBeUndefined();
    }
  });
});

describe("a token with limits", () => {
  test("is valid until it expires, to the second, and then says since when it is not", async () => {
    const grant: Grant = { scopes: ["read"], expires: "2026-01-31T13:46:00Z" };
    const authorization = `Bearer ${await addToken(file, "a", grant, NOW)}`;
    let now = Date.parse("2026-01-31T13:45:59.999Z");
    const access = openTokens(
      file,
      () => {},
      () => now,
    );
    expect(access.check(authorization)).toMatchObject({ name: "a" });
    now++;
    expect(access.check(authorization)).toEqual({ expired: "2026-01-31T13:46:00Z" });
    // Only the token itself is told so.
    expect(access.check(changed(authorization, authorization.length - 5))).toBeUndefined();
  });

  test("gives its sources", async () => {
    const token = await addToken(file, "a", { scopes: ["read"], sources: ["m1", "", "m1"] }, NOW);
    expect(open().check(`Bearer ${token}`)).toMatchObject({ scopes: ["read"], sources: ["m1", ""] });
    const many = { scopes: ["read"] as const, sources: Array.from({ length: 1001 }, (_, n) => String(n)) };
    await expect(addToken(file, "b", many, NOW)).rejects.toThrow("a token is limited to 1000 sources at most");
  });
});

describe("while serving", () => {
  test("a token is valid from the next request after it was made until it is revoked", async () => {
    const first = await add("first", "read");
    const access = open();
    const second = await add("second", "write");
    expect(access.check(`Bearer ${second}`)).toMatchObject({ name: "second" });
    await revokeToken(file, "first");
    expect(access.check(`Bearer ${first}`)).toBeUndefined();
    expect(access.check(`Bearer ${second}`)).toMatchObject({ name: "second" });
    await revokeToken(file, "second");
    expect(access.check(`Bearer ${second}`)).toBeUndefined();
    expect(access.open).toBe(false);
    expect(open().open).toBe(false);
    const none = "no_tokens: tokens.json has no token left; nobody has access until electro token add makes one";
    expect(told).toEqual([none, none]);
  });

  test("a revoked name may be used again, and the old token stays invalid", async () => {
    const old = await add("meter", "read", "write");
    await revokeToken(file, "meter");
    const fresh = await add("meter", "read");
    const access = open();
    expect(access.check(`Bearer ${old}`)).toBeUndefined();
    expect(access.check(`Bearer ${fresh}`)).toMatchObject({ scopes: ["read"] });
  });

  test("a rotated token has the same name and scopes, and the old one is invalid", async () => {
    const old = await add("meter", "read", "write");
    const other = await add("other", "read");
    const access = open();
    const fresh = await rotateToken(file, "meter", NOW);
    expect(access.check(`Bearer ${old}`)).toBeUndefined();
    expect(access.check(`Bearer ${fresh}`)).toMatchObject({ name: "meter", scopes: ["read", "write"] });
    expect(access.check(`Bearer ${other}`)).toMatchObject({ name: "other" });
    await expect(rotateToken(file, "nobody", NOW)).rejects.toThrow("tokens.json has no token nobody;");
  });

  test("the first token closes what was open", async () => {
    const access = open();
    expect([access.open, access.tokens]).toEqual([true, 0]);
    const token = await add("first", "read");
    expect([access.open, access.tokens]).toEqual([false, 1]);
    expect(access.check(`Bearer ${token}`)).toMatchObject({ name: "first" });
  });

  test("a file that is broken or gone lets nobody in, and is reported once; once repaired, it works again", async () => {
    const token = await add("gateway", "read");
    const good = readFileSync(file.path);
    const access = open();
    const header = `Bearer ${token}`;

    writeFileSync(file.path, good.subarray(0, 40));
    for (let i = 0; i < 3; i++) expect(access.check(header)).toBeUndefined();
    expect(access.open).toBe(false);
    expect(told).toEqual([expect.stringMatching(/^tokens_broken: tokens\.json: it is not JSON; .*nobody has access/)]);

    writeFileSync(file.path, good);
    expect(access.check(header)).toMatchObject({ name: "gateway" });

    renameSync(file.path, `${file.path}.away`);
    for (let i = 0; i < 3; i++) expect(access.check(header)).toBeUndefined();
    expect(access.open).toBe(false);
    expect(told.slice(1)).toEqual([expect.stringMatching(/^tokens_gone: tokens\.json is gone/)]);

    renameSync(`${file.path}.away`, file.path);
    expect(access.check(header)).toMatchObject({ name: "gateway" });
  });

  test("a folder in place of the file lets nobody in", async () => {
    const token = await add("gateway", "read");
    const access = open();
    rmSync(file.path);
    symlinkSync(folder, file.path);
    expect(access.check(`Bearer ${token}`)).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(/^tokens_broken: tokens\.json: cannot be read: it is a folder/)]);
  });

  test("every prefix of the file lets nobody in but the one that lacks its last line end", async () => {
    const token = await add("gateway", "read");
    const good = readFileSync(file.path, "utf8");
    for (let length = 0; length < good.length - 1; length++) {
      writeFileSync(file.path, good.slice(0, length));
      expect(() => open(), `of ${length} characters`).toThrow(/^tokens\.json: it is not JSON; restore it/);
    }
    writeFileSync(file.path, good.trimEnd());
    expect(open().check(`Bearer ${token}`)).toBeDefined();
  });
});

describe("a file of tokens is refused", () => {
  const GOOD = {
    name: "a",
    scopes: ["read"],
    created: "2026-01-31T13:45:00Z",
    id: "abcdefgh22",
    sha256: "0".repeat(64),
  };
  const tokens = (...list: unknown[]) => ({ electro: "tokens", version: 1, tokens: list });

  const FAULTS: [content: unknown, fault: string][] = [
    [[], "it is not a file of tokens"],
    [null, "it is not a file of tokens"],
    [{ tokens: [GOOD] }, "it is not a file of tokens"],
    [{ ...tokens(GOOD), version: 2 }, "its format has version 2, but this Electro knows 1"],
    [{ electro: "tokens", version: 1 }, "it has no list of tokens"],
    [tokens(GOOD, null), "its token 2 is not an object"],
    [tokens({ ...GOOD, name: "a\nb" }), "its token 1 has no valid name"],
    [tokens({ ...GOOD, scopes: ["all"] }), "its token 1 has scopes that are not among read, write, admin"],
    [tokens({ ...GOOD, scopes: [] }), "its token 1 has scopes that are not among read, write, admin"],
    [tokens({ ...GOOD, scopes: "read" }), "its token 1 has scopes that are not among read, write, admin"],
    [tokens({ ...GOOD, created: "yesterday" }), "its token 1 has no valid time of creation"],
    [tokens({ ...GOOD, id: "" }), "its token 1 has no valid id"],
    [tokens({ ...GOOD, sha256: "0".repeat(63) }), "its token 1 has no valid sha256"],
    [tokens({ ...GOOD, sha256: "" }), "its token 1 has no valid sha256"],
    [tokens({ ...GOOD, networks: [] }), 'its token 1 has a member "networks", which this version does not know'],
    [tokens({ ...GOOD, expires: "2026" }), "its token 1 has no valid time of expiry"],
    [tokens({ ...GOOD, expires: "2026-02-01T99:00:00Z" }), "its token 1 has no valid time of expiry"],
    [tokens({ ...GOOD, expires: null }), "its token 1 has no valid time of expiry"],
    [tokens({ ...GOOD, sources: [] }), "its token 1 has sources that are not a list of ids"],
    [tokens({ ...GOOD, sources: "a" }), "its token 1 has sources that are not a list of ids"],
    [tokens({ ...GOOD, sources: ["a", 1] }), "its token 1 has sources that are not a list of ids"],
    [tokens({ ...GOOD, sources: Array(1001).fill("a") }), "its token 1 has more than 1000 sources"],
    [
      tokens({ ...GOOD, scopes: ["admin"], sources: ["a"] }),
      "its token 1 has sources, and the scope admin, which is about all of them",
    ],
    [tokens(GOOD, { ...GOOD, id: "abcdefgh23" }), "its token 2 is a duplicate"],
    [tokens(GOOD, { ...GOOD, name: "b" }), "its token 2 is a duplicate"],
  ];

  test.each(FAULTS)("if it contains %j", async (content, fault) => {
    const text = JSON.stringify(content);
    writeFileSync(file.path, text);
    const message = `tokens.json: ${fault}; restore it from a backup, or move it away and make new tokens`;
    expect(() => open()).toThrow(message);
    await expect(add("b", "read")).rejects.toThrow(message);
    expect(readFileSync(file.path, "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["tokens.json"]);
  });

  test("if it is too large", () => {
    writeFileSync(file.path, " ".repeat(8_000_001));
    expect(() => open()).toThrow("tokens.json: it is larger than 8 MB");
  });
});

describe("the file", () => {
  test("keeps its mode, and causes a warning if others may read or change it", async () => {
    await add("a", "read");
    chmodSync(file.path, 0o640);
    await add("b", "read");
    expect(statSync(file.path).mode & 0o777).toBe(0o640);
    open();
    expect(told).toEqual([]);
    chmodSync(file.path, 0o644);
    open();
    expect(told).toEqual([
      "tokens_mode: tokens.json has mode 0644, so others than its owner can read or change it; run chmod 600 tokens.json",
    ]);
  });

  test.skipIf(userInfo().uid !== 0)("keeps its owner, whoever changes it", async () => {
    await add("a", "read");
    chownSync(file.path, 65534, 65534);
    await add("b", "read");
    await revokeToken(file, "a");
    const { uid, gid, mode } = statSync(file.path);
    expect([uid, gid, mode & 0o777]).toEqual([65534, 65534, 0o600]);
  });

  test("behind a link is changed where it is", async () => {
    await add("a", "read");
    renameSync(file.path, join(folder, "real.json"));
    symlinkSync("real.json", file.path);
    await add("b", "read");
    expect(JSON.parse(readFileSync(join(folder, "real.json"), "utf8")).tokens).toHaveLength(2);
    expect(readdirSync(folder).sort()).toEqual(["real.json", "tokens.json"]);
  });

  test("is not created by a revocation", async () => {
    await expect(revokeToken(file, "a")).rejects.toThrow("tokens.json has no token a; electro token list shows");
    expect(existsSync(file.path)).toBe(false);
  });

  test("loses nothing to changes at the same time", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `meter-${i}`);
    const made = await Promise.all(names.map((name) => add(name, "write")));
    const access = open();
    expect(made.map((token) => access.check(`Bearer ${token}`))).toMatchObject(names.map((name) => ({ name })));
    expect(readdirSync(folder)).toEqual(["tokens.json"]);
  });
});
