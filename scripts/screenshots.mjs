// `node scripts/screenshots.mjs`: takes the pictures of the dashboard in docs/, of made-up readings that are the same each
// time: a year of an office building with twelve meters, a solar roof among them, and a district with 3,000. Needs Chromium
// (`node scripts/chromium.mjs`) and port 8080, whose address one of the pictures shows.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../test/dashboard/launch.mjs";
import { until } from "../test/wait.mjs";
import { ready, root } from "./ready.mjs";
import { randomOf, start } from "./service-process.mjs";

const QUARTER = 900_000;
const DAY = 96 * QUARTER;
const YEAR = { from: Date.UTC(2023, 11, 31, 23), to: Date.UTC(2024, 11, 31, 23) };
/** The data logger had no power, twice. */
const OUTAGES = [
  ["2024-08-09T14:30:00Z", "2024-08-12T06:15:00Z"],
  ["2024-11-20T02:00:00Z", "2024-11-20T09:00:00Z"],
].map((times) => times.map((time) => Date.parse(time)));
const HOLIDAYS = new Set([
  "01-01",
  "03-29",
  "04-01",
  "05-01",
  "05-09",
  "05-20",
  "10-03",
  "12-25",
  "12-26",
  "12-27",
  "12-30",
]);
const SUMMER = "timezone=Europe/Berlin&from=2024-07-01&to=2024-08-31&compare=previous";
const AUTUMN = "timezone=Europe/Berlin&from=2024-10-01&to=2024-12-31&days=2024-11-18/2024-11-24";

/** @typedef {{ hour: number, work: number, warm: number, sun: number, noise: () => number }} Weather */
/** What each meter says of a quarter hour, in kW. @type {Record<string, (weather: Weather) => number>} */
const METERS = {
  "ground floor": ({ work, noise }) => 1.8 + 9 * work + 0.8 * noise(),
  "first floor": ({ work, noise }) => 1.2 + 11 * work + noise(),
  "second floor": ({ work, noise }) => 1.1 + 10 * work + noise(),
  "third floor": ({ work, noise }) => 0.9 + 7 * work + noise(),
  kitchen: ({ hour, work, noise }) => 0.7 + (hour >= 10 && hour < 14 ? 16 * work : 2 * work) + noise(),
  lifts: ({ work, noise }) => 0.3 + 2.4 * work * noise(),
  ventilation: ({ work, warm }) => 2.5 + 9 * work + 4 * Math.max(0, warm),
  cooling: ({ warm, work, noise }) => 22 * Math.max(0, warm - 0.35) * (0.3 + work) + 0.2 * noise(),
  "heat pump": ({ warm, noise }) => 24 * Math.max(0, 0.25 - warm) + 2 * noise(),
  "server room": ({ warm, noise }) => 11.4 + 1.5 * Math.max(0, warm) + 0.3 * noise(),
  "car chargers": ({ hour, work, noise }) => (noise() < 0.5 * work || (hour > 17 && noise() > 0.93) ? 11 : 0),
  "solar roof": ({ sun, noise }) => -62 * sun * (0.25 + 0.75 * noise()),
};

/** The readings of the building's meter, one day a string. @param {string} id */
function* building(id) {
  const random = randomOf(Object.keys(METERS).indexOf(id) + 1);
  const days = randomOf(99);
  for (let day = YEAR.from; day < YEAR.to; day += DAY) {
    const [clouds, heat] = [days(), days()];
    let text = "";
    for (let at = day; at < Math.min(day + DAY, YEAR.to); at += QUARTER) {
      if (OUTAGES.some(([from, to]) => at >= Number(from) && at < Number(to))) continue;
      const local = new Date(
        at + (at >= Date.UTC(2024, 2, 31, 1) && at < Date.UTC(2024, 9, 27, 1) ? 2 : 1) * 3_600_000,
      );
      const hour = local.getUTCHours() + local.getUTCMinutes() / 60;
      const isFree = [0, 6].includes(local.getUTCDay()) || HOLIDAYS.has(local.toISOString().slice(5, 10));
      const season = -Math.cos(((at - YEAR.from) / (YEAR.to - YEAR.from)) * 2 * Math.PI - 0.35);
      const ramp = Math.max(0, Math.min(1, (hour - 6) / 2.5, (19.5 - hour) / 3));
      const long = 4.2 + 1.9 * season;
      const height = Math.max(0, Math.cos(((hour - 13) / long) * (Math.PI / 2))) * (Math.abs(hour - 13) < long ? 1 : 0);
      const weather = {
        hour,
        work: isFree ? 0.06 * ramp : ramp * (0.9 + 0.1 * heat),
        warm: 0.75 * season + 0.3 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + 0.4 * (heat - 0.5),
        sun: height * (0.55 + 0.4 * season) * (clouds < 0.4 ? 1 : 0.45),
        noise: random,
      };
      const kWh = (METERS[id]?.(weather) ?? 0) / 4;
      text += `{"timestamp":"${new Date(at).toISOString()}","kWh_value":${kWh.toFixed(4)},"meter_id":"${id}"}\n`;
    }
    yield text;
  }
}

/** Hourly readings of a week of 300 of the district's meters. @param {number} first */
function district(first) {
  const lines = [];
  for (let n = first; n < first + 300; n++) {
    const random = randomOf(n + 1);
    const size = 0.15 + 8 * random() ** 6;
    const id = `DE000562668${String(80_200_000 + n * 137).padStart(10, "0")}`;
    for (let hour = 0; hour < 7 * 24; hour++) {
      if (n % 97 === 3 && hour > 60 && hour < 90) continue;
      const shape = 0.5 + 0.4 * Math.sin((((hour % 24) - 9) / 24) * 2 * Math.PI) + 0.3 * random();
      const at = new Date(Date.UTC(2024, 10, 4, hour - 1)).toISOString();
      lines.push(`{"timestamp":"${at}","kWh_value":${(size * shape).toFixed(3)},"meter_id":"${id}"}`);
    }
  }
  return lines.join("\n");
}

ready({ tests: true });
const folder = mkdtempSync(join(tmpdir(), "electro-screenshots-"));
const browser = await launch({ ...process.env, TZ: "Europe/Berlin" });
try {
  await withService("building", async (address, add, kill) => {
    await picture("dashboard-empty", { address, high: 640 });
    for (const id of Object.keys(METERS)) await add([...building(id)].join(""));
    await picture("dashboard-light", { address, view: SUMMER });
    await picture("dashboard-dark", { address, view: SUMMER, dark: true });
    await picture("dashboard-stacked", {
      address,
      view: `${AUTUMN}${["server room", "ventilation", "heat pump", "kitchen"].map((id) => `&source=${encodeURIComponent(id)}`).join("")}`,
    });
    await picture("dashboard-narrow", { address, view: SUMMER, wide: 360, high: 1400 });
    await picture("dashboard-error", { address, view: SUMMER, high: 760, before: kill, waits: "[role=alert]" });
  });
  await withService("district", async (address, add) => {
    for (let first = 0; first < 3000; first += 300) await add(district(first));
    const view = "timezone=Europe/Berlin&from=2024-11-04&to=2024-11-10";
    await picture("dashboard-3000-sources", { address, view, high: 900, scroll: ".sources" });
  });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} name
 * @param {(address: string, add: (body: string) => Promise<void>, kill: () => Promise<void>) => Promise<void>} use
 */
async function withService(name, use) {
  const service = await start(`duckdb:${join(folder, `${name}.duckdb`)}`, [], process.env, { port: "8080" });
  let running = true;
  const kill = async () => {
    if (running) await service.kill("SIGKILL");
    running = false;
  };
  const add = async (/** @type {string} */ body) => {
    const { status, text } = await service.ask(
      "POST",
      "/v1/readings",
      { "content-type": "application/x-ndjson" },
      body,
    );
    if (status !== 201) throw new Error(text);
  };
  try {
    await use(service.address, add, kill);
  } finally {
    await kill();
  }
}

/**
 * @param {string} name
 * @param {{ address: string, view?: string, dark?: boolean, wide?: number, high?: number, before?: () => Promise<void>,
 *   waits?: string, scroll?: string }} what is done before, waited for, and scrolled to
 */
async function picture(name, { address, view = "", dark = false, wide = 1440, high = 1180, before, waits, scroll }) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: wide, height: high });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  let asked = 0;
  page.on("request", () => {
    asked++;
  });
  for (const event of /** @type {const} */ (["requestfinished", "requestfailed"])) page.on(event, () => asked--);
  await page.goto(`${address}/#${view}`, { waitUntil: "load" });
  await page.waitForSelector("main > *");
  // All that is left is the call for events, which does not end.
  await until("all answers", async () => asked <= 1 && (await page.$(".quiet-bar.busy")) === null);
  if (view !== "") await page.waitForSelector(".sparkline");
  await before?.();
  if (waits !== undefined) await page.waitForSelector(waits);
  if (scroll !== undefined) await (await page.$(scroll))?.evaluate((element) => element.scrollIntoView());
  await page.evaluate(
    "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))",
  );
  const path = /** @type {const} */ (`${root}docs/${name}.png`);
  await page.screenshot({ path });
  console.log(`docs/${name}.png: ${Math.round(statSync(path).size / 1000)} kB`);
  await context.close();
}
