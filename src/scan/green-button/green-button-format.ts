/**
 * Green Button (ESPI): an Atom feed, or one entry, of XML. A document is read into a feed, whose readings are kept until
 * those of all inputs are known; then they are counted without reading it again.
 */
import type { Decimal } from "../../tally/decimal.js";
import type { Interval } from "../../time/interval.js";
import { instantLabel } from "../../time/period.js";
import { zoneOf } from "../../time/zone.js";
import type { Context, Format } from "../context.js";
import type { Deliveries, Pass } from "../deliveries.js";
import { explainNothing } from "../explain-delivered.js";
import type { Kernel } from "../kernel.js";
import { ScanFailure } from "../plan.js";
import { bytesOf } from "./feed.js";
import { FeedError, FeedReader } from "./feed-reader.js";
import { type FlowReading, flowsOf } from "./flow-readings.js";

/** Bytes that are decoded at a time. */
const BYTES_AT_A_TIME = 64 * 1024;

export class GreenButtonFormat implements Format {
  readonly stopped = false;
  private readonly reader = new FeedReader();
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly value: Decimal = { negative: false, mantissa: 0, power: 0, big: 0n, rounded: false };
  private started = false;

  constructor(
    private readonly context: Context,
    private readonly deliveries: Deliveries,
    private readonly pass: Pass,
  ) {}

  resumePoint(): undefined {
    return undefined;
  }

  recordEnded(): void {}

  scan(start: number, end: number, final: boolean): number {
    if (this.pass === "count") {
      if (final) this.count();
      return end;
    }
    const { kernel } = this.context;
    try {
      for (let p = start; p < end; p += BYTES_AT_A_TIME) {
        const bytes = kernel.bytes.slice(p, Math.min(end, p + BYTES_AT_A_TIME));
        this.reader.write(this.decode(bytes, p));
        this.started = true;
      }
      this.deliveries.feedBytes = bytesOf(this.reader.feed);
      if (final) this.finish(end);
    } catch (error) {
      if (!(error instanceof FeedError)) throw error;
      throw new ScanFailure(Math.max(0, error.position), error.line, error.code, error.message, true);
    }
    return end;
  }

  private decode(bytes: Uint8Array, p: number): string {
    try {
      return this.decoder.decode(bytes, { stream: true });
    } catch {
      throw this.context.fail(p, "bad_xml", "the XML has bytes that are not UTF-8");
    }
  }

  private finish(end: number): void {
    if (!this.started) throw this.context.fail(end, "bad_xml", "the document is empty");
    this.reader.close();
    const { kernel } = this.context;
    const input = flowsOf(this.reader.feed, (id) => numberOf(kernel, id));
    for (const reading of input.readings) if (!("code" in reading)) this.deliveries.noteDirection(reading.isExport);
    this.deliveries.addFlows(input);
  }

  /** @throws ScanFailure where there is nothing but what is left out */
  private count(): void {
    const { context, deliveries } = this;
    const { readings, kinds } = deliveries.nextFlows();
    if (readings.length === 0 && Object.keys(kinds).length > 0)
      throw context.fail(context.kernel.window, ...explainNothing(kinds));
    for (const [kind, count] of Object.entries(kinds)) if (count > 0) context.leaveOut(kind, count);
    const skip = context.plan.exports === "skip";
    for (const reading of readings) {
      if ("code" in reading) this.reject(reading.code, reading.message, reading);
      else if (reading.verdict === "conflict")
        this.reject(
          "conflict",
          `${idOf(context.kernel, reading.source)} has several values from ${label(reading.from)} to ${label(reading.to)}`,
          reading,
        );
      else if (reading.isExport && skip) context.leaveOut("export", 1);
      else if (reading.verdict === "repeated" || reading.verdict === "coarser") context.leaveOut(reading.verdict, 1);
      else this.add(reading);
    }
  }

  private add({ source, isExport, from, to, energy, rounded, parts = [from, to] }: FlowReading): void {
    const { validator, plan, kernel } = this.context;
    if (isExport && plan.exports === "apart") kernel.exportSources.mark(source);
    const signed = isExport && plan.exports === "subtract" ? -energy : energy;
    const size = signed < 0n ? -signed : signed;
    const length = BigInt(to - from);
    const before = (second: number) => (size * BigInt(second - from)) / length;
    for (let n = 0; n < parts.length; n += 2) {
      this.interval.from = parts[n];
      this.interval.to = parts[n + 1];
      this.value.big = before(parts[n + 1]) - before(parts[n]);
      this.value.negative = signed < 0n;
      validator.order.spreader.count(source, parts[n], this.interval, this.value);
    }
    if (rounded) validator.rounded++;
  }

  private reject(
    code: Parameters<Context["rejectExcerpt"]>[0],
    message: string,
    { line, text }: { line: number; text: string },
  ): void {
    const bytes = Buffer.from(text);
    this.context.rejectExcerpt(
      code,
      message,
      { record: this.context.records, line, offset: 0, text: bytes },
      bytes.length,
    );
  }
}

function numberOf(kernel: Kernel, id: string): number {
  return kernel.sourceOf(Buffer.from(id));
}

function idOf(kernel: Kernel, source: number): string {
  return Buffer.from(kernel.idOf(source)).toString();
}

function label(second: number): string {
  return instantLabel(zoneOf("UTC"), second) as string;
}
