/** When the service gives disk space back by itself. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compactWhenIdle } from "../../dist/service/idle-compaction.js";
import type { Store } from "../../dist/store/store.js";
import { pass, stopTime } from "./support.js";

beforeEach(stopTime);
afterEach(() => {
  vi.useRealTimers();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What the tests change of a store. */
function storeWith(now: { version: number; bytes: number; free: number }) {
  const compacted: (AbortSignal | undefined)[] = [];
  const store = {
    read: async (job: (reader: { version: number }) => Promise<unknown>) => job(now),
    state: async () => now,
    compact: async (signal?: AbortSignal) => {
      compacted.push(signal);
      now.free = 0;
      return { before: now.bytes, after: now.bytes };
    },
  } as unknown as Store;
  return { store, compacted };
}

async function minutes(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    pass(60_000);
    await settled();
  }
}

test("much that is free is given back once nothing was written for a minute", async () => {
  const now = { version: 1, bytes: 100, free: 60 };
  const { store, compacted } = storeWith(now);
  const said: unknown[] = [];
  const stop = compactWhenIdle(store, ({ code }) => said.push(code), 50);
  for (; now.version < 4; now.version++) await minutes(1);
  expect(compacted).toHaveLength(0);
  await minutes(3);
  expect([compacted.length, said]).toEqual([1, ["compacted"]]);
  stop();
  expect(compacted[0]?.aborted).toBe(true);
  now.free = 60;
  await minutes(2);
  expect(compacted).toHaveLength(1);
});

test.each([
  ["less than half", { version: 1, bytes: 200, free: 60 }],
  ["little", { version: 1, bytes: 50, free: 40 }],
])("%s is left free", async (_, now) => {
  const { store, compacted } = storeWith(now);
  const stop = compactWhenIdle(store, () => {}, 50);
  await minutes(3);
  expect(compacted).toHaveLength(0);
  stop();
});
