/** Gives the store's free space back when nothing is written. */
import type { Store } from "../store/store.js";
import type { ServiceLog } from "./log.js";

/** How often it looks, in milliseconds: nothing was written if nothing has changed since the last time. */
const EVERY = 60_000;
/** Less is not worth it, in bytes. */
const LEAST = 64 * 2 ** 20;

/** Gives space back while at least this much, and half of the store, is free. @returns ends it */
export function compactWhenIdle(store: Store, log: ServiceLog, least = LEAST): () => void {
  const stop = new AbortController();
  let version: number | undefined;
  let working = false;
  const look = async () => {
    const before = version;
    version = await store.read(async (reader) => reader.version);
    const { bytes, free } = await store.state();
    if (version !== before || free < least || 2 * free < bytes) return;
    const { after } = await store.compact(stop.signal);
    log({ level: "info", code: "compacted", message: "gave disk space back", fields: { before: bytes, after } });
  };
  const timer = setInterval(() => {
    if (working) return;
    working = true;
    look()
      // It is tried again; whoever writes or reads is told what is wrong with the store.
      .catch((error: Error) => log({ level: "debug", message: `gave no disk space back: ${error.message}` }))
      .finally(() => {
        working = false;
      });
  }, EVERY).unref();
  return () => {
    clearInterval(timer);
    stop.abort();
  };
}
