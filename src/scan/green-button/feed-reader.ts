/**
 * Reads XML into a feed, piece by piece. Names count without their prefix, in upper or lower case. Document types are
 * refused, and with them all entities but XML's own five; depth, and texts and tags of any length, are bounded.
 */
import { createRequire } from "node:module";
import type { SaxesParser } from "saxes";
import { type Block, type Described, type Entry, type Feed, newEntry, newFeed, type ReadingType } from "./feed.js";

/** Elements within each other. */
const MOST_DEPTH = 64;
/** Characters of a text that is read; others may be as long as they like. */
const MOST_TEXT = 1000;
/** Characters without an element's end. */
const MOST_BETWEEN = 1024 * 1024;
/** Characters that are parsed at a time. */
const PIECE = 64 * 1024;
/** Attributes of an element. */
const MOST_ATTRIBUTES = 256;
/** Elements that make a document Green Button's. */
const ROOTS = new Set(["feed", "entry", "intervalblock", "usagepoint", "meterreading", "readingtype", "content"]);
/** Their texts are of the element around them. */
const LEAVES = new Set(["id", "kind", "start", "duration", "value"]);

/** Why the XML cannot be read. */
export class FeedError extends Error {
  constructor(
    message: string,
    /** Lines before it, and characters. */
    readonly line: number,
    readonly position: number,
    readonly code: "bad_xml" | "not_green_button" = "bad_xml",
  ) {
    super(message);
  }
}

/** Loaded once there is XML: other inputs do not need it. */
function newParser(): SaxesParser {
  const saxes: typeof import("saxes") = createRequire(import.meta.url)("saxes");
  return new saxes.SaxesParser({ xmlns: false, position: true });
}

export class FeedReader {
  readonly feed: Feed = newFeed();
  private readonly parser = newParser();
  /** The names of the open elements, without prefixes. */
  private readonly open: string[] = [];
  private entry: Entry = newEntry();
  private type: ReadingType | undefined;
  private block: Block | undefined;
  private described: Described | undefined;
  /** The reading that is open, and its line. */
  private reading: { start: string; duration: string; value: string } | undefined;
  private line = 0;
  /** The text of the element that is open, if it is wanted. */
  private text: string | undefined;
  private attributes = 0;
  /** Characters since an element began or ended. */
  private between = 0;

  constructor() {
    const { parser } = this;
    parser.on("doctype", () =>
      this.fail("a document type (DOCTYPE) is refused; remove it, and the entities that it defines"),
    );
    parser.on("xmldecl", ({ encoding = "utf-8" }) => {
      if (!/^(utf-8|utf8|us-ascii|ascii)$/i.test(encoding))
        this.fail(`it says that its encoding is ${JSON.stringify(encoding.slice(0, 40))}; convert it to UTF-8`);
    });
    parser.on("attribute", () => {
      if (++this.attributes > MOST_ATTRIBUTES) this.fail(`an element has more than ${MOST_ATTRIBUTES} attributes`);
    });
    parser.on("opentag", ({ name, attributes }) => this.begin(localName(name), attributes));
    parser.on("closetag", () => this.end());
    parser.on("text", (text) => this.add(text));
    parser.on("cdata", (text) => this.add(text));
  }

  /** @throws FeedError */
  write(text: string): void {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      this.attempt(() => this.parser.write(piece));
      this.between += piece.length;
      if (this.between > MOST_BETWEEN)
        this.attempt(() => this.fail("more than 1 MiB without the beginning or end of an element"));
    }
  }

  /** @throws FeedError */
  close(): Feed {
    this.attempt(() => this.parser.close());
    return this.feed;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof FeedError) throw error;
      // The parser begins its messages with the place.
      const message = (error as Error).message.replace(/^[^\n]*?\d+:\d+: /, "").replace(/\.$/, "");
      throw new FeedError(`not XML: ${message.slice(0, 200)}`, this.parser.line - 1, this.parser.position);
    }
  }

  private fail(message: string, code?: "not_green_button"): never {
    throw new FeedError(message, this.parser.line - 1, this.parser.position, code);
  }

  private begin(name: string, attributes: Readonly<Record<string, string>>): void {
    const { open, feed } = this;
    const around = open.at(-1);
    if (around === undefined && !ROOTS.has(name))
      this.fail(
        `it is XML, but not Green Button, which begins with feed or entry, not ${JSON.stringify(name.slice(0, 40))}; convert it to JSON or CSV`,
        "not_green_button",
      );
    if (open.push(name) > MOST_DEPTH) this.fail(`more than ${MOST_DEPTH} elements within each other`);
    this.between = 0;
    this.attributes = 0;
    this.text = undefined;
    const { entry } = this;
    if (name === "entry") this.entry = newEntry();
    else if (name === "link") addLink(entry, attributes);
    else if (name === "readingtype") {
      this.type = { entry, values: new Map() };
      feed.types.push(this.type);
    } else if (name === "usagepoint") {
      this.described = { entry, service: "" };
      feed.usagePoints.push(this.described);
    } else if (name === "meterreading") feed.meterReadings.push({ entry, service: "" });
    else if (name === "intervalblock") {
      const first = feed.values.length;
      this.block = { entry, start: "", first, end: first };
      feed.blocks.push(this.block);
    } else if (name === "intervalreading" && this.block !== undefined) {
      this.reading = { start: "", duration: "", value: "" };
      this.line = this.parser.line - 1;
    } else if (around === "readingtype" || LEAVES.has(name)) this.text = "";
  }

  private add(text: string): void {
    if (this.text === undefined) return;
    this.text += text;
    if (this.text.length > MOST_TEXT)
      this.fail(`the text of ${this.open.at(-1)} is longer than ${MOST_TEXT} characters`);
  }

  private end(): void {
    const { open, feed, block, reading } = this;
    const name = open.pop() as string;
    const around = open.at(-1);
    this.between = 0;
    const text = this.text?.trim();
    this.text = undefined;
    if (text !== undefined) this.note(name, around, text);
    else if (name === "intervalreading" && reading !== undefined && block !== undefined) {
      feed.starts.push(reading.start);
      feed.durations.push(reading.duration);
      feed.values.push(reading.value);
      feed.lines.push(this.line);
      block.end = feed.values.length;
      this.reading = undefined;
    } else if (name === "intervalblock") this.block = undefined;
    else if (name === "readingtype") this.type = undefined;
    else if (name === "usagepoint") this.described = undefined;
  }

  /** Notes the text of an element in another. */
  private note(name: string, around: string | undefined, text: string): void {
    const { type, block, reading, described, entry } = this;
    if (around === "readingtype") type?.values.set(name, text);
    else if (name === "id" && around === "entry") entry.id = text;
    else if (name === "kind" && around === "servicecategory" && described !== undefined) described.service = text;
    else if (around === "timeperiod" && reading !== undefined) {
      if (name === "start") reading.start = text;
      if (name === "duration") reading.duration = text;
    } else if (name === "value" && around === "intervalreading" && reading !== undefined) reading.value = text;
    else if (name === "start" && around === "interval" && block !== undefined) block.start = text;
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1).toLowerCase();
}

function addLink(entry: Entry, attributes: Readonly<Record<string, string>>): void {
  const { rel = "", href = "" } = attributes;
  if (rel === "self") entry.self = href;
  else if (rel === "up") entry.up = href;
  else if (rel === "related") entry.related.push(href);
}
