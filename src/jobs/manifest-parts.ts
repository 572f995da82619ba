/** What the manifests of all jobs have in common: the program, the options that change the files' content, the sums. */
import type { Manifest } from "../output/manifest.js";
import { energyText } from "../tally/energy.js";
import type { QueryResult } from "../tally/summarise.js";
import { dayText, instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import type { OptionEntry } from "./option.js";
import { entriesOf, OPTIONS } from "./option-table.js";
import { schemaOf } from "./option-values.js";
import { platform, version } from "./version.js";

type Values = { readonly [Name in keyof Manifest["options"]]: Manifest["options"][Name] | undefined };

/**
 * @param options of the job
 * @param meant the effective value of some of them, such as the full name of a zone
 */
export function manifestOptions(command: "aggregate" | "export", options: object, meant: Values): Manifest["options"] {
  const given: Values = { ...options, ...meant };
  const shown = entriesOf(command).filter(([, { manifest }]) => manifest);
  return Object.fromEntries(shown.map(([name, entry]) => [name, given[name] ?? unsetOf(entry)]));
}

/** The schema of each option, by its name. */
export function manifestOptionSchemas(): Record<string, object> {
  const shown = Object.entries<OptionEntry>(OPTIONS).filter(([, { manifest }]) => manifest);
  return Object.fromEntries(
    shown.map(([name, entry]) => {
      const schema = schemaOf(entry);
      return [name, unsetOf(entry) === null ? { anyOf: [schema, { type: "null" }] } : schema];
    }),
  );
}

/** The value of an option that is not given. */
function unsetOf({ kind, default: value }: OptionEntry): string | number | boolean | readonly string[] | null {
  if (kind === "choices") return `${value}`.split(",");
  return kind === "flag" ? false : (value ?? null);
}

/** The program that wrote it. */
export function writtenBy() {
  return { electro: { version: version() }, format: 1, versions: platform() } as const;
}

/** The totals of a summary. */
export function totalsOf({ totals }: QueryResult, zone: Zone) {
  const { readings, outOfPeriod, hoursFilled, sources, first, last, energy } = totals;
  return {
    ...{ readings, outOfPeriod, hoursFilled, sources },
    ...{ first: instantLabel(zone, first), last: instantLabel(zone, last), kWh: energyText(energy) },
  };
}

/** The days of a summary, both inclusive. */
export function periodDays({ period }: QueryResult): Manifest["period"] {
  return period === undefined ? null : { from: dayText(period.first), to: dayText(period.last) };
}
