// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { showsTotal, totalOf } from "./expected.js";
import { type PageService, startService } from "./service.js";
import { day } from "./site.js";

const MONDAY = day("2024-06-03", "mill", 2);
const TUESDAY = day("2024-06-04", "pump", 3);
const WEDNESDAY = day("2024-06-05", "oven", 1.5);

inBrowser("a page that stays open", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(MONDAY);
  });
  afterAll(() => service.end());

  test("follows what other clients add and take back, without reloading, and keeps its place", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY));
    await page.page.evaluate(() => window.scrollTo(0, 300));
    const id = await service.add(TUESDAY);
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    await eventually(
      "the new source",
      () => page.texts(".sources tbody th"),
      (names) => expect(names).toEqual(["pump", "mill"]),
    );
    await eventually(
      "the ledger",
      () => page.rows(".ledger table"),
      (rows) => expect(rows).toHaveLength(3),
    );
    expect(await page.page.evaluate(() => window.scrollY)).toBe(300);
    await service.send("DELETE", `/v1/batches/${id}`);
    await showsTotal(page, totalOf(MONDAY));
    expect(page.violations).toEqual([]);
  });

  test("keeps what it shows while the service is away, says so when asked for more, and goes on once it is back", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY));
    await service.kill();
    await eventually(
      "that it is away",
      () => page.texts("[role=alert]"),
      ([text]) => expect(text).toMatch(/does not answer/),
    );
    // What was there is still to be read.
    await showsTotal(page, totalOf(MONDAY));
    await service.restart();
    await service.add(WEDNESDAY);
    await showsTotal(page, totalOf(MONDAY, WEDNESDAY));
    await eventually(
      "no error",
      () => page.texts("[role=alert]"),
      (found) => expect(found).toEqual([]),
    );
  });

  test("a page that is opened, or reloaded, at any moment ends up whole", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY, WEDNESDAY));
    for (const path of ["/dashboard.css", "/dashboard.js", "/v1/profile", "/v1/sources", "/v1/batches"]) {
      const asked = page.page.waitForRequest((request) => new URL(request.url()).pathname.startsWith(path));
      await Promise.all([asked, page.page.reload({ waitUntil: "domcontentloaded" }).catch(() => {})]);
      // While that is on its way.
      await page.page.reload({ waitUntil: "domcontentloaded" });
      await showsTotal(page, totalOf(MONDAY, WEDNESDAY));
    }
    expect(page.violations).toEqual([]);
  });
});
