/** What lies in a kernel's sieve: `kernel/sieve.ts` is its other side. */
import type { Sieved } from "../quality/duplicates.js";
import type { Kernel } from "./kernel.js";

/** Addresses of `kernel/state.ts` (followed by the number taken) and `kernel/memory.ts`. */
const SIEVE_BELOW = 0x400 + 208;
const SIEVE = 0x50000;
/** Bytes of an entry. */
const ENTRY = 24;

/** A copy. */
export function sievedIn({ view, bytes, coverage }: Kernel): Sieved {
  const below = view.getUint32(SIEVE_BELOW, true);
  const taken = view.getUint32(SIEVE_BELOW + 4, true);
  const hash = new Uint32Array(taken);
  const source = new Uint32Array(taken);
  const second = new Float64Array(taken);
  const kWh = new Float64Array(taken);
  const words = new Uint32Array(bytes.buffer, SIEVE, (taken * ENTRY) / 4);
  const doubles = new Float64Array(bytes.buffer, SIEVE, (taken * ENTRY) / 8);
  for (let n = 0; n < taken; n++) {
    hash[n] = words[6 * n];
    source[n] = words[6 * n + 1];
    second[n] = doubles[3 * n + 1];
    kWh[n] = doubles[3 * n + 2];
  }
  return { below, hash, source, second, kWh, covered: coverage.covered() };
}
