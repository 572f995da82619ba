/** What is read but is no reading by what the options say, counted by why: `missing`, a value that stands for none. */
export type LeftOut = Readonly<Record<string, number>>;

/** The verdict on such a record. */
export const LEFT_OUT = "left out";

/** The counts of several scans together. */
export function addLeftOut(all: readonly LeftOut[]): LeftOut {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [why, count] of Object.entries(counts)) sum[why] = (sum[why] ?? 0) + count;
  return Object.fromEntries(Object.entries(sum).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function leftOutCount(counts: LeftOut): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How many, for people: `12 without a value`. None where nothing was left out. */
export function leftOutTexts(counts: LeftOut): string[] {
  return Object.entries(counts).map(([why, count]) => {
    const number = count.toLocaleString("en-US");
    return `${number} ${TEXTS[why] ?? `of ${why}`}`;
  });
}

const TEXTS: Readonly<Record<string, string>> = {
  missing: "without a value",
  only: "not asked for",
};
