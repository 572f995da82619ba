/** Reads XML piece by piece, within bounds. */
import { TextDecoder } from "node:util";
import { SaxesParser } from "saxes";

/** Elements inside of each other. */
const MOST_LEVELS = 100;
/** Bytes without the end of a tag or text. */
const MOST_SILENT = 16 * 1024 * 1024;

export interface Handler {
  /** @param attributes by their local names */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/**
 * Tells a handler of the elements, by their local names. Entities other than XML's own are errors.
 * @param turn is called after each piece, and may yield what the handler has made
 * @throws Error if it is no XML, or past its bounds
 */
export async function* parsed<T>(
  bytes: AsyncIterable<Uint8Array>,
  handler: Handler,
  turn: () => T | undefined,
): AsyncGenerator<T> {
  const parser = new SaxesParser({ xmlns: true });
  let levels = 0;
  let silent = 0;
  parser.on("error", (error) => {
    throw new Error(`is no XML: ${error.message.slice(0, 200)}`);
  });
  parser.on("opentag", ({ local, attributes }) => {
    silent = 0;
    if (++levels > MOST_LEVELS) throw new Error(`has more than ${MOST_LEVELS} levels`);
    handler.open(local, Object.fromEntries(Object.values(attributes).map((one) => [one.local, one.value])));
  });
  parser.on("closetag", ({ local }) => {
    silent = 0;
    levels--;
    handler.close?.(local);
  });
  parser.on("text", (text) => {
    silent = 0;
    handler.text?.(text);
  });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const piece of bytes) {
    silent += piece.length;
    if (silent > MOST_SILENT) throw new Error("has a text or tag of more than 16 MiB");
    parser.write(textOf(decoder, piece));
    const made = turn();
    if (made !== undefined) yield made;
  }
  parser.close();
  const made = turn();
  if (made !== undefined) yield made;
}

/** As `parsed`, where nothing is made in between. */
export async function parseAll(bytes: AsyncIterable<Uint8Array>, handler: Handler): Promise<void> {
  for await (const _ of parsed(bytes, handler, () => undefined));
}

function textOf(decoder: TextDecoder, piece: Uint8Array): string {
  try {
    return decoder.decode(piece, { stream: true });
  } catch {
    throw new Error("is no UTF-8");
  }
}
