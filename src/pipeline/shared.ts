/** What the threads of a run share: the next tasks, whether to stop, and the progress of each. Plain numbers in shared memory. */
const NEXT = 0;
const STOP = 1;
const BAD = 2;
const SPILLED = 3;
const KEPT = 4;
const FIRST = 6;
/** Numbers of a thread: bytes read, readings. */
const EACH = 2;

/** The number of the main thread; workers have the others. */
export const MAIN = 0;

/** Why the threads are to stop; 0: they are not. */
export const Stop = { none: 0, aborted: 1, memory: 2, tooManyBad: 3, failed: 4 } as const;

/** More bad records than this are not kept in memory: the run begins again on one thread, which reports them as it goes. */
const MAX_BAD = 20_000;

export class Shared {
  private readonly numbers: Float64Array;
  private readonly flags: Int32Array;

  constructor(readonly memory: SharedArrayBuffer) {
    this.flags = new Int32Array(memory, 0, FIRST);
    this.numbers = new Float64Array(memory, FIRST * 4);
  }

  static for(threads: number): Shared {
    return new Shared(new SharedArrayBuffer(FIRST * 4 + threads * EACH * 8));
  }

  /** The number of the next lot of tasks that no thread has taken. */
  takeLot(): number {
    return Atomics.add(this.flags, NEXT, 1);
  }

  /** Why all threads are to stop. */
  stop(): number {
    return Atomics.load(this.flags, STOP);
  }

  /** The first reason counts. */
  stopFor(reason: number): void {
    Atomics.compareExchange(this.flags, STOP, Stop.none, reason);
  }

  /** @param kept whether it is kept in memory */
  countBad(kept: boolean): void {
    Atomics.add(this.flags, BAD, 1);
    if (kept && Atomics.add(this.flags, KEPT, 1) >= MAX_BAD) this.stopFor(Stop.tooManyBad);
  }

  get bad(): number {
    return Atomics.load(this.flags, BAD);
  }

  /** Whether some thread has spilled cells, so that all must in the end. */
  get spilled(): boolean {
    return Atomics.load(this.flags, SPILLED) === 1;
  }

  spill(): void {
    Atomics.store(this.flags, SPILLED, 1);
  }

  /** Reports the progress of a thread. */
  report(thread: number, bytes: number, readings: number): void {
    const at = thread * EACH;
    this.numbers[at] = bytes;
    this.numbers[at + 1] = readings;
  }

  get bytes(): number {
    return this.sum(0);
  }

  get readings(): number {
    return this.sum(1);
  }

  private sum(which: number): number {
    let sum = 0;
    for (let at = which; at < this.numbers.length; at += EACH) sum += this.numbers[at];
    return sum;
  }
}
