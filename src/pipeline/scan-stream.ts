/** Scans what can be read only once: a pipe, an answer, bytes in code; which may be an archive. */
import type { Warning } from "../base/warning.js";
import type { StreamInput } from "../input/input.js";
import type { BadRecord } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";
import type { DeliveredInput } from "./aside.js";
import { readDatasets, type Turns } from "./read.js";
import { sampleWarnings, startSample } from "./sample.js";
import { NOTHING, type ScannedInput, type Thread } from "./thread.js";

/** Scans a stream; of an archive, one member after another. @param onBad hears their names, too */
export async function scanStream(
  thread: Thread,
  input: StreamInput,
  onBad: (bad: BadRecord | Reason, name: string) => void,
  streams: Pick<Turns, "onRaw" | "signal">,
): Promise<ScannedInput> {
  const { scanner, reading } = thread;
  const all = { ...NOTHING };
  const warnings: Warning[] = [];
  const aside: DeliveredInput[] = [];
  let { name } = input;
  const failure = await thread.attempt(async () => {
    for await (const dataset of readDatasets(input, { ...reading, ...streams })) {
      const own = dataset.name;
      name = own;
      warnings.push(...dataset.warnings);
      startSample(scanner.kernel);
      const scan = scanner.begin((bad) => onBad(bad, own), undefined, { hasExchanges: input.hasExchanges ?? false });
      try {
        await dataset.read(scan);
        if (scanner.order.settle(own)) await reading.turn(0);
      } finally {
        const { records, readings, slow, checked, present, directions, headerLine, known, delivered } = scan.result();
        if (delivered !== undefined)
          aside.push({
            input: { ...input, name: own },
            kind: delivered,
            kept: scan.kept,
            onBad: (bad) => onBad(bad, own),
          });
        else {
          all.records += records;
          all.readings += readings;
          all.directions |= directions;
        }
        all.slow += slow;
        all.checked += checked;
        all.present |= present;
        all.headerLine ||= headerLine;
        all.known ||= known;
        warnings.push(...sampleWarnings(scanner, scan, own));
      }
    }
  });
  return { ...all, name, warnings, failure, aside };
}
