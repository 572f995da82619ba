/** SHA-256 of inputs as they are stored or sent: packed, where they are packed. */
import { createHash } from "node:crypto";
import { readFile } from "./file.js";
import type { FileInput } from "./input.js";

export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Hexadecimal, lower case; once, after the last update. */
  digest(): string;
}

/** For a stream: hand `update` to `openStream` as `onRaw`. */
export function sha256(): Sha256 {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

/**
 * Reads a file once more, for its hash.
 * @throws as `readFile`
 */
export async function hashFile(input: FileInput, signal?: AbortSignal): Promise<string> {
  const hash = sha256();
  for await (const bytes of readFile(input, signal)) hash.update(bytes);
  return hash.digest();
}
