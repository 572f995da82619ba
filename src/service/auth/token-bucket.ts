/** Limits how often each client may send requests: so many per second on average, and as many in a burst. */

/** A client's tokens, as of `at` (milliseconds). */
interface Bucket {
  tokens: number;
  at: number;
}

/** Beyond this many clients, those with full buckets are forgotten. */
const MAX_BUCKETS = 10_000;

export class TokenBucket {
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond at least 1 */
  constructor(private readonly perSecond: number) {}

  /** Takes a token. @param now milliseconds @returns 0, or the whole seconds to wait before the next attempt */
  take(client: string, now: number): number {
    const { perSecond } = this;
    let bucket = this.buckets.get(client);
    if (bucket === undefined) {
      if (this.buckets.size >= MAX_BUCKETS) this.forget(now);
      bucket = { tokens: perSecond, at: now };
      this.buckets.set(client, bucket);
    }
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
    bucket.tokens--;
    return 0;
  }

  /** Forgets the clients that have sent nothing for a second: their buckets are full again. */
  private forget(now: number): void {
    for (const [client, { at }] of this.buckets) if (now - at >= 1000) this.buckets.delete(client);
    // If all were active within the last second, some get more than their rate.
    if (this.buckets.size >= MAX_BUCKETS) this.buckets.clear();
  }
}
