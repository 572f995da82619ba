/**
 * The sources of several parts under one numbering: number 0 is the unnamed one, the others are in the order of their
 * ids' UTF-8 bytes. Ids stay bytes, in one array: there may be millions.
 */
import type { Part } from "./tally.js";

type Ids = Pick<Part, "ids" | "idEnds" | "seen">;

export class Sources {
  /** For each part and its source number, the common number; meaningless for a source without a reading. */
  readonly numberOf: readonly Uint32Array[];
  /** How many sources have a reading. */
  readonly seen: number;
  private readonly bytes: Buffer;
  /** For each named source, from number 1 on, where its id begins and ends in `bytes`. */
  private readonly begins: Uint32Array;
  private readonly ends: Uint32Array;

  constructor(parts: readonly Ids[]) {
    const all = parts.length === 1 ? parts[0].ids : Buffer.concat(parts.map(({ ids }) => ids));
    this.bytes = Buffer.from(all.buffer, all.byteOffset, all.byteLength);
    const most = parts.reduce((sum, { idEnds }) => sum + idEnds.length, 0);
    // Part by part: ids with readings.
    const begins = new Uint32Array(most);
    const ends = new Uint32Array(most);
    let length = 0;
    let unnamed = 0;
    let base = 0;
    for (const { ids, idEnds, seen } of parts) {
      unnamed |= seen[0];
      for (let n = 1; n < idEnds.length; n++) {
        if (!seen[n]) continue;
        if (idEnds[n] === idEnds[n - 1]) unnamed = 1;
        else {
          begins[length] = base + idEnds[n - 1];
          ends[length++] = base + idEnds[n];
        }
      }
      base += ids.length;
    }
    const order = this.sorted(begins, ends, length);
    const number = new Uint32Array(length);
    let count = 0;
    for (let n = 0; n < length; n++) {
      const id = order[n];
      if (count === 0 || this.compare(begins, ends, order[count - 1], id) !== 0) order[count++] = id;
      number[id] = count;
    }
    let next = 0;
    this.numberOf = parts.map(({ idEnds, seen }) => {
      const numbers = new Uint32Array(idEnds.length);
      for (let n = 1; n < numbers.length; n++) if (seen[n] && idEnds[n] !== idEnds[n - 1]) numbers[n] = number[next++];
      return numbers;
    });
    this.begins = Uint32Array.from({ length: count }, (_, n) => begins[order[n]]);
    this.ends = Uint32Array.from({ length: count }, (_, n) => ends[order[n]]);
    this.seen = count + unnamed;
  }

  /** How many numbers there are: the unnamed source has one, whether it has readings or not. */
  get count(): number {
    return this.begins.length + 1;
  }

  id(number: number): string {
    return number === 0 ? "" : this.bytes.toString("utf8", this.begins[number - 1], this.ends[number - 1]);
  }

  /** All ids from a number on. */
  ids(from: number): string[] {
    return Array.from({ length: this.count - from }, (_, n) => this.id(from + n));
  }

  private compare(begins: Uint32Array, ends: Uint32Array, a: number, b: number): number {
    const { bytes } = this;
    let i = begins[a];
    let j = begins[b];
    const end = Math.min(ends[a], i + ends[b] - j);
    while (i < end) {
      const difference = bytes[i++] - bytes[j++];
      if (difference !== 0) return difference;
    }
    return ends[a] - begins[a] - (ends[b] - begins[b]);
  }

  /** Numbers from 0 on, sorted by their ids: merged two, four, eight at a time. */
  private sorted(begins: Uint32Array, ends: Uint32Array, length: number): Uint32Array {
    let order = new Uint32Array(length);
    let other = new Uint32Array(length);
    for (let n = 0; n < length; n++) order[n] = n;
    for (let width = 1; width < length; width *= 2) {
      for (let from = 0; from < length; from += 2 * width) {
        const middle = Math.min(from + width, length);
        const end = Math.min(from + 2 * width, length);
        let a = from;
        let b = middle;
        for (let to = from; to < end; to++) {
          const first = b === end || (a < middle && this.compare(begins, ends, order[a], order[b]) <= 0);
          other[to] = first ? order[a++] : order[b++];
        }
      }
      [order, other] = [other, order];
    }
    return order;
  }
}
