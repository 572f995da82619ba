/** The threads that read large bodies, and the semaphore that limits how many are read at a time. */
import type { IncomingMessage } from "node:http";
import { Worker } from "node:worker_threads";
import { kernelCode } from "../../scan/kernel-code.js";
import { ClientDisconnected } from "../http/client.js";
import type { Limits } from "../http/limits.js";
import type { FromWorker, Setup } from "./messages.js";
import { Semaphore } from "./semaphore.js";
import { BodyUpload, type Thread, type UploadStart } from "./upload.js";
import type { IngestedBody, IngestJob, Job, SumJob, Summed } from "./work.js";

export interface SummedBody extends Summed {
  /** Call `return` if not all of them are consumed. */
  readonly blocks: AsyncIterableIterator<Uint8Array>;
}

export class WorkerPool {
  private readonly threads: (Thread | undefined)[];
  private readonly semaphore: Semaphore;
  private next = 0;

  constructor(
    private readonly limits: Limits,
    threads: number,
  ) {
    this.threads = new Array<Thread | undefined>(threads).fill(undefined);
    const { bodies: capacity, idleTimeout: timeout } = limits;
    this.semaphore = new Semaphore({
      capacity,
      timeout,
      busyMessage: "too many large bodies are being read; try again",
    });
  }

  /** The number of bodies that have a place. */
  get reading(): number {
    return this.semaphore.used;
  }

  get waiting(): number {
    return this.semaphore.waiting;
  }

  /** The body holds its place until `use` is done. @throws Problem, RunError, ClientDisconnected, and what `use` throws */
  async ingest<T>(
    request: IncomingMessage,
    upload: UploadStart,
    job: IngestJob,
    use: (body: IngestedBody) => Promise<T>,
  ): Promise<T> {
    const body = await this.begin(request, upload, job);
    try {
      const message = await body.nextMessage();
      if (message.kind !== "ingested") throw new Error(`a thread answered ${message.kind}`);
      return await use(message.body);
    } finally {
      body.end();
    }
  }

  /** The body holds its place until all blocks are consumed or abandoned. @throws Problem, RunError, ClientDisconnected */
  async sum(request: IncomingMessage, upload: UploadStart, job: SumJob): Promise<SummedBody> {
    const body = await this.begin(request, upload, job);
    let summed: FromWorker & { kind: "summed" };
    try {
      const message = await body.nextMessage();
      if (message.kind !== "summed") throw new Error(`a thread answered ${message.kind}`);
      summed = message;
    } catch (error) {
      body.end();
      throw error;
    }
    // A client that does not read its response loses its place, before the wait of the others times out.
    const onStuck = () => {
      body.fail(new ClientDisconnected("the client took nothing of its answer"));
      body.end();
    };
    let timer: NodeJS.Timeout | undefined;
    const blocks: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => blocks,
      next: async () => {
        clearTimeout(timer);
        body.post({ kind: "more" });
        const message = await body.nextMessage();
        if (message.kind === "block") {
          timer = setTimeout(onStuck, this.limits.idleTimeout / 2);
          return { done: false, value: message.bytes };
        }
        body.end();
        return { done: true, value: undefined };
      },
      return: async () => {
        clearTimeout(timer);
        body.end();
        return { done: true, value: undefined };
      },
    };
    return { ...summed, blocks };
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread?.worker.terminate()));
  }

  private async begin(request: IncomingMessage, upload: UploadStart, job: Job): Promise<BodyUpload> {
    // Those that are held take as much memory as many others.
    const amount = upload.held ? Math.max(1, Math.floor(this.limits.bodies / 2)) : 1;
    await this.semaphore.acquire(request, amount);
    const thread = this.leastBusy();
    thread.worker.ref();
    const id = this.next++;
    const contended = () => this.semaphore.waiting > 0 || [...thread.bodies.values()].some(({ waits }) => waits);
    return new BodyUpload(thread, id, request, upload, job, this.limits, contended, () => {
      thread.bodies.delete(id);
      if (thread.bodies.size === 0) thread.worker.unref();
      this.semaphore.release(request, amount);
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
    worker.on("message", (message: FromWorker) => thread.bodies.get(message.id)?.onMessage(message));
    const onLost = (error: Error) => {
      if (this.threads[n] === thread) this.threads[n] = undefined;
      for (const body of thread.bodies.values()) body.fail(error);
    };
    worker.on("error", onLost);
    worker.on("exit", () => onLost(new Error("a thread that reads bodies has ended")));
    return thread;
  }
}
