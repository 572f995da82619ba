/** A world for the command line that keeps what is written and whose clock, signals and streams a test moves. */
import { Readable } from "node:stream";
import type { StopSignal } from "../../dist/cli/status.js";
import type { Out } from "../../dist/cli/terminal/out.js";
import type { World } from "../../dist/cli/world.js";

export interface FakeOut extends Out {
  text: string;
  gone: boolean;
  failure: Error | undefined;
}

export interface FakeWorld extends World {
  stdout: FakeOut;
  stderr: FakeOut;
  /** What `now` says. */
  time: number;
  /** Statuses that the process was ended with, at once. */
  exits: number[];
  send(signal: StopSignal): void;
}

export function fakeOut(columns?: number): FakeOut {
  return {
    text: "",
    isTTY: columns !== undefined,
    gone: false,
    failure: undefined,
    columns: () => columns,
    async write(text) {
      if (!this.gone) this.text += typeof text === "string" ? text : Buffer.from(text).toString();
    },
  };
}

/** @param columns the terminal's width; without it, there is no terminal */
export function fakeWorld(settings: { columns?: number; env?: Record<string, string> } = {}): FakeWorld {
  const listeners: ((signal: StopSignal) => void)[] = [];
  const world: FakeWorld = {
    cwd: "/data",
    env: settings.env ?? {},
    stdin: () => Readable.from([]),
    stdout: fakeOut(settings.columns),
    stderr: fakeOut(settings.columns),
    time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    exits: [],
    now: () => world.time,
    openFiles: () => Number.POSITIVE_INFINITY,
    onStop: (listener) => void listeners.push(listener),
    exit: (status) => void world.exits.push(status),
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
  };
  return world;
}
