/** `http://` and `https://` addresses as inputs. */
import { UsageError } from "../base/errors.js";

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** Query parameters whose values open doors: those of presigned addresses, API keys, tokens. */
const SECRET = /sig|token|secret|passw|credential|key|auth/i;

/**
 * The address that an argument is, or undefined if it does not look like one.
 * @throws UsageError for an address that is broken, or of a kind that is not read
 */
export function addressOf(argument: string): URL | undefined {
  const scheme = SCHEME.exec(argument)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (scheme !== "http" && scheme !== "https") {
    throw new UsageError("unknown_address", `${scheme}:// addresses are not read, only http:// and https://`);
  }
  if (!URL.canParse(argument)) {
    throw new UsageError(
      "bad_address",
      `the ${scheme}:// address is not valid: it needs a host, as in ${scheme}://host/readings.json`,
    );
  }
  const url = new URL(argument);
  url.hash = "";
  return url;
}

/** The address as messages and the manifest show it: without user, password, and the values of secret parameters. */
export function nameOf(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  for (const key of new Set(shown.searchParams.keys())) {
    if (SECRET.test(key)) shown.searchParams.set(key, "***");
  }
  return shown.href;
}
