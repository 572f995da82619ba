// slow: not of the fast lane
/** Lists of sources are paged to their end, whatever their ids are. */
import { describe, expect, test } from "vitest";
import { type Ask, withApp } from "../in-process.js";
import { reading } from "../support.js";

const START = `#${"x".repeat(98)}😀`;
/** Ascending by their UTF-8 bytes. */
const IDS = [
  START,
  `${START}${"a".repeat(16_000)}`,
  `${START}${"a".repeat(16_000)}b`,
  `${START}${"ü".repeat(8000)}`,
  "short",
  `\ufeff${"z".repeat(200)}`,
];
const BODY = IDS.map((id) => reading("2024-01-31T13:05:00Z", 1, id)).join("");

/** All pages of one source each, by their `next`. */
async function pages(ask: Ask, path: string): Promise<{ ids: string[]; cursors: string[] }> {
  const [ids, cursors]: [string[], string[]] = [[], []];
  for (let next = ""; ; ) {
    const { status, json, headers } = await ask("GET", `${path}?limit=1${next}`);
    expect(status).toBe(200);
    for (const { source_id } of json.sources) ids.push(source_id);
    if (json.next === null) return { ids, cursors };
    cursors.push(json.next);
    if (path === "/v1/quality") expect(headers["link"]).toBe(`<${path}?limit=1&cursor=${json.next}>; rel="next"`);
    next = `&cursor=${json.next}`;
  }
}

describe("sources with ids of 16 kB", () => {
  test.each(["/v1/sources", "/v1/quality"])("come one after another from %s, each once", (path) =>
    withApp({}, async (ask) => {
      expect((await ask("POST", "/v1/readings", { body: BODY })).status).toBe(201);
      const { ids, cursors } = await pages(ask, path);
      expect(ids).toEqual(IDS);
      // Addresses and headers with a cursor have to fit those that clients and proxies take.
      for (const cursor of cursors) expect(cursor.length).toBeLessThan(1000);
    }),
  );

  test("are named by no cursor once they are gone", () =>
    withApp({}, async (ask) => {
      const { json } = await ask("POST", "/v1/readings", { body: BODY });
      const first = await ask("GET", "/v1/sources?limit=2");
      await ask("DELETE", `/v1/batches/${json.batch_id}`);
      const { status, json: problem } = await ask("GET", `/v1/sources?limit=2&cursor=${first.json.next}`);
      expect([status, problem.code]).toEqual([400, "bad_cursor"]);
      expect(problem.detail).toContain("begin with the first page again");
    }));
});
