/** Tells the kernel how timestamps are written and what readings cover; `kernel/format.ts` and `kernel/interval.ts` are the other side. */
import { compileFormat, Part, type TimestampFormat } from "../time/timestamp-format.js";
import type { ScanPlan } from "./plan.js";

/** Addresses of `kernel/memory.ts` and `kernel/state.ts`. */
const FORMAT = 0x1200;
const OFFSETS = 0xa000;
const INTERVAL = 0x400 + 220;
const INTERVAL_SECONDS = 0x400 + 224;
const INTERVALS_FROM = 0x400 + 232;
const WALL_INTERVALS = 0x400 + 240;
/** Steps that fit there. */
const MOST_STEPS = 250;
const FIRST_EPOCH = 2;
/** Days of which offsets are remembered, and what is added to a day's number. */
const DAYS = 1024;
const FIRST_DAY = 30_000;
/** Before every instant. */
const NEVER = -(2n ** 62n);

/** Whether the kernel can read timestamps by a format. */
function isKnown({ steps, epoch }: TimestampFormat): boolean {
  if (epoch !== undefined) return true;
  if (steps.length > 2 * MOST_STEPS) return false;
  // A record's lines are counted in its literals.
  return !steps.some((part, n) => n % 2 === 0 && part === Part.literal && steps[n + 1] < 32);
}

/** Whether the kernel can count readings by a plan: with timestamps in its format, and intervals as it has them. */
export function isForKernel({ timestampFormat, interval }: ScanPlan, format: TimestampFormat | undefined): boolean {
  if (timestampFormat !== undefined && (format === undefined || !isKnown(format))) return false;
  if (interval === undefined) return true;
  const { length, power, inclusive } = interval;
  if (power) return false;
  return length === "end" ? !inclusive : typeof length === "object" && length.unit === "second";
}

/** Tells it the format and the interval of a plan. @param view of its memory */
export function tellForms(view: DataView, { timestampFormat, interval, rows }: ScanPlan): void {
  const format = timestampFormat === undefined ? undefined : compileFormat(timestampFormat, true);
  const known = format !== undefined && isKnown(format);
  view.setUint32(FORMAT, !known ? 0 : format.epoch === undefined ? 1 : FIRST_EPOCH + format.epoch / 3, true);
  view.setUint32(FORMAT + 4, known ? format.steps.length / 2 : 0, true);
  if (known) for (let n = 0; n < format.steps.length; n++) view.setUint8(FORMAT + 8 + n, format.steps[n]);
  const length = interval?.length;
  view.setUint32(INTERVAL, interval === undefined ? 0 : length === "end" ? 2 : 1, true);
  view.setUint32(INTERVAL_SECONDS, typeof length === "object" ? length.count : 0, true);
  view.setBigInt64(INTERVALS_FROM, Number.isFinite(rows.from) ? BigInt(Math.ceil(rows.from as number)) : NEVER, true);
}

/** Remembers that clocks are some seconds east of UTC all day. @param wall a second of that day */
export function rememberOffset(view: DataView, wall: number, offset: number): void {
  const day = Math.floor(wall / 86_400);
  const entry = OFFSETS + 8 * (((day % DAYS) + DAYS) % DAYS);
  view.setUint32(entry, day + FIRST_DAY, true);
  view.setInt32(entry + 4, offset, true);
}

/** How many readings with a wall time and an interval the kernel has counted since this was last asked. */
export function takeWallIntervals(view: DataView): number {
  const count = Number(view.getBigUint64(WALL_INTERVALS, true));
  if (count > 0) view.setBigUint64(WALL_INTERVALS, 0n, true);
  return count;
}
