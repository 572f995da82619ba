/** Sends a body from the socket to the thread that reads it, and receives that thread's messages about it. */
import type { IncomingMessage } from "node:http";
import type { Worker } from "node:worker_threads";
import { ClientDisconnected } from "../http/client.js";
import { FAIR_RATE, type Limits, tooLarge, tooSlow, tooSlowForOthers } from "../http/limits.js";
import { errorOf, type FromWorker, type ToWorker } from "./messages.js";
import type { Job } from "./work.js";

/** Approximate size of a message to a thread: the socket's pieces are smaller, and each message costs both threads time. */
const MESSAGE_BYTES = 256 * 1024;
/** Messages with bytes of one body that may be in flight to a thread. */
const MOST_MESSAGES = 8;
/** Pieces of fewer bytes are merged: transferring a piece costs time, and a client may send byte by byte. */
const SMALL_PIECE = 16 * 1024;
/** Bytes that a client must send to restart its idle timeout. */
const MIN_PROGRESS = 1024;

const NONE = Buffer.alloc(0);

/** The beginning of a body. */
export interface UploadStart {
  readonly start: Buffer;
  readonly compressed: boolean;
  /** Whether it is held as a whole, in memory. */
  readonly held: boolean;
}

/** A thread, and the uploads that it reads, by number. */
export interface Thread {
  readonly worker: Worker;
  readonly bodies: Map<number, BodyUpload>;
}

export class BodyUpload {
  private readonly messages: FromWorker[] = [];
  private failure: Error | undefined;
  private wake = () => {};
  /** Bytes waiting to be posted: whole pieces, then small ones, merged. */
  private pieces: Buffer[] = [];
  private small = NONE;
  private smallBytes = 0;
  private bytes = 0;
  private unacknowledged = 0;
  /** Whether it waits for other bodies of its thread. */
  waits = false;
  private ended = false;

  constructor(
    private readonly thread: Thread,
    private readonly id: number,
    request: IncomingMessage,
    { start, compressed }: UploadStart,
    job: Job,
    limits: Limits,
    /** Whether other bodies wait for this one to end. */
    contended: () => boolean,
    private readonly release: () => void,
  ) {
    thread.bodies.set(id, this);
    this.post({ kind: "begin", job, compressed });
    let bytes = 0;
    let recent = 0;
    let since = 0;
    let wasPaused = false;
    const pause = () => {
      wasPaused = true;
      request.pause();
    };
    const onData = (piece: Buffer) => {
      bytes += piece.length;
      recent += piece.length;
      since += piece.length;
      if (recent >= MIN_PROGRESS) {
        recent = 0;
        timer.refresh();
      }
      if (bytes > limits.body) {
        this.fail(tooLarge(limits.body));
        return;
      }
      this.add(piece);
      if (this.bytes < MESSAGE_BYTES) return;
      this.flush();
      if (this.unacknowledged >= MOST_MESSAGES) pause();
    };
    const onEnd = () => {
      this.detach();
      this.flush();
      this.post({ kind: "end" });
    };
    const onClose = () =>
      this.fail(new ClientDisconnected("the client disconnected before its whole body had arrived"));
    const timer = setTimeout(() => {
      if (request.isPaused()) timer.refresh();
      else this.fail(tooSlow(limits.idleTimeout));
    }, limits.idleTimeout);
    // A client that sends slowly must not hold a place that others wait for.
    const checkMs = limits.idleTimeout / 3;
    const checking = setInterval(() => {
      if (contended() && !wasPaused && since < (FAIR_RATE * checkMs) / 1000) this.fail(tooSlowForOthers());
      since = 0;
      wasPaused = request.isPaused();
    }, checkMs);
    this.detach = () => {
      clearTimeout(timer);
      clearInterval(checking);
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    };
    this.resume = () => {
      if (!request.isPaused()) return;
      timer.refresh();
      request.resume();
    };
    onData(start);
    if (request.readableEnded) onEnd();
    else if (request.destroyed) onClose();
    else {
      request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
      if (this.unacknowledged < MOST_MESSAGES) request.resume();
    }
  }

  /** Stops listening to the request. */
  private readonly detach: () => void;
  private readonly resume: () => void;

  private add(piece: Buffer): void {
    this.bytes += piece.length;
    if (piece.length >= SMALL_PIECE) {
      this.gather();
      this.pieces.push(piece);
      return;
    }
    if (this.smallBytes + piece.length > this.small.length) {
      this.gather();
      this.small = Buffer.allocUnsafeSlow(4 * SMALL_PIECE);
    }
    this.smallBytes += piece.copy(this.small, this.smallBytes);
  }

  /** Turns the merged small pieces into one piece. */
  private gather(): void {
    if (this.smallBytes > 0) this.pieces.push(this.small.subarray(0, this.smallBytes));
    this.small = NONE;
    this.smallBytes = 0;
  }

  private flush(): void {
    if (this.bytes === 0) return;
    this.gather();
    const { pieces } = this;
    // Pieces with a buffer of their own are transferred; a copy would only be garbage.
    const own = pieces.filter((piece) => piece.byteLength === piece.buffer.byteLength);
    this.post(
      { kind: "bytes", pieces },
      own.map(({ buffer }) => buffer as ArrayBuffer),
    );
    this.pieces = [];
    this.bytes = 0;
    this.unacknowledged++;
  }

  post(message: WithoutId<ToWorker>, transfer: ArrayBuffer[] = []): void {
    this.thread.worker.postMessage({ ...message, id: this.id }, transfer);
  }

  onMessage(message: FromWorker): void {
    if (message.kind === "taken") {
      if (--this.unacknowledged <= MOST_MESSAGES / 2) this.resume();
      return;
    }
    if (message.kind === "waits") {
      this.waits = message.waits;
      return;
    }
    if (message.kind === "failed") this.fail(errorOf(message.failure));
    else {
      this.messages.push(message);
      this.wake();
    }
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.detach();
    this.wake();
  }

  /** The thread's next message with a result. @throws the upload's failure */
  async nextMessage(): Promise<FromWorker> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return message;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Cancels whatever is not done yet, and gives up the place. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.detach();
    this.post({ kind: "cancel" });
    this.release();
  }
}

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;
