/** The threads that read large bodies, and who may use them. */
import type { IncomingMessage } from "node:http";
import { Worker } from "node:worker_threads";
import { kernelCode } from "../../scan/kernel.js";
import { ClientDisconnected } from "../http/client.js";
import type { Limits } from "../http/limits.js";
import type { FromWorker, Setup } from "./messages.js";
import { Semaphore } from "./semaphore.js";
import { type Begun, BodyUpload, type Thread } from "./upload.js";
import type { IngestedBody, IngestJob, Job, SumJob, Summed } from "./work.js";

export interface SummedBody extends Summed {
  /** Whoever does not take all of them calls `return`. */
  readonly blocks: AsyncIterableIterator<Uint8Array>;
}

export class WorkerPool {
  private readonly threads: (Thread | undefined)[];
  private readonly places: Semaphore;
  private next = 0;

  constructor(
    private readonly limits: Limits,
    threads: number,
  ) {
    this.threads = new Array<Thread | undefined>(threads).fill(undefined);
    const { bodies: most, idleTimeout: timeout } = limits;
    this.places = new Semaphore({ most, timeout, busy: "too many large bodies are being read; try again" });
  }

  /** Bodies that have a place. */
  get reading(): number {
    return this.places.used;
  }

  get waiting(): number {
    return this.places.waiting;
  }

  /** The place is held until `use` is done. @throws Problem, RunError, Gone, and what `use` throws */
  async ingest<T>(
    request: IncomingMessage,
    begun: Begun,
    job: IngestJob,
    use: (body: IngestedBody) => Promise<T>,
  ): Promise<T> {
    const reading = await this.begin(request, begun, job);
    try {
      const message = await reading.answer();
      if (message.kind !== "ingested") throw new Error(`a thread answered ${message.kind}`);
      return await use(message.body);
    } finally {
      reading.end();
    }
  }

  /** The place is held until all blocks are taken, or given up. @throws Problem, RunError, Gone */
  async sum(request: IncomingMessage, begun: Begun, job: SumJob): Promise<SummedBody> {
    const reading = await this.begin(request, begun, job);
    let summed: FromWorker & { kind: "summed" };
    try {
      const message = await reading.answer();
      if (message.kind !== "summed") throw new Error(`a thread answered ${message.kind}`);
      summed = message;
    } catch (error) {
      reading.end();
      throw error;
    }
    // Whoever takes nothing of its answer does not keep the place from others: it is gone before they lose their patience.
    const stuck = () => {
      reading.fail(new ClientDisconnected("the client took nothing of its answer"));
      reading.end();
    };
    let timer: NodeJS.Timeout | undefined;
    const blocks: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => blocks,
      next: async () => {
        clearTimeout(timer);
        reading.post({ kind: "more" });
        const message = await reading.answer();
        if (message.kind === "block") {
          timer = setTimeout(stuck, this.limits.idleTimeout / 2);
          return { done: false, value: message.bytes };
        }
        reading.end();
        return { done: true, value: undefined };
      },
      return: async () => {
        clearTimeout(timer);
        reading.end();
        return { done: true, value: undefined };
      },
    };
    const { rejected, unknown, hours } = summed;
    return { rejected, unknown, hours, blocks };
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread?.worker.terminate()));
  }

  private async begin(request: IncomingMessage, begun: Begun, job: Job): Promise<BodyUpload> {
    await this.places.take(request, 1);
    const thread = this.leastBusy();
    thread.worker.ref();
    const id = this.next++;
    const contended = () => this.places.waiting > 0 || [...thread.bodies.values()].some(({ waits }) => waits);
    return new BodyUpload(thread, id, request, begun, job, this.limits, contended, () => {
      thread.bodies.delete(id);
      if (thread.bodies.size === 0) thread.worker.unref();
      this.places.give(request, 1);
    });
  }

  private leastBusy(): Thread {
    let least = 0;
    for (let n = 0; n < this.threads.length; n++) {
      const thread = this.threads[n];
      if (thread === undefined || thread.bodies.size === 0) {
        least = n;
        break;
      }
      if (thread.bodies.size < (this.threads[least] as Thread).bodies.size) least = n;
    }
    this.threads[least] ??= this.start(least);
    return this.threads[least] as Thread;
  }

  private start(n: number): Thread {
    const worker = new Worker(new URL("./body-worker.js", import.meta.url), { execArgv: [] });
    const thread: Thread = { worker, bodies: new Map() };
    const { unpacked, sources, heap, idleTimeout, bodies } = this.limits;
    const setup: Setup = { code: kernelCode(), limits: { unpacked, sources, heap, idleTimeout }, scanners: bodies };
    worker.postMessage(setup);
    worker.on("message", (message: FromWorker) => thread.bodies.get(message.id)?.message(message));
    const lost = (error: Error) => {
      if (this.threads[n] === thread) this.threads[n] = undefined;
      for (const body of thread.bodies.values()) body.fail(error);
    };
    worker.on("error", lost);
    worker.on("exit", () => lost(new Error("a thread that reads bodies has ended")));
    return thread;
  }
}
