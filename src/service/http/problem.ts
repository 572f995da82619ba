/**
 * Problem documents (RFC 9457), which tell clients what went wrong. `code` is stable, and determines status and title;
 * `detail` says what happened and what to do, but nothing about the inside of the service.
 */

import { ElectroError, StoreError, StrictError, UsageError } from "../../base/errors.js";
import { textOf } from "../../base/message.js";

/** All codes that the service itself gives, with status and title. */
export const PROBLEMS = {
  bad_request: [400, "The request is not valid HTTP"],
  bad_parameter: [400, "A query parameter has a wrong value"],
  unknown_parameter: [400, "There is no such query parameter"],
  bad_idempotency_key: [400, "The idempotency key is not valid"],
  bad_cursor: [400, "The cursor does not come from an earlier page"],
  period_too_long: [400, "The period is too long"],
  too_many_rows: [400, "The response would have too many rows"],
  not_authorised: [401, "A bearer token is needed"],
  token_expired: [401, "The token has expired"],
  missing_scope: [403, "The token may not do that"],
  limited_token: [403, "The token is limited to some sources"],
  host_not_local: [403, "The service answers to local names only"],
  proxied_without_tokens: [403, "Without tokens, requests through a proxy are refused"],
  cross_site: [403, "A web page of another site may not write"],
  not_found: [404, "There is nothing at this address"],
  no_such_batch: [404, "There is no such batch"],
  method_not_allowed: [405, "This address does not support that method"],
  not_acceptable: [406, "The response is not available in an accepted format"],
  too_slow: [408, "The request arrived too slowly"],
  already_ended: [409, "The batch to be replaced no longer counts"],
  other_way: [409, "The store reads the source in another way"],
  register_conflict: [409, "Cumulative readings of one instant differ"],
  readings_there: [409, "The store has other readings there"],
  rejects_gone: [410, "The batch's bad records were deleted with it"],
  body_too_large: [413, "The body is too large"],
  unpacked_too_large: [413, "The decompressed body is too large"],
  expectation_failed: [417, "The expectation cannot be met"],
  unsupported_type: [415, "Bodies of this type are not supported"],
  unsupported_encoding: [415, "Bodies with this encoding are not supported"],
  empty_body: [422, "The body is empty"],
  bad_records: [422, "There are bad records"],
  strict: [422, "There are warnings"],
  bad_body: [422, "The body cannot be read to its end"],
  too_many_sources: [422, "There are too many sources"],
  too_many_cells: [422, "The body covers too many quarter hours of too many sources"],
  too_much_energy: [422, "The readings add up to too much"],
  stretches_period: [422, "A reading would make the store's period too long"],
  key_reused: [422, "The idempotency key was used for another body"],
  export_or_not: [422, "Sums would mix consumption and export"],
  zone_off_quarters: [422, "The zone's clock does not fit the stored quarter hours"],
  too_many_requests: [429, "There are too many requests"],
  headers_too_large: [431, "The headers are too long"],
  defect: [500, "The service has a defect"],
  busy: [503, "The service is busy"],
  too_many_connections: [503, "There are too many connections from one address"],
  store_failed: [503, "The store cannot do that now"],
  disk_full: [507, "The disk is full"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

interface More {
  /** Further members of the document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    { members = {}, headers = {} }: More = {},
  ) {
    super(detail);
    [this.status, this.title] = PROBLEMS[code];
    this.members = members;
    this.headers = this.status === 503 ? { "retry-after": "5", ...headers } : headers;
  }

  /** The document. `type` links to the page that describes the service. */
  document(requestId: string): object {
    const { code, title, status, detail, members } = this;
    return { type: `/docs#${code}`, title, status, detail, code, ...members, request_id: requestId };
  }
}

/** The problem that describes an error; `undefined` for a defect. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (!(error instanceof ElectroError)) return undefined;
  const detail = textOf(error.said, "http");
  const code = Object.hasOwn(PROBLEMS, error.code) ? (error.code as ProblemCode) : undefined;
  if (code === "disk_full")
    return new Problem("disk_full", "the store's disk is full, so nothing was stored; try again when there is space");
  if (code === "store_failed" || (code === undefined && error instanceof StoreError))
    // The engine's message goes to the log only: it may name files.
    return new Problem("store_failed", "the store cannot do that now; try again, and look into the service's log");
  if (error instanceof StrictError) return new Problem("strict", detail, { members: { warnings: error.warnings } });
  if (code !== undefined) return new Problem(code, detail);
  if (error instanceof UsageError) return new Problem("bad_parameter", detail, { members: { reason: error.code } });
  return new Problem("bad_body", detail, { members: { reason: error.code } });
}
