/** Packs the readings that a store keeps themselves, as they are placed. */
import type { KeptReadings } from "../scan/kept-readings.js";
import type { KeepPlan } from "../scan/plan.js";
import type { Scanner } from "../scan/scanner.js";
import type { KeptBatch } from "../store/kept-rows.js";
import { packReadings, type Shows, type StoredReading } from "../store/packed-readings.js";
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import { textOfWay, type WayPart } from "../tally/way.js";
import type { Interval } from "../time/interval.js";

const DAY = 86_400;

export class KeptPacker {
  private readonly ids: string[] = [];
  private readonly ways: string[] = [];
  private readonly said = new Set<WayPart>();
  private readonly rows: { source: number; day: number; bytes: Uint8Array }[] = [];
  private readonly interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  private readonly value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };

  constructor(private readonly scanner: Scanner) {}

  /** Takes a source's readings, as the scanner's `onKept` has them. */
  readonly add = (source: number, start: number, end: number, keep: KeepPlan): void => {
    const { kernel } = this.scanner;
    const place = this.ids.push(Buffer.from(kernel.idOf(source)).toString("utf8")) - 1;
    this.ways.push(textOfWay(keep.way));
    for (const part of keep.said) this.said.add(part);
    const { stampsEnd } = keep;
    const isRegister = keep.way.register !== undefined;
    let day: StoredReading[] = [];
    let number = 0;
    let isSubtracted = false;
    const pack = () => {
      if (day.length > 0) this.rows.push({ source: place, day: number, bytes: packReadings(day, isSubtracted) });
      day = [];
    };
    for (let from = start; from < end; ) {
      const first = this.read(kernel.kept, from, isRegister, stampsEnd);
      const group = [first];
      let to = from + 1;
      for (; to < end; to++) {
        const next = this.read(kernel.kept, to, isRegister, stampsEnd);
        if (next.second !== first.second || next.nanos !== first.nanos) break;
        group.push(next);
      }
      from = to;
      const on = Math.floor(first.second / DAY);
      if (on !== number) {
        pack();
        number = on;
      }
      isSubtracted = isRegister && this.value.negative;
      day.push(...differing(group, keep));
    }
    pack();
  };

  /** All that was taken. */
  take(): KeptBatch {
    const { ids, ways, said, rows } = this;
    return { ids, ways, said: [...said], rows };
  }

  private read(kept: KeptReadings, row: number, isRegister: boolean, stampsEnd: boolean): StoredReading {
    const { interval, value } = this;
    kept.read(row, interval, value);
    const { from, fromNanos, to, toNanos } = interval;
    const size = sizeOf(value);
    const isMoment = from === to && fromNanos === toNanos;
    const shows: Shows = !isRegister && isMoment && stampsEnd ? "end" : kept.displayOf(row);
    return {
      ...{ second: from, nanos: fromNanos, to, toNanos, shows },
      value: value.negative && !isRegister ? -size : size,
    };
  }
}

/** Those of one instant that are not the same as another; with `latest`, those that were delivered last. */
function differing(group: readonly StoredReading[], { way }: KeepPlan): readonly StoredReading[] {
  if (group.length === 1) return group;
  if (way.duplicates === "latest") {
    if (way.register === undefined) return group.slice(-1);
    // The last reading, and the last exchange; which of them count, the store knows.
    const last = (shows: Shows) => group.findLast((one) => one.shows === shows) ?? [];
    return [last("old_end"), last("new_start"), last("reading")].flat();
  }
  const seen = new Map<string, StoredReading>();
  for (const one of group) seen.set(`${one.to} ${one.toNanos} ${one.value} ${one.shows}`, one);
  return [...seen.values()];
}
