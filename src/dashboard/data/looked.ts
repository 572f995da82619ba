/** A file that is only looked at: a service sums it by hour and keeps nothing, and the page shows these sums. */
import type { About } from "../../profile/extract.js";
import { zoneOf } from "../../time/zone.js";
import { Refusal } from "./data.js";
import { extractOfRows } from "./hour-rows.js";
import { Local } from "./local.js";
import type { Service } from "./service.js";

/** Problems of a file with more sources and hours than the service answers with. */
const TOO_MANY = new Set(["too_many_rows", "too_many_sources", "memory"]);

/** @throws Refusal if the service refuses the file */
export async function looked(file: File, service: Service, timezone: string): Promise<Local> {
  const notes: string[] = [];
  let values: Record<string, string | undefined> = {
    ...{ resolution: "hour", by: "source", with_counts: "true", timezone },
  };
  for (;;) {
    try {
      const stop = new AbortController();
      const answer = await service.send("aggregate", file, values, { progress: () => undefined, signal: stop.signal });
      const lines = [`${file.name}, summed by ${location.host} and not kept. Hours and days are of ${timezone}.`];
      const warnings = (answer.warnings ?? [])
        // That is among the notes.
        .filter(({ code }) => code !== "rejected")
        .map(({ message }) => `Warning: ${message}`);
      const about: About = { title: file.name, lines: [...lines, ...notes, ...warnings], timezone };
      return new Local(extractOfRows(zoneOf(timezone), answer.rows ?? [], values["by"] === "source"), about);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (TOO_MANY.has(error.code) && values["by"] !== undefined) {
        values = { ...values, by: undefined };
        notes.push("There are too many sources to show each: these are the sums of all.");
      } else if (error.code === "bad_records" && values["on_error"] === undefined) {
        values = { ...values, on_error: "skip" };
        notes.push("The file has bad records, which were set aside.");
      } else throw error;
    }
  }
}
