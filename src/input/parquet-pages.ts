/** Checks the pages of a Parquet file before they are read: the library believes what they say of their sizes. */
import type { AsyncBuffer, RowGroup } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";

/** Bytes of a page when it is unpacked. */
const MOST_PAGE = 256 * 1024 * 1024;
/** Bytes in which a page's header is looked for; it may be longer, with long statistics. */
const HEADER = 16 * 1024;

/**
 * Goes from page to page of some columns of a row group.
 * @param wanted the columns that are read
 * @throws Error if a page does not lie in its column, or would unpack to more than 256 MiB
 */
export async function checkPages(file: AsyncBuffer, group: RowGroup, wanted: ReadonlySet<string>): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    const [name = "", ...nested] = column?.path_in_schema ?? [];
    if (column === undefined || nested.length > 0 || !wanted.has(name)) continue;
    const from = Number(column.dictionary_page_offset || column.data_page_offset);
    const to = from + Number(column.total_compressed_size);
    if (!(from >= 0 && from <= to && to <= file.byteLength))
      throw new Error(`its column ${JSON.stringify(name)} is cut off`);
    for (let at = from; at < to - 1; ) at = await nextPage(file, at, to, name);
  }
}

/** @returns where the page ends */
async function nextPage(file: AsyncBuffer, at: number, end: number, name: string): Promise<number> {
  const { header, length } = await headerAt(file, at, Math.min(end, at + HEADER)).catch(() => headerAt(file, at, end));
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
  const values = (header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header)?.num_values;
  const next = at + length + packed;
  if (!(packed >= 0 && next <= end && unpacked >= 0 && values !== undefined && values >= 0))
    throw new Error(`a page of its column ${JSON.stringify(name)} is damaged`);
  if (unpacked > MOST_PAGE) throw new Error(`a page of its column ${JSON.stringify(name)} has more than 256 MiB`);
  return next;
}

async function headerAt(file: AsyncBuffer, from: number, to: number) {
  const reader = { view: new DataView(await file.slice(from, to)), offset: 0 };
  return { header: parquetHeader(reader), length: reader.offset };
}
