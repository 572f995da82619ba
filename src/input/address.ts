/** `http://` and `https://` addresses as inputs. */
import { UsageError } from "../base/errors.js";

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** Query parameters with secret values: those of presigned URLs, API keys, tokens. */
const SECRET = /sig|token|secret|passw|credential|key|auth/i;

/**
 * An argument as an address, or undefined if it does not look like one.
 * @throws UsageError if the address is not valid, or its scheme is not supported
 */
export function addressOf(argument: string): URL | undefined {
  const scheme = SCHEME.exec(argument)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (scheme !== "http" && scheme !== "https") {
    throw new UsageError("unknown_address", `${scheme}:// addresses are not supported, only http:// and https://`);
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

/** The address for messages and the manifest: without user, password, and the values of secret parameters. */
export function nameOf(url: URL): string {
  const redacted = new URL(url);
  redacted.username = "";
  redacted.password = "";
  for (const key of new Set(redacted.searchParams.keys())) {
    if (SECRET.test(key)) redacted.searchParams.set(key, "***");
  }
  return redacted.href;
}
