/**
 * Reads request bodies as they arrive: small ones on this thread at once, others on a few worker threads. A client that
 * sends faster than its body is read has to wait, and so does a new one while enough large bodies are being read.
 */
import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { compressionOf, MAGIC_BYTES } from "../../input/compression.js";
import type { ScanPlan } from "../../scan/plan.js";
import { ClientDisconnected } from "../http/client.js";
import { blocksOf } from "../http/encode.js";
import { askForBody } from "../http/expect.js";
import { type Limits, SMALL_BODY, tooLarge, tooSlow } from "../http/limits.js";
import { Problem } from "../http/problem.js";
import { ScannerPool } from "./scanner-pool.js";
import type { UploadStart } from "./upload.js";
import {
  type IngestedBody,
  type IngestJob,
  ingestedBody,
  type Job,
  type Planned,
  planFor,
  type SumJob,
  summedBody,
  wantedOf,
} from "./work.js";
import { type SummedBody, WorkerPool } from "./worker-pool.js";

/** Idle scanners for small bodies: about one for each set of read options in common use. */
const SMALL_SCANNERS = 8;

/** What the request headers say about a body. */
export interface BodyHeaders {
  /** In bytes; `undefined` if not given. */
  readonly length: number | undefined;
  readonly encoding: "gzip" | "zstd" | undefined;
}

export class Bodies {
  private readonly scanners: ScannerPool;
  private readonly workers: WorkerPool;
  private readonly plans = new WeakMap<Job, Planned>();

  /** @param threads the number of threads that read large bodies */
  constructor(
    private readonly limits: Limits,
    threads: number,
  ) {
    this.scanners = new ScannerPool(limits, SMALL_SCANNERS);
    this.workers = new WorkerPool(limits, threads);
  }

  /** The number of large bodies being read or waiting to be written. */
  get reading(): number {
    return this.workers.reading;
  }

  /** The number of large bodies waiting to be read. */
  get waiting(): number {
    return this.workers.waiting;
  }

  /** Checks a job's options. @throws UsageError */
  check(job: Job): void {
    this.planned(job);
  }

  private planned(job: Job): Planned {
    const planned = this.plans.get(job) ?? planFor(job);
    this.plans.set(job, planned);
    return planned;
  }

  /**
   * Reads a body for ingestion.
   * @param use stores it. A large body holds its place until that is done, which bounds the memory of bodies waiting to be
   * written
   * @throws Problem, RunError, ClientDisconnected, and what `use` throws
   */
  async ingest<T>(
    request: IncomingMessage,
    headers: BodyHeaders,
    job: IngestJob,
    use: (body: IngestedBody) => Promise<T>,
  ): Promise<T> {
    const planned = this.planned(job);
    const upload = await this.receive(request, headers, planned);
    if (upload.whole === undefined) return this.workers.ingest(request, upload, job, use);
    const scanner = this.scanners.acquire(planned, job.kind);
    let body: IngestedBody;
    try {
      body = ingestedBody(scanner.scan(upload.whole, wantedOf(job), { copy: false }), planned.plan, job);
    } finally {
      this.scanners.release(planned, scanner);
    }
    return use(body);
  }

  /** Reads a body for a summary. @throws Problem, RunError, ClientDisconnected */
  async sum(request: IncomingMessage, headers: BodyHeaders, job: SumJob): Promise<SummedBody> {
    const planned = this.planned(job);
    const upload = await this.receive(request, headers, planned);
    if (upload.whole === undefined) return this.workers.sum(request, upload, job);
    const scanner = this.scanners.acquire(planned, job.kind);
    try {
      const counted = scanner.scan(upload.whole, wantedOf(job), { copy: true });
      const { answer, summed } = summedBody(counted, planned.plan, job);
      return { ...summed, blocks: inTurns(blocksOf(answer, job.form, summed)) };
    } finally {
      this.scanners.release(planned, scanner);
    }
  }

  close(): Promise<void> {
    return this.workers.close();
  }

  /** Receives all of a small uncompressed body, or the beginning of another one and then pauses the request. */
  private async receive(
    request: IncomingMessage,
    { length, encoding }: BodyHeaders,
    { plan }: Planned,
  ): Promise<UploadStart & { whole: Uint8Array | undefined }> {
    const { body: limit, idleTimeout } = this.limits;
    if (length !== undefined && length > limit) throw tooLarge(limit);
    askForBody(request);
    const { start, ended } = await firstBytes(request, limit, idleTimeout);
    const compression = compressionOf(start.subarray(0, MAGIC_BYTES));
    if (encoding !== undefined && start.length > 0 && compression !== encoding)
      throw new Problem("bad_body", `Content-Encoding says ${encoding}, but the body is not ${encoding}`, {
        members: { reason: "input_damaged" },
      });
    const compressed = compression !== "none";
    // These are read from their end on.
    const held = compression === "parquet" || compression === "zip";
    const isQuick = ended && !compressed && !mayCoverTime(start, plan.scan);
    return { start, compressed, held, whole: isQuick ? start : undefined };
  }
}

/** Whether readings of a body may cover time: then one may take as long as ten thousand others. */
function mayCoverTime(body: Uint8Array, { interval, known }: ScanPlan): boolean {
  // Tables may be recognised as ones whose readings do.
  const isJson = /^\s*[[{]/.test(
    Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 100)).toString("latin1"),
  );
  return interval !== undefined || (!isJson && known.some(({ plan }) => plan.interval !== undefined));
}

/** Receives bytes until the body ends, or there are more than `SMALL_BODY`; then it pauses the request. */
function firstBytes(
  request: IncomingMessage,
  limit: number,
  idleTimeout: number,
): Promise<{ start: Buffer; ended: boolean }> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const finish = () => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    };
    const start = () => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    const onData = (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > limit) {
        finish();
        reject(tooLarge(limit));
        return;
      }
      if (bytes <= SMALL_BODY) return;
      request.pause();
      finish();
      resolve({ start: start(), ended: false });
    };
    const onEnd = () => {
      finish();
      resolve({ start: start(), ended: true });
    };
    const onClose = () => {
      finish();
      reject(new ClientDisconnected("the client disconnected before its whole body had arrived"));
    };
    const timer = setTimeout(() => {
      finish();
      reject(tooSlow(idleTimeout));
    }, idleTimeout);
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

/** Yields the blocks, and yields to the event loop after each. */
async function* inTurns(blocks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const block of blocks) {
    yield block;
    await nextTurn();
  }
}
