/** `GET /v1/sources`: the sources with readings, and how many they have. */

import { energyText } from "../../tally/energy.js";
import { QUARTER } from "../../time/slot-width.js";
import { PAGE } from "../http/parameters.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { instantText } from "./batch-document.js";
import { cursorOf, pageOf } from "./page.js";

export const sources: Resource = (app, { store }) => {
  app.get("/v1/sources", { config: { scope: "read" } }, async (request) => {
    const { limit, after } = pageOf(readQuery(queryOf(request), PAGE), "sources");
    const found = await store.read((reader) => reader.sources({ after, limit: limit + 1 }));
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
      next: found.length > limit ? cursorOf(shown.at(-1)!.id, "sources") : null,
    };
  });
};
