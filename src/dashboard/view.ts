/** What is being looked at. All of it is in the address, so that a view can be sent to somebody, and the browser goes back. */

import type { ExportRule } from "./data/data.js";

export type Comparison = "none" | "previous" | "year";
/** What energy is shown as. */
export type Measure = "energy" | "cost" | "co2";

export interface View {
  /** Days, inclusive; `undefined`: not chosen yet, so the latest year. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Days whose hours are shown; `undefined`: not chosen. */
  readonly dayFrom: string | undefined;
  readonly dayTo: string | undefined;
  readonly timezone: string;
  /** Ids; none: all sources. */
  readonly sources: readonly string[];
  /** How export counts in sums; `undefined`: not chosen, as long as there is only one kind. */
  readonly export: ExportRule | undefined;
  readonly compare: Comparison;
  readonly measure: Measure;
  /** Decimal text: the price of a kWh, and its kg of CO₂. */
  readonly price: string;
  readonly currency: string;
  readonly co2: string;
}

export const EXPORT_RULES: readonly ExportRule[] = ["subtract", "add", "skip"];

/** Sources that are told apart in a stack. */
export const MOST_STACKED = 6;

const FIRST_VIEW: View = {
  ...{ from: undefined, to: undefined, dayFrom: undefined, dayTo: undefined, timezone: "UTC", sources: [] },
  export: undefined,
  ...{ compare: "none", measure: "energy", price: "0.30", currency: "EUR", co2: "0.35" },
};

const DAY = /^(19|20|21)\d\d-\d\d-\d\d$/;
const DECIMAL = /^\d{1,9}(\.\d{1,9})?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** Whether the calendar has it. */
function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The address of a view, after the `#`: only what differs from the first view. */
export function addressOf(view: View): string {
  const values = new URLSearchParams();
  const put = (name: string, value: string | undefined, usual?: string) => {
    if (value !== undefined && value !== usual) values.set(name, value);
  };
  put("from", view.from);
  put("to", view.to);
  put("days", view.dayFrom === undefined ? undefined : `${view.dayFrom}/${view.dayTo ?? view.dayFrom}`);
  put("timezone", view.timezone, FIRST_VIEW.timezone);
  for (const id of view.sources) values.append("source", id);
  put("export", view.export);
  put("compare", view.compare, "none");
  put("show", view.measure, "energy");
  put("price", view.price, FIRST_VIEW.price);
  put("currency", view.currency, FIRST_VIEW.currency);
  put("co2", view.co2, FIRST_VIEW.co2);
  return values.toString();
}

/** The view of an address: what is wrong in it is as in the first view. */
export function viewOf(address: string): View {
  const values = new URLSearchParams(address);
  const fitting = (name: string, fits: (value: string) => boolean) => {
    const value = values.get(name);
    return value !== null && fits(value) ? value : undefined;
  };
  const matching = (name: string, pattern: RegExp) => fitting(name, (value) => pattern.test(value));
  const one = <T extends string>(name: string, choices: readonly T[], usual: T): T =>
    choices.find((choice) => choice === values.get(name)) ?? usual;
  const from = fitting("from", isDay);
  const to = fitting("to", isDay);
  const [dayFrom, dayTo] = (values.get("days") ?? "").split("/");
  const days = dayFrom !== undefined && dayTo !== undefined && isDay(dayFrom) && isDay(dayTo) && dayFrom <= dayTo;
  const whole = from !== undefined && to !== undefined && from <= to;
  return {
    from: whole ? from : undefined,
    to: whole ? to : undefined,
    dayFrom: days ? dayFrom : undefined,
    dayTo: days ? dayTo : undefined,
    timezone: fitting("timezone", isZone) ?? FIRST_VIEW.timezone,
    sources: values.getAll("source").slice(0, MOST_STACKED),
    export: fitting("export", (value) => EXPORT_RULES.some((rule) => rule === value)) as ExportRule | undefined,
    compare: one("compare", ["none", "previous", "year"], "none"),
    measure: one("show", ["energy", "cost", "co2"], "energy"),
    price: matching("price", DECIMAL) ?? FIRST_VIEW.price,
    currency: matching("currency", CURRENCY) ?? FIRST_VIEW.currency,
    co2: matching("co2", DECIMAL) ?? FIRST_VIEW.co2,
  };
}
