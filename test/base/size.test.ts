import { describe, expect, test } from "vitest";
import { parseSize, sizeText } from "../../dist/base/size.js";

describe("a size", () => {
  test.each([
    ["2GB", 2e9],
    ["512MiB", 512 * 1024 ** 2],
    ["1.5 GiB", 1.5 * 1024 ** 3],
    ["0.1kB", 100],
    ["1tb", 1e12],
    ["7B", 7],
    ["0GB", 0],
    ["0.0001kB", 0],
    ["9007TB", 9007e12],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    "",
    "2",
    "2G",
    "GB",
    "-2GB",
    "+2GB",
    "2  GB",
    " 2GB",
    "2GB ",
    "1e9B",
    "2.GB",
    ".5GB",
    "1,5GB",
    "2iB",
    "2PB",
    "2GBs",
    "0x2GB",
    "99999TB",
    "∞GB",
  ])("%j is none", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

test("sizes are shown with three digits", () => {
  const shown = [0, 1, 999, 1000, 1234, 9994, 9995, 99_949, 99_950, 999_499, 999_500, 1.5e9, 2e12, 1e15, 1e18];
  expect(shown.map(sizeText)).toEqual(
    ["0 B", "1 B", "999 B", "1.00 kB", "1.23 kB", "9.99 kB", "10.0 kB", "99.9 kB", "100 kB"].concat([
      "999 kB",
      "1.00 MB",
      "1.50 GB",
      "2.00 TB",
      "1.00 PB",
      "1000 PB",
    ]),
  );
});
