/** Choices, from whatever makes numbers: the same numbers, the same choices. */
export class Choose {
  /** @param {(below: number) => number} below whole numbers of [0, below) */
  constructor(below) {
    this.below = below;
  }

  /** From a seed. */
  static seeded(/** @type {number} */ seed) {
    let state = seed | 0;
    return new Choose((below) => {
      // mulberry32
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
    });
  }

  /** Both ends included. */
  between(/** @type {number} */ low, /** @type {number} */ high) {
    return low + this.below(high - low + 1);
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  of(items) {
    return items[this.below(items.length)];
  }

  oneIn(/** @type {number} */ chances) {
    return this.below(chances) === 0;
  }

  /**
   * @template T
   * @param {readonly T[]} items
   */
  shuffled(items) {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0]);
  }

  /** A text of so many characters out of some. */
  text(/** @type {number} */ length, /** @type {string} */ characters) {
    let text = "";
    while (text.length < length) text += characters[this.below(characters.length)];
    return text;
  }
}
