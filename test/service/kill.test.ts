/** The service as a process that is killed again and again, while clients send to it. */
import { expect, test } from "vitest";
import { killService } from "../../scripts/kill-service.mjs";

test("after 6 kills every acknowledged batch counts once, and no other does but unanswered ones", async () => {
  const { cycles, acknowledged, faults } = await killService({ cycles: 6 });
  expect(faults).toEqual([]);
  expect(cycles).toBe(6);
  expect(acknowledged).toBeGreaterThan(20);
}, 600_000);
