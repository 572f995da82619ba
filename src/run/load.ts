/**
 * The job of `electro load`: each input becomes a batch of a store, whose key is the SHA-256 of its bytes and of the
 * options that change their meaning. So what was loaded already is known by its content, whatever it is called now.
 */
import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { RunError, StoreError, UsageError } from "../domain/errors.js";
import { hashFile } from "../input/hash.js";
import type { Input } from "../input/input.js";
import type { Reject, RejectsWriter } from "../output/rejects.js";
import { openRejects } from "../output/rejects-file.js";
import { Scanner } from "../scan/scanner.js";
import { openStore } from "../store/open.js";
import { sizeOf } from "../store/packed.js";
import { type Batch, type Notes, type Store, type StoreState, StretchesPeriod } from "../store/store.js";
import { type Choice, decide } from "./decide.js";
import { storeMemory } from "./export.js";
import { findInputs } from "./inputs.js";
import { type Kept, keepInput, shaOfBatch } from "./keep.js";
import { KeptRejects } from "./kept-rejects.js";
import { addedResult, fileOf, type LoadedInput, NOTHING } from "./loaded.js";
import { notesOf, withRecord } from "./notes.js";
import type { ReadOptions, RunContext, RunEvent } from "./options.js";
import { type KeepPlan, keepPlanOf } from "./plan.js";
import { Rejections } from "./rejections.js";
import type { Scan } from "./scanned.js";
import { badRecords, leftOut } from "./sum.js";
import { Warnings } from "./warnings.js";

export interface LoadOptions extends ReadOptions {
  /** The store's address. Default `duckdb:electro.duckdb`, which is made if it is not there. */
  store?: string;
  /** Whether a bad record fails its input or is set aside. Default `fail`. */
  onError?: "fail" | "skip";
  /** File for the bad records. */
  rejects?: string;
  /** Days from the first with readings in the store to the last, at most. Default 3660. */
  maxDays?: number;
  /** A file that has changed since it was loaded takes the place of what it was. */
  replace?: boolean;
  /** A file that has changed since it was loaded counts beside what it was; what was retracted counts again. */
  again?: boolean;
  workers?: number;
  memory?: number;
}

export interface Loaded {
  /** In the order of the arguments. */
  readonly inputs: readonly LoadedInput[];
  /** Sum of what came in now, 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  /** Why inputs were not loaded. */
  readonly failures: readonly RunError[];
  /** The store afterwards. */
  readonly state: StoreState;
}

/** Batches that wait for the disk: so many packed bytes, or so many batches. */
const WAITING_BYTES = 32e6;
const WAITING = 1000;

/** What a store may say of one batch, while others can still come in. */
const OF_THE_BATCH = new Set([
  ...["too_much_energy", "too_many_sources", "stretches_period", "key_reused", "no_such_batch", "already_ended"],
]);

/**
 * Puts inputs into a store. One that fails does not keep the others out: `failures` has why.
 * @param inputs files, folders, globs, addresses, or `-`
 * @throws UsageError for wrong options or inputs
 * @throws RunError where the store or the disk fails; what was loaded until then stays
 */
export async function loadFiles(inputs: readonly string[], options: LoadOptions, context: RunContext): Promise<Loaded> {
  const plan = keepPlanOf(options);
  if (options.replace && options.again)
    throw new UsageError(
      "contradiction",
      "--replace and --again say the opposite of a file that has changed; choose one",
    );
  const rejectsPath = options.rejects === undefined ? undefined : resolve(context.cwd, options.rejects);
  const warnings = new Warnings(context.onEvent);
  const resolved = await findInputs(inputs, rejectsPath === undefined ? [] : [rejectsPath], context, warnings);
  const memory = options.memory ?? totalmem() / 2;
  const store = await openStore(options.store, {
    memory: storeMemory(memory),
    maxDays: options.maxDays,
    tell: (notice) => warnings.add(notice),
  });
  let rejects: RejectsWriter | undefined;
  try {
    if (rejectsPath !== undefined) rejects = openRejects(rejectsPath, options.rejects);
    const load = new Load(store, plan, options, { context, warnings, rejects, memory: memory / 2 }, resolved);
    const done = await load.run().finally(() => rejects?.finish());
    return { ...done, state: await store.state() };
  } finally {
    rejects?.abandon();
    await store.close();
  }
}

interface Tools {
  readonly context: RunContext;
  readonly warnings: Warnings;
  readonly rejects: RejectsWriter | undefined;
  /** Bytes of cells. */
  readonly memory: number;
}

class Load {
  private readonly results: LoadedInput[] = [];
  private readonly failures: RunError[] = [];
  private energy = 0n;
  private readonly waiting = new Set<Promise<void>>();
  private waitingBytes = 0;
  private readonly scanner: Scanner;
  private readonly totalBytes: number | undefined;
  private bytes = 0;
  private readings = 0;
  private rejected = 0;
  /** Batches that came in under another name than that of the input which has their content now. */
  private readonly relied = new Set<string>();
  /** What ends the run. */
  private fatal: unknown;

  constructor(
    private readonly store: Store,
    private readonly plan: KeepPlan,
    private readonly options: LoadOptions,
    private readonly tools: Tools,
    private readonly inputs: readonly Input[],
  ) {
    this.scanner = new Scanner(plan.scan);
    const sizes = inputs.map(({ size }) => size ?? Number.NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    this.totalBytes = Number.isNaN(total) ? undefined : total;
  }

  async run(): Promise<Omit<Loaded, "state">> {
    const { signal } = this.tools.context;
    try {
      for (const [n, input] of this.inputs.entries()) {
        signal?.throwIfAborted();
        if (this.fatal !== undefined) throw this.fatal;
        await this.attempt(n, input, () => this.one(n, input));
        this.bytes += input.size ?? 0;
        this.tell({ bytes: 0, readings: 0, rejected: 0 });
      }
    } finally {
      // What the store has taken over is told of, also where the run ends here.
      await Promise.all(this.waiting);
    }
    if (this.fatal !== undefined) throw this.fatal;
    const { results, energy, failures } = this;
    return { inputs: results, energy, failures };
  }

  private async attempt(n: number, { name }: Input, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.tools.context.signal?.throwIfAborted();
      if (!(error instanceof RunError) || (error instanceof StoreError && !OF_THE_BATCH.has(error.code))) {
        this.fatal ??= error;
        return;
      }
      this.failures.push(error);
      this.results[n] = { ...NOTHING, name, outcome: "failed", batch: null };
      this.tools.context.onEvent?.({ kind: "failed", code: error.code, message: error.message });
    }
  }

  private async one(n: number, input: Input): Promise<void> {
    const { context } = this.tools;
    // Hashing is quicker than scanning, and mostly there is nothing new; the file is still in the system's cache then.
    let sha = input.kind === "file" ? this.shaOf(await hashFile(input, context.signal)) : undefined;
    let choice = sha === undefined ? undefined : await this.choose(sha, input);
    if (choice !== undefined && this.settle(n, input, choice)) return;
    const { kept, scan, rejections, rejects } = await this.scan(input);
    sha ??= this.shaOf(scan.inputs[0].sha256 as string);
    choice ??= await this.choose(sha, input);
    if (this.settle(n, input, choice)) return;
    if (rejections.count > 0 && this.options.onError !== "skip") throw this.notLoaded(input, rejections, scan);
    const said = this.options.inputTimezone !== undefined;
    const notes = notesOf(input, scan, rejections, rejects, this.plan, said);
    this.warn(input, notes, rejections);
    if (kept.readings === 0 && choice.replaces === undefined) {
      const message = `${input.name}: there are no readings in it, so there is nothing to load`;
      this.tools.warnings.add({ code: "no_readings", message });
      this.results[n] = { ...NOTHING, name: input.name, outcome: "empty", batch: null, rejected: rejections.count };
      return;
    }
    await this.ingest(n, input, { sha, choice, kept, rejected: rejections.count, notes, rejects: rejects.parts() });
  }

  private shaOf(body: string): string {
    return shaOfBatch(body, this.plan, []);
  }

  private choose(sha: string, input: Input): Promise<Choice> {
    return decide(this.store, sha, { name: input.name, file: fileOf(input) }, this.options, this.relied);
  }

  /** Whether nothing is to be added. */
  private settle(n: number, input: Input, choice: Choice): choice is Exclude<Choice, { kind: "add" }> {
    if (choice.kind === "add") return false;
    if (choice.kind === "there") this.rely(input, choice.batch);
    if (choice.kind === "left_out") this.tools.warnings.add({ code: "left_out", message: choice.message });
    this.results[n] = { ...NOTHING, name: input.name, outcome: choice.kind, batch: choice.batch.id };
    return true;
  }

  private rely(input: Input, { id, file }: Batch): void {
    if (file !== fileOf(input)) this.relied.add(id);
  }

  private async scan(input: Input) {
    const { context, rejects, memory } = this.tools;
    const before = { readings: this.readings, rejected: this.rejected };
    const own = new KeptRejects(this.options.onError === "skip");
    const both = rejects === undefined ? [own] : [rejects, own];
    const keep = (reject: Reject) => both.forEach((one) => one.add(reject));
    const rejections = new Rejections(context.onEvent, keep, this.rejected);
    const { scan, ...kept } = await keepInput(input, this.plan, {
      workers: this.options.workers ?? availableParallelism(),
      memory,
      hashInputs: input.kind === "stream",
      scanner: this.scanner,
      rejections,
      emit: (event) => (event.kind === "progress" ? this.tell(event) : context.onEvent?.(event)),
      signal: context.signal,
    }).finally(() => {
      this.rejected = before.rejected + rejections.count;
    });
    this.readings = before.readings + kept.readings;
    return { kept, scan, rejections, rejects: own };
  }

  private tell({ bytes, readings, rejected }: { bytes: number; readings: number; rejected: number }): void {
    const event: RunEvent = {
      kind: "progress",
      bytes: this.bytes + bytes,
      totalBytes: this.totalBytes,
      readings: this.readings + readings,
      rejected: this.rejected + rejected,
    };
    this.tools.context.onEvent?.(event);
  }

  private warn({ name }: Input, { warnings: found }: Notes, rejections: Rejections): void {
    const { warnings } = this.tools;
    for (const warning of found) warnings.add(warning);
    if (rejections.count === 0) return;
    const { code, message } = leftOut(rejections, this.options.rejects);
    warnings.add({ code, message: `${name}: ${message}` });
  }

  private notLoaded({ name }: Input, rejections: Rejections, scan: Scan): RunError {
    const { code, message } = badRecords(rejections, scan, this.options.rejects);
    return new RunError(
      code,
      `${name}: ${message.replace("nothing was written", "it was not loaded").replace("sums the rest", "loads the rest")}`,
    );
  }

  /** Hands a batch to the store, and waits only where too much waits already: so small files share the wait for the disk. */
  private async ingest(n: number, input: Input, { sha, choice, kept, ...told }: Coming): Promise<void> {
    const { key, replaces } = choice;
    const batch = { ...kept, ...told, key, sha256: sha, replaces, sender: undefined, file: fileOf(input) };
    const bytes = sizeOf(kept.contribution);
    const ingested = this.attempt(n, input, async () => {
      const { batch: there, repeated } = await this.store.ingest(batch).catch(async (error: unknown) => {
        if (!(error instanceof StretchesPeriod)) throw error;
        throw await withRecord(error, input, this.plan, this.tools.context.signal);
      });
      if (!repeated) this.energy += kept.energy;
      else {
        // Another input of this run has the same content: so what this one said before is only to go.
        this.rely(input, there);
        if (replaces !== undefined) await this.store.retract(replaces);
      }
      this.results[n] = repeated
        ? { ...NOTHING, name: input.name, outcome: "there", batch: there.id }
        : addedResult(input, there, kept, told.rejected);
    });
    const waiting: Promise<void> = ingested.then(() => {
      this.waiting.delete(waiting);
      this.waitingBytes -= bytes;
    });
    this.waiting.add(waiting);
    this.waitingBytes += bytes;
    // Whether what it replaces still counts, the next input has to know.
    if (replaces !== undefined) await waiting;
    while (this.waiting.size > WAITING || (this.waitingBytes > WAITING_BYTES && this.waiting.size > 1))
      await this.waiting.values().next().value;
  }
}

/** What is to become a batch. */
interface Coming {
  readonly sha: string;
  readonly choice: Extract<Choice, { kind: "add" }>;
  readonly kept: Kept;
  readonly rejected: number;
  readonly notes: Notes;
  readonly rejects: readonly Uint8Array[];
}
