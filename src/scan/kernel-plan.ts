/** Tells the kernel how records are read: what timestamps look like and mean, and what readings cover. `kernel/state.ts` and `kernel/format.ts` are the other side. */
import { compileFormat, Part, type TimestampFormat } from "../time/timestamp-format.js";
import type { ScanPlan } from "./plan.js";

/** Addresses of `kernel/memory.ts` and `kernel/state.ts`. */
const FORMAT = 0x1200;
const STAMPS_END = 0x400 + 108;
const UNIT_POWER = 0x400 + 112;
const INTERVAL = 0x400 + 220;
const INTERVAL_SECONDS = 0x400 + 224;
const WALL_INTERVALS = 0x400 + 240;
const KEEPS = 0x400 + 256;
/** Of INTERVAL, for readings that are kept: moments. */
const MOMENTS = 3;
/** Steps that fit there. */
const MOST_STEPS = 250;
const FIRST_EPOCH = 2;

/** Whether the kernel can read timestamps by a format. */
function isKnown({ steps, epoch }: TimestampFormat): boolean {
  if (epoch !== undefined) return true;
  if (steps.length > 2 * MOST_STEPS) return false;
  // A record's lines are counted in its literals.
  return !steps.some((part, n) => n % 2 === 0 && part === Part.literal && steps[n + 1] < 32);
}

/** Whether the kernel can count readings by a plan: with timestamps in its format, and intervals as it has them. */
export function isForKernel(
  { timestampFormat, interval, skipTotals, keep, several }: ScanPlan,
  format: TimestampFormat | undefined,
): boolean {
  if (timestampFormat !== undefined && (format === undefined || !isKnown(format))) return false;
  if (skipTotals) return false;
  if (interval === undefined) return keep === undefined || !several;
  if (keep !== undefined) return false;
  const { length, power, inclusive } = interval;
  if (power) return false;
  return length === "end" ? !inclusive : typeof length === "object" && length.unit === "second";
}

/** Tells it a plan. @param view of its memory */
export function tellPlan(view: DataView, { stampsEnd, unitPower, timestampFormat, interval, keep }: ScanPlan): void {
  view.setUint32(STAMPS_END, stampsEnd ? 1 : 0, true);
  view.setUint32(UNIT_POWER, unitPower, true);
  const format = timestampFormat === undefined ? undefined : compileFormat(timestampFormat, true);
  const known = format !== undefined && isKnown(format);
  view.setUint32(FORMAT, !known ? 0 : format.epoch === undefined ? 1 : FIRST_EPOCH + format.epoch / 3, true);
  view.setUint32(FORMAT + 4, known ? format.steps.length / 2 : 0, true);
  if (known) for (let n = 0; n < format.steps.length; n++) view.setUint8(FORMAT + 8 + n, format.steps[n]);
  const length = interval?.length;
  const moments = keep === undefined ? 0 : MOMENTS;
  view.setUint32(INTERVAL, interval === undefined ? moments : length === "end" ? 2 : 1, true);
  view.setUint32(KEEPS, keep === undefined ? 0 : keep.way.register === undefined ? 1 : 2, true);
  view.setUint32(INTERVAL_SECONDS, typeof length === "object" ? length.count : 0, true);
}

/** How many readings with a wall time and an interval the kernel has counted since this was last asked. */
export function takeWallIntervals(view: DataView): number {
  const count = Number(view.getBigUint64(WALL_INTERVALS, true));
  if (count > 0) view.setBigUint64(WALL_INTERVALS, 0n, true);
  return count;
}
