/** Which type of reading and which source a block of readings has: its links tell, whether absolute or relative. */
import type { Block, Described, Feed, ReadingType } from "./feed.js";

/** An address without scheme, server, query and slash at its end. */
function pathOf(href: string): string {
  return href
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "")
    .replace(/[?#].*$/, "")
    .replace(/^\/+|\/+$/g, "");
}

function after(path: string, word: string): string | undefined {
  return new RegExp(`(?:^|/)${word}/([^/]+)`, "i").exec(path)?.[1];
}

/** `USAGE/METER`, where the address has both. */
function sourceIn(href: string): string | undefined {
  const path = pathOf(href);
  const usage = after(path, "UsagePoint");
  const meter = after(path, "MeterReading");
  return usage === undefined || meter === undefined ? undefined : `${usage}/${meter}`;
}

/** Several different values of one key are none. */
class Unique<T> {
  private readonly all = new Map<string, T | undefined>();

  add(key: string | undefined, value: T, isSame: (a: T, b: T) => boolean): void {
    if (key === undefined || key === "") return;
    const there = this.all.get(key);
    this.all.set(key, !this.all.has(key) || (there !== undefined && isSame(there, value)) ? value : undefined);
  }

  get(key: string | undefined): T | undefined {
    return key === undefined ? undefined : this.all.get(key);
  }
}

const sameType = (a: ReadingType, b: ReadingType) =>
  a.values.size === b.values.size && [...a.values].every(([name, value]) => b.values.get(name) === value);

/** Resolves the links of a feed. */
export class Links {
  private readonly byPath = new Unique<ReadingType>();
  private readonly byName = new Unique<ReadingType>();
  /** The types that MeterReadings name, by their sources, and by the addresses of their blocks. */
  private readonly ofSource = new Unique<ReadingType>();
  private readonly ofBlocks = new Unique<ReadingType>();
  private readonly services = new Unique<string>();
  private readonly only: ReadingType | undefined;
  private readonly isLinked: boolean;

  constructor({ types, meterReadings, usagePoints }: Feed) {
    for (const type of types) {
      const path = pathOf(type.entry.self);
      this.byPath.add(path, type, sameType);
      this.byName.add(after(path, "ReadingType"), type, sameType);
    }
    const [first] = types;
    this.only = first !== undefined && types.every((type) => sameType(type, first)) ? first : undefined;
    this.isLinked = meterReadings.some((meter) => this.typeNamedBy(meter) !== undefined);
    for (const meter of meterReadings) {
      const type = this.typeNamedBy(meter);
      if (type === undefined) continue;
      this.ofSource.add(sourceIn(meter.entry.self), type, sameType);
      for (const href of meter.entry.related)
        if (/\/IntervalBlock\b/i.test(href)) this.ofBlocks.add(pathOf(href), type, sameType);
    }
    for (const { entry, service } of usagePoints)
      if (service !== "") this.services.add(after(pathOf(entry.self), "UsagePoint"), service, (a, b) => a === b);
  }

  private typeNamedBy({ entry }: Described): ReadingType | undefined {
    for (const href of entry.related) {
      const path = pathOf(href);
      const type = this.byPath.get(path) ?? this.byName.get(after(path, "ReadingType"));
      if (type !== undefined) return type;
    }
    return undefined;
  }

  /** The type of a block's readings. Where no link of the document leads to one, it is the only one that there is. */
  typeOf({ entry }: Block): ReadingType | undefined {
    const found =
      this.ofBlocks.get(pathOf(entry.up)) ??
      this.ofSource.get(sourceIn(entry.self) ?? sourceIn(entry.up)) ??
      this.byNames(entry.related);
    return found ?? (this.isLinked ? undefined : this.only);
  }

  private byNames(related: readonly string[]): ReadingType | undefined {
    return related.map((href) => this.byPath.get(pathOf(href))).find((type) => type !== undefined);
  }

  /** The kind of service of a block's usage point, if the document says it. */
  serviceOf({ entry }: Block): string | undefined {
    return this.services.get(after(pathOf(entry.self), "UsagePoint") ?? after(pathOf(entry.up), "UsagePoint"));
  }

  /** Whose readings a block has. */
  sourceOf({ entry }: Block): string {
    return sourceIn(entry.self) ?? sourceIn(entry.up) ?? entry.id;
  }
}
