/** Scanners at rest, by how they read: most bodies of a service are read in one and the same way. */
import { type BodyLimits, BodyScanner } from "./body-scan.js";
import type { Planned } from "./work.js";

export class Scanners {
  private readonly resting = new Map<string, BodyScanner[]>();
  private count = 0;

  constructor(
    private readonly limits: BodyLimits,
    /** How many are kept. */
    private readonly most: number,
  ) {}

  take({ plan, key }: Planned): BodyScanner {
    const found = this.resting.get(key)?.pop();
    if (found === undefined) return new BodyScanner(plan.scan, this.limits);
    this.count--;
    return found;
  }

  /** Hands a scanner back, to be used for another body. */
  rest({ key }: Planned, scanner: BodyScanner): void {
    if (!scanner.light) return;
    const same = this.resting.get(key) ?? [];
    // Last in the map: the one used last.
    this.resting.delete(key);
    this.resting.set(key, same);
    same.push(scanner);
    this.count++;
    while (this.count > this.most) this.drop();
  }

  /** Gives up one of those that were used longest ago. */
  private drop(): void {
    for (const [key, some] of this.resting) {
      if (some.shift() !== undefined) this.count--;
      if (some.length === 0) this.resting.delete(key);
      return;
    }
  }
}
