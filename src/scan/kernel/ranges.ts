/** For each source the range of time that its intervals are adding to: { from: f64, to: f64 }, empty where both are 0. */
import { giveBack, reserve } from "./pages";

const RANGE = 16;
let ranges: usize = 0;
let room: u32 = 0;

export function startRanges(): void {
  ranges = 0;
  room = 0;
}

function rangeOf(source: u32): usize {
  if (source >= room) {
    const more = max<u32>(64, max(source + 1, room * 2));
    const bigger = reserve(more * RANGE);
    memory.copy(bigger, ranges, room * RANGE);
    if (room) giveBack(ranges);
    ranges = bigger;
    room = more;
  }
  return ranges + source * RANGE;
}

/** Whether an interval follows the range, comes right before it, or is the first. */
export function extendsRange(source: u32, from: f64, to: f64): bool {
  const range = rangeOf(source);
  const first = load<f64>(range);
  const last = load<f64>(range, 8);
  return from == last || to == first || first == last;
}

/** Adds an interval. @returns whether that was possible */
export function extendRange(source: u32, from: f64, to: f64): bool {
  const range = rangeOf(source);
  const first = load<f64>(range);
  const last = load<f64>(range, 8);
  if (first == last) setRange(source, from, to);
  else if (from == last) store<f64>(range, to, 8);
  else if (to == first) store<f64>(range, from);
  else return false;
  return true;
}

export function rangeFrom(source: u32): f64 {
  return load<f64>(rangeOf(source));
}

export function rangeTo(source: u32): f64 {
  return load<f64>(rangeOf(source), 8);
}

/** @param from @param to both 0: there is none */
export function setRange(source: u32, from: f64, to: f64): void {
  const range = rangeOf(source);
  store<f64>(range, from);
  store<f64>(range, to, 8);
}

/** Sources with a number from this one on have none. */
export function rangeCount(): u32 {
  return room;
}
