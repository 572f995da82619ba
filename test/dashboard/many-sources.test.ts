// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { type PageService, startService } from "./service.js";
import { day } from "./site.js";

const COUNT = 60;
const NAMES = Array.from({ length: COUNT }, (_, n) => `meter ${n + 1}`);

inBrowser("more sources than are listed at once", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(NAMES.map((name, n) => day("2024-06-03", name, COUNT - n)).join("\n"));
  });
  afterAll(() => service.end());

  test("each has its course and coverage, also those of before", async () => {
    const page = await open(service.address);
    const all = async (count: number) => {
      await eventually(
        `${count} rows with all that is known`,
        async () => ({
          names: await page.texts(".sources tbody th"),
          courses: (await page.texts(".sources tbody td:has(.sparkline)")).length,
          coverage: await page.texts(".sources tbody td:nth-child(5)"),
        }),
        (found) =>
          expect(found).toEqual({
            names: NAMES.slice(0, count),
            courses: count,
            coverage: Array.from({ length: count }, () => "100%"),
          }),
      );
    };
    await all(50);
    await page.click("More sources");
    await all(COUNT);
  });
});
