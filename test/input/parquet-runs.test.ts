/** Runs as Parquet's specification writes them down, good and damaged: no length is believed that cannot be true. */
import fc from "fast-check";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { describe, expect, test } from "vitest";
import { readRuns } from "../../dist/input/parquet-runs.js";

function read(bytes: readonly number[], width: number, count: number): number[] {
  const output = new Uint32Array(count);
  readRuns(Uint8Array.from(bytes), 0, bytes.length, width, output);
  return [...output];
}

/** A run as its header, which is a number in groups of seven bits, and its bytes. */
function run(header: number, ...bytes: number[]): number[] {
  const groups: number[] = [];
  for (let left = header; ; left = Math.floor(left / 128)) {
    groups.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) return [...groups, ...bytes];
  }
}
const repeated = (count: number, ...value: number[]) => run(count * 2, ...value);
const packed = (groups: number, ...bytes: number[]) => run(groups * 2 + 1, ...bytes);

describe("runs are numbers", () => {
  test("packed as in the specification's example", () => {
    expect(read(packed(1, 0b10001000, 0b11000110, 0b11111010), 3, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("repeated, of several bytes, one run after another", () => {
    expect(read([...repeated(2, 0x34, 0x12), ...repeated(1, 1, 0)], 13, 3)).toEqual([0x1234, 0x1234, 1]);
  });

  test("of no bits, and of 32", () => {
    expect(read(repeated(3), 0, 3)).toEqual([0, 0, 0]);
    expect(read(packed(1, 255, 255, 255, 255, ...new Array(28).fill(1)), 32, 2)).toEqual([0xffffffff, 0x01010101]);
  });

  test("of which the last ones only fill up eight, with their bytes or without", () => {
    expect(read(packed(1, 0b11100100, 0b11), 2, 5)).toEqual([0, 1, 2, 3, 3]);
    expect(read(packed(1, 0b11100100), 2, 4)).toEqual([0, 1, 2, 3]);
  });

  test("and as the library reads them", () => {
    const someRun = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 300 }), value: fc.nat(255) }),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(someRun, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (runs, width) => {
        let count = 0;
        const bytes = runs.flatMap((one) => {
          if (!Array.isArray(one)) {
            count += one.count;
            return repeated(one.count, one.value % 2 ** width);
          }
          count += 8 * one.length;
          return packed(one.length, ...one.flatMap((byte) => new Array<number>(width).fill(byte)));
        });
        const expected: number[] = new Array(count);
        readRleBitPackedHybrid({ view: new DataView(Uint8Array.from(bytes).buffer), offset: 0 }, width, expected, 0);
        expect(read(bytes, width, count)).toEqual(expected);
      }),
    );
  });
});

describe("damaged runs are an error", () => {
  test.each<[string, number[], number]>([
    ["one that is longer than the values", repeated(9, 1), 8],
    ["one that claims two billion values", run(0xffffffff - 1, 1), 8],
    ["one whose length goes on and on", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 1], 8],
    ["one whose length is cut off", [0x80], 8],
    ["one whose value is cut off", repeated(8), 8],
    ["packed ones without their bytes", packed(1), 8],
    ["packed ones that claim two billion values", run(0xffffffff, 1, 2), 100],
    ["fewer values than there should be", repeated(7, 1), 8],
    ["none", [], 1],
  ])("%s", (_, bytes, count) => {
    expect(() => read(bytes, 1, count)).toThrow("its structure is damaged");
  });

  test("numbers of 33 bits", () => expect(() => read(repeated(1, 1, 1, 1, 1, 1), 33, 1)).toThrow("damaged"));

  test("runs that end outside of their bytes", () => {
    const bytes = Uint8Array.from(repeated(1, 1));
    expect(() => readRuns(bytes, 0, 3, 1, new Uint32Array(1))).toThrow("damaged");
    expect(() => readRuns(bytes, 2, 1, 1, new Uint32Array(1))).toThrow("damaged");
  });

  test("cut off anywhere", () => {
    const whole = [...repeated(5, 3), ...packed(2, 1, 2, 3, 4, 5, 6), ...repeated(2, 7)];
    expect(read(whole, 3, 23)).toHaveLength(23);
    for (let length = 0; length < whole.length; length++)
      expect(() => read(whole.slice(0, length), 3, 23), `${length} bytes`).toThrow("damaged");
  });
});
