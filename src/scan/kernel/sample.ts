/**
 * The sample: the first readings of an input, so that somebody can look at what kind of values they are. Where many sources
 * come in turn, it keeps half of them and goes on, so that it has several values of each.
 */
import { SAMPLE } from "./memory";
import { entryOf, sourceCount } from "./sources";
import { SAMPLE_BELOW, SAMPLE_LEFT, SAMPLE_TAKEN, UNNAMED } from "./state";

/** { source: f64, second: f64, kWh: f64 } */
const ENTRY = 24;
/** Values of a source that are wanted. */
const WANTED: u32 = 4;
/** An eighth of the sources is the least: an input's first part is scanned by one thread until the sample is full. */
const LEAST: u32 = 1 << 29;

function hashOf(source: u32): u32 {
  return load<u32>(entryOf(source), 8) * 0xc2b2ae35;
}

export function sample(source: u32, second: f64, kWh: f64): void {
  const below = load<u32>(SAMPLE_BELOW);
  if (hashOf(source) > below) return;
  const taken = load<u32>(SAMPLE_TAKEN);
  const at = SAMPLE + taken * ENTRY;
  store<f64>(at, f64(source));
  store<f64>(at, second, 8);
  store<f64>(at, kWh, 16);
  store<u32>(SAMPLE_TAKEN, taken + 1);
  store<u32>(SAMPLE_LEFT, load<u32>(SAMPLE_LEFT) - 1);
  if (load<u32>(SAMPLE_LEFT) == 0 && below > LEAST && u64(sourceCount()) * below * WANTED >> 32 > taken) thin(below >> 1);
}

function thin(below: u32): void {
  // A source without a number for good could not be followed to where its readings are moved.
  if (load<u32>(UNNAMED)) return;
  store<u32>(SAMPLE_BELOW, below);
  const taken = load<u32>(SAMPLE_TAKEN);
  let kept: u32 = 0;
  for (let n: u32 = 0; n < taken; n++) {
    const at = SAMPLE + n * ENTRY;
    if (hashOf(u32(load<f64>(at))) > below) continue;
    memory.copy(SAMPLE + kept * ENTRY, at, ENTRY);
    kept++;
  }
  store<u32>(SAMPLE_TAKEN, kept);
  store<u32>(SAMPLE_LEFT, taken - kept);
}
