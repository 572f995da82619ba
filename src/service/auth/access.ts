/** Access control: bearer tokens with scopes or, without tokens, anybody who reaches the loopback address. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Problem } from "../http/problem.js";
import type { Scope } from "./token.js";

export interface Caller {
  /** The token's name; `undefined` if the service has no tokens. */
  readonly name: string | undefined;
  readonly scopes: readonly Scope[];
}

export interface Access {
  /** Whether anybody who reaches the service may do anything. */
  readonly open: boolean;
  /** @param header `Authorization` @returns the caller that it identifies; `undefined` if there is none */
  check(header: string | undefined): Caller | undefined;
}

const ANYBODY: Caller = { name: undefined, scopes: ["read", "write", "admin"] };

/** The only sender whose batches a caller may see; `undefined`: anybody's, with `read` or `admin`. */
export function visibleTo({ name, scopes }: Caller): string | undefined {
  return scopes.includes("read") || scopes.includes("admin") ? undefined : name;
}

/** The only sender whose batches a caller may end; `undefined`: anybody's, with `admin`. */
export function endableBy({ name, scopes }: Caller): string | undefined {
  return scopes.includes("admin") ? undefined : name;
}

export const withoutTokens: Access = { open: true, check: () => ANYBODY };

/** Whether a host name or address is a loopback one. */
export function isLoopback(host: string): boolean {
  return /^(localhost\.?|127(\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127(\.\d{1,3}){3}\]?)$/i.test(host);
}

type RequestHead = Pick<IncomingMessage, "method" | "headers">;

/**
 * @param scope the scope needed, or several of which one is enough; `undefined`: open to everybody
 * @param knownOrigin whether it is from a page that the operator lets in
 * @throws Problem
 */
export function admit(
  access: Access,
  { method, headers }: RequestHead,
  scope: Scope | readonly Scope[] | undefined,
  knownOrigin = false,
): Caller {
  const { open } = access;
  if (open) {
    // A client behind a proxy is not on this machine, whatever address the proxy has.
    const passedOn = headerOfProxies(headers);
    if (passedOn !== undefined)
      throw new Problem(
        "proxied_without_tokens",
        `the header ${passedOn.slice(0, 100)} says that a proxy forwarded this request, and without tokens the service answers its own machine only; make a token with electro token add NAME --scope read,write, and name its file with --tokens when the service starts`,
      );
    // A web page in a local browser can send requests here, and with a host name that points here, read the responses.
    const name = (headers.host ?? "").replace(/:\d*$/, "");
    if (!isLoopback(name))
      throw new Problem(
        "host_not_local",
        `without tokens the service answers to localhost, 127.0.0.1 and [::1] only, not to ${JSON.stringify(name.slice(0, 100))}; set up tokens to use it by other names`,
      );
    if (method !== "GET" && method !== "HEAD" && !knownOrigin && isCrossSite(headers))
      throw new Problem("cross_site", "a page of another site may not send this; use a client that is not a browser");
  }
  if (scope === undefined || open) return ANYBODY;
  const caller = access.check(headers.authorization);
  if (caller === undefined)
    throw new Problem(
      "not_authorised",
      headers.authorization === undefined
        ? "send a token, as in Authorization: Bearer TOKEN"
        : "the token is not known, or was revoked",
      {
        headers: {
          "www-authenticate": `Bearer realm="electro"${headers.authorization ? ', error="invalid_token"' : ""}`,
        },
      },
    );
  const wanted = [scope].flat();
  if (!wanted.some((one) => caller.scopes.includes(one)))
    throw new Problem(
      "missing_scope",
      `the token ${caller.name ?? ""} has no scope "${wanted.join(`" or "`)}", which this needs`,
      { headers: { "www-authenticate": `Bearer realm="electro", error="insufficient_scope", scope="${wanted[0]}"` } },
    );
  return caller;
}

function isCrossSite({ host, origin, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  if (origin === undefined) return false;
  return origin.replace(/^https?:\/\//, "").toLowerCase() !== host?.toLowerCase();
}

/** The first header that shows that a proxy forwarded the request, if there is one. */
function headerOfProxies(headers: IncomingHttpHeaders): string | undefined {
  for (const name in headers)
    if (name.startsWith("x-forwarded-") || name === "forwarded" || name === "via" || name === "x-real-ip") return name;
  return undefined;
}
