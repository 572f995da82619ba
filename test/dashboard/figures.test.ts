// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import {
  bucketsOf,
  exactText,
  gapsOf,
  hoursOf,
  isWeekend,
  kWhOf,
  quantile,
  readingsOf,
  says,
  saysAll,
  sumOf,
} from "./expected.js";
import { type PageService, startService } from "./service.js";
import { GAPS, SOURCES, siteReadings, ZERO } from "./site.js";

const TEXT = siteReadings();
const READINGS = readingsOf(TEXT);
const MARCH = { timezone: "Europe/Berlin", from: "2024-03-01", to: "2024-03-31" };
const VIEW = "timezone=Europe/Berlin&from=2024-03-01&to=2024-03-31";
const HOURS = hoursOf(READINGS, MARCH);
const MEASURED = HOURS.filter(({ count }) => count > 0);
const POWERS = MEASURED.map(({ kW }) => kW);

inBrowser("the figures and charts of a month", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(TEXT);
  });
  afterAll(() => service.end());

  test("total, average day, peak and when, base load, and what is missing, each explained on demand", async () => {
    const page = await open(service.address, { view: VIEW });
    const total = kWhOf(sumOf(HOURS));
    await eventually(
      "the total",
      () => page.figure("total"),
      ({ value }) => expect(value).toSatisfy(says(total)),
    );
    expect((await page.figure("average")).value).toSatisfy(says(total / 31));
    const quarters = hoursOf(READINGS, MARCH, 900);
    const peak = quarters.reduce((best, one) => (one.kW > best.kW ? one : best));
    const figure = await page.figure("peak");
    expect(figure.value).toSatisfy(says(peak.kW));
    // In the reader's language and the zone of the view.
    const [, month = "", day = "", time = ""] = /^\d+-(\d+)-(\d+)T(\d+:\d+)/.exec(peak.label) ?? [];
    expect(figure.label).toContain(`${month === "03" ? "Mar" : ""} ${Number(day)}`);
    expect(figure.label).toContain(twelve(time));
    expect((await page.figure("base")).value).toSatisfy(says(quantile(POWERS, 0.05)));
    const empty = HOURS.length - MEASURED.length;
    expect(empty).toBe(8);
    const missing = await page.figure("missing");
    expect(missing.value).toSatisfy(says(empty / HOURS.length));
    expect(missing.label).toMatch(/^missing, 2 gaps, .*5 h$/);

    for (const [name, words] of [
      ["total energy", exactText(sumOf(HOURS))],
      ["average day", "divided by the 31 days"],
      ["base load", "95 of 100 hours"],
      [missing.label!, `8 of ${HOURS.length} hours`],
    ] as const) {
      await page.click(`What ${name} means`);
      await eventually(
        name,
        () => page.text(".explained"),
        (text) => expect(text).toContain(words),
      );
    }
  });

  test("bars by day, by week and by month are the sums of the CSV, with hours without readings", async () => {
    for (const [from, to, width, before] of [
      ["2024-03-01", "2024-03-31", "day", 0],
      ["2024-01-01", "2024-05-31", "week", 0],
      // The 24 months before are all zeros.
      ["2024-01-01", "2024-05-31", "month", 24],
    ] as const) {
      const view = `timezone=Europe/Berlin&from=${before === 0 ? from : "2022-01-01"}&to=${to}`;
      const page = await open(service.address, { view });
      const buckets = bucketsOf(hoursOf(READINGS, { ...MARCH, from, to }), width);
      const expected = Array.from(buckets.values(), (hours) => [
        exactText(sumOf(hours)),
        String(hours.reduce((sum, { count }) => sum + count, 0)),
        `${hours.filter(({ count }) => count === 0).length} of ${hours.length}`,
      ]);
      const [head, ...rows] = await page.table("bars");
      expect(head).toEqual([width[0]!.toUpperCase() + width.slice(1), "Energy", "Readings", "Hours without readings"]);
      expect(rows.slice(before).map(([, ...cells]) => cells)).toEqual(expected);
      expect(rows.slice(0, before).map((row) => row.slice(1, 3))).toEqual(Array(before).fill(["0 kWh", "0"]));
    }
  });

  test("hours say zero where zero was measured, and no reading where none came", async () => {
    const [gap] = GAPS;
    const page = await open(service.address, { view: `${VIEW}&days=2024-03-12/2024-03-12` });
    const [, ...rows] = await page.table("hours");
    expect(rows).toEqual(hourRows("2024-03-12", 900));
    expect(rows.filter(([, energy]) => energy === "no reading").map(([label]) => label)).toEqual(
      Array.from({ length: 12 }, (_, n) =>
        gap.from.replace("11:00", `${11 + Math.floor(n / 4)}:${["00", 15, 30, 45][n % 4]}`),
      ),
    );

    const zero = await open(service.address, { view: `${VIEW}&days=2024-03-13/2024-03-24` });
    const [head, ...zeros] = await zero.table("hours");
    expect(head?.[0]).toBe("Hour");
    expect(zeros.find(([label]) => label === ZERO)).toEqual([ZERO, "0 kWh", "12"]);
    expect(zeros.filter(([, energy]) => energy === "no reading")).toEqual([]);
  });

  test("the day on which clocks go forward has 23 hours, and the heat map says which the clock skipped", async () => {
    const page = await open(service.address, { view: `${VIEW}&days=2024-03-31/2024-03-31` });
    const [, ...rows] = await page.table("hours");
    expect(rows).toHaveLength(23 * 4);
    expect(rows).toEqual(hourRows("2024-03-31", 900));
    const [head, ...days] = await page.table("heat");
    expect(head).toEqual(["Day", ...CLOCK]);
    for (const [day, ...cells] of days) {
      const of = HOURS.filter(({ label }) => label.startsWith(day!));
      for (const [n, cell] of cells.entries()) {
        const hour = of.find(({ label }) => label.slice(11, 13) === CLOCK[n]!.slice(0, 2));
        if (hour === undefined) expect(cell, `${day} ${CLOCK[n]}`).toBe("skipped by the clock");
        else if (hour.count === 0) expect(cell, hour.label).toBe("no reading");
        else expect(cell, hour.label).toSatisfy(says(hour.kW));
      }
    }
    expect(days.flat().filter((cell) => cell === "skipped by the clock")).toHaveLength(1);
    expect(days.find(([day]) => day === "2024-03-31")?.[3]).toBe("skipped by the clock");
  });

  test("the typical day and the duration curve are quantiles of the hours with readings", async () => {
    const page = await open(service.address, { view: VIEW });
    const [, ...typical] = await page.table("typical");
    const powersAt = (hour: string, weekend: boolean) =>
      MEASURED.filter((one) => one.label.slice(11, 13) === hour.slice(0, 2) && isWeekend(one) === weekend).map(
        ({ kW }) => kW,
      );
    expect(typical.map(([hour]) => hour)).toEqual(CLOCK);
    for (const [hour = "", ...cells] of typical)
      expect(cells, hour).toSatisfy(
        saysAll([
          ...[0.5, 0.1, 0.9].map((share) => quantile(powersAt(hour, false), share)),
          quantile(powersAt(hour, true), 0.5),
        ]),
      );
    const [, ...curve] = await page.table("duration");
    expect(curve).toHaveLength(101);
    expect(curve.map(([, power]) => power)).toSatisfy(
      saysAll(curve.map((_, percent) => quantile(POWERS, 1 - percent / 100))),
    );
    expect(curve.map(([share]) => share)).toEqual(curve.map((_, percent) => `${percent} %`));
  });

  test("sources are ranked by energy, with share, course, coverage and the last day", async () => {
    const page = await open(service.address, { view: "timezone=Europe/Berlin&from=2024-02-01&to=2024-03-31" });
    const period = { ...MARCH, from: "2024-02-01" };
    const all = kWhOf(sumOf(hoursOf(READINGS, period)));
    const expected = SOURCES.map((id) => {
      const quarters = hoursOf(READINGS, { ...period, sources: [id] }, 900);
      const seen = quarters.filter(({ count }) => count > 0);
      return { id, total: kWhOf(sumOf(quarters)), coverage: seen.length / quarters.length };
    }).sort((a, b) => b.total - a.total);
    const rows = await eventually(
      "coverage",
      () => page.rows(".sources table"),
      ([, ...rows]) => {
        expect(rows).toHaveLength(SOURCES.length);
        expect(rows.map((row) => row[4])).not.toContain("–");
      },
    );
    expect(rows[0]).toEqual(["Source", "Energy", "Share", "Course", "Coverage", "Last seen"]);
    for (const [n, { id, total, coverage }] of expected.entries()) {
      const row = rows[n + 1]!;
      expect(row[0]).toBe(id);
      expect(row[1], id).toSatisfy(says(total));
      expect(row[2], id).toSatisfy(says(total / all));
      expect(row[4], id).toSatisfy(says(coverage));
      expect(row[5], id).toBe("Mar 31, 2024");
    }
  });

  test("the list of what is odd jumps to the place in the charts", async () => {
    const page = await open(service.address, { view: "timezone=Europe/Berlin&from=2024-02-01&to=2024-04-14" });
    const findings = await eventually(
      "the findings",
      () => page.texts(".findings li"),
      (found) => expect(found.length).toBeGreaterThan(0),
    );
    const hours = hoursOf(READINGS, { ...MARCH, from: "2024-02-01", to: "2024-04-14" });
    expect(gapsOf(hours)).toEqual(GAPS.map(({ from, hours }) => ({ from, hours })));
    expect(findings[0]).toMatch(/^3 h without readings Tue, Mar 12, 11:00 AM to Tue, Mar 12, 2:00 PM$/);
    expect(findings[1]).toMatch(/^5 h without readings Sat, Mar 30, 10:00 PM to Sun, Mar 31, 4:00 AM$/);
    const negative = hours.filter(({ energy }) => energy < 0n);
    expect(findings[2]).toMatch(new RegExp(`^${negative.length} hours with negative energy`));
    await page.click("5 h without readings");
    await eventually(
      "the day of the gap",
      () => page.text(".chart-hours h2"),
      (title) => expect(title).toContain("Sat, March 30, 2024"),
    );
    await page.click(`${negative.length} hours with negative energy`);
    const first = negative[0]!.label.slice(0, 10);
    await eventually(
      "the first negative hour's day",
      () => page.view(),
      (view) => expect(view["days"]).toBe(`${first}/${first}`),
    );
  });
});

const CLOCK = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);

/** `13:45` as Americans write it. */
function twelve(time: string): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const of = (value: number) => String(value).padStart(2, "0");
  return `${hour % 12 === 0 ? 12 : hour % 12}:${of(minute)} ${hour < 12 ? "AM" : "PM"}`;
}

/** The table of a day's hours, or quarter hours. */
function hourRows(day: string, unit: 3600 | 900): string[][] {
  return hoursOf(READINGS, { ...MARCH, from: day, to: day }, unit).map(({ label, energy, count }) => [
    label,
    count === 0 ? "no reading" : exactText(energy),
    String(count),
  ]);
}
