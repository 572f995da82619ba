/** Asks for data when what it depends on changes. What was shown stays until the answer comes, so nothing jumps. */
import { useEffect, useState } from "preact/hooks";
import { Refusal } from "./data/data.js";

export interface Answer<T> {
  readonly value: T | undefined;
  readonly refusal: Refusal | undefined;
  /** Whether an answer has been awaited for so long that this should show. */
  readonly slow: boolean;
}

/** Waiting that needs no sign. */
const QUICK_MS = 300;
/** How long the view stays the same before large lists are asked for. */
const CALM_MS = 200;
/** How long after a failed connection it is tried again. */
const AGAIN_MS = 3000;

/**
 * @param ask `undefined`: there is nothing to ask yet
 * @param key what it depends on, as text
 * @param later whether others go first: it is asked once the view has not changed for a moment
 */
export function useAsk<T>(
  ask: ((signal: AbortSignal) => Promise<T>) | undefined,
  key: string,
  later = false,
): Answer<T> {
  const [answer, set] = useState<Answer<T>>({ value: undefined, refusal: undefined, slow: false });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (ask === undefined) return;
    const stop = new AbortController();
    const slow = setTimeout(() => set((before) => ({ ...before, slow: true })), QUICK_MS);
    let again: ReturnType<typeof setTimeout> | undefined;
    (later ? calm(stop.signal).then(() => ask(stop.signal)) : ask(stop.signal))
      .then(
        (value) => set({ value, refusal: undefined, slow: false }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const refusal = error instanceof Refusal ? error : new Refusal("page", String(error));
          set((before) => ({ value: before.value, refusal, slow: false }));
          if (refusal.code === "unreachable" || refusal.code === "busy")
            again = setTimeout(() => setTries((count) => count + 1), AGAIN_MS);
        },
      )
      .finally(() => clearTimeout(slow));
    return () => {
      stop.abort();
      clearTimeout(slow);
      clearTimeout(again);
    };
  }, [key, ask === undefined, tries]);
  return answer;
}

/** Rejects if the signal aborts meanwhile. */
function calm(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, CALM_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
