/** Access control: bearer tokens with scopes or, without tokens, anybody who reaches the loopback address. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Problem } from "../http/problem.js";
import type { Scope } from "./token.js";

export interface Caller {
  /** The token's name; `undefined` if the service has no tokens. */
  readonly name: string | undefined;
  readonly scopes: readonly Scope[];
  /** Ids of the only sources that it may see or send; none: all. */
  readonly sources?: readonly string[] | undefined;
}

/** A token that was valid until then. */
export interface Expired {
  readonly expired: string;
}

/** What a call asks of a token. */
export interface Needs {
  /** What a token has to allow, one of these where there are several; none: the call is open to everybody. */
  readonly scope?: Scope | readonly Scope[];
  /** Whether the call gives a token that is limited to some sources no more than these; else such a token is refused. */
  readonly limited?: boolean;
}

export interface Access {
  /** Whether anybody who reaches the service may do anything. */
  readonly open: boolean;
  /** @param header `Authorization` @returns the caller that it identifies; `undefined` if there is none */
  check(header: string | undefined): Caller | Expired | undefined;
}

const ANYBODY: Caller = { name: undefined, scopes: ["read", "write", "admin"] };

/**
 * The only sender whose batches a caller may see; `undefined`: anybody's, with `read` or `admin`. A batch of another sender
 * may have other sources, too, so a token that is limited to some sees only what its own name has sent.
 */
export function visibleTo({ name, scopes, sources }: Caller): string | undefined {
  if (sources !== undefined) return name;
  return scopes.includes("read") || scopes.includes("admin") ? undefined : name;
}

/** The only sender whose batches a caller may end; `undefined`: anybody's, with `admin`. */
export function endableBy({ name, scopes }: Caller): string | undefined {
  return scopes.includes("admin") ? undefined : name;
}

/**
 * The sources that a question is about.
 * @param asked those that it names, if it does
 * @returns `undefined`: all
 * @throws Problem `limited_token` for one that the caller may not see
 */
export function sourcesFor(caller: Caller, asked: readonly string[] | undefined): readonly string[] | undefined {
  if (caller.sources === undefined) return asked;
  checkSources(caller, asked ?? [], "sees");
  return asked ?? caller.sources;
}

/** @throws Problem `limited_token` for a source that the caller may neither see nor send */
export function checkSources(
  { name, sources }: Caller,
  wanted: readonly string[],
  does: "sees" | "sends readings of",
): void {
  if (sources === undefined) return;
  const own = new Set(sources);
  const other = wanted.find((id) => !own.has(id));
  if (other === undefined) return;
  const which = other === "" ? "the unnamed source" : `the source ${JSON.stringify(shortened(other))}`;
  throw new Problem(
    "limited_token",
    `the token ${name} ${does} some sources only, and ${which} is not among them${does === "sees" ? "" : "; nothing was stored"}`,
    { members: { source: shortened(other) } },
  );
}

/** An id may be as long as whoever sent it liked. */
function shortened(id: string): string {
  return id.length > 100 ? `${id.slice(0, 99)}…` : id;
}

export const withoutTokens: Access = { open: true, check: () => ANYBODY };

/** Whether a host name or address is a loopback one. */
export function isLoopback(host: string): boolean {
  return /^(localhost\.?|127(\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127(\.\d{1,3}){3}\]?)$/i.test(host);
}

type RequestHead = Pick<IncomingMessage, "method" | "headers">;

/**
 * @param knownOrigin whether it is from a page that the operator lets in
 * @throws Problem
 */
export function admit(
  access: Access,
  { method, headers }: RequestHead,
  { scope, limited = false }: Needs,
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
  const invalid = { headers: { "www-authenticate": 'Bearer realm="electro", error="invalid_token"' } };
  if (caller === undefined && headers.authorization === undefined)
    throw new Problem("not_authorised", "send a token, as in Authorization: Bearer TOKEN", {
      headers: { "www-authenticate": 'Bearer realm="electro"' },
    });
  if (caller === undefined) throw new Problem("not_authorised", "the token is not known, or was revoked", invalid);
  if ("expired" in caller)
    throw new Problem(
      "token_expired",
      `the token expired at ${caller.expired}; whoever runs the service makes a new one with electro token rotate`,
      invalid,
    );
  const wanted = [scope].flat();
  if (!wanted.some((one) => caller.scopes.includes(one)))
    throw new Problem(
      "missing_scope",
      `the token ${caller.name ?? ""} has no scope "${wanted.join(`" or "`)}", which this needs`,
      { headers: { "www-authenticate": `Bearer realm="electro", error="insufficient_scope", scope="${wanted[0]}"` } },
    );
  if (caller.sources !== undefined && !limited)
    throw new Problem(
      "limited_token",
      `the token ${caller.name ?? ""} is limited to some sources, and this is about all of them`,
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
