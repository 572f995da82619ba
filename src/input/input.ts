/** What the other rooms know of an input. Plain data, except for the stream that standard input is. */
import type { Readable } from "node:stream";

export type Compression = "none" | "gzip" | "zstd";

/** A regular file: its size is known, and if it is not packed it can be read at any place. */
export interface FileInput {
  readonly kind: "file";
  /** As messages show it: as the user wrote it, files of a folder with the folder's name before them. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Bytes on the disk, so packed where it is packed. */
  readonly size: number;
  /** Time of the last change, ISO 8601 in UTC. */
  readonly modified: string;
  /** Told from the first bytes, never from the name. */
  readonly compression: Compression;
  /** Equal for two inputs exactly if they are one file in one state: device, inode, size and time of change. */
  readonly state: string;
}

/** Something that is read once, from front to back. */
export interface StreamInput {
  readonly kind: "stream";
  /** `standard input`, a pipe's path, or an address without the secrets in it. */
  readonly name: string;
  readonly from:
    | { readonly stdin: Readable }
    | { readonly pipe: string /* absolute path */ }
    | { readonly address: string };
  readonly path?: undefined;
  readonly size?: undefined;
  readonly modified?: undefined;
  /** Not known before the first bytes have come. */
  readonly compression?: undefined;
}

export type Input = FileInput | StreamInput;

export interface Warning {
  readonly code: string;
  readonly message: string;
}
