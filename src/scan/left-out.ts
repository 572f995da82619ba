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

/** Counts by the letter of a flag, `A` first, without those that are 0. */
export function flagsOf(counts: Float64Array): LeftOut {
  return Object.fromEntries(
    [...counts].flatMap((count, n) => (count > 0 ? [[String.fromCharCode(65 + n), count]] : [])),
  );
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
  duplicate: "that counted already",
  revised: "replaced by later readings",
  total: "with the total of others",
  no_reading: "flagged as no reading",
  superseded: "replaced by a later update",
  repeated: "delivered again with the same content",
  register: "of registers",
  export: "of export",
  reactive: "of reactive energy",
  apparent: "of apparent energy or power",
  power: "of power",
  voltage: "of voltage",
  current: "of current",
  power_factor: "of power factors",
  gas: "of gas",
  water: "of water",
  heat: "of heat",
  demand: "of peak demand",
  billing: "of billing periods",
  coarser: "in coarser intervals, where finer ones count",
  no_reading_type: "without a reading type",
  other_reading: "of other kinds of reading",
  other_service: "of other services",
  other_flow: "of other directions of flow",
  other_unit: "in units that are no energy",
};
