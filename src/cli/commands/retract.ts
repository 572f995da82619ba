/** `electro retract`: ends a batch, whose readings count no more. */
import { UsageError } from "../../base/errors.js";
import type { FlagsOf } from "../../jobs/option-table.js";
import type { EndedBatch } from "../../jobs/retract.js";
import { DEFAULT_STORE } from "../../store/open.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";
import { serviceOf } from "../options.js";
import { RETRACT_HELP } from "../terminal/help.js";
import { counted } from "../terminal/numbers.js";
import type { World } from "../world.js";

/** As a store names batches. */
const ID = /^[1-9]\d{0,14}-[0-9a-f]{10}$/;

export const retractCommand: CommandDefinition = {
  name: "retract",
  summary: "end a batch of a store: its readings count no more",
  description:
    "Ends one batch, exactly: sums are as if it had never come. Readings that it covered, with --duplicates latest, count " +
    "again; a batch that it replaced does not. It stays in the ledger. One that has ended already stays as it is.",
  usage: "ID [options]",
  argument: ["ID", "the batch, as load --json and GET /v1/batches show it"],
  help: RETRACT_HELP,
  run: retract,
};

async function retract(args: readonly string[], flags: FlagsOf<"retract">, world: World): Promise<number> {
  const id = checkedId(args);
  checkShowFlags(flags);
  const service = serviceOf(flags);
  return runJob(flags, world, { untouched: "the store" }, async ({ log, context, done }) => {
    const { retractInStore, retractThrough } = await import("../../jobs/retract.js");
    const batch = await (service === undefined
      ? retractInStore(id, flags.store, context)
      : retractThrough(id, service, context));
    done();
    const where = service?.service ?? flags.store ?? DEFAULT_STORE;
    const { replacedBy, ...fields } = batch;
    log({
      ...{ level: "info", code: "retracted", message: `${where}: ${whatBecameOf(batch)}` },
      fields: replacedBy === undefined ? fields : { ...fields, replaced_by: replacedBy },
    });
  });
}

function whatBecameOf({ id, replacedBy, readings }: EndedBatch): string {
  if (replacedBy !== undefined)
    return `batch ${id} was replaced by batch ${replacedBy}, and did not count any more; nothing was changed`;
  return `batch ${id} is retracted; its ${counted(readings, "reading")} ${readings === 1 ? "counts" : "count"} no more`;
}

/** @throws UsageError */
function checkedId([id, ...more]: readonly string[]): string {
  if (id === undefined)
    throw new UsageError("bad_arguments", "no ID; name the batch to end, as in electro retract 5-6c7a0724c0");
  if (more.length > 0)
    throw new UsageError("bad_arguments", `"${more[0]}" is one argument too many; electro retract ends one batch`);
  if (!ID.test(id))
    throw new UsageError("bad_arguments", `"${id}" is not the id of a batch; such an id looks like 5-6c7a0724c0`);
  return id;
}
