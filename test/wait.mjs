// Waits of tests: each is for a condition, has an end, and says then what was waited for.
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that are waited: less than a test may take, so that it is told what did not come. */
const END = 100_000;
/** Milliseconds between two looks. */
const LOOK = 25;

/**
 * Waits until something is so, and looks for that again and again.
 * @param {string} what as `four answers have begun`
 * @param {() => boolean | Promise<boolean>} is
 * @param {number} [look] milliseconds between two looks
 */
export async function until(what, is, look = LOOK) {
  for (const end = performance.now() + END; !(await is()); await sleep(look))
    if (performance.now() > end) throw new Error(`waited for ${END / 1000} s, and not yet so: ${what}`);
}

/**
 * Waits for what a promise comes to.
 * @template T
 * @param {string} what as `the end of the service`
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(what, promise) {
  const done = new AbortController();
  const late = sleep(END, undefined, { signal: done.signal }).then(
    () => Promise.reject(new Error(`waited for ${END / 1000} s, and not yet there: ${what}`)),
    () => promise,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
  }
}
