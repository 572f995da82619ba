/** A worker thread that reads several bodies in turns, so that large ones do not delay small ones. */
import { Readable } from "node:stream";
import { parentPort } from "node:worker_threads";
import { kernelCode } from "../../scan/kernel-code.js";
import { buffersOf } from "../../store/packed.js";
import { blocksOf } from "../http/encode.js";
import type { BodyScanner } from "./body-scan.js";
import type { Counted } from "./counted.js";
import { type FromWorker, failureOf, type Setup, type ToWorker } from "./messages.js";
import { ScannerPool } from "./scanner-pool.js";
import { ingestedBody, type Job, planFor, summedBody, wantedOf } from "./work.js";

const port = parentPort as NonNullable<typeof parentPort>;
const bodies = new Map<number, Body>();
let scanners: ScannerPool;

class Body {
  readonly cancelled = new AbortController();
  private readonly queue: (readonly Uint8Array[])[] = [];
  private ended = false;
  private wake = () => {};

  constructor(
    private readonly id: number,
    private readonly job: Job,
    private readonly compressed: boolean,
  ) {}

  put(pieces: readonly Uint8Array[]): void {
    this.queue.push(pieces);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  more(): void {
    this.wake();
  }

  cancel(): void {
    this.cancelled.abort(new Error("cancelled"));
    this.wake();
  }

  async run(): Promise<void> {
    const { id } = this;
    try {
      await this.read();
    } catch (error) {
      if (!this.cancelled.signal.aborted) send({ id, kind: "failed", failure: failureOf(error) });
    } finally {
      bodies.delete(id);
    }
  }

  private async read(): Promise<void> {
    const { id, job } = this;
    const planned = planFor(job);
    const scanner = scanners.acquire(planned, job.kind);
    try {
      const counted = await (this.compressed ? this.scanStream(scanner) : this.scan(scanner));
      if (job.kind === "ingest") {
        const body = ingestedBody(counted, planned.plan, job);
        send({ id, kind: "ingested", body }, buffersOf(body.contribution));
        return;
      }
      const { answer, summed } = summedBody(counted, planned.plan, job);
      send({ id, kind: "summed", ...summed });
      for (const bytes of blocksOf(answer, job.form, summed)) {
        await this.awaitWake();
        this.cancelled.signal.throwIfAborted();
        send({ id, kind: "block", bytes });
      }
      send({ id, kind: "done" });
    } finally {
      scanners.release(planned, scanner);
    }
  }

  /** Uncompressed bytes go straight into the scan: a stream would cost as much time as the scan itself. */
  private async scan(scanner: BodyScanner): Promise<Counted> {
    const scan = scanner.begin(wantedOf(this.job));
    for await (const pieces of this.messages())
      for (const bytes of pieces) if (scan.put(bytes)) await this.turn(scanner);
    for (const _ of scan.finish()) await this.turn(scanner);
    return scan.end(false);
  }

  private scanStream(scanner: BodyScanner): Promise<Counted> {
    const from = { stdin: Readable.from(this.pieces(), { objectMode: true }) };
    const { signal } = this.cancelled;
    return scanner.scanStream({ kind: "stream", name: "body", from }, wantedOf(this.job), {
      signal,
      turn: () => this.turn(scanner),
    });
  }

  private turn(scanner: BodyScanner): Promise<void> {
    const { id, cancelled } = this;
    return scanners.turn(scanner, cancelled.signal, (waits) => send({ id, kind: "waits", waits }));
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    for await (const pieces of this.messages()) yield* pieces;
  }

  private async *messages(): AsyncGenerator<readonly Uint8Array[]> {
    for (;;) {
      this.cancelled.signal.throwIfAborted();
      const pieces = this.queue.shift();
      if (pieces !== undefined) {
        yield pieces;
        send({ id: this.id, kind: "taken" });
      } else if (this.ended) return;
      else await this.awaitWake();
    }
  }

  private awaitWake(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

parentPort?.on("message", (message: Setup | ToWorker) => {
  if ("code" in message) {
    kernelCode(message.code);
    scanners = new ScannerPool(message.limits, message.scanners);
    return;
  }
  if (message.kind === "begin") {
    const body = new Body(message.id, message.job, message.compressed);
    bodies.set(message.id, body);
    void body.run();
    return;
  }
  const body = bodies.get(message.id);
  if (message.kind === "bytes") body?.put(message.pieces);
  else if (message.kind === "end") body?.end();
  else if (message.kind === "more") body?.more();
  else body?.cancel();
});
