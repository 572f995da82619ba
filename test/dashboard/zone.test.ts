// slow: a browser
/** All days of the page are those of its zone, also where the service answers with instants in UTC. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { electro } from "../oracle/electro.js";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { type PageService, startService } from "./service.js";

// Berlin's 1 March has begun, and its 2 March, while UTC still has the day before. They came twice, which is warned of.
const ROWS = ["2024-02-29T23:00:00Z,1,mill", "2024-03-01T23:30:00Z,2,mill"];
const TEXT = `timestamp,kWh_value,meter_id\n${[...ROWS, ...ROWS].join("\n")}\n`;
const ONE = `timestamp,kWh_value,meter_id\n${ROWS[0]}\n`;

inBrowser("the days of the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-zone-"));
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(TEXT);
  });
  afterAll(async () => {
    await service.end();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["Europe/Berlin", "Mar 1, 2024", "Mar 2, 2024", "2024-03-01"],
    ["UTC", "Feb 29, 2024", "Mar 1, 2024", "2024-02-29"],
    ["-11:00", "Feb 29, 2024", "Mar 1, 2024", "2024-02-29"],
    ["+01:00", "Mar 1, 2024", "Mar 2, 2024", "2024-03-01"],
  ])(
    "are those of %s: in the lists, where warnings lead, and of files that are dropped",
    async (zone, first, last, day) => {
      const page = await open(service.address, { view: new URLSearchParams({ timezone: zone }).toString() });
      const ledger = await eventually(
        "the ledger",
        () => page.rows(".ledger table"),
        (rows) => expect(rows).toHaveLength(2),
      );
      expect(ledger[1]![4]).toBe(`${first} – ${last}`);
      const sources = await eventually(
        "the source",
        () => page.rows(".sources table"),
        (rows) => expect(rows).toHaveLength(2),
      );
      expect(sources[1]![5]).toBe(last);
      await page.page.locator(".findings button ::-p-text(readings came before)").click();
      await eventually(
        "the day of the warning",
        () => page.view(),
        (view) => expect(view["days"]).toBe(`${day}/${day}`),
      );
      await page.drop({ name: "one.csv", text: ONE });
      await eventually(
        "what the file has",
        () => page.text(".files p"),
        (text) => expect(text).toBe(`1 reading of 1 source, 1 kWh, ${first} to ${first}`),
      );
      expect(page.violations).toEqual([]);
    },
  );

  test("are in a report those of the zone that it was made with, which it says", async () => {
    writeFileSync(join(folder, "mill.csv"), TEXT);
    const made = await electro(
      ["aggregate", "mill.csv", "--timezone", "Europe/Berlin", "--report", "mill.html", "--output", "out"],
      folder,
    );
    expect(made.status, made.stderr).toBe(0);
    const page = await open(pathToFileURL(join(folder, "mill.html")).href, { view: "timezone=Asia/Tokyo" });
    expect(await page.text(".period .fixed")).toBe("Europe/Berlin");
    expect(await page.text('[data-testid="period"]')).toMatch(/^Mar 1 – 2, 2024/);
    expect((await page.rows(".sources table"))[1]![5]).toBe("Mar 2, 2024");
    expect(page.violations).toEqual([]);
  });
});
