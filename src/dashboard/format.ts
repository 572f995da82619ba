/** Numbers, units and dates as the reader's own language writes them. Energy comes as exact decimals, and none is changed. */
import type { View } from "./view.js";

const locale = navigator.language;
const POWERS = [
  ["T", 9],
  ["G", 6],
  ["M", 3],
  ["k", 0],
  ["", -3],
] as const;

/** What amounts are shown in: a factor of kWh, and the units by size. */
export interface Scale {
  /** Decimal text that a kWh is multiplied by. */
  readonly factor: string;
  /** Units, each a power of ten of the base one, the largest first. */
  readonly units: readonly (readonly [unit: string, power: number])[];
  readonly currency?: string;
  /** What a total is called. */
  readonly noun: string;
}

export function scaleOf({ measure, price, currency, co2 }: View): Scale {
  if (measure === "cost") return { factor: price, units: [[currency, 0]], currency, noun: "cost" };
  if (measure === "co2")
    return {
      factor: co2,
      units: [
        ["kt", 6],
        ["t", 3],
        ["kg", 0],
        ["g", -3],
      ],
      noun: "CO₂",
    };
  return { factor: "1", units: POWERS.map(([prefix, power]) => [`${prefix}Wh`, power] as const), noun: "energy" };
}

/** The product of two decimals, exact. */
export function product(a: string, b: string): string {
  if (b === "1") return a;
  const [one, onePlaces] = wholeOf(a);
  const [other, otherPlaces] = wholeOf(b);
  return shifted(String(one * other), -(onePlaces + otherPlaces));
}

function wholeOf(text: string): [bigint, number] {
  const point = text.indexOf(".");
  return point < 0 ? [BigInt(text), 0] : [BigInt(text.replace(".", "")), text.length - point - 1];
}

/** A decimal times a power of ten, exact. */
export function shifted(text: string, power: number): string {
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const digits = whole + fraction;
  const point = whole.length + power;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = point <= 0 ? 1 : point;
  const after = padded.slice(at).replace(/0+$/, "");
  return `${sign}${padded.slice(0, at).replace(/^0+(?=\d)/, "")}${after === "" ? "" : `.${after}`}`;
}

/** The unit for amounts up to a size (in kWh times the factor). */
export function unitFor(most: number, { units }: Scale): readonly [unit: string, power: number] {
  const size = Math.abs(most);
  return (
    units.find(([, power]) => size >= 10 ** power * (power > 0 ? 10 : 1)) ??
    (size === 0 ? (units.find(([, p]) => p === 0) ?? units[0]!) : units[units.length - 1]!)
  );
}

const money = new Map<string, Intl.NumberFormat>();

/** An amount of kWh (exact decimal text) as people read it: `12.4 MWh`, `€3.20`. */
export function amount(kWh: string, scale: Scale, power?: readonly [string, number]): string {
  const value = product(kWh, scale.factor);
  if (scale.currency !== undefined) return moneyOf(scale.currency).format(value as `${number}`);
  const [unit, shift] = power ?? unitFor(Number(value), scale);
  return `${decimal(shifted(value, -shift))} ${unit}`;
}

/** Characters that would turn the text around them, or are not seen: an id or a file name may have any. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text of somebody else's, with what is not seen written out: `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** All digits of an amount, for who wants to compare it with the CSV. */
export function exact(kWh: string): string {
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 18 }).format(kWh as `${number}`)} kWh`;
}

function moneyOf(currency: string): Intl.NumberFormat {
  let format = money.get(currency);
  if (format === undefined) {
    try {
      format = new Intl.NumberFormat(locale, { style: "currency", currency });
    } catch {
      format = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    }
    money.set(currency, format);
  }
  return format;
}

const byDigits = [0, 1, 2, 3].map((maximumFractionDigits) => new Intl.NumberFormat(locale, { maximumFractionDigits }));

/** A decimal with about three digits that count. */
export function decimal(value: string | number): string {
  const size = Math.abs(Number(value));
  const places = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return byDigits[places]!.format(value as `${number}`);
}

export function whole(value: number): string {
  return byDigits[0]!.format(value);
}

/** `1 reading`, `2 readings`. */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return `<\u2009${percent(0.001)}`;
  // What is nearly whole is not: a source that lacks an hour of a year is not there for 100 %.
  if (share > 0.999 && share < 1) return percent(0.999);
  const digits = share !== 0 && (Math.abs(share) < 0.1 || (share > 0.99 && share < 1)) ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A power. */
export function power(kW: number | null | undefined): string {
  if (kW === null || kW === undefined) return "–";
  const size = Math.abs(kW);
  if (size >= 10_000) {
    const [unit, shift] = POWERS.find(([, shift]) => shift > 3 && size >= 10 ** (shift + 1)) ?? ["M", 3];
    return `${decimal(kW / 10 ** shift)} ${unit}W`;
  }
  return size < 1 && size > 0 ? `${decimal(kW * 1000)} W` : `${decimal(kW)} kW`;
}

const dates = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let format = dates.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
    dates.set(key, format);
  }
  return format;
}

/** A day such as `2024-01-31`. */
export function day(text: string, style: "short" | "long" = "short"): string {
  const date = new Date(`${text}T00:00:00Z`);
  return dateFormat(
    style === "long"
      ? { weekday: "short", day: "numeric", month: "long", year: "numeric" }
      : { day: "numeric", month: "short", year: "numeric" },
  ).format(date);
}

/** The day on which an instant is in a zone, as `2024-01-31`. */
export function dayIn(instant: string, timeZone: string): string {
  const key = `day ${timeZone}`;
  const format =
    dates.get(key) ??
    new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  dates.set(key, format);
  const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return [parts.get("year"), parts.get("month"), parts.get("day")].join("-");
}

export function days({ from, to }: { from: string; to: string }): string {
  if (from === to) return day(from, "long");
  const format = dateFormat({ day: "numeric", month: "short", year: "numeric" });
  return format.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`));
}

/** The moment of a label such as `2024-01-31T14:00:00+01:00`, in the time of its own zone. */
export function moment(label: string, style: "time" | "full" | "dated" = "full"): string {
  const wall = new Date(`${label.slice(0, 19)}Z`);
  if (style === "time") return dateFormat({ hour: "numeric", minute: "2-digit" }).format(wall);
  const year = style === "dated" ? ({ year: "numeric" } as const) : {};
  const time = { hour: "numeric", minute: "2-digit" } as const;
  return dateFormat({ weekday: "short", day: "numeric", month: "short", ...year, ...time }).format(wall);
}

/** Moments of a period: with the year, if the days are not all of one. */
export function momentsOf({ from, to }: { from: string | null; to: string | null }): (label: string) => string {
  const style = from?.slice(0, 4) === to?.slice(0, 4) ? "full" : "dated";
  return (label) => moment(label, style);
}

/** A bar's label as people read it: a day, a week's Monday, `2024-01`, `2024`. */
export function barLabel(label: string, width: string): string {
  if (width === "year") return label;
  if (width === "month")
    return dateFormat({ month: "long", year: "numeric" }).format(new Date(`${label}-01T00:00:00Z`));
  if (width === "week") return `week of ${day(label)}`;
  return day(label, "long");
}

/** The tick of a bar, with the month or the year where they begin. */
export function tick(label: string, width: string, previous: string | undefined): string {
  if (width === "year") return label;
  const date = new Date(`${label.padEnd(10, "-01").slice(0, 10)}T00:00:00Z`);
  const newYear = previous === undefined || previous.slice(0, 4) !== label.slice(0, 4);
  if (width === "month")
    return dateFormat(newYear ? { month: "short", year: "2-digit" } : { month: "short" }).format(date);
  const newMonth = previous === undefined || previous.slice(0, 7) !== label.slice(0, 7);
  return dateFormat(newMonth ? { day: "numeric", month: "short" } : { day: "numeric" }).format(date);
}

export function hoursLong(hours: number): string {
  if (hours < 48) return `${whole(hours)} h`;
  return `${decimal(hours / 24)} days`;
}

export function received(instant: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}
