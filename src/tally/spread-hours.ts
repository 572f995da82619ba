/** Hours that got energy of a register only by spreading it over a long time. */

/** Seconds of the longest time over which spreading is as good as measuring. */
const LONG = 2 * 3600;
const HOUR = 3600;

/** Counts hours of UTC of one source, whose energies come in the order of time and do not overlap. */
export class SpreadHours {
  count = 0;
  /** The last hour in which measured energy lies, and the last one that was counted. */
  private measured = Number.NEGATIVE_INFINITY;
  private counted = Number.NEGATIVE_INFINITY;

  /** @param from @param to epoch seconds, with their fraction, of the time that energy is spread over */
  add(from: number, to: number): void {
    const first = Math.floor(from / HOUR);
    const last = Math.ceil(to / HOUR) - 1;
    if (to - from <= LONG) {
      if (first === this.counted) {
        this.count--;
        this.counted--;
      }
      this.measured = last;
      return;
    }
    const next = Math.max(first, this.measured + 1, this.counted + 1);
    if (next <= last) this.count += last - next + 1;
    this.counted = Math.max(this.counted, last);
  }

  /** Begins with another source. @returns the hours of the one before */
  end(): number {
    const { count } = this;
    this.count = 0;
    this.measured = Number.NEGATIVE_INFINITY;
    this.counted = Number.NEGATIVE_INFINITY;
    return count;
  }
}
