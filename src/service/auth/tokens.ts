/** Adds, rotates and revokes tokens, and checks them. A change of the file takes effect with the next request. */

import { statSync } from "node:fs";
import { ElectroError, RunError, UsageError } from "../../base/errors.js";
import { textOf } from "../../base/message.js";
import { codeOf } from "../../base/system-error.js";
import type { Caller, Expired } from "./access.js";
import { type Grant, idOf, isExpired, isName, isToken, MOST_SOURCES, newToken, type StoredToken } from "./token.js";
import { changeTokens, modeWarning, readTokens, type TokensFile } from "./tokens-file.js";

/**
 * Stores a new token and returns it. It cannot be read again.
 * @throws UsageError if the name or the grant is not valid, RunError if the name is taken or the file fails
 */
export async function addToken(file: TokensFile, name: string, grant: Grant, now: Date): Promise<string> {
  if (!isName(name)) {
    throw new UsageError(
      "bad_token_name",
      `"${name}" cannot name a token; a name has 1 to 64 letters, digits and . _ @ -, and begins with a letter or digit`,
    );
  }
  if (grant.sources !== undefined && grant.scopes.includes("admin"))
    throw new UsageError("contradiction", "admin is about the whole store; a token of some sources has read or write");
  if (grant.sources !== undefined && grant.sources.length > MOST_SOURCES)
    throw new UsageError("too_many_sources", `a token is limited to ${MOST_SOURCES} sources at most`);
  const { token, stored } = newToken(name, grant, now);
  await changeTokens(file, (tokens) => {
    if (!tokens.some((other) => other.name === name)) return [...tokens, stored];
    throw new RunError(
      "token_exists",
      `there is a token ${name} already; choose another name, or give it another token with electro token rotate ${name}`,
    );
  });
  return token;
}

/**
 * Replaces the token of a name with a new one that is good for the same, and returns it. The old one is no longer valid.
 * Idempotency keys and batches belong to the name, so they are not affected.
 * @param expires of the new one; default: as the old one
 * @throws RunError if there is no token of that name, it would be expired, or the file fails
 */
export async function rotateToken(file: TokensFile, name: string, now: Date, expires?: string): Promise<string> {
  checkThere(file, readTokens(file) ?? [], name);
  let made = "";
  await changeTokens(file, (tokens) => {
    const before = checkThere(file, tokens, name);
    const grant = { ...before, expires: expires ?? before.expires };
    if (isExpired(grant, now.getTime()))
      throw new RunError(
        "token_expired",
        `${name} expired at ${grant.expires}; say until when the new token is valid, with --expires`,
      );
    const { token, stored } = newToken(name, grant, now);
    made = token;
    return tokens.map((other) => (other.name === name ? stored : other));
  });
  return made;
}

/** @throws RunError if there is no token of that name, or the file fails */
export async function revokeToken(file: TokensFile, name: string): Promise<void> {
  // Check before locking or writing anything, so that a missing file is not created.
  checkThere(file, readTokens(file) ?? [], name);
  await changeTokens(file, (tokens) => {
    checkThere(file, tokens, name);
    return tokens.filter((token) => token.name !== name);
  });
}

function checkThere({ displayName }: TokensFile, tokens: readonly StoredToken[], name: string): StoredToken {
  const token = tokens.find((one) => one.name === name);
  if (token !== undefined) return token;
  throw new RunError("no_such_token", `${displayName} has no token ${name}; electro token list shows what there is`);
}

export interface TokenAccess {
  /** Whether the service is open to anybody who reaches it: there is no file of tokens, and never was. */
  readonly open: boolean;
  /** The number of tokens. */
  readonly tokens: number;
  /** The bearer of the token in an `Authorization` header; `undefined` if the token is missing or unknown, or the file is broken. */
  check(authorization: string | undefined): Caller | Expired | undefined;
}

/**
 * Access by the tokens of a file, which is checked for changes with every request. If the file disappears or becomes
 * unreadable, nobody has access: a service must not become open by accident.
 * @param warn called once for each trouble that appears while serving
 * @param now epoch milliseconds
 * @throws RunError if the file is broken at the start
 */
export function openTokens(
  file: TokensFile,
  warn: (code: string, message: string) => void,
  now: () => number,
): TokenAccess {
  let seen = stampOf(file);
  let known = readTokens(file);
  let open = known === undefined;
  let byId = indexOf(known);
  warnOfState();

  function warnOfState(): void {
    const mode = modeWarning(file);
    if (mode !== undefined) warn("tokens_mode", mode);
    if (known?.length === 0)
      warn("no_tokens", `${file.displayName} has no token left; nobody has access until electro token add makes one`);
  }

  function reload(): void {
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      known = readTokens(file);
      if (known !== undefined) open = false;
      else if (!open) warn("tokens_gone", `${file.displayName} is gone; nobody has access until it is back`);
      warnOfState();
    } catch (error) {
      open = false;
      known = undefined;
      const message = error instanceof ElectroError ? textOf(error.said, "commandLine") : String(error);
      warn("tokens_broken", `${message}; nobody has access until then`);
    }
    byId = indexOf(known);
  }

  return {
    get open() {
      reload();
      return open;
    },
    get tokens() {
      reload();
      return byId.size;
    },
    check(authorization) {
      const token = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
      const id = token === undefined ? undefined : idOf(token);
      if (token === undefined || id === undefined) return undefined;
      reload();
      const stored = byId.get(id);
      if (stored === undefined || !isToken(token, stored)) return undefined;
      return isExpired(stored, now()) ? { expired: stored.expires as string } : stored;
    },
  };
}

function indexOf(tokens: readonly StoredToken[] | undefined): ReadonlyMap<string, StoredToken> {
  return new Map((tokens ?? []).map((token) => [token.id, token]));
}

/** A text that changes whenever the file is replaced, edited in place or removed, or its permissions change. */
function stampOf({ path }: TokensFile): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return codeOf(error);
  }
}
