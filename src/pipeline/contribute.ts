/** From an input to its contribution to a store: what was counted, by source and quarter hour of UTC. */
import { createHash } from "node:crypto";
import type { Input } from "../input/input.js";
import type { ExportRule } from "../scan/plan.js";
import { Scanner } from "../scan/scanner.js";
import { type KeptBatch, withKept } from "../store/kept-rows.js";
import { packParts, sumsOf } from "../store/packed.js";
import type { NewBatch } from "../store/store.js";
import { blocksOf, extentOf } from "../tally/slots.js";
import { type Part, Plane } from "../tally/tally.js";
import { textOfWay } from "../tally/way.js";
import { KeptPacker } from "./kept-packer.js";
import type { IngestionPlan } from "./plan.js";
import { scanInputs } from "./scan.js";
import type { Scan, ScanContext } from "./totals.js";

/** The part of a batch that its readings determine; whoever ingests it adds where they came from. */
export type Contributed = Pick<
  NewBatch,
  "readings" | "rounded" | "first" | "last" | "energy" | "absolute" | "contribution" | "apart"
>;

/**
 * Scans an input for a store. Bad records go to `context.rejections`; whether they matter is the caller's decision.
 * @param plan of `ingestionPlanOf`
 * @throws RunError where the input cannot be read to its end, or its energies are too large to be summed
 */
export async function contributeInput(
  input: Input,
  plan: IngestionPlan,
  context: ScanContext,
): Promise<Contributed & { scan: Scan }> {
  const scanner = context.scanner ?? new Scanner(plan.scan);
  const packer = new KeptPacker(scanner);
  const scan = await scanInputs([input], plan, { ...context, scanner, onKept: packer.add });
  return { ...contributionOf(scan.parts, plan, { ...scan, kept: packer.take() }), scan };
}

/** What scans counted, as a store keeps it. None of its arrays is a view of the parts. */
export function contributionOf(
  parts: readonly Part[],
  { clock, inputZone }: Pick<IngestionPlan, "clock" | "inputZone">,
  { rounded, absolute, delivered, kept }: { rounded: number; absolute: bigint; delivered: boolean; kept: KeptBatch },
): Contributed {
  const alone = packParts(parts, clock, inputZone);
  const extent = instantsOf(parts, { clock, inputZone });
  return {
    ...sumsOf(alone),
    rounded,
    first: extent && Math.floor(extent.first),
    last: extent && Math.floor(extent.last),
    absolute,
    contribution: withKept(alone, kept),
    // Which of two deliveries is later a store does not know.
    apart: delivered,
  };
}

/** The instants of the first and the last reading, in epoch seconds with their fraction; `undefined` where there is none. */
export function instantsOf(parts: readonly Part[], { clock, inputZone }: Pick<IngestionPlan, "clock" | "inputZone">) {
  const fine = parts.some(({ pagePlane }) => pagePlane.some((plane) => plane >= Plane.instantFine));
  return extentOf(parts, blocksOf(fine ? parts : [], clock, inputZone), inputZone);
}

/** What options about intervals say, if any was given. */
function intervalOf({ scan: { interval, endFields, durationField } }: IngestionPlan): object[] {
  if (interval === undefined) return [];
  const { length, durationUnit, inclusive, power } = interval;
  return [{ length, endFields, durationField, durationUnit, inclusive, power }];
}

/** Whether the user said what becomes of export. */
function isChosen(rule: ExportRule): boolean {
  return rule === "subtract" || rule === "add" || rule === "skip";
}

/**
 * What a batch's key stands for: its bytes, and everything that changes what they mean or what happens to them.
 * @param body SHA-256 in hex of the bytes as they are stored or sent
 * @param others further settings that the same bytes may be sent with, such as `on_error`
 * @param replacing what was given in the place of what a recognised profile, or a format, says, and the plan does not show
 * @returns SHA-256 in hex
 */
export function shaOfBatch(
  body: string,
  plan: IngestionPlan,
  others: readonly (string | null)[],
  replacing: readonly unknown[] = [],
): string {
  const { timestampField, valueFields, sourceFields, records, unitPower, decimalComma, stampsEnd, repeatedHour } =
    plan.scan;
  const { timestampFormat, timeField, missing, sourceJoined, unitField, only, thousands, encoding } = plan.scan;
  const meaning = [
    ...[timestampField, valueFields[0], sourceFields, records ?? null, unitPower, decimalComma, stampsEnd],
    ...[plan.inputZone.name, others],
    // With the defaults, keys are the same as before these options existed.
    ...(repeatedHour === "order" ? [] : [repeatedHour]),
    ...(plan.scan.header ? [] : ["no header"]),
    ...(valueFields.length === 1 ? [] : [{ valueFields }]),
    ...(sourceJoined ? ["joined"] : []),
    ...(unitField === undefined ? [] : [{ unitField }]),
    ...(only.length === 0 ? [] : [{ only }]),
    ...(thousands === undefined ? [] : [{ thousands }]),
    ...(encoding === undefined ? [] : [{ encoding }]),
    ...(missing.length === 0 ? [] : [{ missing: [...new Set(missing)].sort() }]),
    ...intervalOf(plan),
    ...(plan.scan.skipTotals ? ["totals"] : []),
    ...(plan.scan.keep === undefined ? [] : [{ way: textOfWay(plan.scan.keep.way) }]),
    ...(isChosen(plan.scan.exports) ? [{ exports: plan.scan.exports }] : []),
    ...(timestampFormat === undefined && timeField === undefined ? [] : [{ timestampFormat, timeField }]),
    ...(replacing.length === 0 ? [] : [{ replacing }]),
  ];
  return createHash("sha256")
    .update(`${body}\n${JSON.stringify(meaning)}`)
    .digest("hex");
}
