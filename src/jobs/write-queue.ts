/**
 * A load's changes to a store. They are collected, so that small ones share a transaction; if too many are pending, `add`
 * waits. It knows which contents have changed since they were looked up.
 */

/** Changes are handed over once there are this many, or they have this many bytes. */
const GROUP = 250;
const GROUP_BYTES = 8e6;
/** The most changes, and bytes, that may wait for the disk. */
const MOST = 1000;
const MOST_BYTES = 32e6;

interface Change {
  /** The SHA-256 of each content whose batches it changes. */
  readonly contents: readonly string[];
  /** Its size in memory. */
  readonly bytes: number;
  readonly make: () => Promise<void>;
}

export class WriteQueue {
  private gathered: Change[] = [];
  private gatheredBytes = 0;
  private readonly underWay = new Set<Promise<void>>();
  private bytes = 0;
  /** Contents that are changing, and those that have changed since `asked`. */
  private readonly changing = new Set<string>();
  private readonly changed = new Set<string>();

  /** Adds a change. Rejects if one that it waits for does. */
  async add(change: Change): Promise<void> {
    this.gathered.push(change);
    this.gatheredBytes += change.bytes;
    this.bytes += change.bytes;
    for (const content of change.contents) this.changing.add(content);
    if (this.gathered.length >= GROUP || this.gatheredBytes >= GROUP_BYTES) this.handOver();
    while (this.underWay.size > MOST || (this.bytes > MOST_BYTES && this.underWay.size > 0))
      await this.underWay.values().next().value;
  }

  /** Resolves when all added changes are done. */
  async done(): Promise<void> {
    this.handOver();
    await this.handedOver();
  }

  /** The same for those that have been handed over already. */
  async handedOver(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Whether what is known about one of these contents may be out of date. */
  changes(contents: readonly string[]): boolean {
    return contents.some((content) => this.changing.has(content) || this.changed.has(content));
  }

  /** Call this before everything that matters from now on is looked up in the store. */
  asked(): void {
    this.changed.clear();
  }

  private handOver(): void {
    for (const change of this.gathered) {
      const made: Promise<void> = change.make().then(() => {
        this.underWay.delete(made);
        this.bytes -= change.bytes;
        for (const content of change.contents) {
          this.changing.delete(content);
          this.changed.add(content);
        }
      });
      this.underWay.add(made);
    }
    this.gathered = [];
    this.gatheredBytes = 0;
  }
}
