/** The result of scanning all inputs, on one thread or on several. */

import { RunError } from "../base/errors.js";
import { option, type Surface, say, textOf } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { Sieved } from "../quality/duplicates.js";
import type { RegisterFindings } from "../quality/register-findings.js";
import type { Deliveries } from "../scan/deliveries.js";
import { hasExport } from "../scan/export-filter.js";
import type { KeptColumns } from "../scan/kept-readings.js";
import { MOST_HEAP } from "../scan/kernel.js";
import { addLeftOut, flagsOf, type LeftOut, leftOutTexts } from "../scan/left-out.js";
import type { Scanner } from "../scan/scanner.js";
import { idOf, type Part } from "../tally/tally.js";
import { joinRepeated, type RepeatedTimes } from "../time/repeated-hours.js";
import type { RunEvent } from "./event.js";
import type { Purpose } from "./memory.js";
import { type Overall, overallOf } from "./overall.js";
import type { Rejections } from "./rejections.js";
import { SAMPLE } from "./sample.js";
import type { Spilled } from "./spill.js";
import type { Failure } from "./tasks.js";

export interface ScanContext extends Purpose {
  readonly workers: number;
  readonly hashInputs: boolean;
  /** Reused, after a reset, if one thread does everything; default: a new one. What it counted is valid until its next use. */
  readonly scanner?: Scanner;
  /** Receives the readings of each source that are placed once all are known. */
  readonly onKept?: Scanner["onKept"];
  readonly rejections: Rejections;
  readonly emit: (event: RunEvent) => void;
  /** The surface that messages are worded for. */
  readonly surface: Surface;
  readonly signal: AbortSignal | undefined;
}

export interface InputResult {
  readonly name: string;
  readonly records: number;
  readonly readings: number;
  /** The line of the table's header, counted from 1; 0 where there is none. */
  readonly headerLine: number;
  /** The number of the known table that it was recognised as, counted from 1; 0 where it was not. */
  readonly known: number;
  /** Whether its readings are consumption, export or both, as bits; of formats that are read again it is not known here. */
  readonly directions: number;
  /** For a stream, if hashes are requested. */
  readonly sha256: string | undefined;
  readonly warnings: readonly Warning[];
  /** Why it could not be read to the end. */
  readonly failure: RunError | undefined;
  readonly delivered: boolean;
}

export interface Scan {
  readonly parts: readonly Part[];
  /** Instead of parts: what is on the disk. */
  readonly spilled: readonly Spilled[];
  /** For each input. */
  readonly inputs: readonly InputResult[];
  /** Records of all inputs, good and bad. */
  readonly records: number;
  readonly rounded: number;
  readonly leftOut: LeftOut;
  /** Readings by their flag of quality, where their format has them. */
  readonly flags: LeftOut;
  /** Σ|value| in 10⁻¹⁸ kWh. */
  readonly absolute: bigint;
  readonly repeated: RepeatedTimes;
  readonly overall: Overall;
  /** What was found out about cumulative readings. */
  readonly registers: RegisterFindings;
  /** Whether any reading is export. */
  readonly hasExport: boolean;
  /** Whether some input has a format whose readings are delivered again. */
  readonly delivered: boolean;
}

/** What one kernel has counted. */
export interface Counted {
  /** All cells, */
  readonly part: Part | undefined;
  /** or what is on the disk. */
  readonly spilled: Spilled | undefined;
  readonly rounded: number;
  readonly leftOut: LeftOut;
  /** Readings by their flag of quality, `A` first. */
  readonly flags: Float64Array;
  /** Σ|value| in 10⁻¹⁸ kWh; `undefined` if it has become too large. */
  readonly absolute: bigint | undefined;
  /** By input: the number under which records count whose source is only known at the input's end; and whether any has. */
  readonly unnamed: ReadonlyMap<number, { readonly source: number; readonly read: boolean }>;
  readonly repeated: RepeatedTimes;
  readonly sieved: Sieved;
  /** Readings that are yet to be counted in cells, if there are any. */
  readonly kept: KeptColumns | undefined;
  /** What was found out about cumulative readings, by the thread that placed them. */
  readonly registers: RegisterFindings;
}

/** 10²⁰ kWh. */
const TOO_MUCH = 10n ** 38n;

/**
 * @throws RunError for the last input that could not be read, after the others have been reported, or if the energies are
 * too large to be summed
 * @param delivered what is known of inputs that were read again
 */
export function finish(
  inputs: readonly InputResult[],
  counted: readonly Counted[],
  context: ScanContext,
  delivered: Deliveries,
): Scan {
  const { emit, spill, surface } = context;
  const failures = inputs.flatMap((input) => input.failure ?? []);
  const last = failures.pop();
  for (const { code, said } of failures) emit({ kind: "failed", code, message: textOf(said, surface) });
  if (last !== undefined) throw last;
  let absolute = 0n;
  for (const each of counted) absolute += each.absolute ?? TOO_MUCH;
  if (absolute >= TOO_MUCH) throw tooMuchEnergy();
  const leftOut = addLeftOut(counted.map((each) => each.leftOut));
  const texts = leftOutTexts(leftOut);
  if (texts.length > 0) emit({ kind: "detail", message: `no readings by the options: ${texts.join(", ")}` });
  const spilled = counted.flatMap((each) => each.spilled ?? []);
  if (spilled.length > 0 && spill !== undefined) {
    const bytes = spilled.reduce((sum, { file: { ends } }) => sum + ends[ends.length - 1], 0);
    emit({
      kind: "detail",
      message: `the sums by source and hour take too much memory: they are merged on the disk, where they take ${Math.round(bytes / 1e6)} MB in ${spill.displayName}`,
    });
  }
  return {
    parts: counted.flatMap((each) => each.part ?? []),
    spilled,
    inputs,
    records: inputs.reduce((sum, input) => sum + input.records, 0),
    rounded: counted.reduce((sum, each) => sum + each.rounded, 0),
    leftOut,
    flags: addLeftOut(counted.map((each) => flagsOf(each.flags))),
    absolute,
    registers: counted[0].registers,
    hasExport: hasExport(inputs.reduce((all, { directions }) => all | directions, delivered.directions)),
    delivered: inputs.some((input) => input.delivered),
    repeated: joinRepeated(counted.map(({ repeated }) => repeated)),
    overall: overallOf(
      counted.map(({ sieved }) => sieved),
      (n, source) => idOf((counted[n].part ?? counted[n].spilled) as Pick<Part, "ids" | "idEnds">, source),
      inputs.length === 1 ? inputs[0].name : "all inputs",
      inputs.length > 1 || inputs.some(({ readings }) => readings > SAMPLE),
    ),
  };
}

export function tooMuchEnergy(): RunError {
  return new RunError(
    "too_much_energy",
    say`the readings add up to 1e20 kWh or more (whatever their signs), past which sums would not be exact; is the unit right (${option("unit")})?`,
  );
}

/** @param lines before the one that the failure counts from */
export function failureOf(input: string, { code, message, at, cause }: Failure, lines: number): RunError {
  if (at === undefined) return new RunError(code, message, { cause });
  const before = at.fromFirst ? 0 : lines;
  return new RunError(code, say`${input}: line ${at.line + before + 1}, byte ${at.offset + 1}: ${message}`);
}

/**
 * @param context of the scan: if it had a place for cells on the disk, it is the sources that take too much
 * @param keeps whether each reading was kept, since it could be a total
 */
export function tooMuchMemory({ memory, spill }: ScanContext, keeps: boolean): RunError {
  const most = memory > MOST_HEAP;
  const limit = `${Math.round(Math.min(memory, MOST_HEAP) / 1e6)} MB`;
  if (keeps)
    return new RunError(
      "memory",
      say`the readings are kept in memory until all are known, since what counts depends on the others, and they need more than ${limit}${most ? ", the most that a thread can use" : ""}; ${most ? "" : say`allow more with ${option("memory")}, or `}sum fewer readings at a time`,
    );
  const what = spill === undefined ? "the sums by source and hour need" : "telling the sources apart needs";
  const fewer = spill === undefined ? "fewer sources or days" : "fewer sources";
  return new RunError(
    "memory",
    say`${what} more than ${limit}${most ? ", the most that a thread can use" : ""}; ${most ? "" : say`allow more with ${option("memory")}, or `}sum ${fewer} at a time`,
  );
}

/** @param known the name of the known table that it was recognised as */
export function readOneByOne(
  input: string,
  records: number,
  slow: number,
  headerLine: number,
  known: string | undefined,
): string {
  const header = headerLine > 0 ? `; the header is line ${headerLine}` : "";
  const as = known === undefined ? "" : `; read as ${known}`;
  return `${input}: ${records} records, ${slow} of them read one by one${header}${as}`;
}
