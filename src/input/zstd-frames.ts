/**
 * Where the frames of a zstd stream begin and end (RFC 8878), found without unpacking them. Decoders differ in what they
 * make of a second frame, of a stream that is cut off, and of bytes after the last frame (some ignore them in silence);
 * they agree on what one whole frame is. So they are given one frame at a time, and the rest is judged here.
 */
import { RunError } from "../base/errors.js";
import { cutOff, damaged, followed } from "./broken.js";

const FRAME = 0xfd2fb528;
/** A frame that holds no data of the stream; the last four bits are free. */
const SKIPPABLE = 0x184d2a50;

/** Bytes; the widest window that zstd unpacks unless it is told otherwise. It bounds the memory that unpacking takes. */
const WIDEST_WINDOW = 2 ** 27;

/** The longest header of a frame: magic number, descriptor, window, dictionary, content size. */
const LONGEST_HEADER = 4 + 1 + 1 + 4 + 8;

/**
 * The stream in pieces that never reach from one frame into the next, skippable frames among them.
 * @param name for messages
 * @throws RunError if the stream ends within a frame, if something else follows a frame, or if a header is not valid
 */
export async function* framesOf(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const frames = new Frames(name);
  for await (const bytes of packed) {
    let start = 0;
    let at = 0;
    while (at < bytes.length) {
      at = frames.advance(bytes, at);
      if (!frames.between) continue;
      yield bytes.subarray(start, at);
      start = at;
    }
    if (start < bytes.length) yield bytes.subarray(start);
  }
  if (!frames.between) throw cutOff(name, "zstd");
}

/** The place in a stream of frames. */
class Frames {
  /** Bytes of content still to come, before the header that is `next`. */
  private content = 0;
  /** The bytes of that header which are here, and how many it takes to go on. */
  private readonly head = new Uint8Array(LONGEST_HEADER);
  private gathered = 0;
  private needed = 4;
  private next: "magic" | "skippable" | "descriptor" | "header" | "block" | "checksum" = "magic";
  private hasChecksum = false;

  constructor(private readonly name: string) {}

  /** Whether a frame has just ended, or none has begun. */
  get between(): boolean {
    return this.next === "magic" && this.gathered === 0 && this.content === 0;
  }

  /** Goes on at `at`, and returns how far it came: never past the end of a frame. */
  advance(bytes: Uint8Array, at: number): number {
    if (this.content > 0) {
      const step = Math.min(this.content, bytes.length - at);
      this.content -= step;
      return at + step;
    }
    // By its first byte already, so that no decoder gets to see (and to name otherwise) what is not a frame.
    if (this.between && bytes[at] !== 0x28 && bytes[at]! >> 4 !== 5) throw followed(this.name, "zstd");
    this.head[this.gathered++] = bytes[at]!;
    if (this.gathered === this.needed) this.understand();
    return at + 1;
  }

  private understand(): void {
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
    // A block that repeats one byte holds that byte; its size says how often.
    const content = type === 1 ? 1 : header >> 3;
    const last = (header & 1) === 1;
    if (!last) this.after(content, "block", 3);
    else this.after(content, this.hasChecksum ? "checksum" : "magic", 4);
  }

  /** What was gathered is the beginning of a longer header. */
  private more(next: Frames["next"], needed: number): void {
    this.next = next;
    this.needed = needed;
  }

  /** What was gathered is done with; content comes, then the next header. */
  private after(content: number, next: Frames["next"], needed: number): void {
    this.content = content;
    this.gathered = 0;
    this.more(next, needed);
  }
}

/** Bytes from the magic number to the first block; always more than the five up to the descriptor. */
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
    throw new RunError("input_dictionary", `${name}: it was packed with a zstd dictionary; pack it again without`);
  }
  const exponent = head[5]! >> 3;
  const window =
    windowBytes === 0
      ? unsigned(head, 5 + dictionaryBytes, sizeBytes)
      : 2 ** (10 + exponent) * (1 + (head[5]! & 7) / 8);
  if (window > WIDEST_WINDOW) {
    throw new RunError(
      "input_window",
      `${name}: unpacking it takes a window of ${Math.ceil(window / 2 ** 20)} MiB, more than zstd's usual limit of 128 MiB; pack it again without --long or with --long=27`,
    );
  }
}

/** Little-endian; from 2⁵³ on rounded. */
function unsigned(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}
