/** What lies in a kernel's sieve: `kernel/sieve.ts` is its other side. */
import type { Sieved } from "../quality/duplicates.js";
import type { Kernel } from "./kernel.js";

/** Addresses of `kernel/state.ts` (followed by the number taken) and `kernel/memory.ts`. */
const SIEVE_BELOW = 0x400 + 208;
const SIEVE = 0x50000;
/** 32-bit words of an entry. */
const WORDS = 6;

/** A copy. */
export function sievedIn(kernel: Kernel): Sieved {
  const { buffer: memory } = kernel.exports.memory;
  const [below, taken] = new Uint32Array(memory, SIEVE_BELOW, 2);
  const words = new Uint32Array(memory, SIEVE, WORDS * taken);
  const numbers = new Float64Array(memory, SIEVE, words.length / 2);
  const hash = new Uint32Array(taken);
  const source = new Uint32Array(taken);
  const second = new Float64Array(taken);
  const kWh = new Float64Array(taken);
  for (let n = 0; n < taken; n++) {
    hash[n] = words[WORDS * n];
    source[n] = words[WORDS * n + 1];
    second[n] = numbers[3 * n + 1];
    kWh[n] = numbers[3 * n + 2];
  }
  return { below, hash, source, second, kWh };
}
