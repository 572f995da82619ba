/**
 * Resolutions: how long the rows of a summary are. Days and what is longer are *buckets* of whole days of a zone's calendar,
 * numbered in order; a day is a number, too (days since 1970-01-01).
 */
import { daysFromCivil } from "./instant.js";

/** From the finest on. */
export const RESOLUTIONS = ["15min", "hour", "day", "week", "month", "year", "total"] as const;

export type Resolution = (typeof RESOLUTIONS)[number];

/** What names of files, columns and calls begin with: `hourly_timestamp`. */
export const ADVERBS = {
  "15min": "quarter_hourly",
  hour: "hourly",
  day: "daily",
  week: "weekly",
  month: "monthly",
  year: "yearly",
  total: "total",
} as const satisfies Readonly<Record<Resolution, string>>;

/** The resolutions whose rows are shorter than a day. */
export type Short = "15min" | "hour";

/** Seconds of the rows that are shorter than a day. */
export const ROW_SECONDS: Readonly<Record<Short, number>> = { "15min": 900, hour: 3600 };

export function isShort(resolution: Resolution): resolution is Short {
  return resolution === "15min" || resolution === "hour";
}

/** Some resolutions in order, each once. */
export function inOrder(resolutions: readonly Resolution[]): Resolution[] {
  return RESOLUTIONS.filter((one) => resolutions.includes(one));
}

const DAY_MS = 86_400_000;

/** The bucket that a day is in: weeks begin on Mondays (ISO 8601), and all days are in the one bucket of the total. */
export function bucketOf(resolution: Resolution, day: number): number {
  switch (resolution) {
    case "week":
      // 1970-01-01 was a Thursday.
      return Math.floor((day + 3) / 7);
    case "month": {
      const date = new Date(day * DAY_MS);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
    case "year":
      return new Date(day * DAY_MS).getUTCFullYear();
    case "total":
      return 0;
    default:
      return day;
  }
}

/** The first day of a bucket; that of the total is not bounded. */
export function firstDayOf(resolution: Resolution, bucket: number): number {
  switch (resolution) {
    case "week":
      return bucket * 7 - 3;
    case "month":
      return daysFromCivil(Math.floor(bucket / 12), (bucket % 12) + 1, 1);
    case "year":
      return daysFromCivil(bucket, 1, 1);
    case "total":
      return bucket <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    default:
      return bucket;
  }
}
