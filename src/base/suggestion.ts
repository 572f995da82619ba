/** Finding what somebody meant to write. */

/**
 * The candidate that a word differs least from, if it can be taken for a slip: at most a third of the word's letters,
 * and three, are missing, too many or others. Capitals do not count.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let least = Math.min(3, Math.floor(word.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const slips = distance(wanted, candidate.toLowerCase());
    if (slips < least) {
      least = slips;
      found = candidate;
    }
  }
  return found;
}

/** Levenshtein's distance: the least number of letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
