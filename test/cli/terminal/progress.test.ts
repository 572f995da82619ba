import { describe, expect, test } from "vitest";
import {
  createBar,
  durationText,
  type Progress,
  progressLine,
  writingLine,
} from "../../../dist/cli/terminal/progress.js";
import { fakeOut } from "../fake-world.js";

const HALF: Progress = { bytes: 1.35e9, totalBytes: 2.7e9, readings: 12_345_678, rejected: 0 };

describe("the progress line", () => {
  test("has the share done, the speed, and the time left", () => {
    expect(progressLine(HALF, 2700, 200)).toBe(
      " 50% ━━━━━━━━━━━━──────────── 1.35 GB of 2.70 GB · 500 MB/s · 3 s left · 12,345,678 readings",
    );
  });

  test("has no share or time left if the size is not known", () => {
    expect(progressLine({ ...HALF, totalBytes: undefined, rejected: 1234 }, 2700, 200)).toBe(
      "1.35 GB · 500 MB/s · 1,234 rejected · 12,345,678 readings",
    );
  });

  test("has the progress of writing, after reading", () => {
    expect(writingLine({ bytes: 1.35e9, totalBytes: 2.7e9 }, 80)).toBe(" 50% ━━━━━━━━━━━━──────────── writing 1.35 GB");
    expect(writingLine({ bytes: 3e9, totalBytes: 2.7e9 }, 80)).toMatch(/^100% /);
    expect(writingLine({ bytes: 0, totalBytes: 0 }, 8)).toBe("  0% ──");
  });

  test("omits what does not fit", () => {
    expect(progressLine(HALF, 2700, 80)).toBe(" 50% ━━━━━━━━━━━━──────────── 1.35 GB of 2.70 GB · 500 MB/s · 3 s left");
    expect(progressLine(HALF, 2700, 30)).toBe(" 50% ━━━━━━━━━━━━────────────");
  });

  test("stays within 0 and 100 %, and within the terminal", () => {
    expect(progressLine({ ...HALF, bytes: 0 }, 0, 200)).toBe(
      "  0% ──────────────────────── 0 B of 2.70 GB · 0 B/s · 12,345,678 readings",
    );
    expect(progressLine({ ...HALF, bytes: 3e9 }, 1000, 200)).toMatch(/^100% ━{24} .* · 0 s left/);
    for (let columns = 0; columns < 100; columns++) {
      expect(progressLine(HALF, 2700, columns).length).toBeLessThan(Math.max(columns, 1));
    }
  });
});

test("durations are shown in one or two units", () => {
  expect([-1, 0, 0.2, 99, 100, 5940, 6000, 86_400].map(durationText)).toEqual([
    "0 s",
    "0 s",
    "1 s",
    "99 s",
    "2 min",
    "99 min",
    "1 h 40 min",
    "24 h 00 min",
  ]);
});

describe("the bar", () => {
  test("waits, is drawn ten times a second at most, and is gone after clear", () => {
    const out = fakeOut(100);
    let time = 0;
    const bar = createBar(out, () => time);
    const drawnAt: number[] = [];
    for (; time <= 1000; time += 10) {
      const before = out.text.length;
      bar.update(HALF);
      if (out.text.length > before) drawnAt.push(time);
    }
    expect(drawnAt).toEqual([400, 500, 600, 700, 800, 900, 1000]);
    bar.clear();
    bar.clear();
    expect(out.text).toMatch(/readings\r\x1b\[2K$/);
    expect(out.text.split("\r\x1b[2K").length).toBe(9);
    expect(out.text).not.toContain("\n");
  });

  test("is not shown for a short run", () => {
    const out = fakeOut(100);
    const bar = createBar(out, () => 0);
    bar.update(HALF);
    bar.clear();
    expect(out.text).toBe("");
  });
});
