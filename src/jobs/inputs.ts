/** What a job reads: places, and data from callers of the library. */
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type RunError, UsageError } from "../base/errors.js";
import type { Input } from "../input/input.js";
import { resolveInputs } from "../input/resolve.js";
import type { RunContext } from "../pipeline/run.js";
import type { Warnings } from "../pipeline/warnings.js";
import type { Address, WebStream } from "./dataset.js";

/** An input that cannot be read, and why. */
export interface Unreadable {
  readonly name: string;
  readonly error: RunError;
}

/**
 * Finds the inputs, and warns about what is odd.
 * @param names files, folders, globs, addresses, or `-`
 * @param exclude files and folders that the job writes: folders and globs skip them
 * @param onFailure hears of files in folders that cannot be read; without it, the first of them is an error
 * @throws UsageError, RunError, the signal's reason, as `resolveInputs`
 */
export async function findInputs(
  names: readonly string[],
  exclude: readonly string[],
  { cwd, stdin, signal }: RunContext,
  warnings: Warnings,
  onFailure?: (name: string, error: RunError) => void,
): Promise<readonly Input[]> {
  const resolved = await resolveInputs(names, { cwd, exclude, signal, onFailure, ...(stdin && { stdin }) });
  for (const warning of resolved.warnings) warnings.add(warning);
  return resolved.inputs;
}

/** The same with inputs that have exchanges of meters, which come last. @param exchanges names of those */
export async function findWithExchanges(
  names: readonly string[],
  exchanges: readonly string[] | undefined,
  exclude: readonly string[],
  context: RunContext,
  warnings: Warnings,
): Promise<readonly Input[]> {
  const inputs = await findInputs(names, exclude, context, warnings);
  if (exchanges === undefined) return inputs;
  const others = await findInputs(exchanges, exclude, context, warnings);
  return [...inputs, ...others.map((input) => ({ ...input, hasExchanges: true }))];
}

/**
 * The paths, globs and addresses of places.
 * @throws UsageError `bad_data` for anything else
 */
export function placesOf(places: unknown): string[] {
  const list = Array.isArray(places) ? places : [places];
  return list.map((place) => {
    if (typeof place === "string") return place;
    if (isAddress(place)) return place.protocol === "file:" ? fileURLToPath(place.href) : place.href;
    throw new UsageError("bad_data", "an input is a path, a glob, an address or a URL");
  });
}

/**
 * Separates places and bytes, or makes one stream of records.
 * @param names of the fields of records
 * @throws UsageError `bad_data` for anything else
 */
export function datasetOf(data: unknown, names: readonly string[]): { places: string[]; streams: Input[] } {
  const parts = Array.isArray(data) && data.length > 0 && data.every(isPart) ? data : isPart(data) ? [data] : undefined;
  if (parts === undefined) {
    const records = isIterable(data) ? data : isWebStream(data) ? readable(data) : undefined;
    if (records === undefined)
      throw new UsageError(
        "bad_data",
        "data is a path, a URL, bytes (a Uint8Array), an array of these, or records that can be iterated over",
      );
    return { places: [], streams: [stream("records", (gone) => lines(records, names, gone))] };
  }
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  return {
    places: placesOf(parts.filter((part) => !(part instanceof Uint8Array))),
    streams: bytes.map((part, i) => stream(bytes.length === 1 ? "data" : `data ${i + 1}`, () => [part])),
  };
}

function isPart(part: unknown): part is string | Address | Uint8Array {
  return typeof part === "string" || part instanceof Uint8Array || isAddress(part);
}

function isAddress(part: unknown): part is Address {
  return part instanceof URL;
}

function isIterable(data: unknown): data is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof data === "object" && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data);
}

function isWebStream(data: unknown): data is WebStream {
  return typeof data === "object" && data !== null && "getReader" in data && typeof data.getReader === "function";
}

/** The items of a web stream that is not one of Node's. */
async function* readable(web: WebStream): AsyncGenerator<unknown> {
  const reader = web.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      done = next.done;
      if (done) return;
      yield next.value;
    }
  } finally {
    if (!done) await reader.cancel();
  }
}

function stream(name: string, bytes: (gone: AbortSignal) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Input {
  const gone = new AbortController();
  const readable = Readable.from(bytes(gone.signal), { objectMode: true });
  // Otherwise destroying it, for example after an abort, would wait for an item that may never come.
  const destroy = readable._destroy;
  readable._destroy = (error, callback) => {
    gone.abort(error ?? new Error("closed"));
    destroy.call(readable, error, callback);
  };
  return { kind: "stream", name, from: { stdin: readable } };
}

/**
 * Writes records as newline-delimited JSON, some at a time; bytes, as from a file's stream, pass unchanged. Numbers are
 * written with the fewest digits that identify them.
 * @param names of the fields that a record of a class may inherit, for example as accessors
 */
async function* lines(
  records: Iterable<unknown> | AsyncIterable<unknown>,
  names: readonly string[],
  gone: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let text = "";
  let first = true;
  for await (const record of Symbol.asyncIterator in records ? untilGone(records, gone) : records) {
    if (record instanceof Uint8Array) {
      yield record;
      continue;
    }
    // An array without records makes it JSON, whatever the first record is.
    if (first) text = "[] ";
    first = false;
    text += `${JSON.stringify(withInherited(record, names), asText) ?? "undefined"}\n`;
    if (text.length < 65536) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}

/** Converts what JSON has no number for to text, so that messages show it. */
function asText(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value !== null) return value;
  const own = (this as Record<string, unknown>)[key];
  return own instanceof Date ? String(own) : value;
}

/** A record together with the fields that it inherits from its class. */
function withInherited(record: unknown, names: readonly string[]): unknown {
  if (typeof record !== "object" || record === null || "toJSON" in record) return record;
  if (Object.getPrototypeOf(record) === Object.prototype) return record;
  const inherited = names.filter((name) => name in record && !Object.hasOwn(record, name));
  if (inherited.length === 0) return record;
  const fields = record as Readonly<Record<string, unknown>>;
  return { ...fields, ...Object.fromEntries(inherited.map((name) => [name, fields[name]])) };
}

/** The items, for as long as somebody wants them; the iterator is then closed without waiting. */
async function* untilGone(items: AsyncIterable<unknown>, gone: AbortSignal): AsyncGenerator<unknown> {
  const iterator = items[Symbol.asyncIterator]();
  let fail = (_: unknown) => {};
  const stop = () => fail(gone.reason);
  gone.addEventListener("abort", stop, { once: true });
  let ended = false;
  try {
    for (;;) {
      gone.throwIfAborted();
      const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        fail = reject;
        Promise.resolve(iterator.next()).then(resolve, reject);
      });
      ended = next.done === true;
      if (ended) return;
      yield next.value;
    }
  } finally {
    gone.removeEventListener("abort", stop);
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
