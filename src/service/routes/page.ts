/** Lists come in pages; a page's cursor tells where the next one begins. */
import type { ValuesOf } from "../../jobs/option.js";
import { PAGE } from "../http/parameters.js";
import { Problem } from "../http/problem.js";

/** The kind of a page's entries; a cursor is only valid for this kind. */
export type Listed = "batches" | "sources";

/** @throws Problem `bad_cursor` */
export function pageOf({ limit = PAGE.limit.default, cursor }: ValuesOf<typeof PAGE>, listed: Listed) {
  return { limit, after: cursor === undefined ? undefined : readCursor(cursor, listed) };
}

/** The cursor after the entry with an id. */
export function cursorOf(id: string, listed: Listed): string {
  return Buffer.from(`${listed[0]}${id}`).toString("base64url");
}

function readCursor(cursor: string, listed: Listed): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (cursorOf(text.slice(1), listed) !== cursor)
    throw new Problem("bad_cursor", "the cursor is not valid here; copy it from `next` of a page");
  return text.slice(1);
}
