/** Tags of answers that follow from what the store holds: the same one means the same answer. */
import { createHash } from "node:crypto";

/**
 * @param salt of this process: another one may have had another store in the same state
 * @param version of the store
 * @param question whatever else may change the answer
 */
export function etagOf(salt: string, version: number, ...question: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify([salt, version, ...question]));
  return `"${hash.digest("base64url").slice(0, 27)}"`;
}

/** Whether the header `If-None-Match`, a list of tags or `*`, has one. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
