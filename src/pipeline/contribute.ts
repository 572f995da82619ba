/** From an input to what a store keeps of it: what was counted, by source and quarter hour of UTC. */
import { createHash } from "node:crypto";
import type { Input } from "../input/input.js";
import { packParts, sumsOf } from "../store/packed.js";
import type { NewBatch } from "../store/store.js";
import { blocksOf, extentOf } from "../tally/slots.js";
import { type Part, Plane } from "../tally/tally.js";
import type { IngestionPlan } from "./plan.js";
import { scanInputs } from "./scan.js";
import type { Scan, ScanContext } from "./totals.js";

/** The part of a batch that its readings say; whoever ingests it adds where they came from. */
export type Contributed = Pick<
  NewBatch,
  "readings" | "rounded" | "first" | "last" | "energy" | "absolute" | "contribution"
>;

/**
 * Scans an input for a store. Bad records are told to `context.rejections`; whether they matter is the caller's decision.
 * @param plan of `ingestionPlanOf`
 * @throws RunError where the input cannot be read to its end, or its energies are too large to be summed
 */
export async function contributeInput(
  input: Input,
  plan: IngestionPlan,
  context: ScanContext,
): Promise<Contributed & { scan: Scan }> {
  const scan = await scanInputs([input], plan, context);
  return { ...contributionOf(scan.parts, plan, scan), scan };
}

/** What scans counted, as a store keeps it. Nothing of it is a view of the parts. */
export function contributionOf(
  parts: readonly Part[],
  { clock, inputZone }: Pick<IngestionPlan, "clock" | "inputZone">,
  { rounded, absolute }: { rounded: number; absolute: bigint },
): Contributed {
  const contribution = packParts(parts, clock, inputZone);
  const extent = instantsOf(parts, { clock, inputZone });
  return {
    ...sumsOf(contribution),
    rounded,
    first: extent && Math.floor(extent.first),
    last: extent && Math.floor(extent.last),
    absolute,
    contribution,
  };
}

/** The instants of the first and the last reading, in epoch seconds with their fraction; `undefined` where there is none. */
export function instantsOf(parts: readonly Part[], { clock, inputZone }: Pick<IngestionPlan, "clock" | "inputZone">) {
  const fine = parts.some(({ pagePlane }) => pagePlane.some((plane) => plane >= Plane.instantFine));
  return extentOf(parts, blocksOf(fine ? parts : [], clock, inputZone), inputZone);
}

/**
 * What a batch's key stands for: its bytes, and everything that changes what they mean or what becomes of them.
 * @param body SHA-256 in hex of the bytes as they are stored or sent
 * @param others more that the same bytes may be sent with, as `on_error`
 * @returns SHA-256 in hex
 */
export function shaOfBatch(body: string, plan: IngestionPlan, others: readonly (string | null)[]): string {
  const { timestampField, valueField, sourceFields, records, unitPower, decimalComma, stampsEnd, repeatedHour } =
    plan.scan;
  const meaning = [
    ...[timestampField, valueField, sourceFields, records ?? null, unitPower, decimalComma, stampsEnd],
    ...[plan.inputZone.name, others],
    // Where it is what it always was, a key is what it always was.
    ...(repeatedHour === "order" ? [] : [repeatedHour]),
  ];
  return createHash("sha256")
    .update(`${body}\n${JSON.stringify(meaning)}`)
    .digest("hex");
}
