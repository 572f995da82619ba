import type { Unit } from "./energy.js";

export const RESOLUTIONS = ["15min", "hour", "day", "week", "month", "year", "total"] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** The options of `electro aggregate` that change what its files hold. */
export interface Options {
  timezone?: string;
  inputTimezone?: string;
  from?: string;
  to?: string;
  bySource?: boolean;
  resolutions?: readonly Resolution[];
  withCounts?: boolean;
  timestampField?: string;
  timeField?: string;
  timestampFormat?: string;
  valueField?: string | readonly string[];
  sourceField?: string | readonly string[];
  unitField?: string;
  only?: readonly string[];
  thousands?: "." | "," | "'" | " " | "\u00a0" | "\u202f";
  header?: "row" | "none";
  records?: string;
  unit?: Unit | "W" | "kW" | "MW";
  values?: "energy" | "power";
  interval?: string;
  endField?: readonly string[];
  end?: "exclusive" | "inclusive";
  durationField?: string;
  durationUnit?: "s" | "m" | "h";
  totals?: "count" | "skip";
  decimalComma?: boolean;
  missing?: readonly string[];
  stamps?: "start" | "end";
  export?: "subtract" | "add" | "skip";
  repeatedHour?: "order" | "first" | "last" | "fail";
  onError?: "fail" | "skip";
  maxDays?: number;
  fileDate?: "dd_mm" | "iso";
  decimals?: number;
  rawIds?: boolean;
  /** Changes nothing, which is why it is here. */
  workers?: number;
}

const FLAGS = ["bySource", "withCounts", "decimalComma", "rawIds"];
const NUMBERS = ["maxDays", "decimals", "workers"];
const TEXTS = [
  ...["timezone", "inputTimezone", "from", "to", "timestampField", "timeField", "timestampFormat", "valueField"],
  ...["sourceField", "records", "header", "unit", "stamps", "repeatedHour", "onError", "fileDate"],
  ...["values", "export", "interval", "end", "durationField", "durationUnit", "totals", "unitField", "thousands"],
];
/** Options that may be given more than once. */
const LISTS = ["missing", "endField", "only"];
/** Options that may be given once or more. */
const NAMES = ["valueField", "sourceField"];
/** Options that change nothing in the files that the oracle foresees. */
const OTHER_FLAGS = ["force", "strict", "print", "json", "hashInputs"];
const OTHER_TEXTS = ["memory", "logFormat", "rejects"];

const dashed = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The arguments that say the same on a command line. Values are joined with `=`, so one may begin with `-`. */
export function argsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (LISTS.includes(name) || NAMES.includes(name)) return [value].flat().map((one) => `${dashed(name)}=${one}`);
    return [value === true ? dashed(name) : `${dashed(name)}=${value}`];
  });
}

/** Arguments of a golden case → options and inputs. Throws for an option that it does not know. */
export function parseArgs(args: readonly string[]): { options: Options; inputs: string[] } {
  const options: Record<string, unknown> = {};
  const inputs: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "-" || !arg.startsWith("-")) {
      inputs.push(arg);
      continue;
    }
    const [dashedName = "", ...values] = arg.split("=");
    const name = dashedName.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (FLAGS.includes(name)) options[name] = true;
    else if (OTHER_FLAGS.includes(name)) continue;
    else if (name === "resolutions") options[name] = (values[0] ?? rest.shift())?.split(",");
    else {
      const value = values.length > 0 ? values.join("=") : rest.shift();
      if (LISTS.includes(name)) options[name] = [...((options[name] as string[]) ?? []), value];
      else if (NAMES.includes(name) && options[name] !== undefined)
        options[name] = [options[name] as string | string[], value as string].flat();
      else if (TEXTS.includes(name)) options[name] = value;
      else if (NUMBERS.includes(name)) options[name] = Number(value);
      else if (!OTHER_TEXTS.includes(name)) throw new Error(`the oracle does not know ${arg}`);
    }
  }
  return { options, inputs };
}
