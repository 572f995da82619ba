// slow: not of the fast lane
/**
 * Generated runs through the command and through the oracle: the files are the same to the byte.
 * ELECTRO_CASES says how many of each kind; a failure prints fast-check's seed and path, to be given as its parameters.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as aggregateData } from "../../dist/index.js";
import { aggregate, type Totals } from "../oracle/aggregate.js";
import { electro, inFolder } from "../oracle/electro.js";
import { plan, type Run, runOf } from "../oracle/generate.js";
import { readFolder } from "../oracle/golden.js";
import { argsOf } from "../oracle/options.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 30);
/** Generous: two slow processors, and a process or two for each case. */
const TIMEOUT = 60_000 + CASES * 1_000;
/** A slow machine tries fewer cases; and after a failure, shrinking runs the command again and again, which has to end. */
const LIMITS = { numRuns: CASES, interruptAfterTimeLimit: TIMEOUT - 20_000 };

interface Written {
  readonly status: number | null;
  readonly stderr: string;
  readonly files: Record<string, string>;
  readonly totals: (Totals & { rejectedByReason: Record<string, number> }) | undefined;
}

function aggregated({ inputs, options, piped }: Run, folder: string): Promise<Written> {
  mkdirSync(folder);
  for (const input of inputs) writeFileSync(join(folder, input.name), input.packed);
  const names = inputs.map((input) => input.name);
  const last = piped ? inputs.at(-1) : undefined;
  const shown = last === undefined ? names : [...names.slice(0, -1), "-"];
  return electro(["aggregate", ...argsOf(options), "--output", "out", ...shown], folder, last?.packed).then((ended) => {
    const manifest = join(folder, "out", "manifest.json");
    return {
      status: ended.status,
      stderr: ended.stderr,
      files: Object.fromEntries(readFolder(join(folder, "out"))),
      totals: existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).totals : undefined,
    };
  });
}

/** Status first, so that what the run said is shown, then the totals, then the files. */
function expectForeseen(written: Written, { totals, files }: ReturnType<typeof foreseen>): void {
  expect(written.status, written.stderr).toBe(0);
  expect(written.totals).toMatchObject(totals);
  expect(written.files).toEqual(files);
}

/** What the oracle foresees of a run that has to succeed. */
function foreseen({ inputs, options }: Run): { files: Record<string, string>; totals: Partial<Totals> } {
  const outcome = aggregate(
    inputs.map((input) => input.unpacked),
    options,
  );
  if (outcome.status === "failed") throw new Error(`the oracle: ${outcome.why}`);
  const { sources, ...others } = outcome.totals;
  // What the period is that only one end was given of, and in which no reading is, is nowhere said.
  fc.pre((options.from === undefined) === (options.to === undefined) || others.readings > 0);
  // Nor whether sources are counted that are only out of the period; by source it shows in the files.
  const totals = others.outOfPeriod > 0 && !options.bySource ? others : { sources, ...others };
  return { files: Object.fromEntries(outcome.files), totals };
}

describe("any dataset, with any options", () => {
  test(
    "gives the oracle's files and totals",
    () =>
      fc.assert(
        fc.asyncProperty(plan(false), (planned) =>
          inFolder(async (folder) => {
            const run = runOf(planned);
            const expected = foreseen(run);
            expectForeseen(await aggregated(run, join(folder, "run")), expected);
          }),
        ),
        LIMITS,
      ),
    TIMEOUT,
  );

  test(
    "with bad records among the good ones, gives the oracle's files and counts what was rejected",
    () =>
      fc.assert(
        fc.asyncProperty(plan(true), (planned) =>
          inFolder(async (folder) => {
            const run = runOf(planned);
            const expected = foreseen(run);
            const written = await aggregated(run, join(folder, "run"));
            expectForeseen(written, expected);
            const byReason = Object.values(written.totals!.rejectedByReason);
            expect(byReason.reduce((sum, count) => sum + count, 0)).toBe(expected.totals.rejected);
          }),
        ),
        LIMITS,
      ),
    TIMEOUT,
  );

  test(
    "in any order of its records and inputs, where that tells no wall time, gives the same bytes",
    () =>
      fc.assert(
        fc.asyncProperty(plan(false), fc.integer({ min: 1 }), (drawn, shuffle) =>
          inFolder(async (folder) => {
            const { repeatedHour = "first" } = drawn.options;
            const planned = {
              ...drawn,
              options: { ...drawn.options, repeatedHour: repeatedHour === "order" ? ("last" as const) : repeatedHour },
            };
            const [one, other] = await Promise.all([
              aggregated(runOf(planned), join(folder, "one")),
              aggregated(runOf(planned, shuffle), join(folder, "other")),
            ]);
            expect(one.status, one.stderr).toBe(0);
            expect(other.files).toEqual(one.files);
          }),
        ),
        { ...LIMITS, numRuns: Math.ceil(CASES / 3) },
      ),
    TIMEOUT,
  );

  test(
    "that has a bad record, writes nothing and fails unless told to skip",
    () =>
      fc.assert(
        fc.asyncProperty(plan(true), (planned) =>
          inFolder(async (folder) => {
            const { options, ...rest } = runOf(planned);
            const outcome = aggregate(
              rest.inputs.map((input) => input.unpacked),
              { ...options, onError: "fail" },
            );
            fc.pre(outcome.status === "failed");
            const written = await aggregated(
              { ...rest, options: { ...options, onError: "fail" } },
              join(folder, "run"),
            );
            expect(written).toMatchObject({ status: 1, files: {}, totals: undefined });
            const shown = outcome.bad
              .filter(({ input }) => !(rest.piped && input === rest.inputs.length - 1))
              .slice(0, 20);
            for (const { input, number, line } of shown)
              expect(written.stderr).toContain(`${rest.inputs[input]!.name}: record ${number} (line ${line}): `);
          }),
        ),
        { ...LIMITS, numRuns: Math.ceil(CASES / 3) },
      ),
    TIMEOUT,
  );

  test(
    "gives the oracle's files from the library, too, where it is handed bytes",
    () =>
      fc.assert(
        fc.asyncProperty(fc.boolean().chain(plan), async (planned) => {
          const run = runOf(planned);
          const expected = foreseen(run);
          const summed = await aggregateData(
            run.inputs.map((input) => input.packed),
            run.options,
          );
          expect(summed).toMatchObject({ readings: expected.totals.readings, kWh: expected.totals.kWh });
          expect(summed.rejected).toHaveLength(expected.totals.rejected ?? 0);
          expect(Object.fromEntries([...summed.csv()].map(({ name, text }) => [name, text]))).toEqual(expected.files);
        }),
        { ...LIMITS, numRuns: CASES * 2 },
      ),
    TIMEOUT,
  );
});
