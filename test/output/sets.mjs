/** What the runs of the crash tests write: sets of files that partly share their names. */

/** @type {Record<string, [first: number, last: number]>} */
const DAYS = { small1: [0, 2], small2: [1, 3], small3: [2, 4], year1: [0, 369], year2: [5, 369], year3: [3, 372] };

/**
 * The files of a set, by name; what they hold tells their set.
 * @param {string} set
 * @returns {Map<string, string>}
 */
export function filesOf(set) {
  const [first, last] = DAYS[set];
  const files = new Map();
  for (let day = first; day <= last; day++) {
    const date = new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
    files.set(`hourly_data_${date}.csv`, `${set} ${date}\n`.repeat(20));
  }
  return files.set("daily_data.csv", `${set} days\n`.repeat(30));
}

/**
 * Writes a set into an open folder, each file in two blocks, and a manifest whose version is the set's name.
 * @param {import("../../dist/output/folder.js").OutputFolder} folder
 * @param {string} set
 */
export async function writeSet(folder, set) {
  const files = [...filesOf(set)].map(([name, text]) => ({
    ...{ name, rows: 1 },
    blocks: () => [Buffer.from(text.slice(0, 9)), Buffer.from(text.slice(9))],
  }));
  const nothing = {
    versions: {},
    options: {},
    inputs: [],
    totals: { rejectedByReason: {} },
    period: null,
    warnings: [],
  };
  const manifestOf = (/** @type {unknown[]} */ written) => ({
    ...nothing,
    electro: { version: set },
    format: 1,
    files: written,
  });
  await folder.write(files, /** @type {any} */ (manifestOf));
}
