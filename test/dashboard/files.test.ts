// slow: a browser
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ElementHandle } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { kWhOf, readingsOf, says, showsTotal, totalOf } from "./expected.js";
import { type PageService, startService } from "./service.js";
import { day } from "./site.js";

const MONDAY = day("2024-06-03", "mill", 2);
const TUESDAY = day("2024-06-04", "mill", 3);
const WEDNESDAY = day("2024-06-05", "oven", 1.5);
const BAD = `${WEDNESDAY}
{"timestamp": "2024-02-30T00:00:00Z", "kWh_value": 1, "meter_id": "oven"}
{"timestamp": "2024-06-05T00:00:00Z", "kWh_value": "1,5", "meter_id": "oven"}
`;

async function batches(
  service: PageService,
): Promise<{ batch_id: string; readings: number; rejected: number; state: string }[]> {
  return (await service.send("GET", "/v1/batches")).json.batches;
}

inBrowser("files on the page", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.end());

  // The tests of this file follow one another, on one store.
  test("an empty store says how to send readings, and takes a dropped file, first to check it and only then to keep it", async () => {
    const page = await open(service.address);
    const line = await page.text("pre");
    expect(line).toContain(`curl ${service.address}/v1/readings`);
    await page.drop({ name: "monday.ndjson", text: MONDAY });
    await eventually(
      "what it holds",
      () => page.text(".files p"),
      (text) => expect(text).toContain("24 readings of 1 source"),
    );
    const words = (await page.text(".files p"))!.split(", ");
    expect(words[1]).toSatisfy(says(totalOf(MONDAY)));
    expect(words.slice(2).join(", ")).toBe("Jun 3, 2024 to Jun 3, 2024");
    expect(await batches(service)).toEqual([]);

    await page.click("Add to the store");
    await showsTotal(page, totalOf(MONDAY));
    expect(await batches(service)).toMatchObject([{ readings: 24, state: "counts" }]);
    expect(page.violations).toEqual([]);
  });

  test("a file that is chosen, compressed, is added; the chart follows, and the same file again counts once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "electro-chosen-"));
    try {
      const path = join(folder, "tuesday.csv.gz");
      const rows = readingsOf(TUESDAY).map(({ instant, energy, source }) =>
        [new Date(instant * 1000).toISOString(), kWhOf(energy), source].join(),
      );
      writeFileSync(path, gzipSync(`timestamp,kWh_value,meter_id\n${rows.join("\n")}\n`));
      const page = await open(service.address);
      await showsTotal(page, totalOf(MONDAY));
      for (const times of [1, 2]) {
        const field = (await page.page.$(".upload [type=file]")) as ElementHandle<HTMLInputElement>;
        await field.uploadFile(path);
        await page.click("Add to the store");
        await eventually(
          "it is added",
          () => page.text(".files p"),
          (text) => expect(text).toMatch(/^Added: 24 readings/),
        );
        await showsTotal(page, totalOf(MONDAY, TUESDAY));
        if (times === 1) await page.click("Leave out tuesday.csv.gz");
      }
      const [, ...rows2] = await page.table("bars");
      expect(rows2.map(([, , readings]) => readings)).toEqual(["24", "24"]);
      expect(await batches(service)).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("bad records are listed with their reasons, and set aside if one says so; warnings come before anything is kept", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    await page.drop({ name: "wednesday.ndjson", text: BAD });
    const reasons = await eventually(
      "the reasons",
      () => page.texts(".rejects li"),
      (found) => expect(found).toHaveLength(2),
    );
    expect(reasons[0]).toMatch(/2024-02-30.*February 2024 has 29 days/);
    expect(reasons[1]).toMatch(/1,5.*decimal comma/);
    expect(await page.text(".files .error")).toContain("2 of 26 records are bad");
    await page.click("Set bad records aside");
    await eventually(
      "what remains",
      () => page.text(".files p"),
      (text) => expect(text).toMatch(/^24 readings of 1 source, .*; 2 bad records set aside$/),
    );
    expect(await page.texts(".rejects li")).toHaveLength(2);
    expect(await batches(service)).toHaveLength(2);
    await page.click("Add to the store");
    await showsTotal(page, totalOf(MONDAY, TUESDAY, WEDNESDAY));
    const ledger = await eventually(
      "the ledger",
      () => page.rows(".ledger table"),
      (rows) => expect(rows).toHaveLength(4),
    );
    expect(ledger[1]?.[2]).toBe("24 2 rejected");
    expect(ledger[1]?.[3]).toSatisfy(says(totalOf(WEDNESDAY)));
    expect(ledger[1]?.slice(4, 6)).toEqual(["Jun 5, 2024", "counts"]);

    const odd = day("2024-06-06", "lamp", 0.25, "");
    await page.drop({ name: "lamp.json", text: odd });
    const told = await service.send("POST", "/v1/readings?dry_run=true", odd);
    expect(told.json.warnings.length).toBeGreaterThan(0);
    await eventually(
      "the warnings",
      () => page.texts(".warnings li"),
      (texts) => expect(texts).toEqual(told.json.warnings.map(({ message }: { message: string }) => message)),
    );
    expect(await batches(service)).toHaveLength(3);
    await page.click("Leave out lamp.json");
    await eventually(
      "it is gone",
      () => page.text(".files"),
      (text) => expect(text).not.toContain("lamp.json"),
    );
    // A file that is no readings at all.
    await page.drop({ name: "photo.csv", text: "\u0000\u0001 this is no table" });
    await eventually(
      "why not",
      () => page.texts(".files .error"),
      (texts) => expect(texts.join()).not.toBe(""),
    );
    expect(page.violations).toEqual([]);
  });

  test("a batch is taken back after a question, and not before", async () => {
    const page = await open(service.address);
    const all = totalOf(MONDAY, TUESDAY, WEDNESDAY);
    await showsTotal(page, all);
    const press = async () => {
      await page.clickOn(".ledger tbody tr:first-child button");
      await eventually(
        "the question",
        () => page.text("dialog[open] p"),
        (text) => expect(text).toContain("24 readings"),
      );
    };
    await press();
    await page.click("Keep it");
    await eventually(
      "no question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toEqual([]),
    );
    await press();
    await page.page.keyboard.press("Escape");
    await eventually(
      "no question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toEqual([]),
    );
    expect((await batches(service)).map(({ state }) => state)).toEqual(["counts", "counts", "counts"]);
    await showsTotal(page, all);

    await press();
    await page.clickOn("dialog[open] button.danger");
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    await eventually(
      "the ledger",
      () => page.rows(".ledger table"),
      (rows) => expect(rows[1]?.[5]).toBe("taken back"),
    );
    expect((await batches(service)).map(({ state }) => state)).toEqual(["retracted", "counts", "counts"]);
    await eventually(
      "its source is gone",
      () => page.texts(".sources tbody th"),
      (found) => expect(found).toEqual(["mill"]),
    );
  });

  test("a file is only looked at: its charts are shown, and nothing is kept", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    const count = (await batches(service)).length;
    await page.drop({ name: "look.ndjson", text: `${WEDNESDAY}\n${MONDAY}` });
    await page.click("Only look at it");
    await showsTotal(page, totalOf(WEDNESDAY, MONDAY));
    expect(await page.text("h1")).toBe("look.ndjson");
    expect(await page.text(".note")).toContain("Only looked at, not kept.");
    await eventually(
      "its sources",
      () => page.texts(".sources tbody th"),
      (names) => expect(names).toEqual(["mill", "oven"]),
    );
    await page.click("oven");
    await showsTotal(page, totalOf(WEDNESDAY));
    expect(await batches(service)).toHaveLength(count);
    // Another one of the same name, seen in place of the first.
    await page.click("Leave out look.ndjson");
    await page.drop({ name: "look.ndjson", text: TUESDAY });
    await page.click("Only look at it");
    await showsTotal(page, totalOf(TUESDAY));
    await page.click("Back to the store");
    await page.go("");
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    expect(page.violations).toEqual([]);
  });

  test("a question about a batch says so when somebody else has taken it back meanwhile", async () => {
    const page = await open(service.address);
    await showsTotal(page, totalOf(MONDAY, TUESDAY));
    const [, other] = await batches(service);
    await page.clickOn(".ledger tbody tr:nth-child(2) button");
    await page.page.waitForSelector("dialog[open]");
    await service.send("DELETE", `/v1/batches/${other!.batch_id}`);
    await eventually(
      "that it is gone",
      () => page.text("dialog[open] .error"),
      (text) => expect(text).toBe("It has been taken back or replaced meanwhile."),
    );
    expect(await page.page.$("dialog[open] button.danger:disabled")).not.toBeNull();
    await page.click("Keep it");
    await showsTotal(page, totalOf(MONDAY));
  });
});
