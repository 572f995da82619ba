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

/** A token as stored. */
export interface StoredToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
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
const SECRET_BYTES = 32;
const TOKEN = /^electro_([a-z2-9]{10})_[A-Za-z0-9_-]{43}$/;
const ID = /^[a-z2-9]{10}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** Compared instead of the hash of a token that does not exist: nothing hashes to it. */
const NOBODY = Buffer.alloc(32);

/** @returns the token, which is stored nowhere, and what to store */
export function newToken(name: string, scopes: readonly Scope[], now: Date): { token: string; stored: StoredToken } {
  const id = Array.from({ length: ID_LENGTH }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join("");
  const token = `electro_${id}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const created = now.toISOString().replace(/\.\d+Z$/, "Z");
  return { token, stored: { name, scopes, created, id, sha256: hashOf(token).toString("hex") } };
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
  const { name, scopes, created, id, sha256, ...others } = value as Record<string, unknown>;
  // A member from a newer version, such as an expiry date, must not be ignored.
  const [other] = Object.keys(others);
  if (other !== undefined) return `has a member "${other}", which this version does not know`;
  if (!isName(name)) return "has no valid name";
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope)))
    return `has scopes that are not among ${SCOPES.join(", ")}`;
  if (typeof created !== "string" || Number.isNaN(Date.parse(created))) return "has no valid time of creation";
  if (typeof id !== "string" || !ID.test(id)) return "has no valid id";
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return "has no valid sha256";
  return undefined;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
