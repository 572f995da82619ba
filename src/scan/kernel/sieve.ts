/**
 * The sieve: all readings of some sources and slots, chosen by a hash that every kernel shares. So readings that came twice
 * meet, whichever files and threads they went through. When it is full, it keeps those with the lower half of the hashes.
 */
import { kWh } from "./energy";
import { SIEVE } from "./memory";
import { entryOf, SIEVED } from "./sources";
import { SIEVE_BELOW, SIEVE_TAKEN } from "./state";

/** { hash: u32, source: u32, second: f64, kWh: f64 } */
const ENTRY = 24;
const MOST: u32 = 2700;

/** @param id the hash of a source's id */
// @ts-ignore: decorator
@inline
export function sieveHash(id: u32, slot: i64): u32 {
  return u32(slot) * 0x9e3779b1 + id;
}

export function sieve(hash: u32, source: u32, second: f64, low: u64, high: u64, negative: bool): void {
  while (load<u32>(SIEVE_TAKEN) == MOST) thin();
  if (hash >= load<u32>(SIEVE_BELOW)) return;
  const taken = load<u32>(SIEVE_TAKEN);
  const at = SIEVE + taken * ENTRY;
  store<u32>(at, hash);
  store<u32>(at, source, 4);
  store<f64>(at, second, 8);
  store<f64>(at, kWh(low, high, negative), 16);
  store<u32>(SIEVE_TAKEN, taken + 1);
  const modes = entryOf(source) + 28;
  store<u32>(modes, load<u32>(modes) | SIEVED);
}

function thin(): void {
  const below = load<u32>(SIEVE_BELOW) >> 1;
  store<u32>(SIEVE_BELOW, below);
  const taken = load<u32>(SIEVE_TAKEN);
  let kept: u32 = 0;
  for (let n: u32 = 0; n < taken; n++) {
    const at = SIEVE + n * ENTRY;
    if (load<u32>(at) >= below) continue;
    memory.copy(SIEVE + kept * ENTRY, at, ENTRY);
    kept++;
  }
  store<u32>(SIEVE_TAKEN, kept);
}

/** What lies in it of one source becomes another's. */
export function renameSieved(from: u32, into: u32): void {
  if (!(load<u32>(entryOf(from), 28) & SIEVED)) return;
  const taken = load<u32>(SIEVE_TAKEN);
  for (let n: u32 = 0; n < taken; n++) {
    const at = SIEVE + n * ENTRY + 4;
    if (load<u32>(at) == from) store<u32>(at, into);
  }
}
