/** How often somebody may ask: so many times a second on average, and as often at once. */

/** What somebody has left, and when that was so. */
interface Bucket {
  left: number;
  at: number;
}

/** So many clients are remembered before those that have all of theirs are forgotten. */
const MOST = 10_000;

export class TokenBucket {
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond at least 1 */
  constructor(private readonly perSecond: number) {}

  /** @param now milliseconds @returns 0, or the whole seconds after which it may be tried again */
  take(who: string, now: number): number {
    const { perSecond } = this;
    let bucket = this.buckets.get(who);
    if (bucket === undefined) {
      if (this.buckets.size >= MOST) this.forget(now);
      bucket = { left: perSecond, at: now };
      this.buckets.set(who, bucket);
    }
    bucket.left = Math.min(perSecond, bucket.left + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond);
    bucket.left--;
    return 0;
  }

  /** Whoever has not asked for a second has everything left, as if never seen. */
  private forget(now: number): void {
    for (const [who, { at }] of this.buckets) if (now - at >= 1000) this.buckets.delete(who);
    // All of them within a second: some are let off.
    if (this.buckets.size >= MOST) this.buckets.clear();
  }
}
