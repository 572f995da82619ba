// slow: not of the fast lane
/** The ledger and the sources are searched. */
import { expect, test } from "vitest";
import { batchOf } from "../../store/batches.js";
import { type Running, reading, send, withService } from "../support.js";

const at = (day: number, hour: number, kWh: number, id: string) =>
  reading(`2024-01-${String(day).padStart(2, "0")}T${String(hour).padStart(2, "0")}:30:00Z`, kWh, id);

async function ids(service: Running, query: string): Promise<string[]> {
  const { status, json } = await send(service, "GET", `/v1/batches?${query}`);
  expect(status).toBe(200);
  return json.batches.map(({ batch_id }: { batch_id: string }) => batch_id);
}

test("batches are found by key, source, state and time", () =>
  withService({}, async (service) => {
    const post = async (body: string, key: string, query = "") => {
      const headers = { "idempotency-key": key };
      return (await send(service, "POST", `/v1/readings${query}`, { body, headers })).json.batch_id as string;
    };
    const started = new Date(Date.now() - 1000).toISOString();
    const a = await post(at(1, 1, 1, "a"), "k1");
    const both = await post(at(1, 2, 1, "a") + at(1, 3, 1, "b"), "k2");
    const none = await post('{"timestamp":"2024-01-01T00:30:00Z","kWh_value":1}\n', "k 3");
    const instead = await post(at(1, 1, 2, "a"), "k4", `?replaces=${a}`);

    expect(await ids(service, "key=k2")).toEqual([both]);
    expect(await ids(service, "key=k%203")).toEqual([none]);
    expect(await ids(service, "key=nothing")).toEqual([]);
    expect(await ids(service, "source=a")).toEqual([instead, both, a]);
    expect(await ids(service, "source=a&state=counts")).toEqual([instead, both]);
    expect(await ids(service, "source=b")).toEqual([both]);
    expect(await ids(service, "source=")).toEqual([none]);
    expect(await ids(service, "source=c")).toEqual([]);
    const page = await send(service, "GET", "/v1/batches?source=a&limit=2");
    expect(await ids(service, `source=a&limit=2&cursor=${page.json.next}`)).toEqual([a]);

    const all = [instead, none, both, a];
    const today = new Date().toISOString().slice(0, 10);
    expect(await ids(service, `received_from=${started}`)).toEqual(all);
    expect(await ids(service, `received_to=${started}`)).toEqual([]);
    expect(
      await ids(service, "received_from=2024-01-01T00:00%2B01:00&received_to=2999-12-31".replace("2999", "2199")),
    ).toEqual(all);
    expect(await ids(service, `received_to=${today}`)).toEqual(
      new Date().toISOString().slice(0, 10) === today ? all : expect.any(Array),
    );
    expect(await ids(service, "received_to=2024-01-01")).toEqual([]);
    for (const [query, why] of [
      ["received_from=2024-02-30", "February 2024 has 29 days"],
      ["received_from=yesterday", "received_from: "],
      ["received_to=2024-01-01T00:00", "it has no offset"],
      ["sendr=x", "did you mean sender?"],
    ] as const) {
      const { status, json } = await send(service, "GET", `/v1/batches?${query}`);
      expect([status, json.detail]).toEqual([400, expect.stringContaining(why)]);
    }
  }));

test("batches are found by their sender and file", () =>
  withService({}, async ({ store, ...service }) => {
    const cells = [{ source: "a", slot: 5, energy: 7n, count: 1 }];
    const { batch: sent } = await store.ingest(batchOf(cells, { sender: "meters" }));
    const { batch: loaded } = await store.ingest(batchOf(cells, { file: "/data/a b.csv" }));
    const running = { store, ...service };
    expect(await ids(running, "sender=meters")).toEqual([sent.id]);
    expect(await ids(running, "sender=meter")).toEqual([]);
    expect(await ids(running, "file=%2Fdata%2Fa%20b.csv")).toEqual([loaded.id]);
    expect(await ids(running, "file=%2Fdata%2Fa%20b.csv&sender=meters")).toEqual([]);
  }));

test("sources are found by how their ids begin, in the order of ids or of sums, of all time or a period", () =>
  withService({}, async (service) => {
    const body = at(1, 1, 5, "m/1") + at(2, 1, 1, "m/1") + at(1, 1, 2, "m/2") + at(2, 1, 9, "m/2") + at(3, 1, 4, "n");
    await send(service, "POST", "/v1/readings", { body });
    await send(service, "POST", "/v1/readings", { body: at(1, 1, -3, "ü%") });
    const list = async (query: string) => {
      const { status, json } = await send(service, "GET", `/v1/sources?${query}`);
      expect(status).toBe(200);
      return json.sources.map((one: { source_id: string; readings: number; total_kWh: string }) =>
        [one.source_id, one.readings, one.total_kWh].join(" "),
      );
    };
    expect(await list("")).toEqual(["m/1 2 6", "m/2 2 11", "n 1 4", "ü% 1 -3"]);
    expect(await list("prefix=m%2F")).toEqual(["m/1 2 6", "m/2 2 11"]);
    expect(await list("prefix=%C3%BC%25")).toEqual(["ü% 1 -3"]);
    expect(await list("prefix=_")).toEqual([]);
    expect(await list("order=total")).toEqual(["m/2 2 11", "m/1 2 6", "n 1 4", "ü% 1 -3"]);
    expect(await list("from=2024-01-01&to=2024-01-01")).toEqual(["m/1 1 5", "m/2 1 2", "ü% 1 -3"]);
    expect(await list("from=2024-01-02&order=total")).toEqual(["m/2 1 9", "n 1 4", "m/1 1 1"]);
    expect(await list("from=2024-01-02&order=total&prefix=m")).toEqual(["m/2 1 9", "m/1 1 1"]);
    // In Auckland the readings of the second are of the day after.
    expect(await list("from=2024-01-03&to=2024-01-03&timezone=Pacific/Kiritimati")).toEqual(["n 1 4"]);
    expect(await list("from=2025-01-01&to=2025-01-02")).toEqual([]);

    for (const query of ["order=total", "from=2024-01-01&to=2024-01-09", "from=2024-01-01&to=2024-01-09&order=total"]) {
      const paged: string[] = [];
      let cursor = "";
      for (let pages = 0; pages < 9; pages++) {
        const { json } = await send(service, "GET", `/v1/sources?${query}&limit=3${cursor}`);
        paged.push(...json.sources.map(({ source_id }: { source_id: string }) => source_id));
        if (json.next === null) break;
        cursor = `&cursor=${json.next}`;
      }
      expect(paged).toEqual((await list(query)).map((line: string) => line.split(" ")[0]));
    }
    const { json } = await send(service, "GET", "/v1/sources?order=total&limit=1");
    await send(service, "POST", "/v1/readings", { body: at(1, 1, 50, "z") });
    const late = await send(service, "GET", `/v1/sources?order=total&limit=1&cursor=${json.next}`);
    expect([late.status, late.json.code]).toEqual([400, "bad_cursor"]);
    expect(late.json.detail).toContain("the store has changed");
  }));
