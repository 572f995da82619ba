// `node scripts/fuzz-formats.mjs [--seconds N] [--seed N] [--format NAME]`: NEM12, NEM13, Green Button, workbooks, and tables
// with the options that they need, damaged at random. Each ends in sums or in an error that says what is wrong, within some
// seconds and some memory; tables that are whole have the oracle's sums. Ends with exit status 1 at the first that does not.
import { join } from "node:path";
import { damaged, damagedXml } from "./fuzz-damage.mjs";
import { begin, compile, FOLDER, Trial } from "./fuzz-run.mjs";
import * as samples from "./fuzz-samples.mjs";

const COMMAND = "node scripts/fuzz-formats.mjs";
const { seconds, seed: first, more: asked } = begin(COMMAND, "format");
compile("zip", ["test/input/zip-samples.ts"]);
compile("oracle", ["test/oracle/aggregate.ts"], ["--rootDir", "test/oracle"]);

/** @type {typeof import("../test/input/zip-samples.js")} */
const { zipOf } = await import(join(FOLDER, "zip/zip-samples.js"));
/** @type {typeof import("../test/oracle/aggregate.js")} */
const oracle = await import(join(FOLDER, "oracle/aggregate.js"));
const { aggregate, ElectroError } = await import("../dist/index.js");
const { Choose } = await import("../test/scan/choose.mjs");
const { againstOracle } = await import("../test/scan/oracle.mjs");

/** @typedef {import("../test/scan/choose.mjs").Choose} Chooses */
/** @typedef {{ bytes: Buffer, options: import("../dist/index.js").AggregateOptions, whole?: import("../test/oracle/options.js").Options | undefined }} Made */

/** What each format makes. @type {Readonly<Record<string, (choose: Chooses) => Promise<Made> | Made>>} */
const FORMATS = {
  nem12: (choose) => ({ bytes: damaged(choose, samples.nem12(choose)), options: delivered(choose) }),
  nem13: (choose) => ({ bytes: damaged(choose, samples.nem13(choose)), options: delivered(choose) }),
  "green-button": (choose) => ({ bytes: damagedXml(choose, samples.greenButton(choose)), options: delivered(choose) }),
  xlsx: (choose) => {
    const parts = samples.workbook(choose);
    const one = choose.of(Object.keys(parts));
    const members = Object.entries(parts).map(([name, content]) => ({
      name,
      content: name === one ? damagedXml(choose, content) : Buffer.from(content),
      method: choose.of([0, 8]),
    }));
    const bytes = zipOf(members);
    return { bytes: choose.oneIn(8) ? damaged(choose, bytes) : bytes, options: { bySource: choose.oneIn(2) } };
  },
  tables: (choose) => {
    const { text, options } = samples.table(choose);
    const encoding = choose.of([undefined, undefined, undefined, "windows-1252", "utf-16le"]);
    const known = encoding === undefined && options.dayColumns === undefined;
    const bytes = encoded(text, encoding);
    if (choose.oneIn(3)) return { bytes, options: { ...options, encoding }, whole: known ? options : undefined };
    return { bytes: damaged(choose, bytes), options: { ...options, encoding } };
  },
};

const names = asked === undefined ? Object.keys(FORMATS) : [asked];
if (names.some((name) => FORMATS[name] === undefined)) {
  console.error(`--format is one of ${Object.keys(FORMATS).join(", ")}`);
  process.exit(2);
}
const end = performance.now() + seconds * 1000;
const trial = new Trial(`${COMMAND}${asked === undefined ? "" : ` --format ${asked}`}`);
/** @type {Record<string, Record<string, number>>} */
const outcomes = Object.fromEntries(names.map((name) => [name, {}]));
console.log(`fuzz-formats: seed ${first}, ${seconds} s, ${names.join(", ")}`);
for (let seed = first; performance.now() < end; seed++) {
  const choose = Choose.seeded(seed * 0x9e3779b1);
  const name = /** @type {string} */ (names[seed % names.length]);
  const { bytes, options, whole } = await /** @type {(choose: Chooses) => Made} */ (FORMATS[name])(choose);
  await trial.input(bytes, seed, `${name} with ${JSON.stringify(options)}`, async () => {
    const how = await outcomeOf(bytes, options);
    const counts = /** @type {Record<string, number>} */ (outcomes[name]);
    counts[how] = (counts[how] ?? 0) + 1;
    if (whole === undefined) return;
    const said = (await againstOracle(bytes, whole, oracle.aggregate)) ? "as the oracle" : "oracle is silent";
    counts[said] = (counts[said] ?? 0) + 1;
  });
}
console.log(`fuzz-formats: ${trial.report()}\n${JSON.stringify(outcomes, null, 1)}`);
trial.end();
process.exit(0);

/** Options for what meters and utilities deliver. @param {Chooses} choose */
function delivered(choose) {
  return {
    timezone: choose.of(["UTC", "Australia/Sydney"]),
    ...(choose.oneIn(2)
      ? { bySource: true }
      : { export: choose.of(/** @type {const} */ (["subtract", "add", "skip"])) }),
  };
}

/** @param {string} text @param {string | undefined} encoding */
function encoded(text, encoding) {
  if (encoding === "windows-1252") return Buffer.from(text, "latin1");
  return encoding === undefined ? Buffer.from(text) : Buffer.from(`\ufeff${text}`, "utf16le");
}

/** How reading ends, in a word. @param {Buffer} bytes @param {import("../dist/index.js").AggregateOptions} options */
async function outcomeOf(bytes, options) {
  try {
    const { rejected, readings } = await aggregate(bytes, { ...options, onError: "skip" });
    const unclear = rejected.find(({ message }) => isUnclear(message));
    if (unclear !== undefined) throw new Error(`a bad record is told as: ${unclear.message}`);
    return readings === 0 ? "nothing" : rejected.length === 0 ? "read" : "read in part";
  } catch (error) {
    if (!(error instanceof ElectroError) || isUnclear(error.message)) throw error;
    return error.code;
  }
}

/** Whether a message is not made for people. @param {string} message */
function isUnclear(message) {
  return /\[object |is not a function|Cannot read|is not iterable|^undefined|: undefined$/.test(message);
}
