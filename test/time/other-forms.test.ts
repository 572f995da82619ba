/** Timestamps that are nearly ISO 8601: dates with slashes, ` UTC`, and names of zones in brackets. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readInstant } from "../../dist/time/read-instant.js";
import { stampOf } from "../oracle/timestamp.js";

function read(text: string) {
  const bytes = Buffer.from(`xx${text}yy`);
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  if (!readInstant(bytes, 2, bytes.length - 2, stamp)) return undefined;
  return { wallSeconds: stamp.wall, nanos: stamp.nanos, offset: Number.isNaN(stamp.offset) ? undefined : stamp.offset };
}

test.each([
  ["2024/01/31 13:45", "2024-01-31T13:45"],
  ["2024/1/5 3:15:30.5", "2024-01-05T03:15:30.5"],
  ["2024/1/31T13:45+01:00", "2024-01-31T13:45+01:00"],
  ["2024-01-31 13:45:00 UTC", "2024-01-31T13:45Z"],
  ["2024-01-31T13:45 utc", "2024-01-31T13:45Z"],
  ["2024-01-31T13:45+01:00[Europe/Berlin]", "2024-01-31T13:45+01:00"],
  ["2024-01-31T13:45Z[!America/St_Johns]", "2024-01-31T13:45Z"],
  ["20240131T1345+0100[Etc/GMT-1]", "2024-01-31T13:45+01:00"],
  ["2024/1/31 13:45 UTC[Europe/London]", "2024-01-31T13:45Z"],
])("%s is %s", (text, iso) => {
  expect(read(text)).toEqual(read(iso));
  expect(read(text)).toBeDefined();
});

test.each([
  ...["2024-01-31T13:45[Europe/Berlin]", "2024-01-31T13:45+01:00[]", "2024-01-31T13:45+01:00[a][b]"],
  ...[
    "2024-01-31T13:45+01:00[Europe/Berlin",
    "2024-01-31T13:45+01:00 UTC",
    "2024-01-31T13:45Z UTC",
    "31/01/2024 13:45",
  ],
  ...[
    "2024/01/31",
    "2024/1/32 13:45",
    "2024/13/1 13:45",
    "2024/01-31 13:45",
    "2024/001/31 13:45",
    " UTC",
    "2024-1-31T13:45Z",
  ],
])("%s is none", (text) => {
  expect(read(text)).toBeUndefined();
});

test("are what the oracle reads, however they are put together", () => {
  const parts = fc.tuple(
    fc.constantFrom("2024", "1899", "2199"),
    fc.constantFrom("/", "-", ""),
    fc.constantFrom("1", "01", "12", "2", "13"),
    fc.constantFrom("1", "31", "29", "30", "09"),
    fc.constantFrom("T", " ", "t", ""),
    fc.constantFrom("1", "01", "24", "23"),
    fc.constantFrom(":00", "00", ":59:60", ":15:30,25"),
    fc.constantFrom("", "Z", "+01:00", "-0330", " UTC", " utc", "UTC", " UTC "),
    fc.constantFrom("", "", "[Europe/Berlin]", "[!x]", "[]", "[a b]"),
  );
  fc.assert(
    fc.property(parts, ([year, mark, month, day, between, ...rest]) => {
      const text = [year, mark, month, mark, day, between, ...rest].join("");
      const stamp = stampOf(text);
      expect(read(text)).toEqual(stamp && { wallSeconds: stamp.wallSeconds, nanos: stamp.nanos, offset: stamp.offset });
    }),
    { numRuns: 3000 },
  );
});
