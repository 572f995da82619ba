/** Text in other encodings comes to the same as in UTF-8, however it arrives, and what is no text there is a bad record. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";
import { planOf } from "../../dist/jobs/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { withService } from "../service/support.js";
import { aggregateIn, inFolder, put, totalsOf } from "./errors-support.js";

/** Letters by their bytes, from the tables of Unicode, and not from a decoder. */
const WINDOWS_1252: readonly (readonly [letter: string, byte: number])[] = [
  ...([
    ["€", 0x80],
    ["Š", 0x8a],
    ["™", 0x99],
    ["Ÿ", 0x9f],
    ["\u00a0", 0xa0],
    ["ä", 0xe4],
    ["ß", 0xdf],
    ["ÿ", 0xff],
  ] as const),
];
const ISO_8859_15: readonly (readonly [letter: string, byte: number])[] = [
  ["€", 0xa4],
  ["Œ", 0xbc],
  ["ž", 0xb8],
  ["é", 0xe9],
];

const encode = (text: string, letters: readonly (readonly [string, number])[]) =>
  Buffer.from([...text].map((letter) => letters.find(([one]) => one === letter)?.[1] ?? letter.charCodeAt(0)));
const utf16le = (text: string) => Buffer.from(text, "utf16le");
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const marked = (text: string) => `\ufeff${text}`;

const ENCODINGS: readonly (readonly [encoding: string | undefined, letters: string, (text: string) => Buffer])[] = [
  ["windows-1252", WINDOWS_1252.map(([letter]) => letter).join(""), (text) => encode(text, WINDOWS_1252)],
  ["latin1", "äßÿ€", (text) => encode(text, WINDOWS_1252)],
  ["iso-8859-15", "€Œžé", (text) => encode(text, ISO_8859_15)],
  ["utf-16le", "ä€台\u{1f50c}", utf16le],
  ["utf-16be", "ä€台\u{1f50c}", utf16be],
  [undefined, "ä\u{1f50c}", (text) => utf16le(marked(text))],
  ["windows-1252", "ä\u{1f50c}", (text) => utf16be(marked(text))],
  ["windows-1252", "ä\u{1f50c}", (text) => Buffer.from(marked(text))],
  ["utf-8", "ä\u{1f50c}", (text) => Buffer.from(text)],
];

/** After each byte. */
const EVERYWHERE = Array.from({ length: 1500 }, (_, n) => n);

const dataset = fc.constantFrom(...ENCODINGS).chain(([encoding, letters, encoded]) =>
  fc
    .record({
      ids: fc.array(fc.constantFrom(...letters, "a", "Z"), { minLength: 1, maxLength: 8 }),
      csv: fc.boolean(),
      cuts: fc.oneof(fc.array(fc.nat(300), { maxLength: 9 }), fc.constant(EVERYWHERE)),
    })
    .map(({ ids, csv, cuts }) => {
      const rows = ids.map((id, n) =>
        csv
          ? `2024-01-31T0${n}:00Z,${n + 1},${id}`
          : JSON.stringify({ timestamp: `2024-01-31T0${n}:00Z`, kWh_value: n + 1, meter_id: id }),
      );
      const text = csv ? `timestamp,kWh_value,meter_id\r\n${rows.join("\r\n")}` : rows.join("\n");
      return { encoding, text, bytes: encoded(text), cuts: [...cuts].sort((a, b) => a - b) };
    }),
);

test("text comes to the same in any encoding, wherever it is cut", () => {
  fc.assert(
    fc.property(dataset, ({ encoding, text, bytes, cuts }) => {
      const scanned = (all: Uint8Array, encoding: string | undefined, cuts: readonly number[]) => {
        const scanner = new Scanner(planOf({ bySource: true, ...(encoding !== undefined && { encoding }) }).scan);
        const scan = scanner.begin((bad) => expect.fail(JSON.stringify(bad)));
        for (const [n, cut] of [...cuts, all.length].entries()) scan.put(all.subarray(n === 0 ? 0 : cuts[n - 1], cut));
        scan.finish();
        const { records, readings, lines } = scan.result();
        return {
          records,
          readings,
          lines,
          kWh: scanner.kernel.absolute,
          ids: Buffer.from(scanner.kernel.sources().ids).toString(),
        };
      };
      expect(scanned(bytes, encoding, cuts)).toEqual(scanned(Buffer.from(text), undefined, []));
    }),
    { numRuns: 200 },
  );
});

describe("an encoding", () => {
  const ROWS = "timestamp,kWh_value,meter_id\n2024-01-31T01:00Z,1,Küche\n2024-01-31T02:00Z,2,b\n";
  const LATIN = Buffer.from(ROWS, "latin1");
  const NAMED = ["--encoding", "windows-1252"];

  test("holds for files, folders, packed files and pipes, and the message for other bytes names it", () =>
    inFolder(async (folder) => {
      put(folder, "d/a.csv", LATIN);
      put(folder, "d/b.csv.gz", gzipSync(LATIN));
      put(folder, "d/c.csv", utf16le(marked(ROWS)));
      const seen = await aggregateIn(folder, ["d", "-", ...NAMED], [LATIN.subarray(0, 50), LATIN.subarray(50)]);
      expect(totalsOf(seen)).toMatchObject({ readings: 8, sources: 2, kWh: "12" });
      const unnamed = await aggregateIn(folder, ["d/a.csv"]);
      expect(unnamed.said[0]).toBe(
        "d/a.csv: record 1 (line 2): not UTF-8 (0xfc) at byte 22 of the record: 2024-01-31T01:00Z,1,K\ufffdche; " +
          "if the text has another encoding, name it: --encoding windows-1252",
      );
      expect((await aggregateIn(folder, ["d/a.csv", "--encoding", "latin-17"])).status).toBe(2);
    }));

  test("leaves what is no text in it as a bad record", async () => {
    const half = Buffer.concat([
      utf16le(marked(`${ROWS}2024-01-31T03:00Z,4,x`)),
      Buffer.from([0x00, 0xd8]),
      utf16le("\n"),
    ]);
    const { rejected, kWh } = await aggregate(half, { onError: "skip" });
    expect([kWh, rejected.length, rejected[0]?.reason]).toEqual(["3", 1, "bad_text"]);
    expect(rejected[0]?.message).toContain("not utf-16le");
    const japanese = Buffer.concat([
      Buffer.from("timestamp,kWh_value,meter_id\n2024-01-31T01:00Z,1,"),
      Buffer.from([0x80, 0x0a]),
    ]);
    const other = await aggregate(japanese, { encoding: "shift_jis", onError: "skip" });
    expect(other.rejected[0]?.message).toContain("not shift_jis");
  });

  test("is a parameter of requests", () =>
    withService({}, async (service) => {
      const post = (query: string) =>
        fetch(`${service.address}/v1/aggregate?resolution=day${query}`, {
          method: "POST",
          body: LATIN,
          headers: { "content-type": "text/csv", accept: "text/csv" },
        });
      expect((await post("")).status).toBe(422);
      expect(await (await post("&encoding=iso-8859-1")).text()).toBe(
        "daily_timestamp,aggregated_kWh_value\n2024-01-31,3\n",
      );
    }));
});
