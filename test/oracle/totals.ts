/** Rows of totals, as users are promised it: a row whose interval is exactly filled by two or more others of its source. */
import type { Reading } from "./reading.js";

export function isTotal(row: Reading, all: readonly Reading[]): boolean {
  const { covered, source } = row;
  if (covered === undefined) return false;
  const inside = all.flatMap((other) =>
    other !== row && other.source === source && other.covered !== undefined ? [other.covered] : [],
  );
  // How far others that follow each other get, from the start on: the same interval alone is one, and not two.
  const reached = new Set([covered.from]);
  for (const at of reached)
    for (const { from, to } of inside)
      if (from === at && to <= covered.to && !(from === covered.from && to === covered.to)) reached.add(to);
  return reached.has(covered.to);
}
