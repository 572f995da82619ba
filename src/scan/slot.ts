/** The plane and slot of an instant under a plan. */
import { Plane } from "../tally/tally.js";
import type { ScanPlan } from "./plan.js";

/** @param border whether it marks the end of an interval on a whole second */
export function planeOfInstant({ instants }: ScanPlan, second: number, border: boolean): number {
  if (second >= instants.from) return Plane.instant;
  return border ? Plane.instantFineBorder : Plane.instantFine;
}

export function slotOfInstant({ instants }: ScanPlan, plane: number, second: number, border: boolean): number {
  return plane === Plane.instant ? Math.floor((border ? second - 1 : second) / instants.width) : second;
}
