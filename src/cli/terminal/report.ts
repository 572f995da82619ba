/** Reports the events of a run, in the log and the progress bar. */
import { CHANGES_MEANING } from "../../base/warning.js";
import type { RunEvent } from "../../pipeline/event.js";
import type { Level, Log } from "./log.js";
import { grouped } from "./numbers.js";
import type { Bar } from "./progress.js";

export interface Reporter {
  onEvent(event: RunEvent): void;
  /** After the last event. */
  end(): void;
}

/** The options that decide the level of bad records and warnings. */
interface Severity {
  onError?: "fail" | "skip";
  strict?: boolean;
}

/** @param verbose show all bad records, not only the first ones */
export function createReporter(log: Log, bar: Bar | undefined, options: Severity, verbose: boolean): Reporter {
  const warningLevel: Level = options.strict ? "error" : "warning";
  // A bad record is as severe as its effect on the run.
  const recordLevel = options.onError === "skip" ? warningLevel : "error";
  let hidden = 0;

  function reportHidden() {
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
        case "more_rejected":
          hidden += event.count;
          return;
        case "warning":
          // Report hidden records before the warning that follows them.
          reportHidden();
          return log({
            ...{ level: warningLevel, code: event.code, message: event.message },
            always: CHANGES_MEANING.has(event.code),
          });
        case "failed":
          reportHidden();
          return log({ level: "error", code: event.code, message: event.message });
        case "detail":
          return log({ level: "debug", message: event.message });
      }
    },
    end() {
      bar?.clear();
      reportHidden();
    },
  };
}
