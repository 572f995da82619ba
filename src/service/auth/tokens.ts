/** Making, listing, rotating and revoking tokens, and access by them: a change of their file counts from the next request on. */

import { statSync } from "node:fs";
import { ElectroError, RunError, UsageError } from "../../base/errors.js";
import { textOf } from "../../base/message.js";
import { codeOf } from "../../base/system-error.js";
import { idOf, isName, isToken, newToken, type Scope, type StoredToken } from "./token.js";
import { changeTokens, modeWarning, readTokens, type TokensFile } from "./tokens-file.js";

/**
 * Keeps a new token and returns it; nothing tells it again.
 * @throws UsageError for a name that may not be, RunError where the name is taken or the file fails
 */
export async function addToken(file: TokensFile, name: string, scopes: readonly Scope[], now: Date): Promise<string> {
  if (!isName(name)) {
    throw new UsageError(
      "bad_token_name",
      `"${name}" cannot name a token; a name has 1 to 64 letters, digits and . _ @ -, and begins with a letter or digit`,
    );
  }
  const { token, stored } = newToken(name, scopes, now);
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
 * Keeps another token in the place of the one of a name, with the same scopes, and returns it; the one before is worth
 * nothing any more. Keys and batches are those of the name, so they stay what they were.
 * @throws RunError where there is no token of that name, or the file fails
 */
export async function rotateToken(file: TokensFile, name: string, now: Date): Promise<string> {
  checkThere(file, readTokens(file) ?? [], name);
  let made = "";
  await changeTokens(file, (tokens) => {
    const { scopes } = checkThere(file, tokens, name);
    const { token, stored } = newToken(name, scopes, now);
    made = token;
    return tokens.map((other) => (other.name === name ? stored : other));
  });
  return made;
}

/** @throws RunError where there is no token of that name, or the file fails */
export async function revokeToken(file: TokensFile, name: string): Promise<void> {
  // Before anything is written or locked: a file that is not there is not made.
  checkThere(file, readTokens(file) ?? [], name);
  await changeTokens(file, (tokens) => {
    checkThere(file, tokens, name);
    return tokens.filter((token) => token.name !== name);
  });
}

function checkThere({ shown }: TokensFile, tokens: readonly StoredToken[], name: string): StoredToken {
  const token = tokens.find((one) => one.name === name);
  if (token !== undefined) return token;
  throw new RunError("no_such_token", `${shown} has no token ${name}; electro token list shows what there is`);
}

/** Who a request comes from. */
export interface Bearer {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface TokenAccess {
  /** Whether the service is open to everybody who reaches it: there is no file of tokens, and there has been none. */
  readonly open: boolean;
  /** How many tokens there are. */
  readonly tokens: number;
  /** Whose token an `Authorization` header has; `undefined` for none, an unknown one, and all of a file that is broken. */
  check(authorization: string | undefined): Bearer | undefined;
}

/**
 * Access by the tokens of a file, which is looked at again with every request. Once it has been there, its absence
 * closes the service, as does a file that cannot be read: what opens a service is a decision, not an accident.
 * @param warn told once of each trouble that appears while serving
 * @throws RunError for a file that is broken at the start
 */
export function openTokens(file: TokensFile, warn: (code: string, message: string) => void): TokenAccess {
  let seen = stampOf(file);
  let known = readTokens(file);
  let open = known === undefined;
  let byId = indexOf(known);
  tell();

  function tell(): void {
    const mode = modeWarning(file);
    if (mode !== undefined) warn("tokens_mode", mode);
    if (known?.length === 0)
      warn("no_tokens", `${file.shown} has no token left; nobody has access until electro token add makes one`);
  }

  function look(): void {
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      known = readTokens(file);
      if (known !== undefined) open = false;
      else if (!open) warn("tokens_gone", `${file.shown} is gone; nobody has access until it is back`);
      tell();
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
      look();
      return open;
    },
    get tokens() {
      look();
      return byId.size;
    },
    check(authorization) {
      const token = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
      const id = token === undefined ? undefined : idOf(token);
      if (token === undefined || id === undefined) return undefined;
      look();
      const stored = byId.get(id);
      return isToken(token, stored) ? stored : undefined;
    },
  };
}

function indexOf(tokens: readonly StoredToken[] | undefined): ReadonlyMap<string, StoredToken> {
  return new Map((tokens ?? []).map((token) => [token.id, token]));
}

/** Changes whenever the file does: it is replaced, edited in place, removed, or its permissions are changed. */
function stampOf({ path }: TokensFile): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return codeOf(error);
  }
}
