/**
 * `node bench/service/page.mjs STORE`: how long a person waits for the dashboard, in Chromium on the same machine, over a store
 * that `bench/store.mjs` has filled (100 million readings of 3,000 meters in 2023): for the first chart, for another month, for
 * another source; the longest task while a chart is dragged over; and all of that beside nine others who do the same over HTTP.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { launch } from "../../test/dashboard/launch.mjs";
import { median } from "../measure.mjs";
import { startElectro } from "./servers.mjs";

const [, , store] = process.argv;
if (store === undefined) throw new Error("name the file of a store");
const TIMES = 10;
const OTHERS = 9;
/** Milliseconds between two changes of one of the others. */
const PAUSE = 10_000;
const two = (n) => String(n).padStart(2, "0");
const month = (n) => {
  const m = 1 + (n % 12);
  return `from=2023-${two(m)}-01&to=2023-${two(m)}-${new Date(Date.UTC(2023, m, 0)).getUTCDate()}`;
};
const meter = (n) => `meter-${String((n * 137) % 3000).padStart(5, "0")}`;

/** Run in each page: notes when the first chart is drawn, when the total changes, and tasks that hold the page up. */
function observe() {
  const seen = { chart: undefined, total: undefined, changed: [], tasks: [] };
  window.seen = seen;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.tasks.push([startTime, duration]);
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver(() => {
    const text = document.querySelector('[data-testid="figure-total"] strong')?.textContent;
    const chart = document.querySelector(".chart-bars canvas");
    if (text === undefined || chart === null) return;
    if (seen.chart === undefined) requestAnimationFrame(() => (seen.chart ??= performance.now()));
    const what = `${text} ${document.querySelector(".chart-hours h2")?.textContent}`;
    if (what === seen.total) return;
    seen.total = what;
    requestAnimationFrame(() => seen.changed.push(performance.now()));
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

async function opened(browser, url) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  await page.evaluateOnNewDocument(observe);
  await page.goto(url);
  await page.waitForFunction("window.seen.chart !== undefined", { polling: 20 });
  return { context, page };
}

/** Milliseconds from a change of the address to its total and hours. */
async function change(page, view) {
  const [begun, count] = await page.evaluate((view) => {
    const now = [performance.now(), window.seen.changed.length];
    location.hash = view;
    return now;
  }, view);
  await page.waitForFunction((count) => window.seen.changed.length > count, { polling: 20 }, count);
  // What comes in two steps counts until the second.
  await sleep(700);
  const ends = await page.evaluate((count) => window.seen.changed.slice(count), count);
  return Math.max(...ends) - begun;
}

/** The longest task, in milliseconds, while the pointer is dragged over the bars. */
async function drag(page) {
  await page.evaluate(() => {
    window.seen.tasks.length = 0;
  });
  const box = await (await page.$(".chart-bars .u-over")).boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.2, y);
  await page.mouse.down();
  for (let step = 0; step <= 60; step++) await page.mouse.move(box.x + box.width * (0.2 + step / 100), y);
  const tasks = await page.evaluate(() => window.seen.tasks.map(([, duration]) => duration));
  await page.mouse.move(box.x + box.width * 0.2, y);
  await page.mouse.up();
  return Math.max(0, ...tasks);
}

const said = (times) =>
  `${median(times).toFixed(0)} ms (median of ${times.length}), at most ${Math.max(...times).toFixed(0)}`;

async function round(browser, url) {
  const [first, ranges, sources, drags] = [[], [], [], []];
  for (let n = 0; n < TIMES; n++) {
    const { context, page } = await opened(browser, `${url}/#timezone=UTC`);
    first.push(await page.evaluate(() => window.seen.chart));
    await context.close();
  }
  const { context, page } = await opened(browser, `${url}/#timezone=UTC&${month(0)}`);
  await sleep(1500);
  for (let n = 1; n <= TIMES; n++) ranges.push(await change(page, `timezone=UTC&${month(n)}`));
  for (let n = 1; n <= TIMES; n++) sources.push(await change(page, `timezone=UTC&${month(3)}&source=${meter(n)}`));
  await change(page, "timezone=UTC&from=2023-01-01&to=2023-12-30");
  await sleep(1500);
  for (let n = 0; n < 3; n++) drags.push(await drag(page));
  await context.close();
  console.log(`first chart: ${said(first)}`);
  console.log(`another month: ${said(ranges)}`);
  console.log(`another source: ${said(sources)}`);
  console.log(`longest task while dragging: at most ${Math.max(...drags).toFixed(0)} ms (0: none above 50)`);
}

/** What the page asks for when its period changes, again and again. */
async function other(url, n, signal) {
  for (let turn = n; !signal.aborted; turn += 7) {
    const period = `timezone=UTC&${month(turn)}`;
    const week = `timezone=UTC&from=2023-${two(1 + (turn % 12))}-20&to=2023-${two(1 + (turn % 12))}-26`;
    const answers = [
      `profile?${period}&bars=day`,
      `hourly?${week}&with_counts=true`,
      `sources?${period}&order=total&limit=50`,
    ];
    await Promise.all(answers.map(async (path) => (await fetch(`${url}/v1/${path}`)).text()));
    await sleep(PAUSE, undefined, { signal }).catch(() => {});
  }
}

const server = await startElectro("", [], store);
const browser = await launch();
try {
  await round(browser, server.url);
  console.log(`beside ${OTHERS} others, each with another month every ${PAUSE / 1000} s:`);
  const stop = new AbortController();
  const others = Array.from({ length: OTHERS }, (_, n) => other(server.url, n, stop.signal));
  await round(browser, server.url);
  stop.abort();
  await Promise.all(others);
} finally {
  await browser.close();
  await server.stop();
}
