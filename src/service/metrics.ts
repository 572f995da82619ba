/** What the service counts, in the form that Prometheus reads. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Store, StoreState } from "../store/store.js";

/** Why connections were cut off. */
const CUT_OFF = ["address_limit", "total_limit", "too_slow", "not_http", "pipelining", "accept_failed"] as const;
export type CutOff = (typeof CUT_OFF)[number];

export class Metrics {
  readonly registry = new Registry();
  readonly readings: Counter;
  readonly rejected: Counter<"reason">;
  readonly batches: Counter<"outcome">;
  readonly cutOff: Counter<"reason">;
  readonly duration: Histogram<"method" | "route" | "status">;

  constructor(
    store: Store,
    bodies: { readonly reading: number; readonly waiting: number },
    answers: { readonly rows: number; readonly waiting: number },
    connections: () => number,
    streams: () => number,
  ) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.readings = new Counter({
      name: "electro_ingested_readings_total",
      help: "Readings of batches that were stored.",
      registers,
    });
    this.rejected = new Counter({
      name: "electro_rejected_records_total",
      help: "Bad records, by what is wrong with them.",
      labelNames: ["reason"],
      registers,
    });
    this.batches = new Counter({
      name: "electro_batches_total",
      help: "Batches, by what became of them: stored, repeated (known by their keys), refused, retracted.",
      labelNames: ["outcome"],
      registers,
    });
    for (const outcome of ["stored", "repeated", "refused", "retracted"]) this.batches.inc({ outcome }, 0);
    this.cutOff = new Counter({
      name: "electro_connections_cut_off_total",
      help: "Connections that were refused or closed, by the reason.",
      labelNames: ["reason"],
      registers,
    });
    for (const reason of CUT_OFF) this.cutOff.inc({ reason }, 0);
    this.duration = new Histogram({
      name: "electro_http_request_duration_seconds",
      help: "Time from a request's headers to the end of its answer.",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    const shared: [string, string, () => number][] = [
      ["electro_connections", "Connections that are open.", connections],
      ["electro_event_streams", "Clients that listen to events.", streams],
      ["electro_bodies_reading", "Large bodies that are being read, or wait to be written.", () => bodies.reading],
      ["electro_bodies_waiting", "Large bodies that wait for others to be read.", () => bodies.waiting],
      ["electro_answer_rows", "Rows of answers that are in memory until they are taken.", () => answers.rows],
      ["electro_answers_waiting", "Answers that wait for others to be taken.", () => answers.waiting],
    ];
    for (const [name, help, value] of shared)
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    const gauges: [string, string, (state: StoreState) => number][] = [
      ["electro_store_bytes", "Size of the store.", (state) => state.bytes],
      ["electro_store_batches", "Batches that the store knows.", (state) => state.batches],
      ["electro_store_sources", "Sources with readings.", (state) => state.sources],
      ["electro_store_readings", "Readings that count.", (state) => state.readings],
      [
        "electro_store_incomplete",
        "1 while acknowledged batches are missing, else 0.",
        ({ incomplete }) => Number(incomplete),
      ],
      ["electro_store_queue", "Batches that wait to be written.", (state) => state.queued],
    ];
    // All of one scrape come from one look at the store.
    let state: Promise<StoreState> | undefined;
    for (const [name, help, of] of gauges)
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          state ??= store.state();
          const asked = state;
          try {
            this.set(of(await asked));
          } finally {
            if (state === asked) state = undefined;
          }
        },
      });
  }
}
