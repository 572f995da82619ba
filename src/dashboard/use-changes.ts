/** New batches show without reloading. */
import { useEffect } from "preact/hooks";
import type { Service } from "./data/service.js";

/** How long after a connection broke it is tried again. */
const AGAIN_MS = 2000;

/** Follows the store's changes, also after the service was away. */
export function useChanges(service: Service | undefined, changed: () => void): void {
  useEffect(() => {
    if (service === undefined) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let broken = false;
    const follow = () => {
      service
        .changes(() => {
          broken = false;
          changed();
        }, stop.signal)
        .catch((error: { code?: string }) => {
          if (stop.signal.aborted || (error.code !== "gone" && error.code !== "unreachable")) return;
          // Something may have changed meanwhile.
          if (!broken) changed();
          broken = true;
          timer = setTimeout(follow, AGAIN_MS);
        });
    };
    follow();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [service, changed]);
}
