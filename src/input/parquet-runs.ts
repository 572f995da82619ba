/** Parquet's runs: small whole numbers, each run being one number repeated, or numbers packed bit by bit. */

const DAMAGED = "its structure is damaged";

/**
 * Reads as many numbers as `output` has room for. What a run says of its own length is held against that, and against the
 * bytes there are, before anything is written.
 * @param end of the runs in `bytes`
 * @param width bits of a number, at most 32
 * @throws Error if the runs are longer or shorter than they should be
 */
export function readRuns(bytes: Uint8Array, start: number, end: number, width: number, output: Uint32Array): void {
  if (width > 32 || start > end || end > bytes.length) throw new Error(DAMAGED);
  const bytesOfValue = Math.ceil(width / 8);
  let at = start;
  for (let seen = 0; seen < output.length; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at === end || shift > 28) throw new Error(DAMAGED);
      const byte = bytes[at++] as number;
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const left = output.length - seen;
    const length = Math.floor(header / 2);
    if (header % 2 === 1) {
      // The last run is filled up to eight numbers, and some writers leave out the bytes of those.
      const count = Math.min(left, length * 8);
      if (Math.ceil((count * width) / 8) > end - at) throw new Error(DAMAGED);
      unpackBits(bytes, at, width, output, seen, count);
      at = Math.min(end, at + length * width);
      seen += count;
    } else {
      if (length > left || bytesOfValue > end - at) throw new Error(DAMAGED);
      let value = 0;
      for (let n = 0; n < bytesOfValue; n++) value |= (bytes[at++] as number) << (8 * n);
      output.fill(value, seen, seen + length);
      seen += length;
    }
  }
}

/** The lowest bits come first. */
function unpackBits(
  bytes: Uint8Array,
  start: number,
  width: number,
  output: Uint32Array,
  first: number,
  count: number,
): void {
  let at = start;
  let used = 0;
  for (let n = 0; n < count; n++) {
    let value = 0;
    for (let got = 0; got < width; ) {
      const taken = Math.min(8 - used, width - got);
      value |= (((bytes[at] as number) >>> used) & ((1 << taken) - 1)) << got;
      got += taken;
      used += taken;
      if (used < 8) continue;
      used = 0;
      at++;
    }
    output[first + n] = value;
  }
}
