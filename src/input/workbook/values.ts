/** Numbers of cells as text: by their shortest decimals, and dates as ISO 8601. */

/** What a format shows of a number. */
export type Shown = "number" | "date" | "time" | "instant";

/** What the cells of a sheet refer to. */
export interface Workbook {
  readonly texts: readonly string[];
  /** By the number of a cell's style. */
  readonly styles: readonly Shown[];
  readonly from1904: boolean;
}

const DAY_MS = 86_400_000;

/** Formats that workbooks need not describe, which show dates or times. */
const BUILT_IN: Readonly<Record<number, Shown>> = {
  ...{ 14: "date", 15: "date", 16: "date", 17: "date", 18: "time", 19: "time", 20: "time", 21: "time", 22: "instant" },
  ...{ 45: "time", 46: "time", 47: "time" },
  ...Object.fromEntries([27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, "date" as const])),
  ...Object.fromEntries([32, 33, 34, 35, 55, 56].map((id) => [id, "time" as const])),
};

/** @param code of the format, if the workbook has one of this number */
export function shownBy(id: number, code: string | undefined): Shown {
  if (code === undefined) return BUILT_IN[id] ?? "number";
  // Without texts, escaped characters, colours and conditions; of several sections the first. `[h]` are hours, too.
  const bare = code
    .replace(/"[^"]*"|\\.|_.|\*./g, "")
    .replace(/\[(h+|m+|s+)\]/gi, "$1")
    .replace(/\[[^\]]*\]/g, "")
    .split(";")[0] as string;
  if (/general/i.test(bare)) return "number";
  const time = /[hs]/i.test(bare);
  // An m beside hours or seconds is minutes.
  const date = /[dy]/i.test(bare) || (!time && /m/i.test(bare) && !/[0#?]/.test(bare));
  return date ? (time ? "instant" : "date") : time ? "time" : "number";
}

/**
 * A number as text.
 * @param text as the workbook has it
 * @param from1904 whether day 0 is 1904-01-01
 */
export function numberText(text: string, shown: Shown, from1904: boolean): string {
  const value = Number(text);
  // 17 digits are one double, and fewer may tell the same.
  if (!Number.isFinite(value) || text.trim() === "") return text;
  if (shown === "number") return String(value);
  const ms = Math.round(value * DAY_MS);
  if (ms < 0) return String(value);
  if (shown === "time" && ms < DAY_MS) return new Date(ms).toISOString().slice(11, ms % 1000 === 0 ? 19 : 23);
  // Lotus had a 29 February 1900, and Excel still has.
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, value < 61 ? 31 : 30);
  const at = epoch + ms;
  if (!(at < Date.UTC(10_000, 0, 1))) return String(value);
  const iso = new Date(at).toISOString();
  if (shown === "date" && ms % DAY_MS === 0) return iso.slice(0, 10);
  return iso.slice(0, ms % 1000 === 0 ? 19 : 23);
}
