/** `GET /v1/sources`: the sources with readings, and how many they have. */

import { askPlanOf } from "../../jobs/query.js";
import { sourceTotals } from "../../jobs/source-totals.js";
import type { SourceEntry } from "../../store/store.js";
import { energyText } from "../../tally/energy.js";
import { QUARTER } from "../../time/slot-width.js";
import { checkSums } from "../bodies/work.js";
import { whileConnected } from "../http/client.js";
import { PAGE, SOURCES } from "../http/parameters.js";
import { checked, readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { instantText } from "./batch-document.js";
import { cursorOfRank, cursorOfSource, rankAfter, sourceAfter } from "./page.js";

export const sources: Resource = (app, { store, limits }) => {
  app.get("/v1/sources", { config: { scope: "read", limited: true } }, async (request) => {
    const {
      limit = PAGE.limit.default,
      cursor,
      prefix,
      order = "id",
      ...period
    } = readQuery(queryOf(request), SOURCES);
    const among = request.caller.sources;
    const whole = period.from === undefined && period.to === undefined;
    const plan = checked(() => askPlanOf({ ...period, sources: among, bySource: true, maxDays: limits.days }));
    return store.read(async (reader) => {
      const found = whole
        ? undefined
        : await whileConnected(request.raw, (signal) => sourceTotals(reader, plan, begin, signal));
      const some = prefix === undefined ? found : found?.filter(({ id }) => id.startsWith(prefix));
      if (order === "id") {
        const after = await sourceAfter(reader, cursor, among);
        const page =
          some === undefined
            ? await reader.sources({ after, limit: limit + 1, among, prefix })
            : some.filter(({ id }) => after === undefined || isAfter(id, after)).slice(0, limit + 1);
        return pageOf(page, limit, ({ id }) => cursorOfSource(id));
      }
      // A place in the order of totals is one of a version of the store.
      const skip = rankAfter(cursor, reader.version);
      const page =
        some === undefined
          ? await reader.sources({ limit: limit + 1, among, prefix, order, skip })
          : some.sort(byTotal).slice(skip, skip + limit + 1);
      return pageOf(page, limit, () => cursorOfRank(reader.version, skip + limit));
    });
  });

  function begin(days: number, count: number): void {
    checkSums([days, "days"], count, limits.rows);
  }
};

/** The largest first. Sorting is stable, so those alike stay in the order of their ids. */
function byTotal(a: SourceEntry, b: SourceEntry): number {
  return a.energy < b.energy ? 1 : a.energy > b.energy ? -1 : 0;
}

/** In the order of UTF-8 bytes. */
function isAfter(id: string, other: string): boolean {
  return Buffer.compare(Buffer.from(id), Buffer.from(other)) > 0;
}

/** @param found one more than fits the page, if there are more */
function pageOf(found: readonly SourceEntry[], limit: number, cursorAfter: (last: SourceEntry) => string) {
  const shown = found.slice(0, limit);
  return {
    sources: shown.map(({ id, first, last, readings, energy }) => ({
      source_id: id,
      // Starts of quarter hours.
      first: instantText(first * QUARTER),
      last: instantText(last * QUARTER),
      readings,
      total_kWh: energyText(energy),
    })),
    next: found.length > limit ? cursorAfter(shown.at(-1) as SourceEntry) : null,
  };
}
