/** Masks for comparing a part of 16 bytes. */

/** 16 bytes of 255, then 32 of 0. */
const BYTES = memory.data<u64>([-1, -1, 0, 0, 0, 0]);

/** A mask of the first `count` bytes; of all 16 where it is more. */
// @ts-ignore: decorator
@inline
export function firstBytes(count: usize): v128 {
  return v128.load(BYTES + 16 - min<usize>(count, 16));
}
