/** What lies in a kernel's sieve: `kernel/sieve.ts` is its other side. */
import type { Sieved } from "../quality/duplicates.js";
import type { Kernel } from "./kernel.js";

/** Addresses of `kernel/state.ts` (followed by the number taken) and `kernel/memory.ts`. */
const SIEVE_BELOW = 0x400 + 208;
const SIEVE = 0x50000;
/** Bytes of an entry. */
const ENTRY = 24;

/** A copy. */
export function sievedIn({ view, coverage }: Kernel): Sieved {
  const below = view.getUint32(SIEVE_BELOW, true);
  const taken = view.getUint32(SIEVE_BELOW + 4, true);
  const hash = new Uint32Array(taken);
  const source = new Uint32Array(taken);
  const second = new Float64Array(taken);
  const kWh = new Float64Array(taken);
  for (let n = 0; n < taken; n++) {
    const at = SIEVE + n * ENTRY;
    hash[n] = view.getUint32(at, true);
    source[n] = view.getUint32(at + 4, true);
    second[n] = view.getFloat64(at + 8, true);
    kWh[n] = view.getFloat64(at + 16, true);
  }
  return { below, hash, source, second, kWh, covered: coverage.covered() };
}
