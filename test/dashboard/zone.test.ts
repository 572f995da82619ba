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

const HEAD = "timestamp,kWh_value,meter_id\n";
const ONE = `${HEAD}2024-02-29T23:00:00Z,1,mill\n`;
// Berlin's 1 March has begun, and its 2 March, while UTC still has the day before.
const TEXT = `${ONE}2024-03-01T23:30:00Z,2,mill\n`;

inBrowser("the days of the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-zone-"));
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    // Without an offset they are of UTC, and a warning says so.
    await service.add(TEXT.replaceAll("Z", ""));
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
      await page.clickOn(".findings ::-p-text(offset)");
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

  async function report(text: string, view = "") {
    writeFileSync(join(folder, "mill.csv"), text);
    const args = ["--timezone", "Europe/Berlin", "--report", "mill.html", "--output", "out", "--resolutions", "total"];
    const made = await electro(["aggregate", "mill.csv", ...args], folder);
    expect(made.status, made.stderr).toBe(0);
    return open(pathToFileURL(join(folder, "mill.html")).href, { view });
  }

  test("are in a report those of the zone that it was made with, which it says", async () => {
    const page = await report(TEXT, "timezone=Asia/Tokyo");
    expect(await page.text(".period .fixed")).toBe("Europe/Berlin");
    expect(await page.text('[data-testid="period"]')).toMatch(/^Mar 1 – 2, 2024/);
    const rows = await eventually(
      "the source",
      () => page.rows(".sources table"),
      (rows) => expect(rows).toHaveLength(2),
    );
    expect(rows[1]![5]).toBe("Mar 2, 2024");
    expect(await page.texts(".findings li")).not.toEqual([]);
    expect(page.violations).toEqual([]);
  });

  test("have their year where there are several, a share that is not whole is not 100 %, and warnings are among what is odd", async () => {
    const hours = Array.from({ length: 24 * 400 }, (_, hour) => new Date(Date.UTC(2023, 11, 1, hour)).toISOString());
    const lines = hours
      .filter((_, n) => n !== 5000)
      .map((hour, n) => `${hour.replace("Z", "")},${n === 7 ? 3 : 1},mill`);
    const page = await report(`${HEAD}${lines.join("\n")}\n`, "from=2023-12-01&to=2025-01-02");
    const { label } = await eventually(
      "the peak",
      () => page.figure("peak"),
      ({ label }) => expect(label).toBeDefined(),
    );
    expect(label).toBe("peak, Fri, Dec 1, 2023, 7:00 AM");
    const findings = await page.texts(".findings li");
    expect(findings[0]).toMatch(/^1 h without readings .*, 2024, .* to .*, 2024, /);
    expect(findings.join("\n")).toContain("without an offset is skipped by a clock change");
    await eventually(
      "the coverage",
      () => page.rows(".sources table"),
      (rows) => expect(rows[1]?.[4]).toBe("99.9%"),
    );
    expect(page.violations).toEqual([]);
  });

  test("are none in a report of nothing, which says so and from what it was made", async () => {
    const page = await report(HEAD);
    const text = await page.text("main");
    expect(text).toContain("There are no readings here.");
    expect(text).toContain("from mill.csv");
    expect(text).not.toContain("curl");
    expect(page.violations).toEqual([]);
  });
});
