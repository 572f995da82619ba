/** Lists come in pages; a page's cursor says where the next one goes on. */
import { Problem } from "./problem.js";
import { text, type Values, wholeNumber } from "./query.js";

export const PAGE_PARAMETERS = { limit: wholeNumber(1, 1000), cursor: text };

const LIMIT = 100;

/** @throws Problem `bad_cursor` */
export function pageOf({ limit = LIMIT, cursor }: Values<typeof PAGE_PARAMETERS>) {
  return { limit, after: cursor === undefined ? undefined : readCursor(cursor) };
}

/** A cursor after the entry of this id. */
export function cursorOf(id: string): string {
  return Buffer.from(`1${id}`).toString("base64url");
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith("1") || cursorOf(text.slice(1)) !== cursor)
    throw new Problem("bad_cursor", "the cursor is not one of these; take it as a page's next has it");
  return text.slice(1);
}
