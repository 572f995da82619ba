// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { type PageService, startService } from "./service.js";

/** Pixels across of the widest page. */
const WIDE = 1600;
/** Pixels across of a source's course, drawn on a screen with two dots a pixel. */
const COURSE = 2 * 96;
const SOURCES = 60;
const DAYS = 1500;

/** Readings of four years, one each six hours, of sixty sources. */
function years(): string {
  const begin = Date.UTC(2020, 0, 1);
  return Array.from({ length: DAYS }, (_, day) => day)
    .flatMap((day) => Array.from({ length: 4 }, (_, part) => new Date(begin + (day * 4 + part) * 21_600_000)))
    .map((at, n) => `{"timestamp":"${at.toISOString()}","kWh_value":${1 + (n % 7)},"meter_id":"m${n % SOURCES}"}\n`)
    .join("");
}

/** How many values an answer has of one line of a chart, of one source. */
function pointsOf({ rows = [], bars = [], ...rest }: Answered): number {
  const series = new Set(rows.map(({ source_id }) => source_id)).size;
  return Math.max(
    rows.length / Math.max(1, series),
    bars.length,
    rest.duration_kW?.length ?? 0,
    rest.heat_map?.days.length ?? 0,
  );
}

interface Answered {
  readonly rows?: readonly { readonly source_id?: string }[];
  readonly bars?: readonly unknown[];
  readonly duration_kW?: readonly unknown[];
  readonly heat_map?: { readonly days: readonly unknown[] };
}

inBrowser("what the page asks for", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(years());
  });
  afterAll(() => service.end());

  test("the script is below 250 kB, compressed", async () => {
    const page = await open(service.address);
    const sizes = await page.page.evaluate(() =>
      (window.performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => !new URL(name).pathname.startsWith("/v1/"))
        .map(({ name, transferSize }) => ({ path: new URL(name).pathname, transferSize })),
    );
    expect(sizes.map(({ path }) => path).sort()).toEqual(["/dashboard.css", "/dashboard.js"]);
    expect(sizes.reduce((sum, { transferSize }) => sum + transferSize, 0)).toBeLessThan(250_000);
    expect(Math.min(...sizes.map(({ transferSize }) => transferSize))).toBeGreaterThan(1000);
  });

  test("no answer has more points than the page can draw, whatever the period", async () => {
    const page = await open(service.address);
    const answers: { path: string; points: number }[] = [];
    page.page.on("response", (response) => {
      const { pathname, search } = new URL(response.url());
      if (!/^\/v1\/(?!events)/.test(pathname)) return;
      response.json().then(
        (body) => answers.push({ path: pathname + search, points: pointsOf(body) }),
        // A question that the page gave up has no answer.
        () => {},
      );
    });
    for (const [view, title] of [
      ["from=2020-01-01&to=2024-02-08", "Months"],
      ["from=2022-01-01&to=2024-02-08", "Weeks"],
      ["from=2023-11-01&to=2024-02-08&days=2023-11-01/2024-02-08", "Days"],
      ["from=2023-11-01&to=2024-02-08&source=m1&source=m2&source=m3", "Days"],
      ["from=2024-02-02&to=2024-02-08", "Days"],
    ] as const) {
      await page.go(view);
      await eventually(
        title,
        () => page.text(".chart-bars h2"),
        (text) => expect(text).toBe(title),
      );
      await eventually(
        "the period's profile",
        async () => answers.map(({ path }) => path),
        (paths) =>
          expect(paths.join()).toMatch(
            new RegExp(`profile\\?from=${view.slice(5, 15)}.*bars=${title.slice(0, -1).toLowerCase()}`),
          ),
      );
    }
    await eventually(
      "all kinds of answers",
      async () => answers.map(({ path }) => path.split("?")[0]),
      (paths) => {
        for (const name of ["profile", "sources", "quality", "hourly", "daily"]) expect(paths).toContain(`/v1/${name}`);
      },
    );
    for (const { path, points } of answers)
      expect(points, path).toBeLessThanOrEqual(/v1\/(daily|weekly|monthly).*by=source/.test(path) ? COURSE : WIDE);
    expect(answers.length, answers.map(({ path }) => path).join("\n")).toBeLessThan(60);
    // Sources come by the page, not all of them.
    expect((await page.texts(".sources tbody th")).length).toBeLessThanOrEqual(50);
  });
});
