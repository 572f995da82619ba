/** New batches show without reloading. */
import { useEffect } from "preact/hooks";
import { Refusal } from "./data/data.js";
import type { Service } from "./data/service.js";

/** How long after a connection broke, or was refused for now, it is tried again. */
const AGAIN_MS = 2000;
/** Codes of what passes. */
const AGAIN = ["unreachable", "busy", "too_many_requests", "too_many_connections", "store_failed"];

/** Follows the store's changes, also after the service was away, and with another token. */
export function useChanges(service: Service | undefined, changed: () => void): void {
  const token = service?.token;
  useEffect(() => {
    if (service === undefined) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let broken = false;
    const follow = () => {
      const heard = () => {
        broken = false;
        changed();
      };
      service.changes(heard, stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted || !(error instanceof Refusal) || !AGAIN.includes(error.code)) return;
        // What is asked for next tells that the service is away, and is tried again until it is back.
        if (!broken && error.code === "unreachable") changed();
        broken = true;
        timer = setTimeout(follow, AGAIN_MS);
      });
    };
    follow();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [service, changed, token]);
}
