/** Which days are shown, where the view leaves that open. */
import type { ProfileDocument, Row } from "./data/data.js";
import { type Days, lengthOf, moved, plus, type Span, yearBefore } from "./days.js";
import type { View } from "./view.js";

/** The longest period that is shown without being asked for. */
const FIRST_DAYS = 366;
/** Days whose hours are shown when none are chosen, and the most that are shown as hours. */
const FEW_DAYS = 7;
const MOST_DAYS = 62;

export function daysOf(profile: ProfileDocument | undefined): Days | undefined {
  return profile === undefined || profile.from === null || profile.to === null
    ? undefined
    : { from: profile.from, to: profile.to };
}

export function periodOf({ from, to }: View, extent: Days | undefined): Days | undefined {
  if (from !== undefined && to !== undefined) return { from, to };
  if (extent === undefined) return undefined;
  return lengthOf(extent) <= FIRST_DAYS ? extent : { from: plus(extent.to, 1 - FIRST_DAYS), to: extent.to };
}

export function beforeOf({ compare }: View, period: Days): Days {
  return compare === "year" ? yearBefore(period) : moved(period, -1);
}

/** Not more bars than a screen has room for. */
export function barWidth(days: Days): Span {
  const length = lengthOf(days);
  return length <= 124 ? "day" : length <= 800 ? "week" : length <= 4400 ? "month" : "year";
}

/** The chosen days; else the whole of a short period, else the week that ends with the latest readings. */
export function hourDaysOf({ dayFrom, dayTo }: View, { from, to, bars }: ProfileDocument): Days | undefined {
  if (from === null || to === null) return undefined;
  if (dayFrom !== undefined && dayTo !== undefined) {
    const chosen = { from: dayFrom < from ? from : dayFrom, to: dayTo > to ? to : dayTo };
    if (chosen.from <= chosen.to)
      return lengthOf(chosen) <= MOST_DAYS ? chosen : { from: chosen.from, to: plus(chosen.from, MOST_DAYS - 1) };
  }
  if (lengthOf({ from, to }) <= FEW_DAYS) return { from, to };
  const last = bars.findLast(({ hours, hours_without_readings: empty }) => empty < hours)?.to ?? to;
  const first = plus(last, 1 - FEW_DAYS);
  return { from: first < from ? from : first, to: last };
}

export function layersOf(rows: readonly Row[], sources: readonly string[]) {
  if (rows.length === 0) return [];
  return sources.map((name) => ({ name, rows: rows.filter(({ source }) => source === name) }));
}
