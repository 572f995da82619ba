/** A worker thread that reads bodies, several in turns, so that large ones hold up no small ones. */
import { Readable } from "node:stream";
import { parentPort } from "node:worker_threads";
import { kernelCode } from "../scan/kernel.js";
import { blocksOf } from "./answer.js";
import { type FromWorker, failureOf, type Setup, type ToWorker } from "./messages.js";
import { Scanners } from "./scanners.js";
import { type Job, keptBody, planFor, summedBody } from "./work.js";

const port = parentPort as NonNullable<typeof parentPort>;
const bodies = new Map<number, Body>();
let scanners: Scanners;

class Body {
  readonly cancelled = new AbortController();
  private readonly queue: Uint8Array[] = [];
  private ended = false;
  private wake = () => {};

  constructor(
    private readonly id: number,
    private readonly job: Job,
  ) {}

  put(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.ended = true;
    else this.queue.push(bytes);
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
    const scanner = scanners.take(planned);
    try {
      const from = { stdin: Readable.from(this.bytes(), { objectMode: true }) };
      const counted = await scanner.scanStream({ kind: "stream", name: "body", from }, this.cancelled.signal);
      if (job.kind === "keep") {
        const body = keptBody(counted, planned.plan, job);
        const { starts, slot, energy, count } = body.contribution;
        const arrays = [starts, slot, energy, count].map((array) => array.buffer as ArrayBuffer);
        send({ id, kind: "kept", body }, arrays);
        return;
      }
      const answer = summedBody(counted, planned.plan, job);
      send({ id, kind: "summed", rejected: counted.rejected });
      for (const bytes of blocksOf(answer, job.form)) {
        await this.woken();
        this.cancelled.signal.throwIfAborted();
        send({ id, kind: "block", bytes });
      }
      send({ id, kind: "done" });
    } finally {
      scanners.rest(planned, scanner);
    }
  }

  private async *bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.cancelled.signal.throwIfAborted();
      const bytes = this.queue.shift();
      if (bytes !== undefined) {
        send({ id: this.id, kind: "taken" });
        yield bytes;
      } else if (this.ended) return;
      else await this.woken();
    }
  }

  private woken(): Promise<void> {
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
    scanners = new Scanners(message.limits, message.scanners);
    return;
  }
  if (message.kind === "begin") {
    const body = new Body(message.id, message.job);
    bodies.set(message.id, body);
    void body.run();
    return;
  }
  const body = bodies.get(message.id);
  if (message.kind === "bytes") body?.put(message.bytes);
  else if (message.kind === "end") body?.put(undefined);
  else if (message.kind === "more") body?.more();
  else body?.cancel();
});
