// slow: not of the fast lane
/** `GET /v1/quality` over a real socket and a real store. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../../dist/cli/program.js";
import type { Access } from "../../../dist/service/auth/access.js";
import { fakeWorld } from "../../cli/fake-world.js";
import { inFolder } from "../../oracle/electro.js";
import { every } from "../../quality/quality-support.js";
import { batchOf } from "../../store/batches.js";
import { type Running, reading, send, withService } from "../support.js";

const WEEK = ["2024-01-01T00:00Z", "2024-01-08T00:00Z"] as const;
const NIGHT = every(15, "2024-01-03T02:00Z", "2024-01-03T05:00Z");
const METERS: Record<string, readonly number[]> = {
  "": every(60, ...WEEK),
  "=sum": every(15, ...WEEK),
  holes: every(15, ...WEEK).filter((second) => !NIGHT.includes(second)),
  late: every(60, "2024-01-04T00:00Z", WEEK[1]),
  twice: [...every(15, ...WEEK), ...NIGHT],
  zähler: every(1440, "2023-12-31T23:00Z", "2024-01-07T23:00Z"),
};
const LINES = Object.entries(METERS).flatMap(([id, instants]) =>
  instants.map((second) => reading(new Date(second * 1000).toISOString(), 0.25, id)),
);

/** A service with all of the readings, in two batches. */
const withMeters = (use: (service: Running) => Promise<void>) =>
  withService({}, async (service) => {
    for (const rest of [0, 1])
      await send(service, "POST", "/v1/readings", { body: LINES.filter((_, n) => n % 2 === rest).join("") });
    await use(service);
  });

const CSV = { headers: { accept: "text/csv" } };

describe("the quality of what the service keeps", () => {
  test("is word for word what the command says of files", () =>
    inFolder((folder) =>
      withMeters(async (service) => {
        writeFileSync(join(folder, "meters.ndjson"), LINES.join(""));
        const cases: [query: string, args: string[]][] = [
          ["", []],
          ["from=2024-01-01&to=2024-01-31", ["--from", "2024-01-01", "--to", "2024-01-31"]],
          ["timezone=Europe/Berlin&from=2024-01-02", ["--timezone", "Europe/Berlin", "--from", "2024-01-02"]],
          ["max_findings=0", ["--max-findings", "0"]],
          ["from=2023-01-01&to=2023-01-31", ["--from", "2023-01-01", "--to", "2023-01-31"]],
        ];
        for (const [query, args] of cases) {
          const told = async (...more: string[]) => {
            const world = { ...fakeWorld(), cwd: folder };
            await run(["quality", "meters.ndjson", ...args, ...more], world);
            return world.stdout.text;
          };
          const rows = await send(service, "GET", `/v1/quality?${query}`, CSV);
          expect([rows.status, rows.headers.get("content-type")]).toEqual([
            200,
            "text/csv; charset=utf-8; header=present",
          ]);
          expect(rows.text).toBe(await told("--csv"));
          const findings = await send(service, "GET", `/v1/quality?${query}&findings=true`, CSV);
          expect(findings.text).toBe(await told("--csv", "--findings"));
          const json = await send(service, "GET", `/v1/quality?${query}`);
          expect(json.headers.get("content-type")).toBe("application/json; charset=utf-8");
          expect(json.json).toEqual({ ...JSON.parse(await told("--json")), next: null });
        }
      }),
    ));

  test("has what is missing and doubled", () =>
    withMeters(async (service) => {
      const { json } = await send(service, "GET", "/v1/quality?source=twice&source=holes&source=nobody&to=2024-01-07");
      expect(json).toMatchObject({ timezone: "UTC", from: null, to: "2024-01-07", next: null });
      expect(json.sources).toMatchObject([
        {
          ...{ source_id: "holes", interval_minutes: 15, interval_share: 0.9984, coverage: 0.9821, gap_count: 1 },
          gaps: [{ from: "2024-01-03T02:00:00Z", to: "2024-01-03T05:00:00Z", minutes: 180, readings: 12 }],
        },
        { source_id: "nobody", readings: 0, coverage: 0, first: null, interval_minutes: null },
        {
          ...{ source_id: "twice", coverage: 1, extra_readings: 12, total_kWh: "171" },
          doubled: [{ from: "2024-01-03T02:00:00Z", to: "2024-01-03T05:00:00Z", minutes: 180, readings: 12 }],
        },
      ]);
    }));

  test("comes in pages, whose next ones their links name", () =>
    withMeters(async (service) => {
      const whole = await send(service, "GET", "/v1/quality", CSV);
      let path: string | undefined = "/v1/quality?limit=2&timezone=UTC";
      const lines: string[] = [];
      for (let pages = 0; path !== undefined; pages++) {
        expect(pages).toBeLessThan(3);
        const page = await send(service, "GET", path, CSV);
        const json = await send(service, "GET", path);
        expect(json.json.sources.length).toBe(2);
        lines.push(...page.text.split("\n").slice(lines.length === 0 ? 0 : 1, -1));
        path = /^<(.*)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
        expect(json.json.next).toBe(path === undefined ? null : new URLSearchParams(path.split("?")[1]).get("cursor"));
      }
      expect(`${lines.join("\n")}\n`).toBe(whole.text);
      const named = await send(service, "GET", "/v1/quality?source=&source=twice&limit=1");
      expect(named.json.sources.map(({ source_id }: { source_id: string }) => source_id)).toEqual([""]);
      const rest = await send(service, "GET", `/v1/quality?source=&source=twice&limit=1&cursor=${named.json.next}`);
      expect(rest.json.sources.map(({ source_id }: { source_id: string }) => source_id)).toEqual(["twice"]);
      expect(rest.json.next).toBe(null);
    }));

  test("in a zone that is off quarter hours is refused whichever sources are on the page, and told of other days", () =>
    withService({}, async (service) => {
      // St John's changed its clocks at one minute past midnight. One source has been there for the year, one until May, one in summer.
      const at = (day: string) => Date.parse(`${day}T12:00:00Z`) / 900_000;
      const cell = (source: string, day: string) => ({ source, slot: at(day), energy: 1n, count: 1 });
      await service.store.ingest(
        batchOf([
          ...[cell("a", "2005-06-01"), cell("a", "2005-06-02"), cell("b", "2005-01-01"), cell("b", "2005-11-30")],
          ...[cell("c", "2005-01-01"), cell("c", "2005-01-02")],
        ]),
      );
      const zone = "/v1/quality?timezone=America/St_Johns";
      const cursor = (id: string) => Buffer.from(`s${id}`).toString("base64url");
      const refused = [
        "",
        "&limit=1",
        `&limit=1&cursor=${cursor("a")}`,
        `&limit=1&cursor=${cursor("b")}`,
        "&source=a&source=b",
      ];
      const days = "&from=2005-04-01&to=2005-04-30";
      for (const query of [
        ...refused,
        days,
        `${days}&source=a`,
        `${days}&source=nobody`,
        "&from=2005-01-01&source=a",
      ]) {
        const answer = await send(service, "GET", zone + query);
        expect([query, answer.status, answer.json.code]).toEqual([query, 422, "zone_off_quarters"]);
      }
      for (const query of ["&source=a", "&source=c", "&from=2005-05-01&to=2005-09-30", "&source=nobody"]) {
        const answer = await send(service, "GET", zone + query);
        expect([query, answer.status]).toEqual([query, 200]);
      }
    }));

  test("ends a page early where there is much to say, and loses nothing", () =>
    withService({}, async (service) => {
      // Every fifth quarter hour is missing, and another doubled: 10,000 of both for each source.
      const slots = Array.from({ length: 50_000 }, (_, n) => 1_600_000 + n).filter((slot) => slot % 5 !== 3);
      for (const source of ["a", "b"]) {
        const cells = slots.map((slot) => ({ source, slot, energy: 1n, count: slot % 5 === 1 ? 2 : 1 }));
        await service.store.ingest(batchOf(cells));
      }
      const first = await send(service, "GET", "/v1/quality?max_findings=10000");
      const rest = await send(service, "GET", `/v1/quality?max_findings=10000&cursor=${first.json.next}`);
      expect(rest.json.next).toBe(null);
      for (const [json, id] of [
        [first.json, "a"],
        [rest.json, "b"],
      ]) {
        expect(json.sources).toMatchObject([{ source_id: id, gap_count: 10_000, doubled_quarter_hours: 10_000 }]);
        const [{ gaps, doubled, gaps_not_listed, doubled_not_listed }] = json.sources;
        expect([gaps.length, doubled.length, gaps_not_listed, doubled_not_listed]).toEqual([10_000, 10_000, 0, 0]);
      }
    }));

  test("has a tag that stands for it until something changes", () =>
    withMeters(async (service) => {
      const first = await send(service, "GET", "/v1/quality?source=late");
      const etag = first.headers.get("etag")!;
      const again = await send(service, "GET", "/v1/quality?source=late", { headers: { "if-none-match": etag } });
      expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
      for (const [path, headers] of [
        ["/v1/quality?source=late", { accept: "text/csv" }],
        ["/v1/quality?source=holes", {}],
        ["/v1/hourly?source=late", {}],
      ] as const)
        expect((await send(service, "GET", path, { headers: { ...headers, "if-none-match": etag } })).status).toBe(200);
      await send(service, "POST", "/v1/readings", { body: reading("2024-01-09T00:00:00Z", 1, "late") });
      const after = await send(service, "GET", "/v1/quality?source=late", { headers: { "if-none-match": etag } });
      expect([after.status, after.json.sources[0].gap_count]).toEqual([200, 1]);
    }));

  test("of an empty store is empty", () =>
    withService({}, async (service) => {
      const { json } = await send(service, "GET", "/v1/quality");
      expect(json).toEqual({ timezone: "UTC", from: null, to: null, sources: [], next: null });
      expect((await send(service, "GET", "/v1/quality", CSV)).text.split("\n").length).toBe(2);
    }));
});

describe("what the service refuses", () => {
  test.each([
    ["from=2024-02-30", "bad_parameter", "from"],
    ["from=2024-02-01&to=2024-01-01", "bad_parameter", "is after"],
    ["timezone=Europe/Berlim", "bad_parameter", "Europe/Berlin"],
    ["max_findings=-1", "bad_parameter", "whole number"],
    ["max_findings=10001", "bad_parameter", "whole number"],
    ["findings=true", "bad_parameter", "Accept: text/csv"],
    ["limit=0", "bad_parameter", "whole number"],
    ["cursor=nonsense", "bad_cursor", "next"],
    ["decimals=1", "unknown_parameter", "there is no parameter"],
  ])("%s", async (query, code, words) =>
    withService({}, async (service) => {
      const { status, json } = await send(service, "GET", `/v1/quality?${query}`);
      expect([status, json.code]).toEqual([400, code]);
      expect(json.detail).toContain(words);
    }),
  );

  test("zones that are off quarter hours in the period", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: reading("1971-01-01T00:00:00Z", 1, "m") });
      const { status, json } = await send(service, "GET", "/v1/quality?timezone=Africa/Monrovia");
      expect([status, json.code]).toEqual([422, "zone_off_quarters"]);
    }));

  test("those who may not read", () => {
    const access: Access = {
      open: false,
      check: (header) => (header === "Bearer w" ? { name: "w", scopes: ["write"] } : undefined),
    };
    return withService({ access }, async (service) => {
      expect((await send(service, "GET", "/v1/quality")).status).toBe(401);
      const { status } = await send(service, "GET", "/v1/quality", { headers: { authorization: "Bearer w" } });
      expect(status).toBe(403);
    });
  });

  test("anything but GET", () =>
    withService({}, async (service) => {
      expect((await send(service, "POST", "/v1/quality", { body: "" })).status).toBe(405);
    }));
});
