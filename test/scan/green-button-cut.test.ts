// slow: more than a thousand feeds
/** Green Button that is cut off: a sum of a part would look like a whole one. */
import { expect, test } from "vitest";
import { aggregate as sum } from "../../dist/index.js";
import { type Flow, feed, PLAIN } from "./feeds.js";

const FLOW: Flow = { meter: "01", direction: "1", multiplier: 0, length: 900, values: [1, 2] };

test("a feed cut at any byte is a clear error, never a smaller sum", async () => {
  const text = Buffer.from(feed([FLOW], { ...PLAIN, prefix: "espi" }));
  const whole = text.toString().trimEnd().length;
  for (let cut = 10; cut < whole; cut++)
    await expect(sum(text.subarray(0, cut)), `${cut}`).rejects.toThrow(/^data: line \d+, byte \d+: /);
});
