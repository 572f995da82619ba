/** Lines of the log, and what of users' data is shown as it is. */
import { describe, expect, test } from "vitest";
import { createLog, type Entry, type Level, leastLevel } from "../../../dist/cli/terminal/log.js";
import { printable, printableJson } from "../../../dist/cli/terminal/printable.js";

function lineOf(entry: Entry, settings: { format?: "text" | "json"; colour?: boolean; least?: Level } = {}): string {
  let text = "";
  const { format = "text", colour = false, least = "debug" } = settings;
  const log = createLog({ format, colour, least, now: () => 0, write: (line) => (text += line) });
  log(entry);
  return text;
}

describe("text", () => {
  test("errors, warnings and details begin with their level, other lines do not", () => {
    expect(lineOf({ level: "error", message: "no" })).toBe("error: no\n");
    expect(lineOf({ level: "warning", code: "odd", message: "hm" })).toBe("warning: hm\n");
    expect(lineOf({ level: "debug", message: "so" })).toBe("debug: so\n");
    expect(lineOf({ level: "info", lines: ["1 reading", "total 1 kWh"] })).toBe("1 reading\ntotal 1 kWh\n");
    expect(lineOf({ level: "error", message: "a.json: record 7", bare: true })).toBe("a.json: record 7\n");
  });

  test("only the level is coloured", () => {
    expect(lineOf({ level: "error", message: "no" }, { colour: true })).toBe("\x1b[31merror:\x1b[0m no\n");
    expect(lineOf({ level: "info", message: "yes" }, { colour: true })).toBe("yes\n");
  });

  test("each line stays one line", () => {
    expect(lineOf({ level: "info", lines: ["a\nb", "c"] })).toBe("a\\nb\nc\n");
    expect(lineOf({ level: "error", message: "\x1b]0;title\x07\r\nerror: faked" })).toBe(
      "error: \\x1b]0;title\\x07\\r\\nerror: faked\n",
    );
  });
});

describe("JSON", () => {
  test("a line is an object", () => {
    expect(
      lineOf({ level: "warning", code: "odd", message: "hm\n\x9b", fields: { folder: "out" } }, { format: "json" }),
    ).toBe(
      '{"time":"1970-01-01T00:00:00.000Z","level":"warning","code":"odd","message":"hm\\n\\u009b","folder":"out"}\n',
    );
  });

  test("several lines are one message", () => {
    expect(lineOf({ level: "info", lines: ["a", "b"] }, { format: "json" })).toContain('"message":"a; b"}');
  });
});

test("-q shows errors only, -v everything", () => {
  const shown = (flags: { quiet?: boolean; verbose?: boolean }) =>
    (["error", "warning", "info", "debug"] as const).filter(
      (level) => lineOf({ level, message: "x" }, { least: leastLevel(flags) }) !== "",
    );
  expect(shown({})).toEqual(["error", "warning", "info"]);
  expect(shown({ quiet: true })).toEqual(["error"]);
  expect(shown({ verbose: true })).toEqual(["error", "warning", "info", "debug"]);
});

describe("printable", () => {
  test("leaves ordinary text unchanged", () => {
    const text = "Zähler 7 – 電力量計 · עברית 🔌👩‍🔧 \\x1b C:\\new";
    expect(printable(text)).toBe(text);
  });

  test("escapes all of ASCII's and Latin-1's control characters", () => {
    for (let code = 0; code < 0x100; code++) {
      const char = String.fromCharCode(code);
      const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
      expect(printable(char) !== char).toBe(control);
      expect(/[\x00-\x1f\x7f-\x9f]/.test(printable(char))).toBe(false);
    }
    expect(printable("\n\r\t\0\x1b\x7f\x9b")).toBe("\\n\\r\\t\\x00\\x1b\\x7f\\x9b");
  });

  test("escapes line separators, lone surrogates and direction marks", () => {
    expect(printable("\u2028\u2029\ud800\udc00\ud800\u202e\u2066\u061c\ufeff")).toBe(
      "\\u2028\\u2029\ud800\udc00\\ud800\\u202e\\u2066\\u061c\\ufeff",
    );
  });

  test("JSON keeps its meaning", () => {
    const value = { "a\u202e": ["\x1b\x7f\x9b\u2028", "\ud83d\ude00", "\\u0041"] };
    const json = printableJson(value);
    expect(JSON.parse(json)).toEqual(value);
    expect(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(json)).toBe(false);
  });
});
