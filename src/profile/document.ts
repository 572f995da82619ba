/** A profile as JSON: energies are decimal text, powers are numbers to look at. */
import { energyText } from "../tally/energy.js";
import { dayText } from "../time/period.js";
import type { BarWidth } from "./bars.js";
import type { Load } from "./load.js";
import type { Profile } from "./profile.js";
import type { Band } from "./typical.js";

export type ProfileDocument = ReturnType<typeof profileDocument>;

/** Significant digits of powers. */
const DIGITS = 6;

/** @param bar the width of its bars */
export function profileDocument({ zone, hours: { day, length } }: Load, profile: Profile, bar: BarWidth) {
  const { peak, gaps, heatMap } = profile;
  return {
    timezone: zone.name,
    from: length === 0 ? null : dayText(day[0]!),
    to: length === 0 ? null : dayText(day[length - 1]!),
    bar,
    total_kWh: energyText(profile.total),
    readings: profile.readings,
    days: profile.days,
    days_with_readings: profile.daysWithReadings,
    hours: profile.hours,
    hours_without_readings: profile.hoursWithoutReadings,
    peak:
      peak === undefined
        ? null
        : {
            start: peak.start,
            minutes: peak.minutes,
            kWh: energyText(peak.kWh),
            kW: Number(peak.kW.toPrecision(DIGITS)),
          },
    base_load_kW: rounded(profile.baseLoad),
    negative_hours: profile.negativeHours,
    first_negative: profile.firstNegative ?? null,
    gaps: { count: gaps.count, first: gaps.first, longest: gaps.longest ?? null },
    bars: profile.bars.map(({ label, from, to, energy, readings, hours, hoursWithoutReadings }) => ({
      ...{ label, from, to, kWh: energyText(energy), readings, hours },
      hours_without_readings: hoursWithoutReadings,
    })),
    typical_day: { weekday: profile.weekday.map(bandDocument), weekend: profile.weekend.map(bandDocument) },
    duration_kW: profile.duration.map((kW) => Number(kW.toPrecision(DIGITS))),
    heat_map: {
      days_per_column: heatMap.width,
      days: heatMap.days,
      kW: heatMap.kW.map((column) => column.map((kW) => (kW === undefined ? false : rounded(kW)))),
    },
  };
}

function bandDocument({ low, median, high }: Band) {
  return { low_kW: rounded(low), median_kW: rounded(median), high_kW: rounded(high) };
}

function rounded(kW: number | null | undefined): number | null {
  return kW === undefined || kW === null ? null : Number(kW.toPrecision(DIGITS));
}
