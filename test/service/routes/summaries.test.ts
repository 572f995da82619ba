// slow: not of the fast lane
/** Summaries, sources and the ledger over a real socket, with answers compared to those for files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate } from "../../../dist/index.js";
import type { Resolution } from "../../oracle/options.js";
import { type Running, reading, send, withService } from "../support.js";

const CSV = { accept: "text/csv" };

/** Three meters over two days, one of which has a clock change in Berlin. */
const LINES = Array.from({ length: 300 }, (_, i) =>
  reading(
    new Date(Date.UTC(2026, 9, 24, 12) + i * 600_000).toISOString(),
    `${i % 7 === 0 ? "-" : ""}${i}.0${i % 9}`,
    ["=a", "b,c", "é"][i % 3],
  ),
);

/** The call of each resolution. */
const CALLS: readonly (readonly [Resolution, string])[] = [
  ...([
    ["15min", "quarter-hourly"],
    ["hour", "hourly"],
    ["day", "daily"],
    ["week", "weekly"],
  ] as const),
  ...([
    ["month", "monthly"],
    ["year", "yearly"],
    ["total", "total"],
  ] as const),
];

async function expected(lines: readonly string[], options: object, resolution: Resolution): Promise<string> {
  const all = { ...options, fileDate: "iso" as const, resolutions: [resolution] };
  const files = [...(await aggregate(Buffer.from(lines.join("")), all)).csv()];
  return files.map(({ text }, n) => (n === 0 ? text : text.slice(text.indexOf("\n") + 1))).join("");
}

describe("a summary", () => {
  test("as CSV has the bytes of the files, whatever is asked", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: LINES.join("") });
      const period = { from: "2026-10-23", to: "2026-10-25" };
      const zone = { timezone: "Europe/Berlin" };
      for (const [query, options] of [
        ["", {}],
        ["timezone=Europe/Berlin", zone],
        ["timezone=%2B05:30&by=source", { timezone: "+05:30", bySource: true }],
        [
          "from=2026-10-23&to=2026-10-25&timezone=Europe/Berlin&by=source&with_counts=true",
          { ...zone, ...period, bySource: true, withCounts: true },
        ],
        ["decimals=1&with_counts=false", { decimals: 1 }],
        ["from=2026-10-25", { from: "2026-10-25" }],
        ["from=2030-01-01&to=2030-01-02", { from: "2030-01-01", to: "2030-01-02" }],
      ] as const)
        for (const [resolution, call] of CALLS) {
          const answer = await send(service, "GET", `/v1/${call}?${query}`, { headers: CSV });
          expect(answer.headers.get("content-type")).toMatch(/^text\/csv/);
          expect(answer.text).toBe(await expected(LINES, options, resolution));
          const from = await send(service, "POST", `/v1/aggregate?resolution=${resolution}&${query}`, {
            body: LINES.join(""),
            headers: CSV,
          });
          expect(from.text).toBe(answer.text);
        }
    }));

  test("of some sources is that of their readings alone", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: LINES.join("") });
      const query = `source=${encodeURIComponent("=a")}&source=nobody&source=${encodeURIComponent("é")}`;
      const some = LINES.filter((line) => !line.includes("b,c"));
      for (const by of ["", "&by=source"]) {
        const text = await expected(some, { bySource: by !== "" }, "hour");
        expect((await send(service, "GET", `/v1/hourly?${query}${by}`, { headers: CSV })).text).toBe(text);
        const own = await send(service, "POST", `/v1/aggregate?resolution=hour&${query}${by}`, {
          body: LINES.join(""),
          headers: CSV,
        });
        expect(own.text).toBe(text);
      }
    }));

  test("as JSON has the same rows, with energies as strings", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: reading("2024-01-31T13:05:00Z", "0.1", "a") });
      const plain = await send(service, "GET", "/v1/daily");
      expect(plain.json).toEqual({
        resolution: "day",
        timezone: "UTC",
        from: "2024-01-31",
        to: "2024-01-31",
        rows: [{ daily_timestamp: "2024-01-31", aggregated_kWh_value: "0.1" }],
      });
      const total = await send(service, "GET", "/v1/total?from=2024-01-01&to=2024-02-29");
      expect(total.json).toEqual({
        ...{ resolution: "total", timezone: "UTC", from: "2024-01-01", to: "2024-02-29" },
        rows: [{ total_timestamp: "2024-01-01/2024-02-29", aggregated_kWh_value: "0.1" }],
      });
      const more = await send(service, "GET", "/v1/hourly?by=source&with_counts=true&timezone=Europe/Berlin");
      expect(more.json.rows).toHaveLength(24);
      expect(more.json.rows[14]).toEqual({
        hourly_timestamp: "2024-01-31T14:00:00+01:00",
        source_id: "a",
        aggregated_kWh_value: "0.1",
        reading_count: 1,
        covered: true,
      });
      const empty = await send(service, "GET", "/v1/daily?source=b");
      const nothing = { from: null, to: null, unknown_sources: ["b"], rows: [] };
      expect(empty.json).toEqual({ resolution: "day", timezone: "UTC", ...nothing });
    }));

  test("is not sent again to whoever has it, until what counts changes", () =>
    withService({}, async (service) => {
      const { json } = await send(service, "POST", "/v1/readings", { body: LINES.join("") });
      const first = await send(service, "GET", "/v1/daily");
      const etag = first.headers.get("etag")!;
      expect(etag).toMatch(/^W\/"[\w-]+"$/);
      for (const tag of [etag, `"x", ${etag}`, etag.slice(2), "*"]) {
        const again = await send(service, "GET", "/v1/daily", { headers: { "if-none-match": tag } });
        expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
      }
      for (const [path, headers] of [
        ["/v1/daily", CSV],
        ...CALLS.flatMap(([, call]) => (call === "daily" ? [] : [[`/v1/${call}`, {}] as const])),
        ["/v1/daily?timezone=Europe/Berlin", {}],
      ] as const) {
        const other = await send(service, "GET", path, { headers: { ...headers, "if-none-match": etag } });
        expect(other.status).toBe(200);
      }
      await send(service, "DELETE", `/v1/batches/${json.batch_id}`);
      const changed = await send(service, "GET", "/v1/daily", { headers: { "if-none-match": etag } });
      expect([changed.status, changed.json.rows]).toEqual([200, []]);
    }));

  test("that is large comes whole, and with HEAD not at all", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: LINES.join("") });
      const query = "/v1/hourly?from=2024-01-01&to=2026-12-31&by=source";
      for (const headers of [CSV, {}]) {
        const answer = await send(service, "GET", query, { headers });
        const rows = headers === CSV ? answer.text.split("\n").length - 2 : answer.json.rows.length;
        expect(rows).toBe((3 * 365 + 1) * 24 * 3);
        const head = await send(service, "HEAD", query, { headers });
        expect([head.status, head.text]).toEqual([200, ""]);
      }
    }));

  test("that is too large is refused, and says what to narrow", () =>
    withService({ limits: { rows: 100, days: 50 } }, async (service) => {
      await send(service, "POST", "/v1/readings", { body: LINES.join("") });
      const long = await send(service, "GET", "/v1/daily?from=2026-01-01&to=2026-12-31");
      expect([long.status, long.json.code]).toEqual([400, "period_too_long"]);
      expect(long.json.detail).toBe(
        "from=2026-01-01 to to=2026-12-31 is 365 days, more than 50, the most that are answered",
      );
      const open = await send(service, "GET", "/v1/daily?from=2026-01-01");
      expect([open.status, open.json.code]).toEqual([400, "period_too_long"]);
      expect(open.json.detail).not.toContain("--");
      for (const path of [
        "/v1/hourly?by=source&from=2026-10-01&to=2026-10-26",
        "/v1/hourly?from=2026-10-01&to=2026-10-26",
      ]) {
        const wide = await send(service, "GET", path);
        expect([wide.status, wide.json.code]).toEqual([400, "too_many_rows"]);
        expect(wide.json.detail).toContain("narrow it with from, to or source");
      }
      const body = await send(service, "POST", "/v1/aggregate?resolution=hour&by=source", { body: LINES.join("") });
      expect([body.status, body.json.code]).toEqual([400, "too_many_rows"]);
      for (const [call, days, wide] of [
        ["quarter-hourly", 1, "3 sources in 96 quarter hours"],
        ["hourly", 2, "3 sources in 48 hours"],
        ["daily", 34, "3 sources in 34 days"],
        ["total", 34, "3 sources in 34 days"],
      ] as const) {
        const to = new Date(Date.UTC(2026, 9, 24 + days)).toISOString().slice(0, 10);
        const refused = await send(service, "GET", `/v1/${call}?by=source&from=2026-10-25&to=${to}`);
        expect([refused.status, refused.json.code]).toEqual([400, "too_many_rows"]);
        expect(refused.json.detail).toContain(`${wide} are more than the 100 sums by source`);
      }
      const total = await send(service, "GET", "/v1/total?by=source&from=2026-10-01&to=2026-11-02");
      expect([total.status, total.json.rows.length]).toEqual([200, 3]);
    }));

  test("of a body tells what is odd about it, whatever its form and size", () =>
    withService({}, async (service) => {
      const wall =
        '{"timestamp":"2024-10-27T02:30:00","kWh_value":1}\n{"timestamp":"2024-10-27T03:30:00","kWh_value":1e-19}\n';
      const path = "/v1/aggregate?resolution=day&timezone=Europe/Berlin";
      // The second is too large to be read on the service's own thread.
      for (const body of [wall, `${wall}${" ".repeat(2_000_000)}`]) {
        const json = await send(service, "POST", path, { body });
        expect(json.json.warnings.map(({ code }: { code: string }) => code)).toEqual([
          "repeated_wall_times",
          "rounded",
        ]);
        expect(json.headers.get("electro-warnings")).toBe("repeated_wall_times,rounded");
        const csv = await send(service, "POST", path, { body, headers: CSV });
        expect(csv.headers.get("electro-warnings")).toBe("repeated_wall_times,rounded");
      }
      const codesOf = async (query: string, body: string) =>
        (await send(service, "POST", `/v1/aggregate?resolution=day${query}`, { body })).headers.get("electro-warnings");
      expect(await codesOf("", wall)).toBe("no_offset,rounded");
      expect(
        await codesOf("&to=2024-01-31", `${reading("2024-01-31T00:00:00Z", 1)}${reading("2024-02-01T00:00:00Z", 1)}`),
      ).toBe("out_of_period");
      expect(await codesOf("&to=2024-01-30&from=2024-01-30", reading("2024-01-31T00:00:00Z", 1))).toBe("no_readings");
      expect(await codesOf("", "[]")).toBe("no_readings");
      expect(await codesOf("", reading("2024-01-31T00:00:00Z", 1))).toBeNull();
    }));

  test("in a zone that is off the quarter hours is refused by a store, not of a body", () =>
    withService({}, async (service) => {
      const old = reading("1950-06-01T00:00:00Z", 1);
      await send(service, "POST", "/v1/readings", { body: old });
      const query = "timezone=Africa/Monrovia";
      const answer = await send(service, "GET", `/v1/daily?${query}`);
      expect([answer.status, answer.json.code]).toEqual([422, "zone_off_quarters"]);
      const own = await send(service, "POST", `/v1/aggregate?resolution=day&${query}`, { body: old });
      expect(own.status).toBe(200);
    }));
});

describe("data sent in random pieces by clients at once", () => {
  test("sums to the files' bytes, also after taking some back and sending it again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            quarter: fc.integer({ min: 0, max: 96 * 40 }),
            second: fc.integer({ min: 0, max: 899 }),
            value: fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }),
            source: fc.constantFrom("a", "b", "'c", "", "é", "z"),
          }),
          { minLength: 1, maxLength: 400 },
        ),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 20, maxLength: 20 }),
        fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"),
        async (readings, sizes, timezone) => {
          const lines = readings.map(({ quarter, second, value, source }) =>
            reading(
              new Date(Date.UTC(2026, 8, 20) + (quarter * 900 + second) * 1000).toISOString(),
              `${value}e-15`,
              source,
            ),
          );
          await withService({}, (service) => compare(service, lines, sizes, timezone));
        },
      ),
      { numRuns: 4 },
    );
  });

  test("as `electro aggregate` writes them, of JSON and CSV", async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-service-"));
    try {
      writeFileSync(join(folder, "in.ndjson"), LINES.join(""));
      const { aggregateFiles } = await import("../../../dist/index.js");
      await aggregateFiles("in.ndjson", { output: "out", bySource: true, fileDate: "iso", cwd: folder });
      await withService({}, async (service) => {
        await send(service, "POST", "/v1/readings", { body: LINES.join("") });
        const answer = await send(service, "GET", "/v1/hourly?by=source", { headers: CSV });
        const files = readdirSync(join(folder, "out")).filter((name) => name.startsWith("hourly_data_"));
        const texts = files.sort().map((name) => readFileSync(join(folder, "out", name), "utf8"));
        const [header] = texts[0]!.split("\n");
        expect(answer.text).toBe(`${header}\n${texts.map((text) => text.slice(text.indexOf("\n") + 1)).join("")}`);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function compare(service: Running, lines: readonly string[], sizes: readonly number[], timezone: string) {
  const pieces: string[] = [];
  for (let at = 0, n = 0; at < lines.length; at += sizes[n++ % sizes.length]!)
    pieces.push(lines.slice(at, at + sizes[n % sizes.length]!).join(""));
  const ids = new Map<string, string>();
  const deliver = async (piece: string) => {
    const answer = await send(service, "POST", "/v1/readings", { body: piece });
    expect(answer.status).toBe(201);
    ids.set(answer.json.batch_id, piece);
    return answer.json.batch_id;
  };
  await Promise.all(pieces.map(deliver));
  const check = async () => {
    for (const [query, options] of [
      ["", {}],
      ["&by=source&with_counts=true", { bySource: true, withCounts: true }],
    ] as const) {
      const answer = await send(service, "GET", `/v1/hourly?timezone=${encodeURIComponent(timezone)}${query}`, {
        headers: CSV,
      });
      expect(answer.text).toBe(await expected(lines, { timezone, ...options }, "hour"));
    }
  };
  await check();
  const some = [...ids].filter((_, n) => n % 3 === 0);
  await Promise.all(some.map(([id]) => send(service, "DELETE", `/v1/batches/${id}`)));
  await Promise.all(some.map(([, piece]) => deliver(piece)));
  await check();
}

describe("lists", () => {
  test("of sources come in pages, in the order of their bytes", () =>
    withService({}, async (service) => {
      const names = Array.from({ length: 25 }, (_, i) => `${"é~Az"[i % 4]}${i}`);
      const body = names.map((name) => reading("2024-01-31T13:05:00Z", 2, name)).join("");
      await send(service, "POST", "/v1/readings", { body: body + reading("2024-02-01T00:10:00Z", "-0.5") });
      const found: string[] = [];
      let path: string | undefined = "/v1/sources?limit=7";
      while (path !== undefined) {
        const { json } = await send(service, "GET", path);
        found.push(...json.sources.map((source: { source_id: string }) => source.source_id));
        path = json.next === null ? undefined : `/v1/sources?limit=7&cursor=${json.next}`;
      }
      const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(found).toEqual(["", ...sorted]);
      const { json } = await send(service, "GET", "/v1/sources?limit=1");
      expect(json.sources).toEqual([
        { source_id: "", first: "2024-02-01T00:00:00Z", last: "2024-02-01T00:00:00Z", readings: 1, total_kWh: "-0.5" },
      ]);
    }));

  test("of batches come latest first, by state, and add up to what counts", () =>
    withService({}, async (service) => {
      const ids: string[] = [];
      for (let n = 0; n < 6; n++)
        ids.unshift((await send(service, "POST", "/v1/readings", { body: LINES[n] })).json.batch_id);
      await send(service, "DELETE", `/v1/batches/${ids[2]}`);
      const first = await send(service, "GET", "/v1/batches?limit=4");
      const second = await send(service, "GET", `/v1/batches?limit=4&cursor=${first.json.next}`);
      const all = [...first.json.batches, ...second.json.batches];
      expect(all.map(({ batch_id }) => batch_id)).toEqual(ids);
      expect(second.json.next).toBe(null);
      const retracted = await send(service, "GET", "/v1/batches?state=retracted");
      expect(retracted.json.batches.map(({ batch_id }: { batch_id: string }) => batch_id)).toEqual([ids[2]]);
      expect(retracted.json.batches[0].ended).toMatch(/^20\d\d-.*Z$/);
      const again = await send(service, "DELETE", `/v1/batches/${ids[2]}`);
      expect([again.status, again.json]).toEqual([200, retracted.json.batches[0]]);
    }));
});
