// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { exactText, hoursOf, kWhOf, readingsOf, says, showsTotal, sumOf } from "./expected.js";
import { type PageService, startService } from "./service.js";

const timezone = "Europe/Berlin";
const OCTOBER = { timezone, from: "2024-10-21", to: "2024-10-31" };
const BEFORE = { timezone, from: "2023-10-21", to: "2023-10-31" };

/** Hourly readings from a day's 00:00 of UTC on. */
function hourly(begin: string, hours: number, kWh: (n: number) => number): string {
  return Array.from({ length: hours }, (_, n) =>
    JSON.stringify({ timestamp: new Date(Date.parse(begin) + n * 3_600_000).toISOString(), kWh_value: kWh(n) }),
  ).join("\n");
}

const TEXT = [
  hourly("2023-10-20T22:00:00Z", 11 * 24 + 1, (n) => 1 + (n % 24) / 100),
  hourly("2024-10-20T22:00:00Z", 11 * 24 + 1, (n) => 2 + (n % 25) / 8),
].join("\n");
const READINGS = readingsOf(TEXT);

inBrowser("an autumn month", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(TEXT);
  });
  afterAll(() => service.end());

  test("the day on which clocks go back has 25 hours, of which two are the same on the clock", async () => {
    const page = await open(service.address, {
      view: "timezone=Europe/Berlin&from=2024-10-21&to=2024-10-31&days=2024-10-27/2024-10-27",
    });
    const day = hoursOf(READINGS, { timezone, from: "2024-10-27", to: "2024-10-27" });
    await eventually(
      "the hours",
      () => page.text(".chart-hours h2"),
      (title) => expect(title).toMatch(/^Hours · Sun, October 27/),
    );
    const [, ...rows] = await page.table("hours");
    expect(rows).toHaveLength(25);
    expect(rows).toEqual(day.map(({ label, energy, count }) => [label, exactText(energy), String(count)]));
    const [, ...days] = await page.table("heat");
    const row = days.find(([label]) => label === "2024-10-27");
    // The hour from two to three is the mean power of both.
    const twice = day.filter(({ label }) => label.includes("T02:"));
    expect(twice).toHaveLength(2);
    expect(row?.[3]).toSatisfy(says((twice[0]!.kW + twice[1]!.kW) / 2));
    expect(row?.[4]).toSatisfy(says(day.find(({ label }) => label.includes("T03:"))!.kW));
    const [, ...bars] = await page.table("bars");
    expect(bars.find(([label]) => label?.includes("October 27"))?.slice(1)).toEqual([
      exactText(sumOf(day)),
      "25",
      "0 of 25",
    ]);
  });

  test("hourly readings have a peak hour, and the year before is told and drawn", async () => {
    const page = await open(service.address, {
      view: "timezone=Europe/Berlin&from=2024-10-21&to=2024-10-31&compare=year",
    });
    const hours = hoursOf(READINGS, OCTOBER);
    const [now, before] = [kWhOf(sumOf(hours)), kWhOf(sumOf(hoursOf(READINGS, BEFORE)))];
    await showsTotal(page, now);
    const text = await eventually(
      "the change",
      () => page.text('[data-testid="change"]'),
      (text) => expect(text).toBeDefined(),
    );
    const [arrow, share, ...words] = text!.split(" ");
    expect(arrow).toBe("▲");
    expect(share).toSatisfy(says((now - before) / before));
    expect(words.join(" ")).toContain("year before");
    expect((await page.figure("peak")).value).toSatisfy(says(Math.max(...hours.map(({ kW }) => kW))));
    await page.page.hover(".chart-bars .u-over");
    await eventually(
      "the day's of then",
      () => page.text('[data-testid="bars-readout"]'),
      (text) => expect(text).toMatch(/year before 2\d\.\d kWh/),
    );
  });

  test("figures and dates are written as in the reader's language", async () => {
    const view = "timezone=Europe/Berlin&from=2024-10-21&to=2024-10-31&show=cost&price=100";
    const page = await open(service.address, { view, language: "de-DE" });
    const total = kWhOf(sumOf(hoursOf(READINGS, OCTOBER))) * 100;
    const [whole = "", cents] = total.toFixed(2).split(".");
    await eventually(
      "euros",
      () => page.figure("total"),
      ({ value }) => expect(value).toBe(`${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${cents} €`),
    );
    expect(await page.text('[data-testid="period"]')).toMatch(/^21\.–31\. Okt\. 2024/);
  });
});
