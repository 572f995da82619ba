/** Calls to a running service, for commands. */

import { readFileSync } from "node:fs";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { RunError, UsageError } from "../base/errors.js";
import { bySurface, option, say } from "../base/message.js";
import { reasonOf } from "../base/system-error.js";

/** Where a service is, and who asks. */
export interface ServiceOptions {
  /** Its address, as `http://127.0.0.1:8080`. */
  readonly service: string;
  /** A file with a token; a service without tokens needs none. */
  readonly tokenFile?: string | undefined;
}

/** The most bytes of an answer that is read as a whole, such as a problem document. */
const MOST_TEXT = 1e6;

/**
 * Sends a request without a body, and waits for the answer for as long as the service needs.
 * @param path as `v1/check`
 * @returns the answer, with status 200
 * @throws UsageError for an invalid address or token
 * @throws RunError with the problem's code if the service refuses; if there is no answer
 */
export async function callService(
  { service, tokenFile }: ServiceOptions,
  method: "GET" | "POST" | "DELETE",
  path: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const url = addressOf(service, path);
  const token = tokenFile === undefined ? undefined : tokenIn(tokenFile);
  const headers = { "user-agent": "electro-kwh", ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { request } = url.protocol === "https:" ? https : http;
    const asked = request(url, { method, headers, ...(signal && { signal }) }, resolve);
    asked.on("error", (error) => {
      reject(signal?.aborted ? error : new RunError("http_failed", `${service}: ${reasonOf(error)}`, { cause: error }));
    });
    asked.end();
  });
  if (response.statusCode === 200) return response;
  const text = await textOf(response, service);
  let problem: { code?: unknown; detail?: unknown } = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Perhaps it is from a proxy in front of the service.
  }
  if (problem.code === "not_authorised" && token === undefined)
    throw new RunError(
      "not_authorised",
      say`${service}: it requires a token; name a file that has one: ${option("tokenFile", "FILE")}`,
    );
  if (typeof problem.code === "string" && typeof problem.detail === "string")
    throw new RunError(problem.code, `${service}: ${problem.detail}`);
  throw new RunError(
    "http_status",
    `${service}: it answered ${response.statusCode} ${response.statusMessage}`.trimEnd(),
  );
}

/** The text of a short answer. @throws RunError if it is cut off or too long */
export async function textOf(response: IncomingMessage, service: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of piecesOf(response, service)) {
    bytes += part.length;
    if (bytes > MOST_TEXT) throw new RunError("http_failed", `${service}: the answer is too long to be Electro's`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The bytes of an answer to its end. @throws RunError if the connection closes before */
export async function* piecesOf(response: IncomingMessage, service: string): AsyncGenerator<Buffer, void> {
  const cutOff = () =>
    new RunError(
      "http_cut_off",
      `${service}: the connection was closed before everything had arrived; run the command again`,
    );
  try {
    for await (const part of response) yield part as Buffer;
  } catch (error) {
    if (error instanceof RunError || !(error instanceof Error) || !("code" in error)) throw error;
    throw error.code === "ABORT_ERR" ? error : cutOff();
  }
  if (!response.complete) throw cutOff();
}

function addressOf(service: string, path: string): URL {
  const base = service.endsWith("/") ? service : `${service}/`;
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "")
    throw new UsageError(
      "bad_service",
      say`${option("service", service)}: it is not an address; write it like http://127.0.0.1:8080`,
    );
  return url;
}

function tokenIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new RunError("no_token", say`${option("tokenFile", file)}: cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (!/^[\x21-\x7e]{1,1000}$/.test(text))
    throw new UsageError(
      "bad_token",
      say`${option("tokenFile", file)}: it has no token; it must contain a token${bySurface({ commandLine: ", as electro token add printed it," })} and nothing else`,
    );
  return text;
}
