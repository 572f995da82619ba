/** An input, as other rooms see it. Plain data, except for the stream of standard input. */
import type { Readable } from "node:stream";

/** What the bytes have to be unpacked from; UTF-16 is told by its byte-order mark, and cannot be read in parts. */
export type Compression = "none" | "gzip" | "zstd" | "parquet" | "zip" | "workbook" | "utf-16";

/** A member of a zip archive, as the archive's directory describes it. */
export interface ZipMember {
  /** As in the archive, with `/` between folders, and control characters escaped. */
  readonly name: string;
  /** Where its own header begins. */
  readonly offset: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes when unpacked. */
  readonly size: number;
  readonly crc: number;
  /** 0: stored; 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
}

/** A regular file: its size is known, and if it is not compressed, it can be read at any position. */
export interface FileInput {
  readonly kind: "file";
  /** Its name in messages: as the user wrote it; for files in a folder, with the folder's name in front; for members of an archive `archive.zip:member`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** For a member of a zip archive: which it is. The path is the archive's then. */
  readonly member?: ZipMember;
  /** Bytes as stored; of a member of an archive, as unpacked. */
  readonly size: number;
  /** Time of the last change, ISO 8601 in UTC. */
  readonly modified: string;
  /** Detected by the first bytes, never by the name. */
  readonly compression: Compression;
  /** Whether its records are exchanges of meters, and not readings. */
  readonly hasExchanges?: boolean;
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
  readonly hasExchanges?: boolean;
  readonly path?: undefined;
  readonly size?: undefined;
  readonly modified?: undefined;
  /** Not known before the first bytes arrive. */
  readonly compression?: undefined;
}

export type Input = FileInput | StreamInput;
