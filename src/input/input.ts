/** An input, as other rooms see it. Plain data, except for the stream of standard input. */
import type { Readable } from "node:stream";

/** What the bytes have to be unpacked from. */
export type Compression = "none" | "gzip" | "zstd" | "parquet";

/** A regular file: its size is known, and if it is not compressed, it can be read at any position. */
export interface FileInput {
  readonly kind: "file";
  /** Its name in messages: as the user wrote it; for files in a folder, with the folder's name in front. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Time of the last change, ISO 8601 in UTC. */
  readonly modified: string;
  /** Detected by the first bytes, never by the name. */
  readonly compression: Compression;
  /** Equal for two inputs if and only if they are the same file in the same state: device, inode, size, modification time. */
  readonly state: string;
}

/** An input that can be read only once, from start to end. */
export interface StreamInput {
  readonly kind: "stream";
  /** `standard input`, a pipe's path, or an address without its secrets. */
  readonly name: string;
  readonly from:
    | { readonly stdin: Readable }
    | { readonly pipe: string /* absolute path */ }
    | { readonly address: string };
  readonly path?: undefined;
  readonly size?: undefined;
  readonly modified?: undefined;
  /** Not known before the first bytes arrive. */
  readonly compression?: undefined;
}

export type Input = FileInput | StreamInput;
