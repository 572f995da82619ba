/** Whole numbers in decimal, three digits at a time. */

export const GIGA: u64 = 1000000000;

/** The digits of 0 to 999 as three characters and a zero byte. */
const THREE = memory.data(4000);

export function startNumbers(): void {
  for (let n: u32 = 0; n < 1000; n++)
    store<u32>(THREE + (n << 2), 0x303030 + (n / 100) + ((n / 10) % 10 << 8) + (n % 10 << 16));
}

/** 0 to 999, with leading zeros. */
// @ts-ignore: decorator
@inline
export function writeThree(pos: usize, n: u32): void {
  store<u32>(pos, load<u32>(THREE + (n << 2)));
}

/** 0 to 10⁹−1, with leading zeros. */
export function writeNine(pos: usize, n: u32): void {
  const thousands = n / 1000;
  writeThree(pos, thousands / 1000);
  writeThree(pos + 3, thousands % 1000);
  writeThree(pos + 6, n % 1000);
}

/** 0 to 999. */
// @ts-ignore: decorator
@inline
function writeShort(pos: usize, n: u32): usize {
  const zeros: u32 = u32(n < 100) + u32(n < 10);
  store<u32>(pos, load<u32>(THREE + (n << 2)) >> (zeros << 3));
  return pos + 3 - zeros;
}

/** Any number, without leading zeros; returns the position after it. */
export function writeNumber(pos: usize, n: u64): usize {
  if (n < 1000) return writeShort(pos, u32(n));
  if (n >= GIGA) {
    pos = writeNumber(pos, n / GIGA);
    writeNine(pos, u32(n % GIGA));
    return pos + 9;
  }
  pos = writeNumber(pos, n / 1000);
  writeThree(pos, u32(n % 1000));
  return pos + 3;
}
