/** SHA-256 of inputs as stored or sent, so of the compressed bytes if they are compressed. */
import { createHash } from "node:crypto";
import { readFile } from "./file.js";
import type { FileInput } from "./input.js";

export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The hash in lower-case hexadecimal. To be called once, after the last update. */
  digest(): string;
}

/** A hash to be updated piece by piece. For a stream, pass `update` to `openStream` as `onRaw`. */
export function sha256(): Sha256 {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

/**
 * Reads a file to compute its hash.
 * @throws like `readFile`
 */
export async function hashFile(input: FileInput, signal?: AbortSignal): Promise<string> {
  const hash = sha256();
  for await (const bytes of readFile(input, signal)) hash.update(bytes);
  return hash.digest();
}
