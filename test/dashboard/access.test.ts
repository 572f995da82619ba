// slow: a browser
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, look, open, type Setup } from "./browser.js";
import { type Dashboard, eventually } from "./dashboard.js";
import { showsTotal, totalOf } from "./expected.js";
import { type PageService, startService } from "./service.js";
import { day } from "./site.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const READINGS = [
  ...["2024-06-03", "2024-06-04", "2024-06-05"].map((date) => day(date, "mill", 2)),
  ...["2024-06-03", "2024-06-06"].map((date) => day(date, "pump", -1)),
].join("\n");
const CHARTS = ["bars", "hours", "heat", "typical", "duration"];
/** Wall times, which a warning is about; nothing came on 7 June. */
const LATER = day("2024-06-08", "lamp", 0, "");
const TOTAL = totalOf(READINGS, LATER);

const LOOKS: readonly Setup[] = [360, 1440].flatMap((width) => [false, true].map((dark) => ({ width, dark })));
/** Each width and each colour once. */
const BOTH: readonly Setup[] = [
  { width: 360, dark: false },
  { width: 1440, dark: true },
];

/** What axe finds in a page that looks so, each as its rule and the element. */
async function findings(page: Dashboard, setup: Setup): Promise<string[]> {
  await look(page.page, setup);
  await page.page.evaluate(AXE);
  const { violations } = await page.page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

inBrowser("the page for everybody", () => {
  let service: PageService;
  let empty: PageService;
  beforeAll(async () => {
    service = await startService();
    await service.add(READINGS);
    await service.add(LATER);
    empty = await startService({ reader: ["--scope", "read,write"] });
  });
  afterAll(async () => {
    await service.end();
    await empty.end();
  });

  test("axe finds nothing in the view, in charts and tables, and in the question before a batch is taken back", async () => {
    const page = await open(service.address, { view: "compare=previous&source=mill&source=pump" });
    await eventually(
      "the sources",
      () => page.texts(".sources tbody th"),
      (found) => expect(found).toHaveLength(3),
    );
    await page.clickOn(".figure .explain");
    for (const chart of ["bars", "typical"]) await page.table(chart);
    for (const setup of LOOKS) expect(await findings(page, setup)).toEqual([]);
    for (const chart of CHARTS) expect((await page.table(chart)).length).toBeGreaterThan(1);
    expect(await findings(page, LOOKS[0]!)).toEqual([]);
    await page.clickOn(".ledger tbody button");
    await eventually(
      "the question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toHaveLength(1),
    );
    for (const setup of LOOKS) expect(await findings(page, setup)).toEqual([]);
    expect(page.violations).toEqual([]);
  });

  test("axe finds nothing at the way in, in an empty store, and in an error", async () => {
    const page = await open(empty.address);
    await page.control("button", "Sign in");
    for (const setup of BOTH) expect(await findings(page, setup)).toEqual([]);
    await page.write("Token", empty.tokens["reader"]!);
    await page.click("Sign in");
    await eventually(
      "the empty store",
      () => page.text("main"),
      (text) => expect(text).toContain("There are no readings yet"),
    );
    await page.drop({ name: "bad.ndjson", text: `${READINGS}\n{"timestamp":"x"}\n` });
    await eventually(
      "what is bad",
      () => page.texts(".rejects li"),
      (found) => expect(found).toHaveLength(1),
    );
    for (const setup of BOTH) expect(await findings(page, setup)).toEqual([]);
    const wrong = await open(service.address, { view: "from=1950-01-01&to=2150-01-01" });
    await eventually(
      "what is wrong",
      () => wrong.texts("[role=alert]"),
      (found) => expect(found.join()).toContain("3660"),
    );
    for (const setup of BOTH) expect(await findings(wrong, setup)).toEqual([]);
  });

  test("nothing is cut, or wider than the page, at 360 and at 1440 px", async () => {
    const page = await open(service.address);
    await showsTotal(page, TOTAL);
    for (const shown of ["charts", "tables"]) {
      if (shown === "tables") for (const chart of CHARTS) await page.table(chart);
      for (const width of [360, 1440]) {
        await look(page.page, { width });
        await eventually(
          `nothing is cut of ${shown} at ${width} px`,
          () =>
            page.page.evaluate(() => {
              const wide = document.documentElement.clientWidth;
              return Array.from(document.querySelectorAll("body *"))
                .filter(
                  (element) => element.closest(".away") === null && element.parentElement?.closest(".table") === null,
                )
                .filter((element) => element.getBoundingClientRect().right > wide + 1)
                .map((element) => element.outerHTML.slice(0, 80));
            }),
          (cut) => expect(cut).toEqual([]),
        );
        expect(await page.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
    }
  });

  test("every control is reached with the Tab key, in order, and shows that it has the focus", async () => {
    const page = await open(service.address, { view: "show=cost" });
    await eventually(
      "the sources",
      () => page.texts(".sources tbody th"),
      (found) => expect(found).toHaveLength(3),
    );
    // What comes later would bring further controls.
    await eventually(
      "all of the page",
      () =>
        page.page.evaluate(() =>
          [".chart-hours h2", ".ledger h2", ".findings li", ".sparkline"].filter(
            (part) => document.querySelector(part) === null,
          ),
        ),
      (missing) => expect(missing).toEqual([]),
    );
    const count = await page.page.evaluate(() => {
      const controls = Array.from(
        document.querySelectorAll<HTMLElement>("a[href], button, input, select, [tabindex]"),
      ).filter((one) => one.getClientRects().length > 0 && one.closest("dialog") === null);
      controls.forEach((one, n) => {
        one.dataset["order"] = String(n);
      });
      return controls.length;
    });
    expect(count).toBeGreaterThan(30);
    const reached: number[] = [];
    for (let presses = 0; presses < count; presses++) {
      await page.page.keyboard.press("Tab");
      const { order, outline, html } = await page.page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        const outlines = [focused, focused.closest("label")].map((one) =>
          one === null ? "none" : getComputedStyle(one).outlineStyle,
        );
        return {
          order: Number(focused.dataset["order"]),
          outline: outlines.some((style) => style !== "none"),
          html: focused.outerHTML.slice(0, 100),
        };
      });
      expect(outline, `the focus shows at ${html}`).toBe(true);
      reached.push(order);
    }
    expect(reached).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  test("without a pointer: a table, a cell of the heat map and its day, a question that is left", async () => {
    const page = await open(service.address);
    await eventually(
      "a heat map",
      () => page.texts(".chart-heat canvas"),
      (found) => expect(found).toHaveLength(1),
    );
    const { keyboard } = page.page;
    const focus = async (role: string, name: string) => (await page.control(role, name)).focus();
    await (await page.page.$(".chart-bars .tools button"))?.focus();
    await keyboard.press("Enter");
    expect((await page.rows(".chart-bars table")).length).toBeGreaterThan(1);
    await focus("button", "Every hour. Arrow keys move from cell to cell, Enter shows the day.");
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await eventually(
      "the cell",
      () => page.text('[data-testid="heat-readout"]'),
      (text) =>
        // 1 + 2/16 + 1 kWh less in the hour from two.
        expect(text).toMatch(/^Tue, June 4, 2024, 02:00 · 2\.13 kW$/),
    );
    await keyboard.press("Enter");
    await eventually(
      "its hours",
      () => page.text(".chart-hours h2"),
      (text) => expect(text).toContain("June 4, 2024"),
    );

    await (await page.page.$(".ledger tbody button"))?.focus();
    await keyboard.press("Enter");
    await eventually(
      "the question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toHaveLength(1),
    );
    await keyboard.press("Escape");
    await eventually(
      "no question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toEqual([]),
    );
    expect(await page.page.evaluate(() => document.activeElement?.textContent)).toBe("Take back");
  });

  test("on paper there are the days, the zone and whole charts, and nothing to click", async () => {
    const page = await open(service.address, {
      ...{ view: "timezone=Europe/Berlin&from=2024-03-01&to=2024-03-31", width: 1440, dark: true },
    });
    await page.page.waitForSelector(".chart-hours canvas");
    await page.page.emulateMediaType("print");
    expect(await page.text(".top")).toMatch(/Mar 1 – 31, 2024 · Europe\/Berlin$/);
    const found = await page.page.evaluate(() => {
      // As wide as paper is; a printer does not wait until charts are drawn anew.
      document.body.style.width = "700px";
      const [paper, ink] = ["backgroundColor", "color"].map(
        (name) => getComputedStyle(document.documentElement)[name as "color"],
      );
      const charts = Array.from(document.querySelectorAll(".chart canvas"), (canvas) => canvas.getBoundingClientRect());
      const edge = document.body.getBoundingClientRect().right;
      const buttons = Array.from(document.querySelectorAll<HTMLElement>("button, input, select"));
      return {
        ...{
          paper,
          ink,
          charts: charts.length,
          cut: charts.filter(({ right, width }) => right > edge + 1 || width === 0),
        },
        left: buttons
          .filter((one) => one.offsetWidth > 0 && !one.classList.contains("plain"))
          .map((one) => one.textContent),
      };
    });
    expect(found).toEqual({
      ...{ paper: "rgb(255, 255, 255)", ink: "rgb(22, 32, 42)", charts: 5, cut: [] },
      // The heat map is a button, since keys move in it.
      left: [""],
    });
    const pdf = await page.page.pdf({ format: "A4" });
    expect(Buffer.from(pdf).toString("latin1", 0, 5)).toBe("%PDF-");
  });

  test("with reduced motion nothing moves by itself", async () => {
    for (const reducedMotion of [true, false]) {
      const page = await open(service.address, { reducedMotion, height: 500 });
      await eventually(
        "what is odd",
        () => page.texts(".findings button"),
        (found) => expect(found.length).toBeGreaterThan(0),
      );
      await eventually(
        "the hours",
        () => page.texts(".chart-hours h2"),
        (found) => expect(found).toHaveLength(1),
      );
      const moves = await page.page.evaluate(() => {
        const button = document.querySelector<HTMLElement>(".findings button")!;
        button.scrollIntoView();
        const before = scrollY;
        button.click();
        const durations = Array.from(document.querySelectorAll("*"), (element) => {
          const { animationDuration, animationName, transitionDuration } = getComputedStyle(element);
          return Math.max(parseFloat(transitionDuration), animationName === "none" ? 0 : parseFloat(animationDuration));
        });
        return { atOnce: scrollY !== before, longest: Math.max(...durations) };
      });
      if (reducedMotion) expect(moves).toEqual({ atOnce: true, longest: 0 });
      else expect(moves.atOnce).toBe(false);
    }
  });
});
