// `npm run fuzz -- [--seconds N] [--seed N]`: datasets as machines write them and those of the golden cases, damaged at
// random, through the scan with layouts and without, and some of them through the oracle. Ends with exit status 1 at the
// first difference, which is then in .cache/fuzz/ as small as could be.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { begin, compile, FOLDER } from "./fuzz-run.mjs";
import { root } from "./ready.mjs";

/** Inputs that a pair of scanners gets, one after another. */
const INPUTS = 400;
/** One input in so many goes through the oracle too. */
const ORACLE = 100;

/** @typedef {import("../test/oracle/options.js").Options} Options */
/** @typedef {{ bytes: Buffer, handing: import("../test/scan/both.mjs").Handing }} Case */

const { seconds, seed: first } = begin("npm run fuzz --");
compile("oracle", ["test/oracle/aggregate.ts", "test/oracle/options.ts"], ["--rootDir", "test/oracle"]);

/** @type {typeof import("../test/oracle/options.js")} */
const { parseArgs: optionsOf } = await import(join(FOLDER, "oracle/options.js"));
/** @type {typeof import("../test/oracle/aggregate.js")} */
const oracle = await import(join(FOLDER, "oracle/aggregate.js"));
const { planOf } = await import("../dist/jobs/plan.js");
const { Both, compareBoth, Difference } = await import("../test/scan/both.mjs");
const { Choose } = await import("../test/scan/choose.mjs");
const { minimised } = await import("../test/scan/minimise.mjs");
const { grown, mutated } = await import("../test/scan/mutate.mjs");
const { againstOracle, NotAsForeseen } = await import("../test/scan/oracle.mjs");
const { isForm, someForm, someSeries } = await import("../test/scan/forms.mjs");
const { someDataset, someOptions } = await import("../test/scan/shapes.mjs");

const golden = goldenCases();
const end = performance.now() + seconds * 1000;
let shown = performance.now() + 60_000;
const done = { inputs: 0, records: 0, taken: 0, oracle: 0, silent: 0 };
console.log(`fuzz: seed ${first}, ${seconds} s, ${golden.length} golden inputs`);

let seed = first;
for (; performance.now() < end; seed++) {
  await round(Choose.seeded(seed * 0x9e3779b1));
  if (performance.now() < shown) continue;
  shown += 60_000;
  console.log(report());
}
console.log(`${report()}; no difference`);

/** Options of datasets, or of series in other forms. @param {import("../test/scan/choose.mjs").Choose} choose */
function asked(choose) {
  const options = someOptions(choose);
  return choose.oneIn(3) ? someForm(choose, options) : options;
}

/** Some options, and inputs with them. @param {import("../test/scan/choose.mjs").Choose} choose */
async function round(choose) {
  const seeded = golden.length > 0 && choose.oneIn(4) ? choose.of(golden) : undefined;
  const options = seeded === undefined ? asked(choose) : { ...seeded.options, onError: /** @type {const} */ ("skip") };
  const plan = planOf(options).scan;
  const both = new Both(plan);
  /** @type {Case[]} */
  const cases = [];
  while (cases.length < INPUTS && performance.now() < end) {
    const made =
      seeded !== undefined
        ? grown(choose, seeded.bytes)
        : (isForm(options) ? someSeries : someDataset)(choose, options, choose.of([3, 10, 30, 60, 100, 200]));
    const bytes = mutated(choose, made, choose.of([0, 1, 1, 2, 3, 8]));
    const handing = choose.oneIn(4) ? someCuts(choose, bytes.length) : {};
    // Of a row with several faults the oracle may see another one first; fuzz-formats.mjs has such tables undamaged.
    const asked = choose.oneIn(ORACLE) && !isForm(options) && !seeded?.byHand;
    cases.push({ bytes, handing });
    try {
      both.scan(bytes, handing);
      if (asked && (await againstOracle(bytes, options, oracle.aggregate))) done.oracle++;
      else if (asked) done.silent++;
      if (cases.length === INPUTS || performance.now() >= end) both.compare();
    } catch (error) {
      await fail(error, cases, options);
    }
  }
  done.inputs += cases.length;
  done.records += both.records;
  done.taken += both.taken;
}

/** @param {import("../test/scan/choose.mjs").Choose} choose @param {number} length */
function someCuts(choose, length) {
  const cuts = Array.from({ length: choose.of([1, 1, 2, 5]) }, () => choose.below(length + 1)).sort((a, b) => a - b);
  return { cuts, late: choose.oneIn(2) };
}

/** @param {unknown} error @param {Case[]} cases @param {Options} options */
async function fail(error, cases, options) {
  const last = cases.at(-1);
  if (!(error instanceof Error) || last === undefined) throw error;
  console.log(`${report()}\nseed ${seed}: ${error.message.slice(0, 2000)}`);
  const plan = planOf(options).scan;
  /** What is wrong with inputs, if anything is. @type {(inputs: readonly Buffer[], handing: Case["handing"]) => Promise<string>} */
  const wrong = async (inputs, handing) => {
    try {
      compareBoth(plan, inputs, handing);
      if (error instanceof NotAsForeseen) await againstOracle(inputs[0], options, oracle.aggregate);
      return "";
    } catch (other) {
      return other instanceof Difference || other instanceof NotAsForeseen ? other.message : String(other);
    }
  };
  // One input alone, or all of them after one another.
  let inputs = cases.map(({ bytes }) => bytes);
  let handing = {};
  for (const one of [last, ...cases]) {
    if ((await wrong([one.bytes], one.handing)) === "") continue;
    inputs = [one.bytes];
    if ((await wrong(inputs, {})) === "") handing = one.handing;
    break;
  }
  const small = await minimised(inputs, async (fewer) => (await wrong(fewer, handing)) !== "");
  const message = (await wrong(small, handing)) || error.stack || error.message;
  for (const name of readdirSync(FOLDER)) if (name.startsWith("difference")) rmSync(join(FOLDER, name));
  small.forEach((bytes, n) => {
    writeFileSync(join(FOLDER, `difference-${n}`), bytes);
  });
  writeFileSync(join(FOLDER, "difference.json"), JSON.stringify({ seed, options, handing, message }, null, 2));
  console.log(`\n${message}\n\noptions ${JSON.stringify(options)}, handed over as ${JSON.stringify(handing)}`);
  for (const bytes of small.slice(0, 5)) console.log(JSON.stringify(bytes.toString("latin1").slice(0, 2000)));
  console.log(`in .cache/fuzz/difference*; again with: npm run fuzz -- --seed ${seed}`);
  process.exit(1);
}

function report() {
  const { inputs, records, taken, oracle: compared, silent } = done;
  const spent = seconds - Math.max(0, end - performance.now()) / 1000;
  const share = records === 0 ? 0 : (100 * taken) / records;
  return (
    `fuzz: ${inputs} inputs in ${spent.toFixed(0)} s, ${(inputs / spent).toFixed(0)} a second; ${records} records, ` +
    `${share.toFixed(1)} % of them through the kernel; ${compared} inputs compared with the oracle (it is silent on ${silent} more)`
  );
}

/** The inputs of the golden cases that are not packed, with their options, and whether the oracle does not know these. */
function goldenCases() {
  const folder = join(root, "test/golden");
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = (/** @type {string} */ name) => join(folder, entry.name, name);
    if (!entry.isDirectory() || !existsSync(at("args"))) return [];
    const args = readFileSync(at("args"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    try {
      const { options, inputs } = optionsOf(args);
      planOf(options);
      return inputs.flatMap((name) => {
        const path = at(name === "-" ? "stdin" : name);
        if (!/\.(json|jsonl|ndjson|csv)$|stdin$/.test(path) || !existsSync(path)) return [];
        const bytes = readFileSync(path);
        const packed = bytes[0] === 0x1f || bytes[0] === 0x28;
        return packed || bytes.length === 0 || bytes.length > 50_000
          ? []
          : [{ bytes, options, byHand: existsSync(at("by-hand")) }];
      });
    } catch {
      return []; // a case of wrong options
    }
  });
}
