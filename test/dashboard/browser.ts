/** A real Chromium for the tests of a file, and what somebody in front of it sees and does. */
import type { Browser, BrowserContext, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromium } from "../../scripts/chromium.mjs";
import { until, within } from "../wait.mjs";
import { Dashboard } from "./dashboard.js";
import { launch } from "./launch.mjs";

let browser: Browser | undefined;
let contexts: BrowserContext[] = [];

/**
 * The tests of a file that need a browser: one for all of them, which is closed at the end, also after failures. Without
 * Chromium they fail under `CI=true`, and are skipped elsewhere, which is said and counted.
 */
export function inBrowser(name: string, tests: () => void): void {
  if (chromium() === undefined) {
    if (process.env["CI"] === "true") test(name, () => expect.fail("there is no Chromium: node scripts/chromium.mjs"));
    else {
      console.warn(`SKIPPED, since there is no Chromium (apt-get install chromium): the tests of ${name}`);
      describe.skip(name, tests);
    }
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      browser = await launch();
    });
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
    });
    afterAll(async () => {
      const closing = browser;
      browser = undefined;
      contexts = [];
      if (closing !== undefined) await within("the end of Chromium", closing.close());
    });
    tests();
  });
}

export interface Setup {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly reducedMotion?: boolean;
  /** The language of the reader. */
  readonly language?: string;
  /** What is after the `#`. */
  readonly view?: string;
}

/** Gives a page a size and the reader's settings. */
export async function look(page: Page, { width = 1280, height = 900, dark = false, reducedMotion = false }: Setup) {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
  ]);
}

/** A window of a new profile, before it has been sent anywhere. */
async function newWindow({ language = "en-US", ...setup }: Setup): Promise<Page> {
  if (browser === undefined) throw new Error("open pages within inBrowser");
  const context = await browser.createBrowserContext();
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  await look(page, setup);
  if (language !== "en-US") {
    const session = await page.createCDPSession();
    await session.send("Emulation.setUserAgentOverride", {
      userAgent: await browser.userAgent(),
      acceptLanguage: language,
    });
  }
  return page;
}

/** The dashboard of a service, or a report (`file:…`), in a window of its own profile, once something is to be seen there. */
export async function open(address: string, setup: Setup = {}): Promise<Dashboard> {
  const page = await newWindow(setup);
  const dashboard = new Dashboard(page);
  const place = address.startsWith("file:") ? address : `${address}/`;
  await page.goto(`${place}${setup.view === undefined ? "" : `#${setup.view}`}`, { waitUntil: "load" });
  await until("the page shows something", () => page.evaluate(() => document.querySelector("main > *") !== null), 40);
  return dashboard;
}
