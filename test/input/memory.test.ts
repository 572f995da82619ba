import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { child, workFolder } from "./support.js";
import { repeated } from "./zstd-samples.js";

const work = workFolder();
const GIB2 = 2 ** 31;

/** Reads an input in a process of its own, slower than it is unpacked, and tells how large the process became. */
const SCRIPT = `
  import { resolveInputs } from "DIST/input/resolve.js";
  import { openStream } from "DIST/input/stream.js";
  const before = process.resourceUsage().maxRSS;
  const { inputs } = await resolveInputs(process.argv.slice(1), { cwd: "/", exclude: [] });
  let length = 0;
  let blocks = 0;
  for await (const block of openStream(inputs[0])) {
    length += block.length;
    // What runs ahead has its chance to; how far it gets is what the test looks at.
    if (++blocks % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  process.stdout.write(JSON.stringify({ length, grown }));
`;

it.each([
  ["gzip", () => Buffer.concat(Array.from({ length: 16 }, () => gzipSync(Buffer.alloc(2 ** 26), { level: 1 })))],
  ["zstd", () => repeated(48, 2 ** 14)],
])("a small file that unpacks to gigabytes takes little memory: %s", async (_, make) => {
  const packed = make();
  expect(packed.length).toBeLessThan(10_000_000);
  const path = work.put("bomb", packed);
  const { length, grown } = JSON.parse(
    await child(SCRIPT, { flags: ["--max-old-space-size=48"], args: [path] }).output,
  );
  expect(length).toBeGreaterThanOrEqual(GIB2 / 2);
  // MiB. What Node keeps of blocks that nobody holds any more, until it collects them.
  expect(grown).toBeLessThan(150);
});
