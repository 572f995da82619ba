/** Whose a request is: the address of a connection, or what a proxy that is trusted says. */
import { describe, expect, test } from "vitest";
import { networkOf, plainAddress, TrustedProxies } from "../../../dist/service/http/client-address.js";

function clientOf(trusted: string[], remoteAddress: string, forwarded?: string): string {
  return new TrustedProxies(trusted).clientOf(plainAddress(remoteAddress), forwarded);
}

describe("the client's address", () => {
  test("is the connection's, whatever its headers say", () => {
    expect(clientOf([], "203.0.113.5", "198.51.100.7")).toBe("203.0.113.5");
    expect(clientOf(["127.0.0.1", "10.0.0.0/8"], "203.0.113.5", "198.51.100.7")).toBe("203.0.113.5");
    expect(clientOf([], "::ffff:203.0.113.5")).toBe("203.0.113.5");
    expect(clientOf([], "fe80::1%eth0")).toBe("fe80::1");
  });

  test("on a trusted proxy's connection, is the last one that is not a trusted proxy's", () => {
    const trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"];
    const cases: [forwarded: string | undefined, client: string][] = [
      [undefined, "127.0.0.1"],
      ["", "127.0.0.1"],
      ["198.51.100.7", "198.51.100.7"],
      ["::ffff:198.51.100.7", "198.51.100.7"],
      ["2001:db8:2::7", "2001:db8:2::7"],
      ["198.51.100.7:4711", "198.51.100.7"],
      ["[2001:db8:2::7]:4711", "2001:db8:2::7"],
      ["[2001:db8:2::7]", "2001:db8:2::7"],
      // The client says what it likes; the proxy adds where that came from.
      ["203.0.113.9, 198.51.100.7", "198.51.100.7"],
      ["127.0.0.1, 10.1.2.3,198.51.100.7", "198.51.100.7"],
      ["203.0.113.9, 198.51.100.7, 10.1.2.3, 2001:db8:1:2::3", "198.51.100.7"],
      // All of them are proxies: the first.
      ["10.9.9.9, 10.1.2.3", "10.9.9.9"],
      // What is no address was written by nobody who is trusted.
      ["unknown", "127.0.0.1"],
      ["198.51.100.7, unknown, 10.1.2.3", "10.1.2.3"],
      [`198.51.100.7, ${"x".repeat(1000)}`, "127.0.0.1"],
      [",,,", "127.0.0.1"],
    ];
    for (const [forwarded, client] of cases)
      expect([forwarded, clientOf(trusted, "127.0.0.1", forwarded)]).toEqual([forwarded, client]);
    expect(clientOf(trusted, "::ffff:127.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
  });

  test("is trusted by addresses and ranges only", () => {
    for (const bad of [
      "",
      "localhost",
      "10.0.0.0/33",
      "::/129",
      "10.0.0/8",
      "10.0.0.1/",
      "10.0.0.1/x",
      "fe80::1%lo",
      "1.2.3.4/8/8",
    ])
      expect(() => new TrustedProxies([bad]), bad).toThrow(
        expect.objectContaining({ code: "bad_trusted_proxy", message: expect.stringContaining(JSON.stringify(bad)) }),
      );
    for (const [range, inside, outside] of [
      ["10.0.0.0/8", "10.255.0.1", "11.0.0.1"],
      ["10.0.0.7", "10.0.0.7", "10.0.0.8"],
      ["0.0.0.0/0", "203.0.113.5", "2001:db8::1"],
      ["::1", "::1", "::2"],
      ["2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"],
    ] as const) {
      expect([range, new TrustedProxies([range]).has(inside), new TrustedProxies([range]).has(outside)]).toEqual([
        range,
        true,
        false,
      ]);
    }
  });
});

test("one client has one IPv4 address, or one IPv6 /64", () => {
  const networks: [address: string, network: string][] = [
    ["203.0.113.5", "203.0.113.5"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:0000:0000:ffff:1:2:3", "2001:db8:0:0::/64"],
    ["2001:db8:0:1::", "2001:db8:0:1::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:3:4:5::", "2001:db8:1:2::/64"],
    ["1::2:3:4:5:6:7", "1:0:2:3::/64"],
    ["64:ff9b::198.51.100.7", "64:ff9b:0:0::/64"],
  ];
  for (const [address, network] of networks) expect([address, networkOf(address)]).toEqual([address, network]);
  expect(networkOf(plainAddress("::ffff:203.0.113.5"))).toBe("203.0.113.5");
});
