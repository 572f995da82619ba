/** `electro compact`: gives back the disk space of batches that have ended. */
import { sizeText } from "../../base/size.js";
import type { FlagsOf } from "../../jobs/option-table.js";
import { DEFAULT_STORE } from "../../store/open.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";
import { serviceOf } from "../options.js";
import { COMPACT_HELP } from "../terminal/help.js";
import type { World } from "../world.js";

export const compactCommand: CommandDefinition = {
  name: "compact",
  summary: "give back the disk space of batches that have ended",
  description:
    "Makes a store's file shorter by what batches took that were retracted or replaced. What the store answers stays the " +
    "same. Without it, new batches use that space.",
  usage: "[options]",
  help: COMPACT_HELP,
  run: (_, flags, world) => compact(flags, world),
};

async function compact(flags: FlagsOf<"compact">, world: World): Promise<number> {
  checkShowFlags(flags);
  const service = serviceOf(flags);
  return runJob(flags, world, { untouched: "the store" }, async ({ log, context, done }) => {
    const { compactStore, compactThrough } = await import("../../jobs/compact.js");
    const { before, after } = await (service === undefined
      ? compactStore(flags.store, context)
      : compactThrough(service, context));
    done();
    const where = service?.service ?? flags.store ?? DEFAULT_STORE;
    const message = `${where}: ${sizeText(after)}, ${sizeText(before)} before`;
    log({ level: "info", code: "compacted", message, fields: { before, after } });
  });
}
