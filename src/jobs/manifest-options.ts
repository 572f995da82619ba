/** The manifest's options: those of the table that change what the files hold. */
import type { Manifest } from "../output/manifest.js";
import type { OptionEntry } from "./option.js";
import { entriesOf, OPTIONS } from "./option-table.js";
import { schemaOf } from "./option-values.js";

type Values = { readonly [Name in keyof Manifest["options"]]: Manifest["options"][Name] | undefined };

/**
 * @param options of the job
 * @param meant what some of them come to, as the full name of a zone
 */
export function manifestOptions(command: "aggregate" | "export", options: object, meant: Values): Manifest["options"] {
  const given: Values = { ...options, ...meant };
  const shown = entriesOf(command).filter(([, { manifest }]) => manifest);
  return Object.fromEntries(shown.map(([name, entry]) => [name, given[name] ?? unsetOf(entry)]));
}

/** The schema of each, by its name. */
export function manifestOptionSchemas(): Record<string, object> {
  const shown = Object.entries<OptionEntry>(OPTIONS).filter(([, { manifest }]) => manifest);
  return Object.fromEntries(
    shown.map(([name, entry]) => {
      const schema = schemaOf(entry);
      return [name, unsetOf(entry) === null ? { anyOf: [schema, { type: "null" }] } : schema];
    }),
  );
}

/** What stands for an option that is not given. */
function unsetOf({ kind, default: value }: OptionEntry): string | number | boolean | null {
  return kind === "flag" ? false : (value ?? null);
}
