/**
 * The job of `electro load`: each input becomes a batch of a store, whose key is the SHA-256 of its bytes and of the
 * options that change their meaning. So what was loaded already is recognised by its content, whatever its name is now.
 */
import { availableParallelism, totalmem } from "node:os";
import { type RunError, StrictError, UsageError } from "../base/errors.js";
import { option, say, textOf } from "../base/message.js";
import type { WarningText } from "../base/warning.js";
import type { Input } from "../input/input.js";
import type { Reject } from "../output/reject.js";
import type { RejectsWriter } from "../output/rejects.js";
import { BatchRejects } from "../pipeline/batch-rejects.js";
import { contributeInput } from "../pipeline/contribute.js";
import type { RunEvent } from "../pipeline/event.js";
import { besideStore, storeMemory } from "../pipeline/memory.js";
import type { IngestionPlan } from "../pipeline/plan.js";
import { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import { noExport } from "../scan/export-filter.js";
import { Scanner } from "../scan/scanner.js";
import { sizeOf } from "../store/packed.js";
import { StorePeriodTooLong } from "../store/period-too-long.js";
import type { Batch, Store } from "../store/store.js";
import { type Addition, addedResult, emptyResult, fileOf, NOTHING } from "./additions.js";
import { type Arrival, Arrivals } from "./arrivals.js";
import { type ShasOf, settleKey, shasOf } from "./batch-key.js";
import { type Choice, decide } from "./decide.js";
import { findInputs, type Unreadable } from "./inputs.js";
import { contentsOf, type Known } from "./known.js";
import { checkGood, isOfBatch, notesOf, withName, withRecord } from "./notes.js";
import { rejectsFiles, withRejects, withStore } from "./opened.js";
import type { LoadOptions } from "./options.js";
import { ingestionPlanOf } from "./plan.js";
import { checkNotReplaced } from "./profile-conflict.js";
import { withProfile } from "./profiles.js";
import type { LoadedInput, LoadResult } from "./results.js";
import { UnnamedInputs } from "./unnamed.js";
import { WriteQueue } from "./write-queue.js";

/**
 * Loads inputs into a store. If one fails, the others are loaded all the same: `failures` has the reasons.
 * @param inputs files, folders, globs, addresses, or `-`
 * @throws UsageError for wrong options or inputs
 * @throws RunError if the store or the disk fails; what was loaded until then stays
 */
export async function loadFiles(
  inputs: readonly string[],
  given: LoadOptions,
  context: RunContext,
): Promise<LoadResult> {
  const options = withProfile(given, context.cwd);
  const plan = ingestionPlanOf(options);
  if (options.replace && options.again)
    throw new UsageError(
      "contradiction",
      say`${option("replace", true)} and ${option("again", true)} contradict each other for a file that has changed; choose one`,
    );
  const warnings = new Warnings(context);
  const unreadable: Unreadable[] = [];
  const resolved = await findInputs(inputs, rejectsFiles(options, context), context, warnings, (name, error) =>
    unreadable.push({ name, error }),
  );
  warnings.check(options.strict, { undone: "nothing was loaded" });
  const memory = options.memory ?? totalmem() / 2;
  const shas = shasOf(plan, given);
  const forStore = { memory: storeMemory(memory), maxDays: options.maxDays };
  return withStore(options.store, forStore, { context, warnings }, async (store) => {
    const done = await withRejects(options, context, (rejects) =>
      new Load(store, plan, options, shas, { context, warnings, rejects, memory }, resolved, unreadable).run(),
    );
    return { ...done, warnings: warnings.all, state: await store.state() };
  });
}

interface Tools {
  readonly context: RunContext;
  readonly warnings: Warnings;
  readonly rejects: RejectsWriter | undefined;
  /** Bytes that the process may use. */
  readonly memory: number;
}

class Load {
  private readonly results: LoadedInput[] = [];
  private readonly failures = new Map<number, RunError>();
  private energy = 0n;
  private readonly queue = new WriteQueue();
  private readonly arrivals: Arrivals;
  private readonly scanner: Scanner;
  private readonly totalBytes: number | undefined;
  private bytes = 0;
  private readings = 0;
  private rejected = 0;
  private hasExport = false;
  /** Batches that came in under a different name from the input that has their content now. */
  private readonly relied = new Set<string>();
  private readonly unnamed = new UnnamedInputs();
  /** What ends the run. */
  private fatal: unknown;

  constructor(
    private readonly store: Store,
    private readonly plan: IngestionPlan,
    private readonly options: LoadOptions,
    private readonly shasOf: ShasOf,
    private readonly tools: Tools,
    private readonly inputs: readonly Input[],
    private readonly unreadable: readonly Unreadable[],
  ) {
    this.scanner = new Scanner(plan.scan);
    const { signal } = tools.context;
    this.arrivals = new Arrivals(inputs, store, this.queue, shasOf, signal);
    const sizes = inputs.map(({ size }) => size ?? Number.NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    this.totalBytes = Number.isNaN(total) ? undefined : total;
  }

  async run(): Promise<Omit<LoadResult, "state" | "warnings">> {
    const { signal } = this.tools.context;
    try {
      for await (const one of this.arrivals.all()) {
        signal?.throwIfAborted();
        if (this.fatal !== undefined) throw this.fatal;
        const { n, input } = one;
        await this.attempt(n, input, () => this.one(one));
        this.bytes += input.size ?? 0;
        this.tell({ bytes: 0, readings: 0, rejected: 0 });
      }
      for (const [n, { name, error }] of this.unreadable.entries())
        await this.attempt(this.inputs.length + n, { name }, async () => {
          throw error;
        });
      await this.queue.done();
    } finally {
      // What was handed over to the store is reported, even if the run ends here.
      await this.queue.handedOver();
    }
    if (this.fatal !== undefined) throw this.fatal;
    this.tools.warnings.add(this.unnamed.warning());
    if (this.readings > 0) this.tools.warnings.add(noExport(this.plan.scan.exports, this.hasExport));
    const { results, energy } = this;
    const failures = results.flatMap((_, n) => this.failures.get(n) ?? []);
    return { inputs: results, energy, failures };
  }

  private async attempt(n: number, { name }: Pick<Input, "name">, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.tools.context.signal?.throwIfAborted();
      if (!isOfBatch(error)) {
        this.fatal ??= error;
        return;
      }
      this.failures.set(n, error);
      this.results[n] = { ...NOTHING, name, outcome: "failed", batch: null };
      this.tools.context.onEvent?.({
        kind: "failed",
        code: error.code,
        message: textOf(error.said, this.tools.context.surface ?? "library"),
      });
    }
  }

  private async one(arrival: Arrival): Promise<void> {
    const { n, input, failure } = arrival;
    if (failure !== undefined) throw failure;
    let choice = arrival.sha === undefined ? undefined : await this.choose(arrival);
    if (choice !== undefined && choice.kind !== "add") return this.leave(arrival, choice);
    const { contributed, scan, rejections, rejects } = await this.scan(input);
    if (this.inputs.length > 1) checkNotReplaced(scan.inputs[0], this.plan.scan);
    if (settleKey(arrival, this.shasOf, scan, this.plan.scan)) choice = undefined;
    choice ??= await this.choose(arrival);
    if (choice.kind !== "add") return this.leave(arrival, choice);
    if (this.options.onError !== "skip") checkGood(input, rejections, scan, this.plan, this.options);
    const said = this.options.inputTimezone !== undefined;
    const surface = this.tools.context.surface ?? "library";
    const lines = rejects.parts();
    const notes = notesOf(input, scan, rejections, rejects, this.plan, said, surface, this.options.rejects);
    const before = this.tools.warnings.all.length;
    for (const warning of notes.warnings) this.tools.warnings.add(warning);
    if (contributed.readings === 0 && contributed.contribution.kept === undefined && choice.replaces === undefined) {
      const message = `${input.name}: there are no readings in it, so there is nothing to load`;
      this.tools.warnings.add({ code: "no_readings", message });
      this.checkStrict(input, before);
      this.results[n] = emptyResult(input, rejections.count, notes);
      return;
    }
    this.tools.warnings.add(this.unnamed.note(input.name, contributed, this.options.strict === true));
    this.checkStrict(input, before);
    await this.ingest(arrival, { choice, contributed, rejected: rejections.count, notes, rejects: lines });
  }

  private async choose(arrival: Arrival): Promise<Choice> {
    const more = this.plan.scan.keep !== undefined;
    return decide(await this.arrivals.known(arrival), arrival.input.name, { ...this.options, more }, this.relied);
  }

  /** Adds nothing. */
  private async leave({ n, input, known }: Arrival, choice: Exclude<Choice, { kind: "add" }>): Promise<void> {
    const { kind, batch } = choice;
    this.results[n] = { ...NOTHING, name: input.name, outcome: kind, batch: batch.id };
    if (kind === "left_out") {
      const before = this.tools.warnings.all.length;
      this.tools.warnings.add({ code: "left_out", message: choice.message });
      this.checkStrict(input, before);
      return;
    }
    this.rely(input, batch);
    const { retracts } = choice;
    if (retracts === undefined) return;
    const contents = contentsOf(known as Known);
    const retract = async () => void (await this.store.retract(retracts));
    await this.queue.add({ contents, bytes: 0, make: () => this.attempt(n, input, retract) });
  }

  private rely(input: Input, { id, file }: Batch): void {
    if (file !== fileOf(input)) this.relied.add(id);
  }

  private async scan(input: Input) {
    const { context, rejects, memory } = this.tools;
    const before = { readings: this.readings, rejected: this.rejected };
    const own = new BatchRejects(this.options.onError === "skip");
    const both = rejects === undefined ? [own] : [rejects, own];
    const onReject = (reject: Reject) => both.forEach((one) => one.add(reject));
    const keeps = rejects === undefined ? own.keeps : Number.POSITIVE_INFINITY;
    const rejections = new Rejections(context, onReject, keeps, this.rejected);
    const { scan, ...contributed } = await contributeInput(input, this.plan, {
      workers: this.options.workers ?? availableParallelism(),
      memory,
      beside: besideStore(memory),
      hashInputs: input.kind === "stream",
      scanner: this.scanner,
      rejections,
      emit: (event) => (event.kind === "progress" ? this.tell(event) : context.onEvent?.(event)),
      surface: context.surface ?? "library",
      signal: context.signal,
    }).finally(() => {
      this.rejected = before.rejected + rejections.count;
    });
    this.readings = before.readings + contributed.readings;
    this.hasExport ||= scan.hasExport;
    return { contributed, scan, rejections, rejects: own };
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

  /** Warns of what the store has found. @throws StrictError */
  private found(input: Input, found: readonly WarningText[]): void {
    const { warnings } = this.tools;
    const from = warnings.all.length;
    for (const { code, message } of found) warnings.add({ code, message: `${input.name}: ${message}` });
    this.checkStrict(input, from);
  }

  /** @param from the first of the input's warnings @throws StrictError */
  private checkStrict({ name }: Input, from: number): void {
    this.tools.warnings.check(this.options.strict, { from, name, undone: "it was not loaded" });
  }

  /** Queues a batch for the store. */
  private async ingest({ n, input, known }: Arrival, { choice, contributed, ...told }: Addition): Promise<void> {
    const { sha, file } = known as Known;
    const { key, replaces } = choice;
    const batch = { ...contributed, ...told, key, sha256: sha, replaces, sender: undefined, file };
    const ingest = async () => {
      const { strict } = this.options;
      const { batch: there, repeated } = await this.store.ingest(batch, undefined, { strict }).catch(async (error) => {
        if (error instanceof StrictError) this.found(input, error.warnings);
        if (!(error instanceof StorePeriodTooLong)) throw withName(error, input);
        throw await withRecord(error, input, this.plan, this.tools.context.signal);
      });
      if (!repeated) {
        this.energy += contributed.energy;
        this.found(input, there.notes.warnings.slice(told.notes.warnings.length));
      } else {
        // Another input of this run has the same content: so this one's old content only has to be retracted.
        this.rely(input, there);
        if (replaces !== undefined) await this.store.retract(replaces);
      }
      this.results[n] = repeated
        ? { ...NOTHING, name: input.name, outcome: "there", batch: there.id }
        : addedResult(input, there, contributed, told);
    };
    await this.queue.add({
      contents: contentsOf(known as Known),
      bytes: told.rejects.reduce((sum, { length }) => sum + length, sizeOf(contributed.contribution)),
      make: () => this.attempt(n, input, ingest),
    });
  }
}
