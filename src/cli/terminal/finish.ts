/** The closing summary of a successful run. Zero counts are omitted. */
import type { ReportResult } from "../../jobs/results.js";
import type { Manifest } from "../../output/manifest.js";
import { registerTexts } from "../../quality/register-findings.js";
import { leftOutTexts } from "../../scan/left-out.js";
import { counted, grouped } from "./numbers.js";

export interface Finish {
  manifest: Manifest;
  /** The name of the run's zone. */
  zone: string;
  /** The number of hours in the period. */
  hours: number;
  /** Columns of each hour: with `--by-source` the sources of the period, else 1. */
  columns: number;
  /** The output folder, as the user named it. */
  folder: string;
  /** The report, as the user named it, if there is one. */
  report?: (ReportResult & { readonly name: string }) | undefined;
}

export function finishLines(finish: Finish): string[] {
  const { report } = finish;
  return [
    ...readAsLines(finish.manifest.inputs ?? []),
    readingsLine(finish),
    sumsLine(finish),
    filesLine(finish),
    ...(report ? [reportLine(report)] : []),
  ];
}

/** Inputs that were recognised by their headers. */
export function readAsLines(
  inputs: readonly { readonly name: string; readonly profile?: string | undefined }[],
): string[] {
  const profiles = new Map<string, string[]>();
  for (const { name, profile } of inputs)
    if (profile !== undefined) profiles.set(profile, [...(profiles.get(profile) ?? []), name]);
  return [...profiles].map(([profile, names]) => {
    const [first] = names;
    return `${names.length === 1 ? first : counted(names.length, "input")} read as ${profile}`;
  });
}

function reportLine({ name, bytes, sources, kept }: NonNullable<Finish["report"]>): string {
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return `report ${name} (${size})${kept < sources ? `, with the ${grouped(kept)} largest of ${counted(sources, "source")} by themselves` : ""}`;
}

function readingsLine({ manifest: { totals, period }, zone }: Finish): string {
  const readings = counted(totals.readings, "reading");
  const sources = totals.sources > 0 ? ` of ${counted(totals.sources, "source")}` : "";
  if (!period) return `${readings}${sources}`;
  const days = period.from === period.to ? period.from : `${period.from} to ${period.to}`;
  return `${readings}${sources}, ${days} (${zone})`;
}

function sumsLine({ manifest: { totals, options }, hours, columns }: Finish): string {
  const parts = [`total ${grouped(totals.kWh)} kWh`];
  if (hours > 0) parts.push(hoursText(hours, columns, totals.hoursFilled));
  const { rejected = 0, rejectedByReason = {}, rounded = 0, outOfPeriod } = totals;
  const { repeatedWallTimes = 0, ambiguousWallTimes = 0, skippedWallTimes = 0 } = totals;
  if (rejected > 0) parts.push(`${counted(rejected, "record")} rejected (${reasonsText(rejectedByReason)})`);
  parts.push(...leftOutTexts(totals.leftOut ?? {}));
  parts.push(...registerTexts(totals.registers ?? {}));
  if (rounded > 0) parts.push(`${grouped(rounded)} rounded`);
  if (repeatedWallTimes > 0) parts.push(repeatedText(repeatedWallTimes, ambiguousWallTimes, options["repeatedHour"]));
  if (skippedWallTimes > 0) parts.push(`${counted(skippedWallTimes, "wall time")} skipped by a clock change`);
  if (outOfPeriod > 0) parts.push(`${grouped(outOfPeriod)} outside the period`);
  return parts.join(" · ");
}

/** If all repeated wall times were resolved, this is not a warning. */
function repeatedText(repeated: number, ambiguous: number, way: unknown): string {
  const times = `${counted(repeated, "wall time")} repeated by a clock change`;
  if (way === "first" || way === "last") return `${times}, taken for the ${way}`;
  if (ambiguous === 0) return `${times}, told apart by the order of rows`;
  return ambiguous === repeated ? `${times}, ambiguous` : `${times}, ${grouped(ambiguous)} of them ambiguous`;
}

function reasonsText(rejectedByReason: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(rejectedByReason).sort(([a], [b]) => (a < b ? -1 : 1));
  return reasons.map(([reason, count]) => `${grouped(count)} ${reason}`).join(", ");
}

function hoursText(hours: number, columns: number, filled: number): string {
  if (columns === 1) {
    return `${counted(hours, "hour")}${filled > 0 ? `, ${grouped(filled)} of them filled with 0` : ""}`;
  }
  const rows = `${counted(hours, "hour")} × ${counted(columns, "source")}`;
  return filled > 0 ? `${rows}, ${grouped(filled)} of ${grouped(hours * columns)} rows filled with 0` : rows;
}

function filesLine({ manifest: { files }, folder }: Finish): string {
  const names = [...byDate(files, "quarter_hourly", "quarter-hourly"), ...byDate(files, "hourly", "hourly")];
  names.push(...files.map(({ name }) => name).filter((name) => !/_data_\d/.test(name)));
  const last = names.pop() ?? "manifest.json";
  return `${names.length > 0 ? `${names.join(", ")} and ` : ""}${last} in ${folder.replace(/\/*$/, "/")}`;
}

/** The files of one date each: the only one's name, or how many there are. */
function byDate(files: Manifest["files"], begin: string, kind: string): string[] {
  const some = files.filter(({ name }) => name.startsWith(`${begin}_data_`));
  if (some.length === 0) return [];
  return [some.length === 1 ? some[0]!.name : `${grouped(some.length)} ${kind} files`];
}
