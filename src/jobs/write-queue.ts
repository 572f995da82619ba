/**
 * What a load does to a store. Changes are gathered, so that small ones share a transaction, and are waited for where too
 * much is under way. It knows which contents have changed since they were asked about.
 */

/** Changes are handed over as soon as there are so many, or they have so many bytes. */
const GROUP = 250;
const GROUP_BYTES = 8e6;
/** So many may wait for the disk. */
const MOST = 1000;
const MOST_BYTES = 32e6;

interface Change {
  /** SHA-256 of the contents whose batches it changes. */
  readonly contents: readonly string[];
  /** That it holds in memory. */
  readonly bytes: number;
  readonly make: () => Promise<void>;
}

export class WriteQueue {
  private gathered: Change[] = [];
  private gatheredBytes = 0;
  private readonly underWay = new Set<Promise<void>>();
  private bytes = 0;
  /** Contents that are changing, and that have changed since `asked`. */
  private readonly changing = new Set<string>();
  private readonly changed = new Set<string>();

  /** Takes a change in. Rejects where one that it waits for does. */
  async add(change: Change): Promise<void> {
    this.gathered.push(change);
    this.gatheredBytes += change.bytes;
    this.bytes += change.bytes;
    for (const content of change.contents) this.changing.add(content);
    if (this.gathered.length >= GROUP || this.gatheredBytes >= GROUP_BYTES) this.handOver();
    while (this.underWay.size > MOST || (this.bytes > MOST_BYTES && this.underWay.size > 0))
      await this.underWay.values().next().value;
  }

  /** Resolves when all that was taken in is done. */
  async done(): Promise<void> {
    this.handOver();
    await this.handedOver();
  }

  /** The same of what has been handed over already. */
  async handedOver(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Whether something that is known of one of these contents may not be so any more. */
  changes(contents: readonly string[]): boolean {
    return contents.some((content) => this.changing.has(content) || this.changed.has(content));
  }

  /** To be called before the store is asked about everything that is to be known from now on. */
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
