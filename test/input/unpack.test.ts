import zlib, { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressionOf } from "../../dist/input/compression.js";
import { unpack } from "../../dist/input/unpack.js";
import { collect, failure, noise, pieces, readings } from "./support.js";
import { block, CHECKED, EMPTY, frame, repeated, skippable, stored, UNCHECKED, ZEROS } from "./zstd-samples.js";

const TEXT = readings();
const OTHER = Buffer.from('{"timestamp":"2024-02-01T00:00:00Z","kWh_value":1}\n');

/** On a Node without zstd each failure ends a thread, so fewer are tried. */
const STRIDE = "createZstdDecompress" in zlib ? 1 : 61;

const unpacked = (...parts: readonly Uint8Array[]) => collect(unpack(pieces(...parts), "r.json"));
const broken = (...parts: readonly Uint8Array[]) => failure(unpacked(...parts));

const CUT_OFF = (format: string) =>
  `RunError input_cut_off: r.json: the ${format} stream ends early: the file is cut off; copy or fetch it again`;
const FOLLOWED = (format: string) =>
  `RunError input_damaged: r.json: the end of the ${format} stream is followed by something that is not ${format}`;

/** Streams of each format, what they unpack to, and after how many bytes a part of them is whole. */
const WHOLE = [
  { format: "gzip", name: "one member", packed: [gzipSync(TEXT)], text: TEXT },
  {
    format: "gzip",
    name: "members in a row",
    packed: [gzipSync(TEXT), gzipSync(""), gzipSync(OTHER)],
    text: [TEXT, OTHER],
  },
  { format: "gzip", name: "a member with a file name", packed: [namedMember(TEXT)], text: TEXT },
  { format: "zstd", name: "a checksum", packed: [CHECKED], text: TEXT },
  { format: "zstd", name: "no checksum and no size", packed: [UNCHECKED], text: TEXT },
  {
    format: "zstd",
    name: "frames in a row",
    packed: [CHECKED, EMPTY, UNCHECKED, stored(OTHER), EMPTY, EMPTY],
    text: [TEXT, TEXT, OTHER],
  },
  {
    format: "zstd",
    name: "skippable frames first, between and last",
    packed: [
      skippable(noise(9)),
      CHECKED,
      skippable(Buffer.alloc(0), 15),
      skippable(noise(3), 7),
      stored(OTHER),
      skippable(OTHER),
    ],
    text: [TEXT, OTHER],
  },
].map(({ format, name, packed, text }) => ({
  format,
  name,
  packed: Buffer.concat(packed),
  text: Buffer.isBuffer(text) ? text : Buffer.concat(text),
  ends: packed.map((_, at) => packed.slice(0, at + 1).reduce((sum, part) => sum + part.length, 0)),
}));

function namedMember(text: Buffer): Buffer {
  const plain = gzipSync(text);
  return Buffer.concat([
    plain.subarray(0, 3),
    Buffer.of(8),
    plain.subarray(4, 10),
    Buffer.from("a.json\0"),
    plain.subarray(10),
  ]);
}

describe.each(WHOLE)("$format: $name", ({ format, packed, text, ends }) => {
  it("unpacks", async () => {
    expect((await unpacked(packed)).equals(text)).toBe(true);
  });

  it("gives the same bytes wherever it is cut in two, and byte by byte", async () => {
    for (let at = 0; at <= packed.length; at++) {
      expect((await unpacked(packed.subarray(0, at), packed.subarray(at))).equals(text), `cut at ${at}`).toBe(true);
    }
    expect((await unpacked(...Array.from(packed, (byte) => Uint8Array.of(byte)))).equals(text)).toBe(true);
  });

  it("gives the same bytes in pieces of any sizes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(packed.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), packed.length];
        const parts = at.slice(1).map((end, i) => packed.subarray(at[i], end));
        expect((await unpacked(...parts)).equals(text)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("says at every length that it is cut off, except where a part of it is whole", async () => {
    // Of one byte, or two or three that could be text, nobody can tell what they were to become.
    const told = packed[0] === 0x1f ? 1 : packed[0] === 0x28 ? 2 : 4;
    for (let length = told; length < packed.length; length += format === "zstd" ? STRIDE : 1) {
      const expected = ends.includes(length) ? undefined : CUT_OFF(format);
      expect(await broken(packed.subarray(0, length)), `${length} bytes`).toBe(expected);
    }
  });

  it("refuses what follows that is not of its format, in the same piece or the next", async () => {
    for (const rest of ["garbage", "{}\n{}\n", "\0\0\0\0\0\0\0\0", "\0"]) {
      const bytes = Buffer.from(rest);
      for (const outcome of [await broken(Buffer.concat([packed, bytes])), await broken(packed, bytes)]) {
        // Of a single byte gzip waits for the second.
        const waits = format === "gzip" && outcome === CUT_OFF(format) && rest.length === 1;
        if (!waits) expect(outcome, JSON.stringify(rest)).toBe(FOLLOWED(format));
      }
    }
  });
});

describe("damage", () => {
  // Some bits mean nothing (the time in a header, what fills the last byte): then the text is as it was.
  async function expectFoundOrHarmless(packed: Buffer, from: number, stride: number): Promise<void> {
    let found = 0;
    for (let at = from; at < packed.length; at += stride) {
      const bytes = Buffer.from(packed);
      bytes[at]! ^= 1 << (at % 8);
      const outcome = await unpacked(bytes).catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect(outcome.message, `byte ${at}`).toMatch(
          /^r\.json: (the (gzip|zstd) stream|after the end|unpacking it|it was packed)/,
        );
        found++;
      } else {
        expect(outcome.equals(TEXT), `byte ${at}`).toBe(true);
      }
    }
    expect(found).toBeGreaterThan((0.9 * (packed.length - from)) / stride);
  }

  it("is found wherever one bit of a gzip stream is another", () => expectFoundOrHarmless(gzipSync(TEXT), 2, 1));

  // Byte 4 says whether there is a checksum: without one, damage can go unseen.
  it("is found wherever one bit of a zstd stream with a checksum is another", () =>
    expectFoundOrHarmless(CHECKED, 5, STRIDE));

  it("is told with the decoder's reason", async () => {
    const packed = gzipSync(TEXT);
    packed[packed.length - 5]! ^= 1;
    expect(await broken(packed)).toBe(
      "RunError input_damaged: r.json: the gzip stream is damaged (incorrect data check); copy or fetch it again",
    );
    const bad = Buffer.from(CHECKED);
    bad[bad.length - 1]! ^= 1;
    expect(await broken(bad)).toMatch(
      /^RunError input_damaged: r\.json: the zstd stream is damaged \(.+\); copy or fetch it again$/,
    );
    expect(await broken(frame([block(3, 1, Buffer.of(0), true)]))).toBe(
      "RunError input_damaged: r.json: the zstd stream is damaged (unknown type of block); copy or fetch it again",
    );
  });

  it("a zstd window beyond the usual limit, and a dictionary, are refused with what to do", async () => {
    const content = [block(0, 1, Buffer.of(65), true)];
    expect(await broken(frame(content, 0, 17 << 3))).toBeUndefined();
    expect(await broken(frame(content, 0, 18 << 3))).toBe(
      "RunError input_window: r.json: decompressing it takes a window of 256 MiB, more than zstd's usual limit of 128 MiB; compress it again without --long or with --long=27",
    );
    const single = Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0b11100000), Buffer.alloc(8, 1), ...content]);
    expect(await broken(single)).toMatch(/^RunError input_window/);
    const withDictionary = Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 1, 7 << 3, 9), ...content]);
    expect(await broken(withDictionary)).toBe(
      "RunError input_dictionary: r.json: it was compressed with a zstd dictionary; compress it again without one",
    );
  });
});

describe("blocks", () => {
  it("are of bounded size, however much a piece unpacks to", async () => {
    const long = readings(60_000);
    for (const packed of [gzipSync(long), gzipSync(Buffer.alloc(5_000_000)), ZEROS, repeated(65, 40)]) {
      let total = 0;
      for await (const bytes of unpack(pieces(packed), "r")) {
        expect(bytes.length).toBeLessThanOrEqual(1024 * 1024);
        expect(bytes.length).toBeGreaterThan(0);
        total += bytes.length;
      }
      expect(total).toBeGreaterThan(2_999_999);
    }
    expect((await unpacked(gzipSync(long))).equals(long)).toBe(true);
    expect((await unpacked(ZEROS)).equals(Buffer.alloc(3_000_000))).toBe(true);
  });

  it("end where a frame ends, also when that is where a block of output does", async () => {
    for (const size of [2 ** 16, 2 ** 17]) {
      const one = stored(noise(size));
      const all = await unpacked(Buffer.concat([one, one, EMPTY, one]));
      expect(all.equals(Buffer.concat([noise(size), noise(size), noise(size)]))).toBe(true);
    }
    expect((await unpacked(repeated(66, 4), repeated(67, 8))).length).toBe(12 * 2 ** 17);
  });

  it("stop being made when nobody reads on, and the source is let go", async () => {
    for (const packed of [gzipSync(readings(60_000)), repeated(65, 4000), readings()]) {
      let closed = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield packed;
        } finally {
          closed = true;
        }
      }
      for await (const _ of unpack(endless(), "r")) break;
      expect(closed).toBe(true);
    }
  });

  it("carry on an error of the source as it is", async () => {
    const reason = new Error("the source broke");
    for (const packed of [gzipSync(noise(100_000)), CHECKED, readings()]) {
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield packed.subarray(0, 300);
        throw reason;
      }
      await expect(collect(unpack(failing(), "r"))).rejects.toBe(reason);
    }
  });
});

describe("what is not packed", () => {
  it("comes out as it went in", async () => {
    for (const text of ["", "{", "P*M", "(µ", "\ufeff[]", "x".repeat(300_000)]) {
      const bytes = Buffer.from(text);
      expect((await unpacked(bytes)).equals(bytes)).toBe(true);
      expect(
        (await unpacked(...Array.from(bytes.subarray(0, 9), (byte) => Uint8Array.of(byte)), bytes.subarray(9))).equals(
          bytes,
        ),
      ).toBe(true);
    }
    expect((await collect(unpack(pieces(), "r"))).length).toBe(0);
    expect((await unpacked(new Uint8Array(0), new Uint8Array(0))).length).toBe(0);
  });

  it("is told by content", () => {
    expect(compressionOf(gzipSync(""))).toBe("gzip");
    expect(compressionOf(CHECKED)).toBe("zstd");
    expect(compressionOf(skippable(Buffer.alloc(0), 3))).toBe("zstd");
    for (const text of ["", "[", "{}", "timestamp,kWh_value", "P*M\u0019", "(µ/ý"])
      expect(compressionOf(Buffer.from(text))).toBe("none");
  });
});
