/**
 * Provisional sources: records without an id count under one until the object around their array has ended, which tells
 * whose they are. Then it is settled: what was counted becomes another source's, and its number goes to the next one.
 * Objects end in the order opposite to that in which they began, so the source that was opened last is settled first.
 *
 * A pinned source stays what it is, since cells have been handed over under its number; it only gets the id of
 * another. In its entry `hash` is that other source's number and 1, 0 as long as it is not settled; in one that is to be
 * used again, the number of the next such one. `id` is how many readings the sample had when it was opened.
 */
import { forgetNotes, movePages } from "./cells";
import { SAMPLE } from "./memory";
import { renameSieved } from "./sieve";
import { add, entryOf, isOpen, PINNED, OPEN } from "./sources";
import { SAMPLE_TAKEN } from "./state";

/** The last number that is to be used again; 0: none. */
let spare: u32 = 0;

export function startProvisional(): void {
  spare = 0;
}

/** @returns the number of a source of which nothing has been counted */
export function openSource(): u32 {
  let number = spare;
  if (number > 0) {
    const entry = entryOf(number);
    spare = load<u32>(entry, 8);
    store<u32>(entry, 0, 8);
  } else number = add(0, 0, 0);
  const entry = entryOf(number);
  store<u32>(entry, load<u32>(SAMPLE_TAKEN));
  store<u32>(entry, OPEN, 28);
  return number;
}

/** Has the source that was opened last keep its number, and its cells, for good. */
export function pinSource(number: u32): void {
  if (!isOpen(number)) return;
  forgetNotes(number);
  store<u32>(entryOf(number), PINNED, 28);
}

/** Whether anything has been counted under a provisional source. */
export function hasReadings(number: u32): bool {
  return load<u32>(entryOf(number), 12) != 0;
}

/** Makes what was counted under the provisional source that was opened last another source's; 0: the unnamed one's. */
export function settleSource(number: u32, into: u32): void {
  const entry = entryOf(number);
  const taken = load<u32>(SAMPLE_TAKEN);
  for (let n = load<u32>(entry); n < taken; n++) {
    const at = SAMPLE + usize(n) * 24;
    if (load<f64>(at) == f64(number)) store<f64>(at, f64(into));
  }
  const seen = load<u32>(entry, 12);
  if (!isOpen(number)) {
    // It gets the other's id: that one's number has to stay the other's, too.
    store<u32>(entry, into + 1, 8);
    if (isOpen(into)) pinSource(into);
    if (seen) store<u32>(entryOf(into), 1, 12);
    return;
  }
  movePages(number, into);
  renameSieved(number, into);
  if (seen) store<u32>(entryOf(into), 1, 12);
  store<u32>(entry, 0, 12);
  store<i32>(entry, i32.MIN_VALUE, 16);
  store<u32>(entry, 0, 24);
  store<u32>(entry, 0, 28);
  store<u32>(entry, spare, 8);
  spare = number;
}

/** The source whose id a source has: itself, or what a pinned one was settled as. */
export function settled(number: u32): u32 {
  while (load<u32>(entryOf(number), 28) & PINNED) {
    const next = load<u32>(entryOf(number), 8);
    if (next == 0) break;
    number = next - 1;
  }
  return number;
}
