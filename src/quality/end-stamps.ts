/** Detects timestamps that mark the end of their interval. */
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { dateAt, hourLabel } from "../time/period.js";
import { offsetAt, type Zone } from "../time/zone.js";

/**
 * Warns if the last reading is exactly at the start of a day, alone on that day: it probably marks the end of the last
 * interval of the previous day. To be used only if timestamps are taken to mark starts.
 * @param first instant of the first reading, in epoch seconds
 * @param last instant of the last reading, with its fraction of a second
 * @param oneTime whether all readings are of about one time of day: daily ones at midnight do not indicate end timestamps
 */
export function endStampsWarning(zone: Zone, first: number, last: number, oneTime: boolean): Warning | undefined {
  const startsDay = Number.isInteger(last) && dateAt(zone, last - 1) < dateAt(zone, last);
  if (oneTime || first === last || !startsDay) return undefined;
  const label = hourLabel(zone, last, offsetAt(zone, last));
  const message = say`the last timestamp is exactly ${label}, alone on its day: did you mean ${option("stamps", "end")}? It is for timestamps that mark the end of their interval`;
  return { code: "end_stamps", message };
}
