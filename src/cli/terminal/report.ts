/** What happens during a run, as people and programs see it: the log's lines and the progress bar. */
import type { RunEvent } from "../../pipeline/event.js";
import type { Level, Log } from "./log.js";
import { grouped } from "./numbers.js";
import type { Bar } from "./progress.js";

export interface Reporter {
  onEvent(event: RunEvent): void;
  /** After the last event. */
  end(): void;
}

/** How grave a bad record and a warning are. */
interface Gravity {
  onError?: "fail" | "skip";
  strict?: boolean;
}

/** @param verbose show every bad record, also those beyond the first */
export function createReporter(log: Log, bar: Bar | undefined, options: Gravity, verbose: boolean): Reporter {
  const warningLevel: Level = options.strict ? "error" : "warning";
  // A bad record is as grave as what it does to the run.
  const recordLevel = options.onError === "skip" ? warningLevel : "error";
  let hidden = 0;

  function tellHidden() {
    if (hidden === 0) return;
    const message = `… and ${grouped(hidden)} more; -v shows them`;
    log({ level: recordLevel, code: "more_bad_records", message, fields: { count: hidden }, bare: true });
    hidden = 0;
  }

  return {
    onEvent(event) {
      switch (event.kind) {
        case "progress":
          return bar?.update(event);
        case "writing":
          return bar?.write(event);
        case "rejected":
          if (event.extra && !verbose) hidden++;
          else log({ level: recordLevel, code: "bad_record", message: event.message, bare: true });
          return;
        case "warning":
          // In its place: below the records that came before it.
          tellHidden();
          return log({ level: warningLevel, code: event.code, message: event.message });
        case "failed":
          tellHidden();
          return log({ level: "error", code: event.code, message: event.message });
        case "detail":
          return log({ level: "debug", message: event.message });
      }
    },
    end() {
      bar?.clear();
      tellHidden();
    },
  };
}
