/** What a job is to read: from places, and from what callers of the library hand over. */
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { UsageError } from "../base/errors.js";
import type { Input } from "../input/input.js";
import { resolveInputs } from "../input/resolve.js";
import type { RunContext } from "../pipeline/run.js";
import type { Warnings } from "../pipeline/warnings.js";
import type { Address, WebStream } from "./dataset.js";

/**
 * Finds the inputs, and warns of what is odd about them.
 * @param names files, folders, globs, addresses, or `-`
 * @param exclude files and folders that the job writes: what folders and globs have of them is not read
 * @throws UsageError, RunError, the signal's reason, as `resolveInputs`
 */
export async function findInputs(
  names: readonly string[],
  exclude: readonly string[],
  { cwd, stdin, signal }: RunContext,
  warnings: Warnings,
): Promise<readonly Input[]> {
  const resolved = await resolveInputs(names, { cwd, exclude, signal, ...(stdin && { stdin }) });
  for (const warning of resolved.warnings) warnings.add(warning);
  return resolved.inputs;
}

/**
 * The paths, globs and addresses of places.
 * @throws UsageError `bad_data` for what is none
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
 * Places and bytes apart, or one stream of records.
 * @throws UsageError `bad_data` for what is neither
 */
export function datasetOf(data: unknown): { places: string[]; streams: Input[] } {
  const parts = Array.isArray(data) && data.length > 0 && data.every(isPart) ? data : isPart(data) ? [data] : undefined;
  if (parts === undefined) {
    const records = isIterable(data) ? data : isWebStream(data) ? readable(data) : undefined;
    if (records === undefined)
      throw new UsageError(
        "bad_data",
        "data is a path, a URL, bytes (a Uint8Array), an array of these, or records that can be iterated over",
      );
    return { places: [], streams: [stream("records", lines(records))] };
  }
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  return {
    places: placesOf(parts.filter((part) => !(part instanceof Uint8Array))),
    streams: bytes.map((part, i) => stream(bytes.length === 1 ? "data" : `data ${i + 1}`, [part])),
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

/** What a web stream gives that is none of Node's. */
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

function stream(name: string, bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Input {
  return { kind: "stream", name, from: { stdin: Readable.from(bytes, { objectMode: true }) } };
}

/**
 * Records as newline-delimited JSON, some at a time; bytes, as a file's stream gives them, as they are. Numbers are
 * written with the fewest digits that tell them apart.
 */
async function* lines(records: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let text = "";
  let first = true;
  for await (const record of records) {
    if (record instanceof Uint8Array) {
      yield record;
      continue;
    }
    // An array without records: so that it is JSON, whatever the first record is.
    if (first) text = "[] ";
    first = false;
    text += `${JSON.stringify(record, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "undefined"}\n`;
    if (text.length < 65536) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}
