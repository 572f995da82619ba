/** ETags of responses computed from the store: the same tag means the same response, compressed or not, so they are weak. */
import { createHash } from "node:crypto";

/**
 * @param salt of this process: another process may serve another store with the same version
 * @param version of the store
 * @param question whatever else may change the answer
 */
export function etagOf(salt: string, version: number, ...question: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify([salt, version, ...question]));
  return `W/"${hash.digest("base64url").slice(0, 27)}"`;
}

/** Whether the header `If-None-Match`, a list of tags or `*`, matches an ETag. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((tag) => tag.trim().replace(/^(W\/)?/, "W/") === etag);
}
