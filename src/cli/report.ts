/** What happens during a run, as people and programs see it: the log's lines and the progress bar. */
import type { RunEvent } from "../run/options.js";
import type { Level, Log } from "./log.js";
import { grouped } from "./numbers.js";
import type { Bar } from "./progress.js";

export interface Reporter {
  onEvent(event: RunEvent): void;
  /** After the last event: how many bad records were not shown, and of which kinds all were, where that is known. */
  end(rejectedByReason?: Readonly<Record<string, number>>): void;
}

/** @param rejectLevel how grave a bad record is: an error where it fails the run, a warning where it is set aside */
export function createReporter(log: Log, bar: Bar | undefined, rejectLevel: Level, verbose: boolean): Reporter {
  let hidden = 0;
  return {
    onEvent(event) {
      if (event.kind === "progress") bar?.update(event);
      else if (event.kind === "warning") log({ level: "warning", code: event.code, message: event.message });
      else if (event.kind === "detail") log({ level: "debug", message: event.message });
      else if (event.extra && !verbose) hidden++;
      else log({ level: rejectLevel, code: "bad_record", message: event.message, bare: true });
    },
    end(rejectedByReason) {
      bar?.clear();
      if (hidden === 0) return;
      const reasons = Object.entries(rejectedByReason ?? {}).filter(([, count]) => count > 0);
      const inAll = reasons.map(([reason, count]) => `${grouped(count)} ${reason}`).join(", ");
      log({
        level: rejectLevel,
        code: "more_bad_records",
        message: `… and ${grouped(hidden)} more${inAll && ` (in all: ${inAll})`}; -v shows them`,
        bare: true,
      });
    },
  };
}
