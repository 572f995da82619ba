/** `electro check`: whether a store's sums agree with its batches. */
import { RunError } from "../../base/errors.js";
import type { Proof } from "../../jobs/check.js";
import type { FlagsOf } from "../../jobs/option-table.js";
import { DEFAULT_STORE } from "../../store/open.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";
import { serviceOf } from "../options.js";
import { CHECK_HELP } from "../terminal/help.js";
import { counted, grouped } from "../terminal/numbers.js";
import type { World } from "../world.js";

export const checkCommand: CommandDefinition = {
  name: "check",
  summary: "check a store's sums against its batches",
  description:
    "Computes every sum of a store again from the batches that count, and compares: each batch, each source and day, " +
    "the totals. Also reports whether acknowledged batches are missing.",
  usage: "[options]",
  help: CHECK_HELP,
  run: (_, flags, world) => check(flags, world),
};

async function check(flags: FlagsOf<"check">, world: World): Promise<number> {
  checkShowFlags(flags);
  const service = serviceOf(flags);
  return runJob(flags, world, { untouched: "the store" }, async ({ log, context, done }) => {
    const { proveStore, proveThrough } = await import("../../jobs/check.js");
    const proof = await (service === undefined ? proveStore(flags.store, context) : proveThrough(service, context));
    done();
    if (flags.json) await world.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    if (world.stdout.failure)
      throw new RunError("stdout_failed", `cannot write to standard output: ${world.stdout.failure.message}`);
    for (const { message, ...fields } of proof.differences)
      log({ level: "error", code: "difference", message, fields, bare: true });
    const where = service?.service ?? flags.store ?? DEFAULT_STORE;
    if (!proof.proven) throw new RunError("not_proven", notProven(where, proof));
    log({ level: "info", code: "proven", message: proven(where, proof), fields: fieldsOf(proof) });
  });
}

function proven(where: string, { batches, sources, readings }: Proof): string {
  const of = `${counted(readings, "reading")} of ${counted(sources, "source")}`;
  return `${where}: ${of}; every sum agrees with ${grouped(batches)} ${batches === 1 ? "batch" : "batches"}`;
}

function notProven(where: string, { differences: { length } }: Proof): string {
  const many = length >= 100 ? "100 differences or more" : counted(length, "difference");
  return `${where}: ${many}; restore a backup, or load the readings again into another store`;
}

function fieldsOf({ batches, sources, readings }: Proof) {
  return { batches, sources, readings };
}
