/** Days as texts, `2024-01-31`, and as numbers since 1970. */

const DAY_MS = 86_400_000;

export type Days = { readonly from: string; readonly to: string };
export type Span = "day" | "week" | "month" | "year";

export function numberOf(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

function textOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function plus(day: string, days: number): string {
  return textOf(numberOf(day) + days);
}

export function lengthOf({ from, to }: Days): number {
  return numberOf(to) - numberOf(from) + 1;
}

/** The earlier of two days. */
export function earlier(day: string, other: string): string {
  return [day, other].sort()[0] as string;
}

/** Day 0 was a Thursday. */
function mondayOf(day: string): string {
  const number = numberOf(day);
  return textOf(number - ((((number + 3) % 7) + 7) % 7));
}

/** The day, ISO week, month or year that a day is in. */
export function spanAround(day: string, span: Span): Days {
  const year = Number(day.slice(0, 4));
  const month = Number(day.slice(5, 7));
  if (span === "day") return { from: day, to: day };
  if (span === "week") return { from: mondayOf(day), to: plus(mondayOf(day), 6) };
  if (span === "month")
    return { from: `${day.slice(0, 7)}-01`, to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) };
  return { from: `${day.slice(0, 4)}-01-01`, to: `${day.slice(0, 4)}-12-31` };
}

/** The span that some days are exactly, if they are one. */
export function spanOf(days: Days): Span | undefined {
  return (["day", "week", "month", "year"] as const).find((span) => {
    const around = spanAround(days.from, span);
    return around.from === days.from && around.to === days.to;
  });
}

/** The days that follow (`step` 1) or come before (−1): as many, or the next calendar month or year. */
export function moved(days: Days, step: 1 | -1): Days {
  const span = spanOf(days);
  if (span === "month" || span === "year") return spanAround(plus(step > 0 ? days.to : days.from, step), span);
  const length = lengthOf(days) * step;
  return { from: plus(days.from, length), to: plus(days.to, length) };
}

/** The same days a year before; of 29 February, the 28th. */
export function yearBefore({ from, to }: Days): Days {
  const before = (day: string) => {
    const text = `${String(Number(day.slice(0, 4)) - 1).padStart(4, "0")}${day.slice(4)}`;
    return text.endsWith("02-29") && !isLeap(Number(text.slice(0, 4))) ? text.replace(/29$/, "28") : text;
  };
  return { from: before(from), to: before(to) };
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
