/** `electro token`: adds, lists, rotates and revokes the tokens of a file, even while a service is using them. */
import { resolve } from "node:path";
import { RunError, UsageError } from "../../base/errors.js";
import { type FlagsOf, OPTIONS } from "../../jobs/option-table.js";
import type { StoredToken } from "../../service/auth/token.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";

import { TOKEN_HELP } from "../terminal/help.js";
import { printable, widthOf } from "../terminal/printable.js";
import type { World } from "../world.js";

type TokenFlags = FlagsOf<"token">;

const ACTIONS = ["add", "list", "rotate", "revoke"] as const;
type Action = (typeof ACTIONS)[number];

export const tokenCommand: CommandDefinition = {
  name: "token",
  summary: "add, list, rotate and revoke the service's access tokens",
  description:
    "Manages the tokens that identify clients of electro serve. The file has only their hashes; a service that uses it " +
    "applies every change from its next request on. A name is a sender: keys and batches belong to it.",
  usage: "add NAME --scope SCOPE | list | rotate NAME | revoke NAME",
  argument: ["ACTION", "add NAME, list, rotate NAME, or revoke NAME"],
  help: TOKEN_HELP,
  run: token,
};

async function token(args: readonly string[], flags: TokenFlags, world: World): Promise<number> {
  const { action, name } = checkedArguments(args, flags);
  checkShowFlags(flags);
  const { expiryOf, isExpired } = await import("../../service/auth/token.js");
  const now = new Date(world.now());
  const expires = flags.expires === undefined ? undefined : expiryOf(flags.expires, now);
  if (flags.expires !== undefined && expires === undefined)
    throw new UsageError(
      "bad_expiry",
      `--expires ${JSON.stringify(flags.expires)}: write a day that is not over, as 2026-12-31, or days from now, as 90d`,
    );
  const displayName = flags.tokens ?? OPTIONS.tokens.default;
  const file = { path: resolve(world.cwd, displayName), displayName };
  return runJob(flags, world, { untouched: displayName }, async ({ log, done }) => {
    const { addToken, revokeToken, rotateToken } = await import("../../service/auth/tokens.js");
    const { modeWarning, readTokens } = await import("../../service/auth/tokens-file.js");
    if (action === "add" || action === "rotate") {
      const made =
        action === "add"
          ? await addToken(file, name, { scopes: flags.scope!, sources: flags.sources, expires }, now)
          : await rotateToken(file, name, now, expires);
      done();
      await world.stdout.write(`${made}\n`);
      if (world.stdout.failure || world.stdout.gone) {
        throw new RunError(
          "stdout_failed",
          `cannot print the token ${name}, which is stored already; make another one with electro token rotate ${name}`,
        );
      }
      const before = action === "rotate" ? "; the previous one is no longer valid" : "";
      const code = action === "add" ? "token_added" : "token_rotated";
      log({ level: "info", code, message: `this is the only time that the token is shown${before}` });
    } else if (action === "revoke") {
      await revokeToken(file, name);
      done();
      log({ level: "info", code: "token_revoked", message: `${name} is revoked` });
    } else {
      const tokens = readTokens(file);
      const expired = (token: StoredToken) => isExpired(token, now.getTime());
      done();
      if (tokens === undefined) log({ level: "info", message: `there is no ${displayName}: no token has been made` });
      if (flags.json) await world.stdout.write(json(tokens ?? [], expired));
      else if (tokens !== undefined) await world.stdout.write(table(tokens, expired));
    }
    const warning = modeWarning(file);
    if (warning !== undefined) log({ level: "warning", code: "tokens_mode", message: warning });
  });
}

/** @throws UsageError for anything but `add NAME --scope SCOPE`, `list`, `rotate NAME` and `revoke NAME` */
function checkedArguments(
  [first, name, ...rest]: readonly string[],
  { scope, sources, expires, json }: TokenFlags,
): { action: Action; name: string } {
  const action = ACTIONS.find((known) => known === first);
  if (action === undefined) {
    const what = first === undefined ? "no action" : `"${first}" is not an action`;
    throw new UsageError("bad_action", `${what}; use add NAME --scope SCOPE, list, rotate NAME, or revoke NAME`);
  }
  const [extra] = action === "list" ? [name] : rest;
  if (extra !== undefined) throw new UsageError("too_many_arguments", `"${extra}" is one argument too many`);
  if (action !== "list" && !name) {
    throw new UsageError("missing_name", `no NAME; use electro token ${action} NAME`);
  }
  if (action === "add" && scope === undefined) {
    throw new UsageError(
      "missing_scope",
      "no --scope; say what the bearer may do: read, write, admin, or several, as read,write",
    );
  }
  if (action !== "add" && scope !== undefined) {
    throw new UsageError("contradiction", `--scope is for add; electro token ${action} has none`);
  }
  if (action !== "add" && sources !== undefined)
    throw new UsageError("contradiction", `--source is for add; electro token ${action} has none`);
  if (action !== "add" && action !== "rotate" && expires !== undefined)
    throw new UsageError("contradiction", `--expires is for add and rotate; electro token ${action} has none`);
  if (action !== "list" && json)
    throw new UsageError("contradiction", `--json is for list; electro token ${action} has none`);
  return { action, name: name ?? "" };
}

function table(tokens: readonly StoredToken[], expired: (token: StoredToken) => boolean): string {
  const rows = tokens.map((token) => {
    const { name, scopes, sources, created } = token;
    return [name, scopes.join(","), sourcesText(sources), expiryText(token, expired), created, beginOf(token)];
  });
  const lines = [["name", "scopes", "sources", "expires", "created", "begins with"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => widthOf(line[column]!))));
  const padded = (cell: string, i: number) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)));
  return lines.map((line) => `${line.map(padded).join("  ")}\n`).join("");
}

function sourcesText(sources: readonly string[] | undefined): string {
  if (sources === undefined) return "all";
  const [first = ""] = sources;
  return sources.length > 1 || first.length > 30 ? `${sources.length} of them` : printable(first) || '""';
}

function expiryText(token: StoredToken, expired: (token: StoredToken) => boolean): string {
  return `${token.expires ?? "never"}${expired(token) ? " (expired)" : ""}`;
}

/** The part that is not secret. */
function beginOf({ id }: StoredToken): string {
  return `electro_${id}_…`;
}

function json(tokens: readonly StoredToken[], expired: (token: StoredToken) => boolean): string {
  const objects = tokens.map((token) => {
    const { name, scopes, sources = null, expires = null, created } = token;
    return { name, scopes, sources, expires, expired: expired(token), created, begins_with: beginOf(token) };
  });
  return `${JSON.stringify({ tokens: objects }, undefined, 2)}\n`;
}
