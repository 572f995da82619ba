/**
 * Downloads from an address. Uses node:http instead of fetch, which accepts truncated gzip-encoded bodies: readings would
 * be missing without notice.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { RunError } from "../base/errors.js";
import { codeOf, reasonOf } from "../base/system-error.js";
import { nameOf } from "./address.js";
import { gunzip } from "./gzip.js";
import { unzstd } from "./zstd.js";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;

/** Milliseconds without a byte from the server after which the download fails. */
const STALL_TIMEOUT = 60_000;

/**
 * Downloads a body, following redirects and decoding its Content-Encoding.
 * @param name the address in messages
 * @throws RunError unless there is a response 200 with a complete body; the abort's error if the signal is aborted
 */
export async function* readAddress(
  address: string,
  name: string,
  options: { signal: AbortSignal; stallTimeout?: number },
): AsyncGenerator<Uint8Array> {
  const stallTimeout = options.stallTimeout ?? STALL_TIMEOUT;
  const get = (url: URL) => answerOf(url, name, options.signal, stallTimeout);
  const response = await followed(new URL(address), name, get);
  try {
    checkAnswer(response, name);
    const body = bodyOf(response, name, options.signal, stallTimeout);
    const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    if (encoding === "gzip" || encoding === "x-gzip") yield* gunzip(body, name);
    else if (encoding === "zstd") yield* unzstd(body, name);
    else if (encoding === "identity" || encoding === "") yield* body;
    else
      throw new RunError(
        "http_encoding",
        `${name}: the server sent it encoded as ${encoding}, which was not requested`,
      );
  } finally {
    response.destroy();
  }
}

async function followed(url: URL, name: string, get: (url: URL) => Promise<IncomingMessage>): Promise<IncomingMessage> {
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await get(url);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.statusCode!) || location === undefined) return response;
    response.destroy();
    url = target(location, url, name);
  }
  throw new RunError("http_redirects", `${name}: the server redirects more than ${MOST_REDIRECTS} times`);
}

function target(location: string, from: URL, name: string): URL {
  if (!URL.canParse(location, from.href)) {
    throw new RunError("http_redirects", `${name}: the server redirects to an invalid address`);
  }
  const to = new URL(location, from);
  const safe = to.protocol === from.protocol || (from.protocol === "http:" && to.protocol === "https:");
  if (!safe) {
    throw new RunError(
      "http_redirects",
      `${name}: the server redirects to ${to.protocol}//, which is not followed from ${from.protocol}//`,
    );
  }
  // Send the password only to the origin that it was given for.
  const same = to.origin === from.origin;
  to.username = same ? from.username : "";
  to.password = same ? from.password : "";
  return to;
}

function answerOf(url: URL, name: string, signal: AbortSignal, stallTimeout: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: "*/*", "accept-encoding": "gzip", "user-agent": "electro-kwh" };
    const request = (url.protocol === "https:" ? https : http).get(url, { headers, signal });
    const timer = setTimeout(() => request.destroy(stalled(name, stallTimeout)), stallTimeout);
    request.once("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(explained(error, url, name, signal));
    });
  });
}

function checkAnswer(response: IncomingMessage, name: string): void {
  if (response.statusCode !== 200) {
    throw new RunError(
      "http_status",
      `${name}: the server answered ${response.statusCode} ${response.statusMessage}`.trimEnd(),
    );
  }
  const { headers } = response;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    throw new RunError(
      "http_no_length",
      `${name}: the server does not give the length of its response, so a truncated one would go unnoticed; download it to a file and name that`,
    );
  }
}

async function* bodyOf(
  response: IncomingMessage,
  name: string,
  signal: AbortSignal,
  stallTimeout: number,
): AsyncGenerator<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]();
  for (;;) {
    // The timeout covers only the time spent waiting for bytes, not that spent processing them.
    const timer = setTimeout(() => response.destroy(stalled(name, stallTimeout)), stallTimeout);
    let chunk: IteratorResult<Uint8Array>;
    try {
      chunk = await chunks.next();
    } catch (error) {
      if (error instanceof RunError || signal.aborted) throw error;
      throw codeOf(error) === "ECONNRESET" ? severed(name) : unreachable(name, error);
    } finally {
      clearTimeout(timer);
    }
    if (chunk.done === true) break;
    yield chunk.value;
  }
  if (!response.complete) throw severed(name);
}

function explained(error: unknown, url: URL, name: string, signal: AbortSignal): unknown {
  if (error instanceof RunError || signal.aborted) return error;
  return unreachable(name, error, nameOf(url));
}

function unreachable(name: string, error: unknown, at = name): RunError {
  const where = at === name ? "" : ` (redirected to ${at})`;
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO/.test(codeOf(error));
  const hint = certificate ? "; NODE_EXTRA_CA_CERTS names a file of further certificates to trust" : "";
  return new RunError("http_failed", `${name}${where}: ${reasonOf(error)}${hint}`, { cause: error });
}

function severed(name: string): RunError {
  return new RunError("input_cut_off", `${name}: the connection was closed before everything had arrived; run again`);
}

function stalled(name: string, milliseconds: number): RunError {
  return new RunError("http_stalled", `${name}: nothing arrived for ${milliseconds / 1000} seconds; gave up`);
}
