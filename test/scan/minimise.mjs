/** A small input that shows the same fault: inputs, then stretches, then single bytes are left out for as long as it does. */

/**
 * @param {readonly Buffer[]} inputs that show the fault
 * @param {(inputs: readonly Buffer[]) => boolean | Promise<boolean>} shows
 * @param {number} tries at most
 * @returns {Promise<readonly Buffer[]>}
 */
export async function minimised(inputs, shows, tries = 3000) {
  let best = inputs;
  const better = async (/** @type {readonly Buffer[]} */ other) => {
    if (tries-- <= 0 || !(await shows(other))) return false;
    best = other;
    return true;
  };
  for (let n = best.length - 1; n >= 0 && best.length > 1; n--) await better(best.filter((_, i) => i !== n));
  for (let n = 0; n < best.length; n++) {
    for (let size = best[n].length >> 1; size >= 1; size >>= 1) {
      for (let at = 0; at + size <= best[n].length; ) {
        const input = best[n];
        const without = Buffer.concat([input.subarray(0, at), input.subarray(at + size)]);
        if (!(await better(best.map((other, i) => (i === n ? without : other))))) at += size;
      }
    }
  }
  return best;
}
