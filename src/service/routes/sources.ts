/** `GET /v1/sources`: the sources with readings, and how many they have. */

import { energyText } from "../../tally/energy.js";
import { QUARTER } from "../../time/slot-width.js";
import { PAGE } from "../http/parameters.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { instantText } from "./batch-document.js";
import { cursorOfSource, sourceAfter } from "./page.js";

export const sources: Resource = (app, { store }) => {
  app.get("/v1/sources", { config: { scope: "read", limited: true } }, async (request) => {
    const { limit = PAGE.limit.default, cursor } = readQuery(queryOf(request), PAGE);
    const among = request.caller.sources;
    const found = await store.read(async (reader) =>
      reader.sources({ after: await sourceAfter(reader, cursor, among), limit: limit + 1, among }),
    );
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
      next: found.length > limit ? cursorOfSource(shown.at(-1)!.id) : null,
    };
  });
};
