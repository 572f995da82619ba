/** The warnings about timestamps without an offset: the zone they were read in, and what clock changes did to them. */

import { type Message, option, say } from "../base/message.js";
import type { Warning, WarningCode } from "../base/warning.js";
import { CELL_WORDS, PAGE_SLOTS, readingsAt } from "../tally/cell.js";
import { blocksOf } from "../tally/slots.js";
import { type Part, Plane, wallReadings } from "../tally/tally.js";
import { dayText } from "../time/period.js";
import type { AmbiguousDay, RepeatedTimes } from "../time/repeated-hours.js";
import type { Zone } from "../time/zone.js";
import type { IngestionPlan } from "./plan.js";

/** Timestamps without an offset. */
export interface WallTimes {
  /** All but those that a clock change repeats. */
  readonly once: number;
  readonly skipped: number;
  readonly repeated: RepeatedTimes;
}

/**
 * @param zone that they were read in
 * @param said whether the user named that zone
 * @param input that they are from; `undefined`: several, which are then named with their days
 */
export function wallWarnings(
  { once, skipped, repeated }: WallTimes,
  zone: Zone,
  said: boolean,
  input?: string,
): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: WarningCode, message: Message) =>
    warnings.push({ code, message: input === undefined ? message : say`${input}: ${message}` });
  const all = once + repeated.readings - repeated.zoned;
  if (all > 0 && !said)
    warn(
      "no_offset",
      say`${timestamps(all)} without an offset ${all === 1 ? "was" : "were"} taken for ${zone.name}; say whose clock ${all === 1 ? "it is" : "they are"} of with ${option("inputTimezone")}`,
    );
  const { ambiguous } = repeated;
  if (ambiguous > 0)
    warn(
      "repeated_wall_times",
      say`${timestamps(ambiguous)} without an offset ${ambiguous === 1 ? "is" : "are"} repeated by a clock change, and the order of the rows does not tell which time is meant, so the earlier was taken: ${daysText(repeated, input === undefined)}; say otherwise with ${option("repeatedHour")}`,
    );
  if (skipped > 0)
    warn(
      "skipped_wall_times",
      `${timestamps(skipped)} without an offset ${skipped === 1 ? "is" : "are"} skipped by a clock change, and taken for the time after it`,
    );
  return warnings;
}

export function wallTimesOf(
  parts: readonly Part[],
  { clock, inputZone }: Pick<IngestionPlan, "clock" | "inputZone">,
  repeated: RepeatedTimes,
): WallTimes {
  let { once, skipped } = repeated;
  for (const part of parts) {
    once += wallReadings(part);
    if (!part.pagePlane.some((plane) => plane === Plane.wallFine || plane === Plane.wallFineBorder)) continue;
    const blocks = blocksOf([part], clock, inputZone);
    part.pagePlane.forEach((_, page) => {
      const { isSkipped } = blocks.all[blocks.ofPage[0][page]];
      for (let i = 0; i < PAGE_SLOTS; i++)
        if (isSkipped[i] === 1) skipped += readingsAt(part.words, part.pageWord[page] + i * CELL_WORDS);
    });
  }
  return { once, skipped, repeated };
}

function daysText({ days, named }: RepeatedTimes, withInputs: boolean): string {
  const rest = days - named.length;
  const all = [
    ...named.map((day) => dayOf(day) + (withInputs ? ` (${day.input})` : "")),
    ...(rest > 0 ? [`${rest} more`] : []),
  ];
  const last = all.pop();
  return all.length === 0 ? `${last}` : `${all.join(", ")} and ${last}`;
}

function dayOf({ source, day }: AmbiguousDay): string {
  const id = source.length === 0 ? "no source" : JSON.stringify(shortened(Buffer.from(source).toString("utf8")));
  return `${id} on ${dayText(day)}`;
}

function shortened(id: string): string {
  return id.length > 80 ? `${id.slice(0, 80)}…` : id;
}

function timestamps(count: number): string {
  return `${count} ${count === 1 ? "timestamp" : "timestamps"}`;
}
