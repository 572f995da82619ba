/** `electro load`: loads files into a store, each as a batch, once. */

import { RunError } from "../../base/errors.js";
import { type FlagsOf, jobOptions } from "../../jobs/option-table.js";
import type { LoadedInput, LoadResult } from "../../jobs/results.js";
import { addLeftOut, leftOutTexts } from "../../scan/left-out.js";
import { DEFAULT_STORE } from "../../store/open.js";
import { energyText } from "../../tally/energy.js";
import type { CommandDefinition } from "../command.js";
import { checkInputs, checkShowFlags, runJob } from "../job.js";

import { readAsLines } from "../terminal/finish.js";
import { LOAD_HELP } from "../terminal/help.js";
import { counted, grouped } from "../terminal/numbers.js";
import type { World } from "../world.js";

type LoadFlags = FlagsOf<"load">;

export const loadCommand: CommandDefinition = {
  name: "load",
  summary: "load readings into a store, each input once",
  description:
    "Loads the readings of INPUT… into a store, for electro export and electro serve. An input's content counts once, " +
    "however often it is loaded.",
  usage: "[options] INPUT…",
  argument: ["INPUT", "file, folder, glob, http(s):// address, or - for standard input"],
  help: LOAD_HELP,
  run: load,
};

async function load(inputs: readonly string[], flags: LoadFlags, world: World): Promise<number> {
  checkInputs(inputs, "load");
  checkShowFlags(flags);
  return runJob(flags, world, { untouched: "what was not loaded yet", inputs }, async ({ log, context, done }) => {
    const { loadFiles } = await import("../../jobs/load.js");
    const loaded = await loadFiles(inputs, jobOptions(flags), context);
    done();
    for (const input of loaded.inputs) log({ level: "debug", message: inputLine(input) });
    log({ level: "info", code: "loaded", lines: closingLines(loaded, flags), fields: fieldsOf(loaded) });
    if (flags.json) await world.stdout.write(`${JSON.stringify(reportOf(loaded), null, 2)}\n`);
    if (world.stdout.failure)
      throw new RunError("stdout_failed", `cannot write to standard output: ${world.stdout.failure.message}`);
    const failed = loaded.failures.length;
    if (failed > 0) {
      const others = loaded.inputs.length - failed;
      const rest = others === 0 ? "" : `; the ${others === 1 ? "other was" : `other ${grouped(others)} were`} loaded`;
      throw new RunError("not_loaded", `${grouped(failed)} of ${counted(loaded.inputs.length, "input")} failed${rest}`);
    }
  });
}

/** For people. Counts that are zero are not mentioned. */
function closingLines(loaded: LoadResult, { store = DEFAULT_STORE }: LoadFlags): string[] {
  const { inputs, state } = loaded;
  const sum = (what: "readings" | "rejected" | "rounded") => inputs.reduce((total, input) => total + input[what], 0);
  const outcomes = Object.entries(OUTCOMES).flatMap(([outcome, words]) => {
    const count = inputs.filter((input) => input.outcome === outcome).length;
    return count === 0 ? [] : `${grouped(count)} ${words}`;
  });
  const parts = [`${counted(sum("readings"), "reading")} added`, `total ${grouped(energyText(loaded.energy))} kWh`];
  if (sum("rejected") > 0) parts.push(`${counted(sum("rejected"), "record")} rejected`);
  parts.push(...leftOutTexts(addLeftOut(inputs.map(({ leftOut = {} }) => leftOut))));
  if (sum("rounded") > 0) parts.push(`${grouped(sum("rounded"))} rounded`);
  return [
    ...readAsLines(inputs),
    `${counted(inputs.length, "input")}: ${outcomes.join(", ") || "none"}`,
    parts.join(" · "),
    `${store} has ${counted(state.readings, "reading")} of ${counted(state.sources, "source")} in ${grouped(state.batches)} ${state.batches === 1 ? "batch" : "batches"}`,
  ];
}

const OUTCOMES: Readonly<Record<LoadedInput["outcome"], string>> = {
  added: "added",
  replaced: "replacing what was loaded before",
  there: "already loaded",
  left_out: "skipped",
  empty: "without a reading",
  failed: "not loaded",
};

function inputLine({ name, outcome, batch, readings, kWh }: LoadedInput): string {
  const what = readings > 0 ? ` (${counted(readings, "reading")}, ${grouped(kWh)} kWh)` : "";
  return `${name}: ${outcome.replace("_", " ")}${what}${batch === null ? "" : `, batch ${batch}`}`;
}

function fieldsOf({ energy, state }: LoadResult) {
  const { batches, readings, sources } = state;
  return { kWh: energyText(energy), store: { batches, readings, sources, kWh: energyText(state.energy) } };
}

/** For programs. */
function reportOf(loaded: LoadResult) {
  return { inputs: loaded.inputs, ...fieldsOf(loaded) };
}
