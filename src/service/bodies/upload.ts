/** A body on its way from the socket to a thread that reads it, and what that says of it. */
import type { IncomingMessage } from "node:http";
import type { Worker } from "node:worker_threads";
import { ClientDisconnected } from "../http/client.js";
import { FAIR_RATE, type Limits, tooLarge, tooSlow, tooSlowForOthers } from "../http/limits.js";
import { errorOf, type FromWorker, type ToWorker } from "./messages.js";
import type { Job } from "./work.js";

/** Bytes that a message to a thread has, about: the socket's pieces are smaller, and each message costs both threads time. */
const MESSAGE_BYTES = 256 * 1024;
/** Messages with bytes of a body that may be on their way to a thread. */
const MOST_MESSAGES = 8;
/** Pieces of fewer bytes are copied together: each that is handed over costs time, and a client may send byte by byte. */
const SMALL_PIECE = 16 * 1024;
/** Fewer bytes than this in a while are none. */
const LEAST = 1024;

const NONE = Buffer.alloc(0);

/** What has been received of a body. */
export interface Begun {
  readonly start: Buffer;
  /** Compressed. */
  readonly packed: boolean;
}

/** A thread, and what waits for messages of its bodies. */
export interface Thread {
  readonly worker: Worker;
  readonly bodies: Map<number, BodyUpload>;
}

export class BodyUpload {
  private readonly messages: FromWorker[] = [];
  private failure: Error | undefined;
  private wake = () => {};
  /** What waits to be posted: pieces, then small ones, copied together. */
  private pieces: Buffer[] = [];
  private small = NONE;
  private smallBytes = 0;
  private bytes = 0;
  private outstanding = 0;
  /** It waits for other bodies of its thread. */
  waits = false;
  private ended = false;

  constructor(
    private readonly thread: Thread,
    private readonly id: number,
    request: IncomingMessage,
    { start, packed }: Begun,
    job: Job,
    limits: Limits,
    /** Whether others wait for it to end. */
    contended: () => boolean,
    private readonly release: () => void,
  ) {
    thread.bodies.set(id, this);
    this.post({ kind: "begin", job, packed });
    let bytes = 0;
    let recent = 0;
    let since = 0;
    let held = false;
    const hold = () => {
      held = true;
      request.pause();
    };
    const send = (piece: Buffer) => {
      bytes += piece.length;
      recent += piece.length;
      since += piece.length;
      if (recent >= LEAST) {
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
      if (this.outstanding >= MOST_MESSAGES) hold();
    };
    const onEnd = () => {
      this.detach();
      this.flush();
      this.post({ kind: "end" });
    };
    const onClose = () => this.fail(new ClientDisconnected("the client has gone before its body had come"));
    const timer = setTimeout(() => {
      if (request.isPaused()) timer.refresh();
      else this.fail(tooSlow(limits.idleTimeout));
    }, limits.idleTimeout);
    // Whoever sends little by little is not to keep a place from others for long.
    const look = limits.idleTimeout / 3;
    const looking = setInterval(() => {
      if (contended() && !held && since < (FAIR_RATE * look) / 1000) this.fail(tooSlowForOthers());
      since = 0;
      held = request.isPaused();
    }, look);
    this.detach = () => {
      clearTimeout(timer);
      clearInterval(looking);
      request.off("data", send).off("end", onEnd).off("close", onClose).off("error", onClose);
    };
    this.resume = () => {
      if (!request.isPaused()) return;
      timer.refresh();
      request.resume();
    };
    send(start);
    if (request.readableEnded) onEnd();
    else if (request.destroyed) onClose();
    else {
      request.on("data", send).on("end", onEnd).on("close", onClose).on("error", onClose);
      if (this.outstanding < MOST_MESSAGES) request.resume();
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

  /** What was copied together becomes a piece. */
  private gather(): void {
    if (this.smallBytes > 0) this.pieces.push(this.small.subarray(0, this.smallBytes));
    this.small = NONE;
    this.smallBytes = 0;
  }

  private flush(): void {
    if (this.bytes === 0) return;
    this.gather();
    const { pieces } = this;
    // What the socket has read into memory of its own is handed over; a copy would be rubbish at once.
    const own = pieces.filter((piece) => piece.byteLength === piece.buffer.byteLength);
    this.post(
      { kind: "bytes", pieces },
      own.map(({ buffer }) => buffer as ArrayBuffer),
    );
    this.pieces = [];
    this.bytes = 0;
    this.outstanding++;
  }

  post(message: Omitted<ToWorker>, transfer: ArrayBuffer[] = []): void {
    this.thread.worker.postMessage({ ...message, id: this.id }, transfer);
  }

  message(message: FromWorker): void {
    if (message.kind === "taken") {
      if (--this.outstanding <= MOST_MESSAGES / 2) this.resume();
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

  /** The next message that tells something. */
  async answer(): Promise<FromWorker> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return message;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Gives the place up; what is not done is not done any more. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.detach();
    this.post({ kind: "cancel" });
    this.release();
  }
}

type Omitted<T> = T extends unknown ? Omit<T, "id"> : never;
