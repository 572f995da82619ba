/** Lists come in pages; a page's cursor tells where the next one begins. */
import { createHash } from "node:crypto";
import type { Snapshot } from "../../store/store.js";
import { Problem } from "../http/problem.js";

/** The first letter of a cursor says what it is good for. */
const BATCH = "b";
const SOURCE = "s";
/** A source with a long id: its SHA-256, and how the id begins. Addresses and headers have 16 KiB in all. */
const LONG_SOURCE = "l";
/** A place in an order that holds for one version of the store. */
const RANK = "r";
/** Characters. */
const LONG = 100;
/** Characters of a hash in base64url. */
const HASH = 43;

/** A cursor after the batch of this id. */
export function cursorOfBatch(id: string): string {
  return encoded(BATCH, id);
}

/** @returns the id of the batch that a page begins after; `undefined` for the first page @throws Problem `bad_cursor` */
export function batchAfter(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decoded(cursor, BATCH)[1];
}

/** A cursor after the source of this id. */
export function cursorOfSource(id: string): string {
  return id.length <= LONG ? encoded(SOURCE, id) : encoded(LONG_SOURCE, `${hashOf(id)}${startOf(id)}`);
}

/**
 * @param among ids of the sources that are listed; `undefined`: all of the store
 * @returns the id of the source that a page begins after; `undefined` for the first page
 * @throws Problem `bad_cursor`, also if that source is there no longer
 */
export async function sourceAfter(
  reader: Snapshot,
  cursor: string | undefined,
  among: readonly string[] | undefined,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined;
  const [kind, text] = decoded(cursor, SOURCE, LONG_SOURCE);
  if (kind === SOURCE) return text;
  const [hash, start] = [text.slice(0, HASH), text.slice(HASH)];
  const id =
    among === undefined
      ? await reader.sourceOf(start, Buffer.from(hash, "base64url").toString("hex"))
      : among.find((one) => one.startsWith(start) && hashOf(one) === hash);
  if (id !== undefined) return id;
  throw new Problem(
    "bad_cursor",
    "the source that the page before ended with is gone; begin with the first page again",
  );
}

/** A cursor after so many entries, in an order that holds for a version of the store. */
export function cursorOfRank(version: number, rank: number): string {
  return encoded(RANK, `${version} ${rank}`);
}

/** @returns after how many entries a page begins @throws Problem `bad_cursor`, also if the store has changed */
export function rankAfter(cursor: string | undefined, version: number): number {
  if (cursor === undefined) return 0;
  const [of, rank] = decoded(cursor, RANK)[1].split(" ").map(Number);
  if (of === version && Number.isSafeInteger(rank)) return rank as number;
  throw new Problem("bad_cursor", "the store has changed since the page before; begin with the first page again");
}

function encoded(kind: string, text: string): string {
  return Buffer.from(kind + text).toString("base64url");
}

function decoded(cursor: string, ...kinds: readonly string[]): [kind: string, text: string] {
  const all = Buffer.from(cursor, "base64url").toString("utf8");
  const [kind, text] = [all.slice(0, 1), all.slice(1)];
  if (!kinds.includes(kind) || encoded(kind, text) !== cursor)
    throw new Problem("bad_cursor", "the cursor is not valid here; copy it from `next` of a page");
  return [kind, text];
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** Without half of a character at its end. */
function startOf(id: string): string {
  return id.slice(0, LONG).replace(/[\ud800-\udbff]$/, "");
}
