/** What lies in a kernel's sieve: `kernel/sieve.ts` is its other side. */
import type { Sieved } from "../quality/duplicates.js";
import type { Kernel } from "./kernel.js";

/** Addresses of `kernel/state.ts` (followed by the number taken) and `kernel/memory.ts`. */
const SIEVE_BELOW = 0x400 + 208;
const SIEVE = 0x50000;
/** 32-bit words of an entry. */
const WORDS = 6;

export function sievedIn(kernel: Kernel): Sieved {
  const { buffer: memory } = kernel.exports.memory;
  const [below, taken] = new Uint32Array(memory, SIEVE_BELOW, 2);
  const words = new Uint32Array(memory, SIEVE, WORDS * taken);
  const numbers = new Float64Array(memory, SIEVE, words.length / 2);
  const ids = new Map<number, string | undefined>();
  const entries: number[] = [];
  const source: string[] = [];
  for (let at = 0; at < words.length; at += WORDS) {
    const number = words[at + 1];
    if (!ids.has(number)) ids.set(number, nameOf(kernel, number));
    const id = ids.get(number);
    if (id === undefined) continue;
    entries.push(at);
    source.push(id);
  }
  return {
    below,
    hash: Uint32Array.from(entries, (at) => words[at]),
    source,
    second: Float64Array.from(entries, (at) => numbers[at / 2 + 1]),
    kWh: Float64Array.from(entries, (at) => numbers[at / 2 + 2]),
  };
}

/** The id of a source as text; `undefined` for a provisional one that is not settled. */
function nameOf(kernel: Kernel, source: number): string | undefined {
  const id = kernel.idOf(source);
  return id.length === 0 && kernel.settled(source) !== 0 ? undefined : Buffer.from(id).toString("utf8");
}
