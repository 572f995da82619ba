/**
 * Compresses answers for clients that accept it, while they are sent. This is done here, since the usual plugin brings ten
 * packages along, and neither keeps ETags right nor bounds the memory of slow clients.
 */
import { pipeline, Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { FastifyReply } from "fastify";
import Negotiator from "negotiator";
import { Problem } from "./problem.js";
import { addVary } from "./vary.js";

interface Codec {
  whole(bytes: string | Uint8Array): Buffer;
  stream(): Transform;
}

/** What Node has from 22.15 on. */
interface Zstd {
  zstdCompressSync?(bytes: string | Uint8Array, options: object): Buffer;
  createZstdCompress?(options: object): Transform;
}

/** Codecs by their names in headers, the one to prefer first. */
const CODECS: ReadonlyMap<string, Codec> = codecs(zlib as Zstd);

/** Not events: they are short, and must not wait for others. */
const COMPRESSIBLE = /^(text\/(?!event-stream)|application\/(json|problem\+json|x-ndjson)\b)/;
/** Bytes. A shorter answer fits a packet anyway. */
const SMALL = 1024;
/** Bytes. A longer answer is compressed on other threads: this takes a millisecond or two. */
const AT_ONCE = 64 * 1024;
/** Answers that are compressed while they are sent, at a time. Each takes up to a megabyte; more are sent as they are. */
const MOST_STREAMS = 100;

function codecs({ zstdCompressSync, createZstdCompress }: Zstd): ReadonlyMap<string, Codec> {
  const gzip: Codec = { whole: (bytes) => zlib.gzipSync(bytes), stream: () => zlib.createGzip() };
  if (zstdCompressSync === undefined || createZstdCompress === undefined) return new Map([["gzip", gzip]]);
  // ZSTD_c_windowLog: half a megabyte.
  const options = { params: { 101: 19 } };
  const zstd: Codec = {
    whole: (bytes) => zstdCompressSync(bytes, options),
    stream: () => createZstdCompress(options),
  };
  return new Map([
    ["zstd", zstd],
    ["gzip", gzip],
  ]);
}

/** The headers of clients are few, and say the same again and again. */
const known = new Map<string, string | undefined>();
const MOST_KNOWN = 100;

/** @param accept the header `Accept-Encoding` @returns a codec's name or `identity`; `undefined` if nothing is accepted */
function encodingFor(accept: string | undefined): string | undefined {
  if (accept === undefined) return "identity";
  if (known.has(accept)) return known.get(accept);
  const names = [...CODECS.keys(), "identity"];
  const accepted = new Negotiator({ headers: { "accept-encoding": accept } }) as {
    encoding(available: string[], options: { preferred: string[] }): string | undefined;
  };
  const encoding = accepted.encoding(names, { preferred: names });
  if (known.size >= MOST_KNOWN) known.clear();
  if (accept.length < 200) known.set(accept, encoding);
  return encoding;
}

/** @throws Problem `not_acceptable` if a client takes neither a codec nor the answer as it is */
export function checkEncoding(accept: string | undefined): void {
  if (encodingFor(accept) !== undefined) return;
  const offered = [...CODECS.keys(), "identity"].join(", ");
  throw new Problem(
    "not_acceptable",
    `Accept-Encoding ${JSON.stringify(accept?.slice(0, 100))}: there are ${offered}; accept one of them`,
  );
}

/** @returns a function that compresses the payload of a reply, if the client accepts it and it is worth it */
export function compression(): (reply: FastifyReply, payload: unknown) => unknown {
  let streams = 0;
  return (reply, payload) => {
    const compressible = COMPRESSIBLE.test(String(reply.getHeader("content-type") ?? ""));
    if (compressible || reply.statusCode === 304) addVary(reply, "accept-encoding");
    if (!compressible || payload === undefined || payload === null) return payload;
    const { headers, method } = reply.request;
    const accept = headers["accept-encoding"];
    const name = encodingFor(accept);
    const codec = CODECS.get(name ?? "");
    if (name === undefined || codec === undefined) return payload;
    const whole = typeof payload === "string" || payload instanceof Uint8Array ? payload : undefined;
    if (whole !== undefined) {
      const length = Buffer.byteLength(whole);
      if (length < SMALL && !refusesIdentity(accept)) return payload;
      if (length <= AT_ONCE) {
        reply.header("content-encoding", name).removeHeader("content-length");
        return codec.whole(whole);
      }
    }
    if (streams >= MOST_STREAMS && !refusesIdentity(accept)) return payload;
    reply.header("content-encoding", name).removeHeader("content-length");
    // Nobody receives the body of an answer to HEAD.
    if (method === "HEAD") return whole === undefined ? payload : Readable.from([]);
    const stream = codec.stream();
    streams++;
    stream.once("close", () => streams--);
    if (whole === undefined) return pipeline(payload as Readable, stream, () => {});
    stream.end(whole);
    return stream;
  };
}

/** Whether a client does not take an answer as it is. @param accept the header `Accept-Encoding` */
export function refusesIdentity(accept: string | undefined): boolean {
  return new Negotiator({ headers: { "accept-encoding": accept } }).encodings(["identity"]).length === 0;
}
