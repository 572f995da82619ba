/** The progress bar: one line at the bottom of a terminal, redrawn in place, and cleared before other output. */

import { sizeText } from "../../base/size.js";
import { grouped } from "./numbers.js";
import type { Out } from "./out.js";

export interface Progress {
  bytes: number;
  /** Undefined if the size of an input is not known, as for a pipe. */
  totalBytes: number | undefined;
  readings: number;
  rejected: number;
}

/** Milliseconds before the bar appears: shorter runs show none. */
const DELAY_MS = 400;
/** Milliseconds between two updates. */
const UPDATE_MS = 100;
const BAR = 24;
const SEPARATOR = " · ";
const CLEAR = "\r\x1b[2K";

/**
 * @param elapsed milliseconds since the run began
 * @param columns the terminal's width; the line is shorter, and the least important parts are dropped if need be
 */
export function progressLine(progress: Progress, elapsed: number, columns: number): string {
  const { bytes, totalBytes, readings, rejected } = progress;
  const perSecond = bytes / Math.max(elapsed / 1000, 0.001);
  const parts: string[] = [];
  if (totalBytes) {
    const done = Math.min(bytes / totalBytes, 1);
    const filled = Math.round(done * BAR);
    const bar = "━".repeat(filled) + "─".repeat(BAR - filled);
    parts.push(`${String(Math.floor(done * 100)).padStart(3)}% ${bar} ${sizeText(bytes)} of ${sizeText(totalBytes)}`);
  } else parts.push(sizeText(bytes));
  parts.push(`${sizeText(perSecond)}/s`);
  if (totalBytes && bytes > 0) parts.push(`${durationText((totalBytes - bytes) / perSecond)} left`);
  if (rejected > 0) parts.push(`${grouped(rejected)} rejected`);
  parts.push(`${grouped(readings)} readings`);
  while (parts.length > 1 && parts.join(SEPARATOR).length >= columns) parts.pop();
  return parts.join(SEPARATOR).slice(0, Math.max(columns - 1, 0));
}

/** `8 s`, `3 min`, `2 h 05 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(Math.ceil(seconds), 0);
  if (whole < 100) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** The progress line while output is written. */
export function writingLine({ bytes, totalBytes }: Writing, columns: number): string {
  const done = Math.min(bytes / Math.max(totalBytes, 1), 1);
  const filled = Math.round(done * BAR);
  const bar = "━".repeat(filled) + "─".repeat(BAR - filled);
  const percent = String(Math.floor(done * 100)).padStart(3);
  return `${percent}% ${bar} writing ${sizeText(bytes)}`.slice(0, Math.max(columns - 1, 0));
}

export interface Writing {
  bytes: number;
  /** An estimate. */
  totalBytes: number;
}

export interface Bar {
  update(progress: Progress): void;
  write(writing: Writing): void;
  /** Clears the bar until the next update. */
  clear(): void;
}

export function createBar(out: Out, now: () => number): Bar {
  const began = now();
  let drawn = Number.NEGATIVE_INFINITY;
  let visible = false;
  const draw = (line: (elapsed: number, columns: number) => string) => {
    const time = now();
    if (time - began < DELAY_MS || time - drawn < UPDATE_MS) return;
    drawn = time;
    visible = true;
    void out.write(CLEAR + line(time - began, out.columns() ?? 80));
  };
  return {
    update: (progress) => draw((elapsed, columns) => progressLine(progress, elapsed, columns)),
    write: (writing) => draw((_, columns) => writingLine(writing, columns)),
    clear() {
      if (visible) void out.write(CLEAR);
      visible = false;
    },
  };
}
