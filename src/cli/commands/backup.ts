/** `electro backup`: copies a store, even while a service is using it. */
import { resolve } from "node:path";
import { UsageError } from "../../base/errors.js";
import { sizeText } from "../../base/size.js";
import type { FlagsOf } from "../../jobs/option-table.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";
import { serviceOf } from "../options.js";
import { BACKUP_HELP } from "../terminal/help.js";
import type { World } from "../world.js";

type BackupFlags = FlagsOf<"backup">;

export const backupCommand: CommandDefinition = {
  name: "backup",
  summary: "copy a store, even while a service is using it",
  description:
    "Writes a copy of a store to FILE, which is a store of its own: it has every batch that was acknowledged before, " +
    "each wholly or not at all. FILE only appears once all of it is on disk.",
  usage: "-o FILE [options]",
  help: BACKUP_HELP,
  run: (_, flags, world) => backup(flags, world),
};

async function backup(flags: BackupFlags, world: World): Promise<number> {
  checkShowFlags(flags);
  const { output, force } = flags;
  if (output === undefined)
    throw new UsageError(
      "missing_output",
      "no --output; name the file to write, as in electro backup -o backup.duckdb",
    );
  const service = serviceOf(flags);
  return runJob(flags, world, { untouched: output }, async ({ log, context, done }) => {
    const { backupStore, backupThrough } = await import("../../jobs/backup.js");
    const options = { output, force };
    const bytes = await (service === undefined
      ? backupStore(flags.store, options, context)
      : backupThrough(service, options, context));
    done();
    const file = resolve(world.cwd, output);
    log({ level: "info", code: "backed_up", message: `${output}: ${sizeText(bytes)}`, fields: { file, bytes } });
  });
}
