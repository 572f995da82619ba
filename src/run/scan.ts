/** All inputs through the scanner, one after another. */
import type { Warning } from "../domain/suspicion.js";
import { dailyWarning, registerWarning, type Sample } from "../domain/suspicion.js";
import type { Part } from "../domain/tally.js";
import { RunError } from "../domain/errors.js";
import { sha256 } from "../input/hash.js";
import type { Input } from "../input/input.js";
import { Scanner } from "../scan/scanner.js";
import type { RunEvent } from "./options.js";
import type { Plan } from "./plan.js";
import { readInput } from "./read.js";
import type { Rejections } from "./rejections.js";

/** How many of an input's first readings are looked at for signs that they are of the wrong kind. */
const SAMPLE = 10_000;

export interface ScanContext {
  readonly workers: number;
  /** Bytes. */
  readonly memory: number;
  readonly hashInputs: boolean;
  readonly rejections: Rejections;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal | undefined;
}

/** Where a reading stands. */
export interface Place {
  readonly input: string;
  /** Counted from 0. */
  readonly record: number;
  readonly line: number;
}

export interface InputResult {
  readonly records: number;
  readonly readings: number;
  /** Of a stream, where hashes are asked for. */
  readonly sha256: string | undefined;
}

export interface Scan {
  readonly parts: readonly Part[];
  /** For each input. */
  readonly inputs: readonly InputResult[];
  /** Records of all inputs, good and bad. */
  readonly records: number;
  readonly rounded: number;
  readonly warnings: readonly Warning[];
}

/**
 * @throws RunError for the first input that cannot be read, after all others have been, so that their bad records are told
 */
export async function scanInputs(inputs: readonly Input[], plan: Plan, context: ScanContext): Promise<Scan> {
  const { rejections, emit, signal } = context;
  const scanner = new Scanner(plan.scan);
  const { kernel } = scanner;
  const sizes = inputs.map((input) => input.size);
  const totalBytes = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const results: InputResult[] = [];
  const warnings: Warning[] = [];
  let failure: RunError | undefined;
  let done = 0;
  let records = 0;
  for (const input of inputs) {
    kernel.startSample(SAMPLE);
    const hash = context.hashInputs && input.kind === "stream" ? sha256() : undefined;
    try {
      const scanned = await readInput(input, scanner, {
        signal,
        hash,
        onBad: (bad) => rejections.add(input.name, bad),
        onProgress: (bytes) => {
          if (kernel.heapBytes > context.memory) throw tooMuchMemory(context.memory);
          emit({ kind: "progress", bytes: done + bytes, totalBytes, readings: kernel.readings, rejected: rejections.count });
        },
      });
      records += scanned.records;
      results.push({ records: scanned.records, readings: scanned.readings, sha256: hash?.digest() });
      emit({
        kind: "detail",
        message: `${input.name}: ${scanned.records} records, ${scanned.slow} of them read one by one`,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RunError) || error.code === "memory") throw error;
      failure ??= error;
    }
    done += input.size ?? 0;
    const sample = sampleOf(kernel.takeSample());
    const nameOf = (source: number) => Buffer.from(kernel.idOf(source)).toString("utf8");
    for (const check of [registerWarning, dailyWarning]) {
      const warning = check(input.name, sample, nameOf);
      if (warning !== undefined) warnings.push(warning);
    }
  }
  if (failure !== undefined) throw failure;
  if (kernel.absolute === undefined)
    throw new RunError(
      "too_much_energy",
      "the readings add up to 1e20 kWh or more (their absolute values), past which sums would not be exact; is the unit right (--unit)?",
    );
  return { parts: [kernel.part(false)], inputs: results, records, rounded: scanner.judge.rounded, warnings };
}

function tooMuchMemory(memory: number): RunError {
  return new RunError(
    "memory",
    `the sums by source and hour need more than ${Math.floor(memory / 2 ** 20)} MiB; allow more with --memory, split the period with --from and --to, or leave out --by-source`,
  );
}

/** From flat triples of source, second and kWh. */
function sampleOf(flat: Float64Array): Sample {
  const length = flat.length / 3;
  return {
    length,
    source: Uint32Array.from({ length }, (_, i) => flat[3 * i]),
    second: Float64Array.from({ length }, (_, i) => flat[3 * i + 1]),
    kWh: Float64Array.from({ length }, (_, i) => flat[3 * i + 2]),
  };
}
