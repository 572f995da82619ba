/** Lists come in pages; a page's cursor says where the next one goes on. */
import type { ValuesOf } from "../../jobs/option.js";
import { PAGE } from "../http/parameters.js";
import { Problem } from "../http/problem.js";

/** What a page has entries of; a cursor is good for these only. */
export type Listed = "batches" | "sources";

/** @throws Problem `bad_cursor` */
export function pageOf({ limit = PAGE.limit.default, cursor }: ValuesOf<typeof PAGE>, listed: Listed) {
  return { limit, after: cursor === undefined ? undefined : readCursor(cursor, listed) };
}

/** A cursor after the entry of this id. */
export function cursorOf(id: string, listed: Listed): string {
  return Buffer.from(`${listed[0]}${id}`).toString("base64url");
}

function readCursor(cursor: string, listed: Listed): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (cursorOf(text.slice(1), listed) !== cursor)
    throw new Problem("bad_cursor", "the cursor is not one of these; take it as a page's next has it");
  return text.slice(1);
}
