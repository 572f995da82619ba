/** Where sources are consumption and export, calls that sum both want to be told how. */
import { expect, test } from "vitest";
import { send, withService } from "../support.js";

const NEM12 = (suffix: string, values: string) =>
  `100,NEM12,202402010000,A,B\n200,6305000123,E1,1,${suffix},N1,M1,kWh,240,\n300,20240131,${values},A,,,20240201000000,\n900\n`;

test("summaries and the profile take export; by source, of one kind, and when it is retracted, it is no question", () =>
  withService({}, async (service) => {
    const post = (body: string) =>
      send(service, "POST", "/v1/readings", { body, headers: { "content-type": "text/csv" } });
    const get = (address: string, headers = {}) => send(service, "GET", address, { headers });
    const kWh = async (query: string) => {
      const { json } = await get(`/v1/total?timezone=%2B10:00&${query}`, { accept: "application/json" });
      return json.rows.map((row: Record<string, string>) => row["aggregated_kWh_value"]);
    };
    await post(NEM12("E1", "1,2,3,4,5,6"));
    const { json: exported } = await post(NEM12("B1", "0,1.5,0,0,0,0"));
    for (const address of ["/v1/daily", "/v1/hourly", "/v1/quarter-hourly", "/v1/profile"]) {
      const { status, json } = await get(address);
      expect([address, status, json.code]).toEqual([address, 422, "export_or_not"]);
      expect(json.detail).toContain("export=subtract takes export from consumption");
    }
    const parquet = await get("/v1/daily", { accept: "application/vnd.apache.parquet" });
    expect([parquet.status, parquet.json.code]).toEqual([422, "export_or_not"]);
    expect(await kWh("export=subtract")).toEqual(["19.5"]);
    expect(await kWh("export=add")).toEqual(["22.5"]);
    expect(await kWh("export=skip")).toEqual(["21"]);
    expect(await kWh("by=source")).toEqual(["1.5", "21"]);
    expect(await kWh("by=source&export=skip")).toEqual(["21"]);
    expect(await kWh("source=6305000123/B1")).toEqual(["1.5"]);
    const shape = (await get("/v1/profile?timezone=%2B10:00&export=subtract&bars=year")).json;
    expect(shape.bars.map((bar: { kWh: string }) => bar.kWh)).toEqual(["19.5"]);
    const twice = await get("/v1/daily?by=source&export=add");
    expect([twice.status, twice.json.parameter]).toEqual([400, "export"]);
    expect((await get("/v1/quality")).status).toBe(200);
    await send(service, "DELETE", `/v1/batches/${exported.batch_id}`, {});
    expect(await kWh("")).toEqual(["21"]);
  }));
