/**
 * A token consists of `electro_`, an id of ten characters, and a secret of 256 random bits. Only its SHA-256 is stored. A
 * slow hash, as for passwords, would only slow down requests: nobody can guess 256 random bits, however fast the hash is.
 */
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/**
 * What a bearer may do. No scope includes another: a meter that sends readings need not see anybody's. `write` covers the
 * bearer's own batches, `admin` everybody's.
 */
export const SCOPES = ["read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a token is good for. */
export interface Grant {
  readonly scopes: readonly Scope[];
  /** Ids of the only sources that the bearer may see or send; none: all. */
  readonly sources?: readonly string[] | undefined;
  /** From when on it is not valid, such as `2027-01-01T00:00:00Z`; none: never. */
  readonly expires?: string | undefined;
}

/** A token as stored. */
export interface StoredToken extends Grant {
  readonly name: string;
  /** When it was made, such as `2026-01-31T13:45:00Z`. */
  readonly created: string;
  /** The part of the token that is not secret, and identifies it. */
  readonly id: string;
  /** SHA-256 of the whole token, in hex. */
  readonly sha256: string;
}

/** Without letters that look like digits. */
const ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const ID_LENGTH = 10;
/** Sources of a token: each question of its bearer is about all of them. */
export const MOST_SOURCES = 1000;
const MOST_DAYS = 36_500;
const DAY_MS = 86_400_000;
const SECRET_BYTES = 32;
const TOKEN = /^electro_([a-z2-9]{10})_[A-Za-z0-9_-]{43}$/;
const ID = /^[a-z2-9]{10}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** Compared instead of the hash of a token that does not exist: nothing hashes to it. */
const NOBODY = Buffer.alloc(32);

/** @returns the token, which is stored nowhere, and what to store */
export function newToken(name: string, grant: Grant, now: Date): { token: string; stored: StoredToken } {
  const id = Array.from({ length: ID_LENGTH }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join("");
  const token = `electro_${id}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const { scopes, sources, expires } = grant;
  const stored = {
    ...{ name, scopes },
    ...(sources !== undefined && { sources: [...new Set(sources)] }),
    ...(expires !== undefined && { expires }),
    ...{ created: instantText(now.getTime()), id, sha256: hashOf(token).toString("hex") },
  };
  return { token, stored };
}

/**
 * @param text the last day on which a token is valid, in UTC, as `2026-12-31`, or the days from now, as `90d`
 * @returns from when on it is not, as tokens have it; `undefined` if the text is neither, or lies in the past
 */
export function expiryOf(text: string, now: Date): string | undefined {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days !== undefined) {
    const after = Number(days);
    return after >= 1 && after <= MOST_DAYS ? instantText(now.getTime() + after * DAY_MS) : undefined;
  }
  const start = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  // 30 February would be 1 March.
  if (Number.isNaN(start) || !instantText(start).startsWith(text) || start + DAY_MS <= now.getTime()) return undefined;
  return instantText(start + DAY_MS);
}

/** Whether a token is not valid any more. @param now epoch milliseconds */
export function isExpired({ expires }: Grant, now: number): boolean {
  return expires !== undefined && Date.parse(expires) <= now;
}

function instantText(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The id in a token; `undefined` for anything that is not a token. */
export function idOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

/** Whether `token` is the stored one. Takes the same time however much of it is right. */
export function isToken(token: string, stored: StoredToken | undefined): boolean {
  const same = timingSafeEqual(hashOf(token), stored === undefined ? NOBODY : Buffer.from(stored.sha256, "hex"));
  return same && stored !== undefined;
}

/** Names are for people, logs and the ledger: 1 to 64 letters, digits and `._@-`, the first a letter or digit. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && NAME.test(name);
}

/** What is wrong with a value that should be a stored token; `undefined` if nothing is. */
export function faultOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "is not an object";
  const { name, scopes, sources, expires, created, id, sha256, ...others } = value as Record<string, unknown>;
  // A member from a newer version, such as another limit, must not be ignored.
  const [other] = Object.keys(others);
  if (other !== undefined) return `has a member "${other}", which this version does not know`;
  if (!isName(name)) return "has no valid name";
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope)))
    return `has scopes that are not among ${SCOPES.join(", ")}`;
  if (sources !== undefined) {
    if (!Array.isArray(sources) || sources.length === 0 || !sources.every((source) => typeof source === "string"))
      return "has sources that are not a list of ids";
    if (sources.length > MOST_SOURCES) return `has more than ${MOST_SOURCES} sources`;
    if (scopes.includes("admin")) return "has sources, and the scope admin, which is about all of them";
  }
  if (
    expires !== undefined &&
    (typeof expires !== "string" || !INSTANT.test(expires) || Number.isNaN(Date.parse(expires)))
  )
    return "has no valid time of expiry";
  if (typeof created !== "string" || Number.isNaN(Date.parse(created))) return "has no valid time of creation";
  if (typeof id !== "string" || !ID.test(id)) return "has no valid id";
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return "has no valid sha256";
  return undefined;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
