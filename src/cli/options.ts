/** A command's options as command-line flags. */
import { UsageError } from "../base/errors.js";
import { option, textOf } from "../base/message.js";
import { type Command, type OptionEntry, placeholderOf } from "../jobs/option.js";
import { entriesOf, type FlagsOf } from "../jobs/option-table.js";
import type { ServiceOptions } from "../jobs/service-call.js";

export interface Flag {
  /** Its name in code. */
  readonly name: string;
  /** `--max-days`. */
  readonly long: string;
  /** `-o`. */
  readonly short: string | undefined;
  /** The placeholder of its value: `DIR`; `undefined`: it has none. */
  readonly value: string | undefined;
  readonly entry: OptionEntry;
}

/** In the order of the table. */
export function flagsOf(command: Command): Flag[] {
  return entriesOf(command).map(([name, entry]) => {
    const { each, short } = entry;
    return {
      ...{ name, entry, long: textOf([option(each ?? name)], "commandLine") },
      short: short && `-${short}`,
      value: placeholderOf(entry),
    };
  });
}

export type AggregateFlags = FlagsOf<"aggregate">;
/** What to show, and how. */
export type ShowFlags = Pick<AggregateFlags, "print" | "json" | "logFormat" | "quiet" | "verbose">;
export type WhereFlags = Pick<FlagsOf<"check">, "store" | "service" | "tokenFile">;

/** @returns the service that is meant; `undefined`: the store is. @throws UsageError for a contradiction */
export function serviceOf({ store, service, tokenFile }: WhereFlags): ServiceOptions | undefined {
  if (store !== undefined && service !== undefined)
    throw new UsageError("contradiction", "--store and --service: name the store, or the service that has it open");
  if (tokenFile !== undefined && service === undefined)
    throw new UsageError("contradiction", "--token-file goes with --service");
  return service === undefined ? undefined : { service, tokenFile };
}
