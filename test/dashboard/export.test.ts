// slow: a browser
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { showsTotal } from "./expected.js";
import { type PageService, startService } from "./service.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NEM12 = (suffix: string, values: string) =>
  `100,NEM12,202402010000,A,B\n200,6305000123,E1,1,${suffix},N1,M1,kWh,240,\n300,20240131,${values},A,,,20240201000000,\n900\n`;
const QUESTION = "These readings are of consumption and of export. What are their sums to be?";

inBrowser("consumption and export on the page", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(NEM12("E1", "10,20,30,40,50,60"));
  });
  afterAll(() => service.end());

  test("the page asks how export counts once there is some, keeps the answer in its address, and can change it", async () => {
    const page = await open(service.address, { view: "timezone=%2B10:00" });
    await showsTotal(page, 210);
    // The sums were shown before export came; a page that is opened after has nothing else to show.
    await service.add(NEM12("B1", "0,15,0,0,0,0"));
    const other = await open(service.address, { view: "timezone=%2B10:00" });
    for (const one of [page, other]) {
      await eventually(
        "the question",
        () => one.text("legend:not(.away)"),
        (text) => expect(text).toBe(QUESTION),
      );
      await one.page.evaluate(AXE);
      const { violations } = await one.page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      expect(violations.map(({ id }) => id)).toEqual([]);
    }
    await other.click("Take export from consumption");
    await showsTotal(other, 195);
    expect(await other.view()).toMatchObject({ export: "subtract" });
    expect(await other.texts(".export-choice")).toEqual([]);
    await page.click("Leave export out");
    await showsTotal(page, 210);
    await other.choose("Export", "add");
    await showsTotal(other, 225);
    await other.go("timezone=%2B10:00&source=6305000123/B1");
    await showsTotal(other, 15);
    await other.go("timezone=%2B10:00&export=subtract&source=6305000123/B1&source=6305000123/E1");
    await showsTotal(other, 195);
    expect([...page.violations, ...other.violations]).toEqual([]);
  });
});
