// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { energyText } from "../oracle/energy.js";
import { summarise } from "../oracle/summary.js";
import { inBrowser, open } from "./browser.js";
import { type Dashboard, eventually } from "./dashboard.js";
import { type Asked, hoursOf, kWhOf, readingsOf, says, sumOf } from "./expected.js";
import { type PageService, startService } from "./service.js";
import { siteReadings } from "./site.js";

const TEXT = siteReadings();
const READINGS = readingsOf(TEXT);
const timezone = "Europe/Berlin";
const VIEW = "timezone=Europe/Berlin&from=2024-03-01&to=2024-03-31";
const ALL = { from: "2024-02-01", to: "2024-04-14" };

function totalOf(asked: Partial<Asked>): number {
  return kWhOf(sumOf(hoursOf(READINGS, { timezone, ...ALL, ...asked })));
}

/** Waits until a period is shown: in the address, and as the total. */
async function shows(page: Dashboard, from: string, to: string, more: Partial<Asked> = {}): Promise<void> {
  const view = await eventually(
    `the period ${from} to ${to}`,
    () => page.view(),
    (view) => expect([view["from"], view["to"]]).toEqual([from, to]),
  );
  expect(view["timezone"]).toBe(more.timezone === "UTC" ? undefined : timezone);
  await eventually(
    `the total of ${from} to ${to}`,
    () => page.figure("total"),
    ({ value }) => expect(value).toSatisfy(says(totalOf({ from, to, ...more }))),
  );
}

inBrowser("what one can do with the view", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(TEXT);
  });
  afterAll(() => service.end());

  test("presets and steps, the browser's back and forward, and a reload at the end show the same as the address says", async () => {
    const page = await open(service.address, { view: VIEW });
    await shows(page, "2024-03-01", "2024-03-31");
    await page.click("Week");
    await shows(page, "2024-03-25", "2024-03-31");
    await page.click("Earlier");
    await shows(page, "2024-03-18", "2024-03-24");
    await page.click("Day");
    await shows(page, "2024-03-24", "2024-03-24");
    await page.click("Later");
    await shows(page, "2024-03-25", "2024-03-25");
    await page.click("Month");
    await shows(page, "2024-03-01", "2024-03-31");
    await page.click("Earlier");
    await shows(page, "2024-02-01", "2024-02-29");
    await page.click("Year");
    await shows(page, "2024-01-01", "2024-12-31");
    await page.click("All");
    await shows(page, ALL.from, ALL.to);
    await page.page.goBack();
    await shows(page, "2024-01-01", "2024-12-31");
    await page.page.goBack();
    await shows(page, "2024-02-01", "2024-02-29");
    await page.page.goForward();
    await shows(page, "2024-01-01", "2024-12-31");
    await page.page.reload();
    await shows(page, "2024-01-01", "2024-12-31");
    expect(page.violations).toEqual([]);
  });

  test("dates that are chosen, and such that are not in order", async () => {
    const page = await open(service.address, { view: VIEW });
    const fill = async (name: string, text: string) => {
      await page.page.locator(`::-p-aria([name="${name}"])`).fill(text);
    };
    const opener = () => page.clickOn('[data-testid="period"]');
    await opener();
    await fill("From", "2024-03-20");
    await fill("To, inclusive", "2024-03-05");
    expect(await page.text(".pop .error")).toBe("The first day must not be after the last.");
    expect(await page.page.$eval(".pop [type=submit]", (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await page.page.keyboard.press("Escape");
    await eventually(
      "the form is gone",
      () => page.texts(".pop"),
      (found) => expect(found).toEqual([]),
    );
    await shows(page, "2024-03-01", "2024-03-31");
    await opener();
    await fill("From", "2024-03-05");
    await fill("To, inclusive", "2024-03-20");
    await page.click("Show");
    await shows(page, "2024-03-05", "2024-03-20");
    expect(await page.text('[data-testid="period"]')).toMatch(/^Mar 5 – 20, 2024/);
  });

  test("the pointer over the bars tells the day; a click shows its hours, a drag zooms, and Escape goes back", async () => {
    const page = await open(service.address, { view: VIEW });
    await shows(page, "2024-03-01", "2024-03-31");
    const bars = await page.place(".chart-bars .u-over");
    const middle = bars.y + bars.height / 2;
    const day = (number: number) => bars.x + (bars.width * (number - 0.5)) / 31;
    const { mouse } = page.page;
    await mouse.move(day(8), middle);
    const readout = await eventually(
      "the day under the pointer",
      () => page.text('[data-testid="bars-readout"]'),
      (text) => expect(text).toContain("Fri, March 8, 2024"),
    );
    const [, energy, share] = readout!.split(" · ");
    const total = totalOf({ from: "2024-03-08", to: "2024-03-08" });
    expect(energy).toSatisfy(says(total));
    expect(share).toSatisfy(says(total / totalOf({ from: "2024-03-01", to: "2024-03-31" })));

    await mouse.click(day(12), middle);
    await eventually(
      "the day's hours",
      () => page.text(".chart-hours h2"),
      (text) => expect(text).toContain("Tue, March 12, 2024"),
    );
    const hours = await page.place(".chart-hours .u-over");
    await mouse.move(hours.x + (hours.width * 12.1) / 24, hours.y + 40);
    await eventually(
      "the hour of the gap",
      () => page.text('[data-testid="hours-readout"]'),
      (text) => expect(text).toBe("Tue, Mar 12, 12:00 PM · no reading"),
    );

    const again = await page.place(".chart-bars .u-over");
    const y = again.y + 60;
    await mouse.move(day(5), y);
    await mouse.down();
    await mouse.move(day(7), y, { steps: 3 });
    await mouse.move(day(9), y, { steps: 3 });
    await mouse.up();
    await shows(page, "2024-03-05", "2024-03-09");
    expect((await page.view())["days"]).toBeUndefined();

    // Days 2 to 4 of the five, by their hours.
    const inside = await page.place(".chart-hours .u-over");
    await mouse.move(inside.x + (inside.width * 1.5) / 5, inside.y + 50);
    await mouse.down();
    await mouse.move(inside.x + (inside.width * 3.5) / 5, inside.y + 50, { steps: 5 });
    await mouse.up();
    await shows(page, "2024-03-06", "2024-03-08");
    await page.page.keyboard.press("Escape");
    await shows(page, "2024-03-05", "2024-03-09");
    await page.page.keyboard.press("Escape");
    await shows(page, "2024-03-01", "2024-03-31");
  });

  test("keys move and choose the period, but not while something is typed", async () => {
    const page = await open(service.address, { view: VIEW });
    await shows(page, "2024-03-01", "2024-03-31");
    const { keyboard } = page.page;
    for (const [key, from, to] of [
      ["w", "2024-03-25", "2024-03-31"],
      ["ArrowLeft", "2024-03-18", "2024-03-24"],
      ["d", "2024-03-24", "2024-03-24"],
      ["ArrowRight", "2024-03-25", "2024-03-25"],
      ["m", "2024-03-01", "2024-03-31"],
      ["y", "2024-01-01", "2024-12-31"],
      ["a", ALL.from, ALL.to],
      ["Escape", "2024-01-01", "2024-12-31"],
      ["Escape", "2024-03-01", "2024-03-31"],
    ] as const) {
      await keyboard.press(key);
      await shows(page, from, to);
    }
    // With a day chosen, arrows move that.
    await page.clickOn(".figure .label button");
    const { days } = await eventually(
      "a chosen day",
      () => page.view(),
      ({ days }) => expect(days).toBeDefined(),
    );
    await keyboard.press("ArrowLeft");
    const before = new Date(Date.parse(days!.slice(0, 10)) - 86_400_000).toISOString().slice(0, 10);
    await eventually(
      "the day before",
      () => page.view(),
      (view) => expect(view["days"]).toBe(`${before}/${before}`),
    );

    const address = await page.view();
    await page.clickOn(".sources [type=search]");
    await keyboard.type("dwmya");
    await keyboard.press("ArrowLeft");
    expect(await page.view()).toEqual(address);
  });

  test("the period before is a change of the total and a line", async () => {
    const page = await open(service.address, { view: VIEW });
    await page.choose("Compare with", "previous");
    const [march, february] = [
      totalOf({ from: "2024-03-01", to: "2024-03-31" }),
      totalOf({ from: "2024-02-01", to: "2024-02-29" }),
    ];
    const text = await eventually(
      "the change",
      () => page.text('[data-testid="change"]'),
      (text) => expect(text).toBeDefined(),
    );
    const [arrow, share, ...words] = text!.split(" ");
    expect(arrow).toBe(march > february ? "▲" : "▼");
    expect(share).toSatisfy(says(Math.abs(march - february) / february));
    expect(words.join(" ")).toContain("period before");
    expect(await page.texts(".chart-bars .legend li")).toContain("period before");
    expect((await page.view())["compare"]).toBe("previous");
    // The year before has nothing.
    await page.choose("Compare with", "year");
    await eventually(
      "no readings then",
      () => page.text('[data-testid="change"]'),
      (text) => expect(text).toContain("no readings"),
    );
  });

  test("another zone has other days; one that there is not is said, and changes nothing", async () => {
    const page = await open(service.address, { view: VIEW });
    await shows(page, "2024-03-01", "2024-03-31");
    await page.write("Time zone", "UTC", "combobox");
    await shows(page, "2024-03-01", "2024-03-31", { timezone: "UTC" });
    await page.write("Time zone", "Asia/Kathmandu", "combobox");
    await eventually(
      "Kathmandu's total",
      () => page.figure("total"),
      ({ value }) =>
        expect(value).toSatisfy(says(totalOf({ from: "2024-03-01", to: "2024-03-31", timezone: "Asia/Kathmandu" }))),
    );
    await page.write("Time zone", "Mars/Olympus", "combobox");
    await eventually(
      "what is wrong",
      () => page.texts(".error"),
      (texts) => expect(texts.join()).toContain("Mars/Olympus"),
    );
    expect((await page.view())["timezone"]).toBe("Asia/Kathmandu");
  });

  test("a price makes money of all, and a factor CO₂", async () => {
    const page = await open(service.address, { view: VIEW });
    const total = totalOf({ from: "2024-03-01", to: "2024-03-31" });
    await page.choose("Show", "cost");
    await page.write("Price of a kWh", "0,2875");
    await page.write("Currency", "gbp");
    await eventually(
      "pounds",
      () => page.figure("total"),
      ({ value, label }) => expect([value, label]).toEqual([`£${(total * 0.2875).toFixed(2)}`, "total cost"]),
    );
    expect(await page.text(".chart-bars .unit")).toBe("GBP per day");
    expect(await page.text(".sources th.number")).toBe("Cost");
    await page.choose("Show", "co2");
    await page.write("kg CO₂ of a kWh", "0.4");
    await eventually(
      "kilograms",
      () => page.figure("total"),
      ({ value }) => expect(value).toSatisfy((text) => / k?g$/.test(text) && says(total * 0.4)(text)),
    );
    // Powers stay what they are.
    expect((await page.figure("peak")).value).toMatch(/kW$/);
    await page.page.reload();
    await eventually(
      "the same",
      () => page.figure("total"),
      ({ value }) => expect(value).toMatch(/ k?g$/),
    );
  });

  test("a price that is half typed is not lost when the page is drawn again", async () => {
    const page = await open(service.address, { view: `${VIEW}&show=cost` });
    const field = await page.control("textbox", "Price of a kWh");
    await field.evaluate((element) => (element as HTMLInputElement).select());
    await field.type("0.9");
    await page.page.evaluate(() => {
      location.hash = location.hash.replace("show=cost", "show=cost&currency=GBP");
    });
    await eventually(
      "pounds",
      () => page.text(".chart-bars .unit"),
      (unit) => expect(unit).toContain("GBP"),
    );
    expect(await field.evaluate((element) => (element as HTMLInputElement).value)).toBe("0.9");
  });

  test("sources can be searched, seen alone, and stacked", async () => {
    const page = await open(service.address, { view: VIEW });
    const names = () => page.texts(".sources tbody th");
    await eventually("all", names, (found) => expect(found).toHaveLength(3));
    await page.write("Search for sources whose name begins with", "ro", "searchbox");
    await eventually("those that begin so", names, (found) => expect(found).toEqual(["roof"]));
    await page.click("roof");
    await shows(page, "2024-03-01", "2024-03-31", { sources: ["roof"] });
    await page.write("Search for sources whose name begins with", "", "searchbox");
    await page.click("server room");
    await shows(page, "2024-03-01", "2024-03-31", { sources: ["roof", "server room"] });
    await eventually(
      "two colours",
      () => page.texts(".chart-bars .legend li"),
      (found) => expect(found.slice(0, 2)).toEqual(["roof", "server room"]),
    );
    expect(await page.texts(".chips li")).toEqual(["roof ×", "server room ×"]);
    await page.click("Leave out roof");
    await shows(page, "2024-03-01", "2024-03-31", { sources: ["server room"] });
    await page.page.reload();
    await shows(page, "2024-03-01", "2024-03-31", { sources: ["server room"] });
    await page.click("Show all sources");
    await shows(page, "2024-03-01", "2024-03-31");
    await page.write("Search for sources whose name begins with", "nobody", "searchbox");
    await eventually(
      "none",
      () => page.text(".sources"),
      (text) => expect(text).toContain("No source begins with “nobody”."),
    );
  });

  test("what is downloaded is the CSV, byte for byte, and a picture of the chart", async () => {
    const page = await open(service.address, { view: `${VIEW}&days=2024-03-31/2024-03-31` });
    await shows(page, "2024-03-01", "2024-03-31");
    const month = { timezone, from: "2024-03-01", to: "2024-03-31" };
    const daily = summarise(READINGS, month).files.get("daily_data.csv");
    expect((await page.download(() => page.click("Save Days as CSV"))).toString()).toBe(daily);
    const quarters = summarise(READINGS, { timezone, from: "2024-03-31", to: "2024-03-31", resolutions: ["15min"] });
    const name = await page.text(".chart-hours h2");
    expect((await page.download(() => page.click(`Save ${name} as CSV`))).toString()).toBe(
      quarters.files.get("quarter_hourly_data_31_03.csv"),
    );
    const picture = await page.download(() => page.click("Save Days as a picture"));
    expect(picture.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    const canvas = await page.page.$eval(".chart-bars canvas", (found) => [
      (found as HTMLCanvasElement).width,
      (found as HTMLCanvasElement).height,
    ]);
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual(canvas);
    expect(await page.colours(picture)).toBeGreaterThan(3);

    await page.click("house");
    await page.click("roof");
    await shows(page, "2024-03-01", "2024-03-31", { sources: ["house", "roof"] });
    const chosen = READINGS.filter(({ source }) => source !== "server room");
    expect((await page.download(() => page.click("Save Days as CSV"))).toString()).toBe(
      summarise(chosen, { ...month, bySource: true }).files.get("daily_data.csv"),
    );
  });

  test("a hostile or broken address gives the first view", async () => {
    const first = `${energyText(sumOf(hoursOf(READINGS, { timezone: "UTC", from: "2024-01-31", to: "2024-04-14" })))}`;
    const page = await open(service.address, { view: "from=2024-13-45&to=<img src=x onerror=alert(1)>" });
    for (const view of [
      "from=2024-13-45&to=2024-99-99",
      "from=2024-03-31&to=2024-03-01",
      "from=<img src=x onerror=alert(1)>&to=2024-03-01",
      "timezone=%3Cscript%3Ealert(1)%3C/script%3E",
      "timezone=Mars/Olympus&compare=__proto__&show=constructor",
      "price=1e999&currency=%22%3E%3Cb%3E&co2=-1&days=2024-02-30/x",
      "%E0%A4%A&&&==&from&to=",
    ]) {
      await page.go(VIEW);
      await shows(page, "2024-03-01", "2024-03-31");
      await page.go(view);
      await eventually(
        view,
        () => page.figure("total"),
        ({ value }) => expect(value).toSatisfy(says(Number(first))),
      );
      expect(page.violations, view).toEqual([]);
    }
  });
});
