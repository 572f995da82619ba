/** The address of a request's client, and the proxies that are trusted to tell it. */

import { BlockList, isIP } from "node:net";
import { UsageError } from "../../base/errors.js";
import { option, say } from "../../base/message.js";

/** Proxies whose `X-Forwarded-For` is trusted. */
export class TrustedProxies {
  private readonly list = new BlockList();
  /** Whether there are any. */
  readonly any: boolean;

  /**
   * @param ranges addresses, or ranges of them as `10.0.0.0/8`
   * @throws UsageError for what is neither
   */
  constructor(ranges: readonly string[]) {
    this.any = ranges.length > 0;
    for (const range of ranges) {
      const [, address = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
      const version = isIP(address);
      const bits = version === 6 ? 128 : 32;
      if (version === 0 || address.includes("%") || Number(prefix ?? bits) > bits)
        throw new UsageError(
          "bad_trusted_proxy",
          say`${option("trustedProxy")} ${JSON.stringify(range)} is neither an address, as 127.0.0.1, nor a range of them, as 10.0.0.0/8`,
        );
      this.list.addSubnet(address, Number(prefix ?? bits), version === 6 ? "ipv6" : "ipv4");
    }
  }

  /** @param address as `plainAddress` gives it */
  has(address: string): boolean {
    return this.any && this.list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }

  /**
   * The client's address: the connection's, unless that is a trusted proxy's. Then `X-Forwarded-For` is read backwards,
   * since the nearest proxy wrote last, up to the first address that is not a trusted proxy's. Anything that is not an
   * address ends the list.
   * @param address of the connection, as `plainAddress` gives it
   */
  clientOf(address: string, forwardedFor: string | readonly string[] | undefined): string {
    let client = address;
    const chain = String(forwardedFor ?? "").split(",");
    while (this.has(client)) {
      const before = withoutPort(chain.pop()?.trim() ?? "");
      if (isIP(before) === 0) break;
      client = plainAddress(before);
    }
    return client;
  }
}

/** Removes the port that some proxies add: `198.51.100.7:4711`, `[2001:db8::7]:4711`. */
function withoutPort(entry: string): string {
  const [, v6, v4] = /^\[(.*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(entry) ?? [];
  return v6 ?? v4 ?? entry;
}

/** An address without its IPv6 zone, and as plain IPv4 if it is IPv4 mapped into IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/%.*$/s, "").replace(/^::ffff:(?=\d+\.)/i, "");
}

/** The addresses that count as one client: a single IPv4 address, or an IPv6 /64. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head, tail] = address.split("::", 2).map((half) => (half === "" ? [] : half.split(":")));
  const zeros = Array.from({ length: Math.max(0, 8 - head!.length - (tail?.length ?? 0)) }, () => "0");
  const groups = [...head!, ...zeros, ...(tail ?? [])].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
