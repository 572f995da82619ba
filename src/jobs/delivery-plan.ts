/** From options to how meters' own formats are read, and to the rows that what covers time is spread over. */
import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { ExportRule, RowsPlan, ScanPlan } from "../scan/plan.js";
import { hoursOf } from "../time/period.js";
import { type Zone, zoneOf } from "../time/zone.js";
import type { Where } from "./interval-plan.js";
import type { AggregateOptions, ReadOptions } from "./options.js";

/** Of the days of NEM12, which knows no other and no summer time. */
const NEM_ZONE = "+10:00";

/** @throws UsageError */
export function exportsOf({ export: rule, bySource }: Pick<AggregateOptions, "export" | "bySource">): ExportRule {
  if (!bySource) return rule ?? "ask";
  if (rule === "add" || rule === "subtract")
    throw new UsageError(
      "contradiction",
      say`${option("export", rule)} is about sums of all sources; with ${option("bySource", true)} consumption and export have rows of their own`,
      { option: "export" },
    );
  return rule ?? "apart";
}

/** @throws UsageError where sources are to stay apart, and a profile's mark of export is no part of their ids */
export function checkExportMark({ exports, exportMark, sourceFields }: Omit<ScanPlan, "known" | "exchanges">): void {
  if (exports !== "apart" || exportMark === undefined || "columns" in exportMark) return;
  const { field } = exportMark;
  if (sourceFields.includes(field)) return;
  throw new UsageError(
    "export_or_not",
    say`the field ${JSON.stringify(field)} tells export from consumption, and one source may have both: add ${option("sourceField", field)} to those of the source, or say ${option("export")}`,
    { option: "sourceField" },
  );
}

export function rowsOf({ zone, from }: Where): RowsPlan {
  return { zone, from: from === undefined ? undefined : hoursOf(zone, from, from + 1).start[0] };
}

/** The zone of the days of NEM12. */
export function nemZoneOf({ inputTimezone }: ReadOptions, { inputZone }: Where): Zone {
  return inputTimezone === undefined ? zoneOf(NEM_ZONE) : inputZone;
}
