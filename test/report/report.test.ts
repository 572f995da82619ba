// slow: not of the fast lane
/** `--report FILE`: what is in the page, what it takes the place of, and that the other files are as without it. */
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { electro } from "../oracle/electro.js";
import { localOf, partsOf } from "./support.js";

const folder = mkdtempSync(join(tmpdir(), "electro-report-"));
const run = (...args: string[]) => electro(args, folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const reportOf = (name: string) => localOf(read(name));

const HOSTILE = "</script><script>alert(1)</script><!-- ]]>";
const FILE = "<!--<script>$& & 'b'.ndjson";
const STORE = "--store=duckdb:s.duckdb";

function at(time: string, kWh: string, id?: string): string {
  return `${JSON.stringify({ timestamp: time, kWh_value: kWh, ...(id !== undefined && { meter_id: id }) })}\n`;
}

beforeAll(async () => {
  mkdirSync(join(folder, "in"));
  mkdirSync(join(folder, "sub"));
  writeFileSync(
    join(folder, "in", FILE),
    at("2024-03-30T23:15:00Z", "1.0625", "b") +
      at("2024-03-31T01:30:00Z", "2.5", HOSTILE) +
      at("2024-04-02T10:00:00Z", "-0.25", "b"),
  );
  writeFileSync(
    join(folder, "in", "b.ndjson"),
    at("2024-03-31T22:30:00Z", "1e-18") + at("2024-03-31T20:30:00Z", "7", "=a") + at("2024-03-31T20:40:00Z", "1", "b"),
  );
  writeFileSync(join(folder, "bad.ndjson"), `${at("2024-03-31T20:30:00Z", "7")}{"timestamp":1}\n`);
  writeFileSync(
    join(folder, "devices.ndjson"),
    [1, 2].map((n) => `{"timestamp":"2024-03-31T20:30:00Z","kWh_value":7,"device_id":"d${n}"}\n`).join(""),
  );
  const loaded = await run("load", "in", STORE);
  expect(loaded.status, loaded.stderr).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** All files in an output folder, and rows of the hourly ones in order. */
function filesOf(output: string) {
  const names = readdirSync(join(folder, output)).sort();
  return names.map((name) => [name, read(join(output, name))] as const);
}

describe("the files beside a report", () => {
  const commands = [
    ["aggregate", "in"],
    // The sources are in another field, which is told who asks for rows by source.
    ["aggregate", "devices.ndjson"],
    ["export", STORE],
  ];
  const options = [
    [],
    ["--timezone", "Europe/Berlin", "--with-counts"],
    ["--timezone", "Asia/Kathmandu", "--by-source", "--with-counts", "--raw-ids"],
    ["--from", "2024-03-31", "--to", "2024-04-03", "--decimals", "1", "--file-date", "iso"],
    ["--resolutions", "15min,week,total", "--timezone", "Australia/Lord_Howe"],
    ["--resolutions", "day", "--from", "2025-01-01", "--to", "2025-01-02"],
    ["--from", "2025-01-01"],
  ];
  test.each(commands.flatMap((command) => options.map((args) => [...command, ...args])))(
    "are as without one: %s %s %s %s %s %s %s",
    async (...args) => {
      const without = await run(...args.filter((one) => one !== undefined), "-o", "files");
      const expected = filesOf("files");
      rmSync(join(folder, "files"), { recursive: true });
      const withOne = await run(...args.filter((one) => one !== undefined), "-o", "files", "--report", "r.html");
      expect(withOne.status, withOne.stderr).toBe(0);
      expect(filesOf("files")).toEqual(expected);
      expect(withOne.stderr.replace(/^report r\.html \(0\.\d MB\)\n/m, "")).toBe(without.stderr);
      rmSync(join(folder, "files"), { recursive: true });
    },
  );
});

describe("a report", () => {
  test("has the sums of the files, exactly", async () => {
    const args = ["--timezone", "Europe/Berlin", "--by-source", "--raw-ids"];
    await run("aggregate", "in", ...args, "--resolutions", "hour,day,total", "-o", "sums", "--report", "sums.html");
    const local = reportOf("sums.html");
    const question = { timezone: "Europe/Berlin", sources: [] };
    const csv = (bySource: boolean, resolution: "hour" | "day") => local.csv({ ...question, bySource }, resolution);
    // It guards against formulas, which the files were asked not to.
    expect((await (await csv(true, "day")).text()).replaceAll("'=a", "=a")).toBe(read("sums/daily_data.csv"));
    const hourly = ["31_03", "01_04", "02_04"].map((date) =>
      read(`sums/hourly_data_${date}.csv`).split("\n").slice(1).join("\n"),
    );
    expect((await (await csv(true, "hour")).text()).replaceAll("'=a", "=a").split("\n").slice(1).join("\n")).toBe(
      hourly.join(""),
    );
    const { total_kWh, bars } = await local.profile(question, "day");
    expect(total_kWh).toBe("11.312500000000000001");
    expect(bars.map(({ kWh }) => kWh)).toEqual(["11.5625", "0.000000000000000001", "-0.25"]);
    expect(total_kWh).toBe(JSON.parse(read("sums/manifest.json")).totals.kWh);
  });

  test("runs its own script and style, and loads nothing", async () => {
    await run("aggregate", "in", "-o", "page", "--report", "page.html");
    const html = read("page.html");
    const { script, style, policy, data } = partsOf(html);
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1)] as const));
    expect(rules.get("default-src")).toEqual(["'none'"]);
    expect(rules.get("script-src")).toEqual([hash(script)]);
    expect(rules.get("style-src")).toEqual([hash(style)]);
    expect(script.length).toBeGreaterThan(50_000);
    expect(data).toMatch(/^[A-Za-z0-9+/]+=*$/);
    const frame = html.replace(script, () => "").replace(style, () => "");
    expect([...frame.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual(["data:,"]);
    expect(html.length - data.length).toBeLessThan(1_500_000);
  });

  test("shows hostile ids and names as text", async () => {
    await run("aggregate", join("in", FILE), "-o", "hostile", "--report", "hostile.html");
    const html = read("hostile.html");
    const { title } = partsOf(html);
    expect(title).toBe("&lt;!--&lt;script&gt;$&amp; &amp; 'b'.ndjson · Electro");
    expect(html).not.toContain("alert(1)");
    expect(html.match(/<!--/g)).toBeNull();
    expect(html.match(/<\/script/gi)).toHaveLength(2);
    const local = reportOf("hostile.html");
    const { sources } = await local.sources({ timezone: "UTC", sources: [], prefix: "" });
    expect(sources.map(({ source_id: id }) => id)).toEqual([HOSTILE, "b"]);
    expect(local.about.title).toBe(FILE);
  });

  test("says from what it was made, how, and what was warned of", async () => {
    const args = ["--on-error", "skip", "--from", "2024-03-01", "--to", "2024-03-31"];
    await run("aggregate", "bad.ndjson", ...args, "-o", "about", "--report", "about.html");
    const { about } = reportOf("about.html");
    expect(about.lines[0]).toMatch(
      /^Made by Electro \d+\.\d+\.\d+ on \d{4}-\d\d-\d\d \d\d:\d\d UTC, from bad\.ndjson\.$/,
    );
    expect(about.lines.slice(1)).toEqual([
      "The hours and days of UTC, 2024-03-01 to 2024-03-31.",
      "Options: --from 2024-03-01 --to 2024-03-31 --on-error skip",
      "1 bad record was set aside.",
    ]);
    await run("export", STORE, "--source", "b", "--source", "", "-o", "about", "--report", "store.html");
    expect(reportOf("store.html").about.lines).toEqual([
      expect.stringMatching(/^Made by Electro .* UTC, from version \d+ of a store with 2 batches\.$/),
      "The hours and days of UTC, 2024-03-30 to 2024-04-02.",
      "Options: --source b --source ''",
    ]);
  });

  test("of nothing has nothing", async () => {
    writeFileSync(join(folder, "empty.ndjson"), "");
    const { status } = await run("aggregate", "empty.ndjson", "-o", "empty", "--report", "empty.html");
    expect(status).toBe(0);
    const profile = await reportOf("empty.html").profile({ timezone: "UTC", sources: [] }, "day");
    expect([profile.from, profile.total_kWh, profile.bars]).toEqual([null, "0", []]);
  });
});

describe("a report of many sources", () => {
  const ids = Array.from({ length: 600 }, (_, n) => `meter-${String(n).padStart(3, "0")}`);
  const year = ["--from", "2024-01-01", "--to", "2024-12-31"];
  /** The one with the number n has n + 1 kWh, half of them given back. */
  const kWhOf = (n: number) => (n % 2 === 0 ? n + 1 : -(n + 1));

  beforeAll(() => {
    writeFileSync(
      join(folder, "many.ndjson"),
      ids.map((id, n) => at(`2024-05-0${1 + (n % 9)}T12:15:00Z`, String(kWhOf(n)), id)).join(""),
    );
    writeFileSync(
      join(folder, "some.ndjson"),
      ids
        .slice(0, 29)
        .map((id, n) => at(`2024-05-0${1 + (n % 9)}T12:15:00Z`, String(kWhOf(n)), id))
        .join(""),
    );
  });

  test("has the totals, and the largest by themselves, and says so", async () => {
    const { stderr, status } = await run("aggregate", "many.ndjson", ...year, "-o", "many", "--report", "many.html");
    expect(status, stderr).toBe(0);
    // 5,000,000 sums of 8,784 hours.
    expect(stderr).toMatch(/^report many\.html \(0\.\d MB\), with the 569 largest of 600 sources by themselves$/m);
    const local = reportOf("many.html");
    expect(local.about.lines).toContain(
      "Of the 600 sources, this page has the 569 largest by themselves; the totals are of all.",
    );
    const all = { timezone: "UTC", sources: [] };
    expect((await local.profile(all, "year")).total_kWh).toBe(String(ids.reduce((sum, _, n) => sum + kWhOf(n), 0)));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await local.sources({ ...all, prefix: "", cursor });
      found.push(...page.sources.map(({ source_id: id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(found[0]).toBe("meter-598");
    expect(found.sort()).toEqual(ids.slice(31));
    await expect(local.rows({ ...all, bySource: true }, "year")).rejects.toThrow("569 of 600");
    expect(await local.rows({ ...all, sources: ["meter-599", "meter-031"], bySource: true }, "year")).toEqual([
      { label: "2024", source: "meter-031", kWh: "-32", readings: 1, covered: true },
      { label: "2024", source: "meter-599", kWh: "-600", readings: 1, covered: true },
    ]);
  });

  test("knows more than a million sums of sources by hour, all together by quarter hour", async () => {
    await run("aggregate", "some.ndjson", ...year, "-o", "some", "--report", "some.html");
    const local = reportOf("some.html");
    const day = { timezone: "UTC", sources: [], from: "2024-05-01", to: "2024-05-01" };
    expect((await local.rows(day, "15min"))[49]).toEqual({
      label: "2024-05-01T12:15:00Z",
      source: "",
      kWh: String(kWhOf(0) + kWhOf(9) + kWhOf(18) + kWhOf(27)),
      readings: 4,
      covered: true,
    });
    await expect(local.rows({ ...day, sources: ["meter-000"] }, "15min")).rejects.toThrow("by hour only");
    expect((await local.rows({ ...day, sources: ["meter-000"] }, "hour"))[12]?.kWh).toBe("1");
  });
});

describe("the file of a report", () => {
  const make = (...args: string[]) => run("aggregate", "in", "-o", "out", "--report", ...args);

  test("takes the place of an earlier report, or of an empty file, and of no other", async () => {
    writeFileSync(join(folder, "mine.html"), "");
    expect((await make("mine.html")).status).toBe(0);
    const first = read("mine.html");
    expect((await make("mine.html", "--timezone", "Asia/Tokyo")).status).toBe(0);
    expect(read("mine.html")).not.toBe(first);
    writeFileSync(join(folder, "mine.html"), "<!doctype html>\n<p>mine");
    const output = filesOf("out");
    const refused = await make("mine.html");
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("is not a report of Electro")]);
    expect(read("mine.html")).toBe("<!doctype html>\n<p>mine");
    expect(filesOf("out")).toEqual(output);
    expect((await make("mine.html", "--force")).status).toBe(0);
    expect(reportOf("mine.html").about.timezone).toBe("UTC");
  });

  test("may be behind a link, and in the output folder, where it stays", async () => {
    expect((await make("real.html")).status).toBe(0);
    symlinkSync("real.html", join(folder, "link.html"));
    expect((await make("link.html", "--timezone", "Asia/Tokyo")).status).toBe(0);
    expect(reportOf("real.html").about.timezone).toBe("Asia/Tokyo");
    expect((await make("out/report.html")).status).toBe(0);
    expect((await run("aggregate", "in", "-o", "out")).status).toBe(0);
    expect(statSync(join(folder, "out", "report.html")).isFile()).toBe(true);
    expect(JSON.parse(read("out/manifest.json")).files.map(({ name }: { name: string }) => name)).not.toContain(
      "report.html",
    );
  });

  test.each([
    ["out/manifest.json", 2],
    ["out/daily_data.csv", 2],
    ["sub", 1],
    ["nowhere/r.html", 1],
    ["in/b.ndjson", 1],
  ])("is not %s", async (name, status) => {
    const { stderr, ...found } = await make(name);
    expect(found.status, stderr).toBe(status);
  });

  test("is not that of bad records, which are looked at first", async () => {
    const { status, stderr } = await run("aggregate", "in", "--rejects", "x", "--report", "./x");
    expect([status, stderr]).toEqual([2, expect.stringContaining("place of another file")]);
  });

  test("is not standard output", async () => {
    const { status, stderr } = await run("aggregate", "in", "--report", "-");
    expect([status, stderr]).toEqual([2, "error: --report -: a report is a file; give it a name\n"]);
  });

  test("is as it was if the run fails, and nothing is left beside it", async () => {
    expect((await make("kept.html")).status).toBe(0);
    const before = read("kept.html");
    const { status } = await run("aggregate", "bad.ndjson", "-o", "failed", "--report", "kept.html");
    expect(status).toBe(1);
    expect(read("kept.html")).toBe(before);
    expect(readdirSync(folder).filter((name) => name.startsWith(".electro"))).toEqual([]);
    expect(readdirSync(folder)).not.toContain("failed");
  });
});
