/** The pages of a column of a Parquet file, one after another, unpacked: what they say of their sizes is checked first. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { ColumnMetaData, Compressors, PageHeader } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { compressors as slowOnes } from "hyparquet-compressors";

/** Bytes of a page when it is unpacked. */
export const MOST_PAGE = 256 * 1024 * 1024;
/** Bytes in which a page's header is looked for; it may be longer, with long statistics. */
const HEADER = 16 * 1024;

/** Node's own decoders are faster, and none goes on for ever with what is damaged. */
const compressors: Compressors = {
  ...slowOnes,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};

/** A file's bytes. */
export interface ParquetBytes {
  readonly byteLength: number;
  slice(from: number, to?: number): ArrayBuffer;
}

export interface Page {
  readonly header: PageHeader;
  /** Of values, those that are null included. */
  readonly count: number;
  /** Unpacked; of a page of the second kind without its levels. */
  readonly bytes: Uint8Array;
  /** The levels of a page of the second kind. */
  readonly levels?: Uint8Array;
}

/**
 * @param name of the column, for messages
 * @throws Error if a page does not lie in its column, is damaged, or would unpack to more than 256 MiB
 */
export function* pagesOf(file: ParquetBytes, column: ColumnMetaData, name: string): Generator<Page, void> {
  const from = Number(column.dictionary_page_offset || column.data_page_offset);
  const to = from + Number(column.total_compressed_size);
  if (!(from >= 0 && from <= to && to <= file.byteLength))
    throw new Error(`its column ${JSON.stringify(name)} is cut off`);
  for (let at = from; at < to - 1; ) {
    const { header, length } = headerAt(file, at, to);
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    const count = (header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header)?.num_values;
    const begins = at + length;
    at = begins + packed;
    if (!(packed >= 0 && at <= to && unpacked >= 0 && count !== undefined && count >= 0))
      throw new Error(`a page of its column ${JSON.stringify(name)} is damaged`);
    if (unpacked > MOST_PAGE) throw new Error(`a page of its column ${JSON.stringify(name)} has more than 256 MiB`);
    yield { header, count, ...unpack(new Uint8Array(file.slice(begins, at)), header, column) };
  }
}

function unpack(bytes: Uint8Array, header: PageHeader, { codec }: ColumnMetaData): Pick<Page, "bytes" | "levels"> {
  const second = header.data_page_header_v2;
  const size = header.uncompressed_page_size;
  if (second === undefined) return { bytes: decompressPage(bytes, size, codec, compressors) };
  const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = second;
  if (!(repetition >= 0 && definition >= 0 && repetition + definition <= Math.min(bytes.length, size)))
    throw new Error("its structure is damaged");
  const levels = bytes.subarray(repetition, repetition + definition);
  const rest = bytes.subarray(repetition + definition);
  const left = size - repetition - definition;
  // A page without values may have no bytes, which is not a valid stream.
  if (second.is_compressed === false || left === 0) return { bytes: rest, levels };
  return { bytes: decompressPage(rest, left, codec, compressors), levels };
}

function headerAt(file: ParquetBytes, from: number, to: number): { header: PageHeader; length: number } {
  try {
    return readHeader(file.slice(from, Math.min(to, from + HEADER)));
  } catch (error) {
    if (to - from <= HEADER) throw error;
    return readHeader(file.slice(from, to));
  }
}

function readHeader(bytes: ArrayBuffer): { header: PageHeader; length: number } {
  const reader = { view: new DataView(bytes), offset: 0 };
  return { header: parquetHeader(reader), length: reader.offset };
}
