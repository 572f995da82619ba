/** A program that uses the client that openapi-typescript and openapi-fetch make. */
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/electro.js";

/** A reading as a program has it. */
interface Measured {
  readonly timestamp: string;
  readonly kWh_value: number;
  readonly meter_id: string;
  readonly quality: string;
}

export async function use(baseUrl: string) {
  const electro = createClient<paths>({ baseUrl });
  const text = { bodySerializer: String };

  const measured: Measured[] = [
    { timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1, meter_id: "fetch", quality: "measured" },
  ];
  const sent = [
    await electro.POST("/v1/readings", { body: measured }),
    await electro.POST("/v1/readings", {
      body: [
        { timestamp: "2024-01-31T13:15:00Z", kWh_value: "0.2", meter_id: null, source_id: "fetch" },
        { timestamp: "2024-01-31T13:30:00Z", kWh_value: 1, meter_id: 42, note: "a further field" },
      ],
    }),
    await electro.POST("/v1/readings", {
      body: { meter_id: "fetch", readings: [{ Zeit: "2024-01-31T13:45:00Z", kWh_value: 1 }] },
      params: { query: { timestamp_field: "Zeit" } },
    }),
    await electro.POST("/v1/readings", {
      body: { timestamp: "2024-01-31T13:46:00Z", kWh_value: 1, meter_id: "fetch" },
    }),
    await electro.POST("/v1/readings", {
      ...text,
      body: '{"timestamp":"2024-01-31T14:00:00Z","kWh_value":3,"meter_id":"fetch"}\n',
      headers: { "Content-Type": "application/x-ndjson" },
      params: { header: { "Idempotency-Key": "fetch-lines" } },
    }),
    await electro.POST("/v1/readings", {
      ...text,
      body: "timestamp,kWh_value,meter_id\n2024-01-31T14:15:00Z,4,fetch\n",
      headers: { "Content-Type": "text/csv" },
    }),
  ];
  const receipts = sent.map(({ data, error }) => {
    if (error !== undefined) throw new Error(error.detail);
    return data;
  });

  // @ts-expect-error a record without a value
  const invalid = await electro.POST("/v1/readings", { body: [{ timestamp: "2024-01-31T13:00:00Z" }] });

  const { data: hourly } = await electro.GET("/v1/hourly", {
    params: { query: { by: "source", source: ["fetch", "42"], from: "2024-01-31", to: "2024-01-31" } },
  });
  if (typeof hourly !== "object") throw new Error("no rows");
  const rows = hourly.rows.map((row) => [row.hourly_timestamp, row.source_id ?? "", row.aggregated_kWh_value]);

  const { data: csv } = await electro.GET("/v1/daily", {
    parseAs: "text",
    headers: { Accept: "text/csv" },
    params: { query: { source: ["fetch"] } },
  });

  const sources: string[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: 1, ...(cursor && { cursor }) };
    const { data } = await electro.GET("/v1/sources", { params: { query } });
    sources.push(...(data?.sources ?? []).map((source) => source.source_id));
    cursor = data?.next;
  } while (cursor);

  const id = receipts[0]?.batch_id ?? "";
  const { data: batch } = await electro.GET("/v1/batches/{id}", { params: { path: { id } } });
  const { data: quality } = await electro.GET("/v1/quality", { params: { query: { source: ["fetch"] } } });
  if (typeof quality !== "object") throw new Error("no quality");
  const stop = new AbortController();
  const { data: stream } = await electro.GET("/v1/events", { parseAs: "stream", signal: stop.signal });
  const first = await stream?.getReader().read();
  stop.abort();
  const [, state = ""] = /^data: (.*)$/m.exec(new TextDecoder().decode(first?.value)) ?? [];
  const { error } = await electro.GET("/v1/hourly", { params: { query: { timezone: "Europe/Nowhere" } } });

  return {
    readings: receipts.map((receipt) => receipt.readings),
    invalid: invalid.error?.code === "bad_records" && invalid.error.records?.[0]?.code,
    rows,
    csv,
    sources,
    batch: batch?.state === "counts" && batch.total_kWh,
    state: JSON.parse(state) as components["schemas"]["State"],
    quality: quality.sources[0]?.interval_minutes,
    problem: error?.code === "bad_parameter" && error.parameter,
  };
}
