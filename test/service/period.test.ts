// slow: not of the fast lane
/** One reading of long ago: refused at the door, or named with its source and batch where it is in already. */
import { describe, expect, test } from "vitest";
import { batchOf } from "../store/batches.js";
import { type Running, reading, send, withService } from "./support.js";

const OLD = "1900-01-01T00:00:00Z";
const NEW = "2024-01-31T13:05:00Z";
const LIMITS = { maxDays: 3660 };
const post = (service: Running, body: string, query = "") => send(service, "POST", `/v1/readings${query}`, { body });

describe("a reading that would make the store's period too long", () => {
  test("refuses its batch, with its place and the days there would be", () =>
    withService(LIMITS, async (service) => {
      await post(service, reading(NEW, 1, "a"));
      const body = `${reading(NEW, 1)}{"bad":1}\n${reading(OLD, 1, "x")}${reading(NEW, 2)}`;
      const answer = await post(service, body, "?on_error=skip");
      expect([answer.status, answer.json.code, answer.json.record]).toEqual([422, "stretches_period", 3]);
      expect(answer.json.detail).toMatch(
        /^body: record 3 is of 1900-01-01T00:00:00Z: with it the store would have 45321 days, from 1900-01-01 to 2024-01-31, more than 3660, /,
      );
      expect((await send(service, "GET", "/v1/daily")).json.rows).toHaveLength(1);
      const late = await post(service, reading(NEW, 1) + reading("2199-12-31T00:00:00Z", 1));
      expect([late.status, late.json.record]).toEqual([422, 2]);
    }));

  test("is named in an empty store too, however large the body, with wall times, and whichever comes first", () =>
    withService(LIMITS, async (service) => {
      const many = (from: number, count: number) =>
        Array.from({ length: count }, (_, n) => reading(new Date(from + n * 60_000).toISOString(), 1, "m")).join("");
      const from = Date.UTC(2024, 0, 1);
      const wall = reading("1900-01-01T00:00:00", 1);
      for (const [body, record] of [
        [many(from, 3) + reading(OLD, 1) + many(from, 3), 4],
        [reading(OLD, 1) + many(from, 5000), 1],
        [many(from, 30_000) + wall + many(from, 30_000), 30_001],
        [`${many(from, 20_000)}{}\n{}\n{}\n${reading("2150-01-01T00:00:00Z", 1)}{}\n`, 20_004],
      ] as const) {
        const answer = await post(service, body, "?on_error=skip");
        expect([answer.status, answer.json.code, answer.json.record]).toEqual([422, "stretches_period", record]);
      }
      expect((await send(service, "GET", "/v1/batches")).json.batches).toEqual([]);
    }));

  test("is refused where two batches are good alone and not together, even in one transaction", () =>
    withService(LIMITS, async (service) => {
      const answers = await Promise.all([OLD, NEW, OLD, NEW].map((at) => post(service, reading(at, 1))));
      const statuses = answers.map(({ status }) => status);
      expect([...statuses].sort()).toEqual([201, 201, 422, 422]);
      expect(statuses[0]).toBe(statuses[2]);
      const refused = answers.find(({ status }) => status === 422)!;
      expect([refused.json.code, refused.json.record]).toEqual(["stretches_period", 1]);
      expect((await send(service, "GET", "/v1/daily")).json.rows).toHaveLength(1);
    }));

  test("is taken in the place of the only other one, and a limit is a limit to the day", () =>
    withService(LIMITS, async (service) => {
      const { batch_id } = (await post(service, reading(OLD, 1))).json;
      expect((await post(service, reading(NEW, 1), `?replaces=${batch_id}`)).status).toBe(201);
      const days = (n: number) => new Date(Date.parse("2024-01-31T00:00:00Z") - (n - 1) * 86_400_000).toISOString();
      expect((await post(service, reading(days(3661), 1))).status).toBe(422);
      expect((await post(service, reading(days(3660), 1))).status).toBe(201);
      // By another clock that is a day more.
      const daily = await send(service, "GET", "/v1/daily?timezone=America/New_York");
      expect([daily.status, daily.json.rows.length]).toEqual([200, 3661]);
      // What lies between is no longer period.
      expect((await post(service, reading(days(1000), 1))).status).toBe(201);
    }));
});

test("a store that has such a reading says which source and batch it is of, and takes what ends it", () =>
  // As a store that was filled before there was a limit, or with a higher one.
  withService({ maxDays: 100_000, limits: { days: 3660 } }, async (service) => {
    const cell = (source: string, at: string) => ({ source, slot: Date.parse(at) / 900_000, energy: 1n, count: 1 });
    await service.store.ingest(batchOf([cell("a", "2024-01-31T13:00:00Z"), cell("b", "2024-01-30T13:00:00Z")]));
    const { batch } = await service.store.ingest(
      batchOf([cell("b", "1900-01-01T00:00:00Z"), cell("c", "2023-05-01T00:00:00Z")]),
    );
    const [, counted] = [await service.store.ingest(batchOf([cell("a", "2024-01-31T13:00:00Z")])), batch.id];
    const answer = await send(service, "GET", "/v1/daily");
    expect([answer.status, answer.json.code]).toEqual([400, "period_too_long"]);
    expect(answer.json.detail).toContain(
      `readings of 1900-01-01T00:00:00Z (source "b", batch ${counted}) and 2024-01-31T13:00:00Z (source "a", batch 1-`,
    );
    expect(answer.json.detail).toMatch(/; give the days with from and to$/);
    expect((await send(service, "GET", "/v1/daily?source=a")).status).toBe(200);
    await send(service, "DELETE", `/v1/batches/${batch.id}`);
    expect((await send(service, "GET", "/v1/daily")).json.rows).toHaveLength(2);
  }));
