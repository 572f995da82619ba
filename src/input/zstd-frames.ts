/**
 * Finds where the frames of a zstd stream (RFC 8878) begin and end, without decompressing them. Decoders differ in how they
 * treat a second frame, a stream that is cut off, and bytes after the last frame (some silently ignore them), but agree on
 * what a complete frame is. So they get one frame at a time, and the rest is checked here.
 */
import { RunError } from "../base/errors.js";
import { cutOff, damaged, followed } from "./broken.js";

const FRAME = 0xfd2fb528;
/** A frame without data; the last four bits are free. */
const SKIPPABLE = 0x184d2a50;

/** Bytes; zstd's default limit of the window. It bounds the memory that decompression takes. */
const WIDEST_WINDOW = 2 ** 27;

/** Bytes of the longest frame header: magic number, descriptor, window, dictionary, content size. */
const LONGEST_HEADER = 4 + 1 + 1 + 4 + 8;

/**
 * Cuts the stream into pieces that never span two frames, those of a chunk together. Skippable frames are included.
 * @param name for messages
 * @throws RunError if the stream ends within a frame, if something else follows a frame, or if a header is not valid
 */
export async function* framesOf(
  compressed: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<readonly Uint8Array[]> {
  const frames = new Frames(name);
  for await (const bytes of compressed) {
    const pieces: Uint8Array[] = [];
    let failure: unknown;
    let start = 0;
    try {
      for (let at = 0; at < bytes.length; ) {
        at = frames.advance(bytes, at);
        if (!frames.between) continue;
        pieces.push(bytes.subarray(start, at));
        start = at;
      }
      if (start < bytes.length) pieces.push(bytes.subarray(start));
    } catch (error) {
      failure = error;
    }
    // What is wrong with earlier frames is told first.
    yield pieces;
    if (failure !== undefined) throw failure;
  }
  if (!frames.between) throw cutOff(name, "zstd");
}

/** Tracks the position in a stream of frames. */
class Frames {
  /** Bytes of content left before the `next` header. */
  private content = 0;
  /** That header's bytes so far. */
  private readonly head = new Uint8Array(LONGEST_HEADER);
  private gathered = 0;
  /** Bytes of the header needed to continue. */
  private needed = 4;
  private next: "magic" | "skippable" | "descriptor" | "header" | "block" | "checksum" = "magic";
  private hasChecksum = false;

  constructor(private readonly name: string) {}

  /** Whether a frame has just ended, or none has begun. */
  get between(): boolean {
    return this.next === "magic" && this.gathered === 0 && this.content === 0;
  }

  /** Continues at `at`, and returns the position reached: never past the end of a frame. */
  advance(bytes: Uint8Array, at: number): number {
    if (this.content > 0) {
      const step = Math.min(this.content, bytes.length - at);
      this.content -= step;
      return at + step;
    }
    // Check the first byte already, so that no decoder sees what is not a frame, and reports it differently.
    if (this.between && bytes[at] !== 0x28 && bytes[at]! >> 4 !== 5) throw followed(this.name, "zstd");
    this.head[this.gathered++] = bytes[at]!;
    if (this.gathered === this.needed) this.parseHeader();
    return at + 1;
  }

  private parseHeader(): void {
    const { head } = this;
    switch (this.next) {
      case "magic": {
        const magic = unsigned(head, 0, 4);
        if (magic === FRAME) this.more("descriptor", 5);
        else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) this.more("skippable", 8);
        else throw followed(this.name, "zstd");
        break;
      }
      case "skippable":
        this.after(unsigned(head, 4, 4), "magic", 4);
        break;
      case "descriptor":
        this.more("header", headerLength(head[4]!));
        break;
      case "header":
        checkHeader(head, this.name);
        this.hasChecksum = (head[4]! & 4) !== 0;
        this.after(0, "block", 3);
        break;
      case "block":
        this.enterBlock(unsigned(head, 0, 3));
        break;
      case "checksum":
        this.after(0, "magic", 4);
    }
  }

  private enterBlock(header: number): void {
    const type = (header >> 1) & 3;
    if (type === 3) throw damaged(this.name, "zstd", "unknown type of block");
    // A run-length block contains one byte; its size is the number of repetitions.
    const content = type === 1 ? 1 : header >> 3;
    const last = (header & 1) === 1;
    if (!last) this.after(content, "block", 3);
    else this.after(content, this.hasChecksum ? "checksum" : "magic", 4);
  }

  /** The bytes so far are the beginning of a longer header. */
  private more(next: Frames["next"], needed: number): void {
    this.next = next;
    this.needed = needed;
  }

  /** The header is complete: content follows, then the next header. */
  private after(content: number, next: Frames["next"], needed: number): void {
    this.content = content;
    this.gathered = 0;
    this.more(next, needed);
  }
}

/** Bytes from the magic number to the first block; always more than five, the offset after the descriptor. */
function headerLength(descriptor: number): number {
  const { windowBytes, dictionaryBytes, sizeBytes } = fieldsOf(descriptor);
  return 5 + windowBytes + dictionaryBytes + sizeBytes;
}

function fieldsOf(descriptor: number): { windowBytes: number; dictionaryBytes: number; sizeBytes: number } {
  const singleSegment = (descriptor >> 5) & 1;
  return {
    windowBytes: 1 - singleSegment,
    dictionaryBytes: [0, 1, 2, 4][descriptor & 3]!,
    sizeBytes: [singleSegment, 2, 4, 8][descriptor >> 6]!,
  };
}

function checkHeader(head: Uint8Array, name: string): void {
  const { windowBytes, dictionaryBytes, sizeBytes } = fieldsOf(head[4]!);
  if (unsigned(head, 5 + windowBytes, dictionaryBytes) !== 0) {
    throw new RunError(
      "input_dictionary",
      `${name}: it was compressed with a zstd dictionary; compress it again without one`,
    );
  }
  const exponent = head[5]! >> 3;
  const window =
    windowBytes === 0
      ? unsigned(head, 5 + dictionaryBytes, sizeBytes)
      : 2 ** (10 + exponent) * (1 + (head[5]! & 7) / 8);
  if (window > WIDEST_WINDOW) {
    throw new RunError(
      "input_window",
      `${name}: decompressing it takes a window of ${Math.ceil(window / 2 ** 20)} MiB, more than zstd's usual limit of 128 MiB; compress it again without --long or with --long=27`,
    );
  }
}

/** A little-endian number; rounded from 2⁵³ on. */
function unsigned(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}
