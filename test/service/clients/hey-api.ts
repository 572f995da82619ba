/** A program that uses the client that @hey-api/openapi-ts makes. */
import { createClient } from "./generated/electro/client/index.js";
import { daily, events, getBatch, hourly, ingest, listSources, quality } from "./generated/electro/sdk.gen.js";
import type { IngestErrors, IngestResponses } from "./generated/electro/types.gen.js";

/** A reading as a program has it. */
interface Measured {
  readonly timestamp: string;
  readonly kWh_value: number;
  readonly meter_id: string;
  readonly quality: string;
}

export async function use(baseUrl: string) {
  const client = createClient({ baseUrl });
  // Of a call that takes several types of body it knows the first, which is JSON.
  const sendText = (type: string, body: string) =>
    client.post<IngestResponses, IngestErrors>({
      url: "/v1/readings",
      body,
      bodySerializer: null,
      headers: { "Content-Type": type },
    });

  const measured: Measured[] = [
    { timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1, meter_id: "hey", quality: "measured" },
  ];
  const sent = [
    await ingest({ client, body: measured }),
    await ingest({
      client,
      body: [
        { timestamp: "2024-01-31T13:15:00Z", kWh_value: "0.2", meter_id: null, source_id: "hey" },
        { timestamp: "2024-01-31T13:30:00Z", kWh_value: 1, meter_id: 43, note: "a further field" },
      ],
    }),
    await ingest({
      client,
      body: { meter_id: "hey", readings: [{ Zeit: "2024-01-31T13:45:00Z", kWh_value: 1 }] },
      query: { timestamp_field: "Zeit" },
    }),
    await ingest({ client, body: { timestamp: "2024-01-31T13:46:00Z", kWh_value: 1, meter_id: "hey" } }),
    await sendText("application/x-ndjson", '{"timestamp":"2024-01-31T14:00:00Z","kWh_value":3,"meter_id":"hey"}\n'),
    await sendText("text/csv", "timestamp,kWh_value,meter_id\n2024-01-31T14:15:00Z,4,hey\n"),
  ];
  const receipts = sent.map(({ data, error }) => {
    if (data === undefined) throw new Error(error.detail);
    return data;
  });

  // @ts-expect-error a record without a value
  const invalid = await ingest({ client, body: [{ timestamp: "2024-01-31T13:00:00Z" }] });

  const { data: hours } = await hourly({
    client,
    query: { by: "source", source: ["hey", "43"], from: "2024-01-31", to: "2024-01-31" },
  });
  if (typeof hours !== "object") throw new Error("no rows");
  const rows = hours.rows.map((row) => [row.hourly_timestamp, row.source_id ?? "", row.aggregated_kWh_value]);

  const { data: csv } = await daily({ client, headers: { Accept: "text/csv" }, query: { source: ["hey"] } });

  const sources: string[] = [];
  let cursor: string | null | undefined;
  do {
    const { data } = await listSources({ client, query: { limit: 1, ...(cursor && { cursor }) } });
    sources.push(...(data?.sources ?? []).map((source) => source.source_id));
    cursor = data?.next;
  } while (cursor);

  const { data: batch } = await getBatch({ client, path: { id: receipts[0]?.batch_id ?? "" } });
  const { data: good } = await quality({ client, query: { source: ["hey"] } });
  if (typeof good !== "object") throw new Error("no quality");
  const stop = new AbortController();
  const { stream } = await events({ client, signal: stop.signal });
  const { value: state } = await stream.next();
  stop.abort();
  if (state === undefined || !("changed" in state)) throw new Error("no state");
  const { error } = await hourly({ client, query: { timezone: "Europe/Nowhere" } });

  return {
    readings: receipts.map((receipt) => receipt.readings),
    invalid: invalid.error?.code === "bad_records" && invalid.error.records?.[0]?.code,
    rows,
    csv,
    sources,
    batch: batch?.state === "counts" && batch.total_kWh,
    state,
    quality: good.sources[0]?.interval_minutes,
    problem: error?.code === "bad_parameter" && error.parameter,
  };
}
