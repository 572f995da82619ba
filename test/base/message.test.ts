/** Messages are data: each surface words what they name as its own people call it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RunError } from "../../dist/base/errors.js";
import { bySurface, either, notOverHttp, option, say, textOf } from "../../dist/base/message.js";

describe("a message", () => {
  const message = say`more than ${option("maxDays", 30)}; say ${option("decimalComma", true)}${notOverHttp(say`, or ${option("bySource")}`)}${bySurface({ http: "!" })}`;

  test.each([
    ["commandLine", "more than --max-days 30; say --decimal-comma, or --by-source"],
    ["http", "more than max_days=30; say decimal_comma=true!"],
    ["library", "more than maxDays: 30; say decimalComma: true, or bySource"],
  ] as const)("is worded for %s", (surface, text) => {
    expect(textOf(message, surface)).toBe(text);
  });

  test.each([
    ["commandLine", "say --records '/*/it'\\''s'"],
    ["http", "say records=/*/it's"],
    ["library", `say records: "/*/it's"`],
  ] as const)("has values as %s takes them", (surface, text) => {
    expect(textOf(say`say ${option("records", "/*/it's")}`, surface)).toBe(text);
  });

  test("has values that look like options behind an equals sign", () => {
    const advised = (value: string) => textOf(say`${option("missing", value)}`, "commandLine");
    expect(["--", "---", "-x", "-", "-5", "n/a"].map(advised)).toEqual([
      ...["--missing=--", "--missing=---", "--missing=-x", "--missing -", "--missing -5", "--missing n/a"],
    ]);
  });
  test.each(["Zähler Süd", "1+1=2 & 3", "50 % #1", "日本 ⚡", `a"b<c>[d]{e}|\\^\``, "\ud800", "%d/%m/%Y %H:%M"])(
    "over HTTP has %j so that a query string brings it unchanged, and no client has to encode it",
    (name) => {
      const query = textOf(say`${option("valueField", name)}`, "http");
      expect(new URLSearchParams(query).get("value_field")).toBe(name.toWellFormed());
      if (name.isWellFormed())
        expect(new URL(`http://localhost/?${query}`).search).toBe(`?${query.replaceAll("'", "%27")}`);
    },
  );

  test("may contain others, and is the same after it was sent to another thread", () => {
    const longer = say`line ${7}: ${message}`;
    expect(textOf(structuredClone(longer), "http")).toBe(`line 7: ${textOf(message, "http")}`);
  });

  test("without options is plain text", () => {
    expect(say`line ${7}: ${"too long"}`).toBe("line 7: too long");
  });

  test("of an error is in the words of the library", () => {
    expect(new RunError("too_long", message).message).toBe(textOf(message, "library"));
  });
});

test("choices are listed with commas and or", () => {
  expect([either(["a"]), either(["a", "b"]), either(["a", "b", "c"])]).toEqual(["a", "a or b", "a, b or c"]);
});

test("no room below the command line and the service names a flag, a command or a parameter", () => {
  const rooms = ["base", "time", "tally", "quality", "scan", "input", "output", "store", "pipeline", "jobs"];
  // What another program's flag is called, what V8 is told, and what only the command line says.
  const allowed = /compress it again without --long|setFlagsFromString\(|commandLine: /;
  const texts = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
  const found: string[] = [];
  let looked = 0;
  for (const room of rooms)
    for (const name of readdirSync(join("src", room), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const code = readFileSync(join("src", room, name), "utf8").replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, "");
      for (const line of code.split("\n")) {
        if (allowed.test(line)) continue;
        for (const [text] of line.matchAll(texts)) {
          looked++;
          if (/(^|[^\w-])--[a-z]|\belectro (aggregate|load|export|serve|check|backup|token|quality)\b/.test(text))
            found.push(`${room}/${name}: ${text}`);
        }
      }
    }
  expect(looked).toBeGreaterThan(1000);
  expect(found).toEqual([]);
});
