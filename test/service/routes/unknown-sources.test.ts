/** A source that is not there is told from one that has used nothing. */
import { describe, expect, test } from "vitest";
import { listOf } from "../../../dist/service/routes/unknown-sources.js";
import { reading, send, withService } from "../support.js";

const BODY = reading("2024-01-31T13:05:00Z", 0, "a") + reading("2024-01-31T13:05:00Z", 1, "z, ü");
const CSV = { accept: "text/csv" };
const HEADER = "electro-unknown-sources";

describe("sources that were asked for and have no reading", () => {
  test("are named in a header, and in JSON, in the order in which they were asked for", () =>
    withService({}, async (service) => {
      await send(service, "POST", "/v1/readings", { body: BODY });
      const period = "from=2024-01-31&to=2024-01-31";
      const names = ["nobody", "a", "", "ä,b", "z, ü", "nobody"];
      const query = `${period}&${names.map((name) => `source=${encodeURIComponent(name)}`).join("&")}`;
      const calls = [
        ["GET", "/v1/daily?"],
        ["GET", "/v1/hourly?by=source&"],
        ["POST", "/v1/aggregate?resolution=day&"],
      ] as const;
      for (const [method, path] of calls) {
        const body = method === "POST" ? { body: BODY } : {};
        const ask = (query: string, headers = {}) => send(service, method, path + query, { ...body, headers });
        const json = await ask(query);
        expect(json.json.unknown_sources).toEqual(["nobody", "", "ä,b"]);
        for (const answer of [json, await ask(query, CSV)])
          expect(answer.headers.get(HEADER)).toBe('nobody,"",%C3%A4%2Cb');
        // Known, but silent in these days.
        const silent = await ask("from=2020-01-01&to=2020-01-01&source=a");
        expect([silent.json.unknown_sources, silent.headers.get(HEADER)]).toEqual([[], null]);
        const all = await ask(period);
        expect([all.json.unknown_sources, all.headers.get(HEADER)]).toEqual([undefined, null]);
      }
    }));

  test("are known of a body that another thread reads", () =>
    withService({}, async (service) => {
      const body = BODY.repeat(2000);
      const path = "/v1/aggregate?resolution=day&source=a&source=b";
      const { json, headers } = await send(service, "POST", path, { body });
      expect([json.unknown_sources, headers.get(HEADER)]).toEqual([["b"], "b"]);
    }));

  test("are as many as fit a header, and the number of the others", () => {
    const ids = Array.from({ length: 500 }, (_, n) => `ö${n}`);
    const [more, ...names] = listOf(ids).split(",").reverse();
    expect(listOf(ids).length).toBeLessThan(2100);
    expect(names.reverse().map(decodeURIComponent)).toEqual(ids.slice(0, names.length));
    expect(more).toBe(`+${ids.length - names.length}`);
    expect(listOf(["x".repeat(5000), "y"])).toBe("+2");
  });
});
