/**
 * Bodies of requests, read as they come: small ones at once by this thread, others by a few worker threads. Whoever sends
 * faster than is read has to wait, and so has who comes when enough bodies are being read.
 */
import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { compressionOf, MAGIC_BYTES } from "../../input/compression.js";
import { ClientDisconnected } from "../http/client.js";
import { blocksOf, rowsOf } from "../http/encode.js";
import { type Limits, SMALL_BODY, tooLarge, tooSlow } from "../http/limits.js";
import { Problem } from "../http/problem.js";
import { ScannerPool } from "./scanner-pool.js";
import type { Begun } from "./upload.js";
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

/** Scanners for small bodies: as many ways of reading as are common at the same time. */
const SMALL_SCANNERS = 8;

/** What the headers say of a body. */
export interface BodyHeaders {
  /** `undefined`: not said. */
  readonly length: number | undefined;
  readonly encoding: "gzip" | "zstd" | undefined;
}

export class Bodies {
  private readonly scanners: ScannerPool;
  private readonly readers: WorkerPool;
  private readonly plans = new WeakMap<Job, Planned>();

  /** @param threads that read large bodies */
  constructor(
    private readonly limits: Limits,
    threads: number,
  ) {
    this.scanners = new ScannerPool(limits, SMALL_SCANNERS);
    this.readers = new WorkerPool(limits, threads);
  }

  /** Large bodies that are being read, or wait to be written. */
  get reading(): number {
    return this.readers.reading;
  }

  /** Bodies that wait for others to be read. */
  get waiting(): number {
    return this.readers.waiting;
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
   * @param use what is done with it; until then others wait for the place of a large body, so that what waits to be
   * written is bounded
   * @throws Problem, RunError, Gone, and what `use` throws
   */
  async ingest<T>(
    request: IncomingMessage,
    sent: BodyHeaders,
    job: IngestJob,
    use: (body: IngestedBody) => Promise<T>,
  ): Promise<T> {
    const begun = await this.receive(request, sent);
    if (begun.whole === undefined) return this.readers.ingest(request, begun, job, use);
    const planned = this.planned(job);
    const scanner = this.scanners.take(planned, job.kind);
    let body: IngestedBody;
    try {
      body = ingestedBody(scanner.scan(begun.whole, wantedOf(job), { copy: false }), planned.plan, job);
    } finally {
      this.scanners.rest(planned, scanner);
    }
    return use(body);
  }

  /** @throws Problem, RunError, Gone */
  async sum(request: IncomingMessage, sent: BodyHeaders, job: SumJob): Promise<SummedBody> {
    const begun = await this.receive(request, sent);
    if (begun.whole === undefined) return this.readers.sum(request, begun, job);
    const planned = this.planned(job);
    const scanner = this.scanners.take(planned, job.kind);
    try {
      const counted = scanner.scan(begun.whole, wantedOf(job), { copy: true });
      const { answer, unknown } = summedBody(counted, planned.plan, job);
      const blocks = inTurns(blocksOf(answer, job.form, unknown));
      return { rejected: counted.rejected.count, unknown, hours: rowsOf(answer, "hour"), blocks };
    } finally {
      this.scanners.rest(planned, scanner);
    }
  }

  close(): Promise<void> {
    return this.readers.close();
  }

  /** All of a small body, or the first pieces of another one, which then stands still. */
  private async receive(
    request: IncomingMessage,
    { length, encoding }: BodyHeaders,
  ): Promise<Begun & { whole: Uint8Array | undefined }> {
    const { body: most, idleTimeout } = this.limits;
    if (length !== undefined && length > most) throw tooLarge(most);
    const { start, ended } = await firstBytes(request, most, idleTimeout);
    const compression = compressionOf(start.subarray(0, MAGIC_BYTES));
    if (encoding !== undefined && start.length > 0 && compression !== encoding)
      throw new Problem("bad_body", `Content-Encoding says ${encoding}, but the body is not ${encoding}`, {
        members: { reason: "input_damaged" },
      });
    const packed = compression !== "none";
    return { start, packed, whole: ended && !packed ? start : undefined };
  }
}

/** The bytes up to the body's end, or more than `SMALL_BODY` of them; then the request is paused. */
function firstBytes(
  request: IncomingMessage,
  most: number,
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
      if (bytes > most) {
        finish();
        reject(tooLarge(most));
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
      reject(new ClientDisconnected("the client has gone before its body had come"));
    };
    const timer = setTimeout(() => {
      finish();
      reject(tooSlow(idleTimeout));
    }, idleTimeout);
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

/** Blocks one after another, with others' turns between them. */
async function* inTurns(blocks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const block of blocks) {
    yield block;
    await nextTurn();
  }
}
