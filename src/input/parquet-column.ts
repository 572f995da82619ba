/** The values of a column of a Parquet file as JSON, row after row; at most a page of them and a dictionary are in memory. */
import type { ColumnMetaData, Encoding, SchemaElement } from "hyparquet";
import { alpDecode } from "hyparquet/src/alp.js";
import { deltaBinaryUnpack, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { MOST_PAGE, type Page, type ParquetBytes, pagesOf } from "./parquet-pages.js";
import { readRuns } from "./parquet-runs.js";
import type { ColumnText } from "./parquet-values.js";

type Values = ArrayLike<unknown>;

const DAMAGED = "its structure is damaged";
export class ParquetColumn {
  readonly #element: SchemaElement;
  readonly #text: ColumnText;
  readonly #pages: Generator<Page, void>;
  readonly #rows: number;
  /** Rows of the pages so far, and of them those that are left. */
  #read = 0;
  #left = 0;
  /** For each row of the page, whether it has a value; all have if it is absent. */
  #levels: Uint32Array | undefined;
  /** The page's rows, and its values, that were given. */
  #row = 0;
  #value = 0;
  #values: Values = [];
  /** In place of values: which of the dictionary's each is. */
  #indexes: Uint32Array | undefined;
  #dictionary: Values | undefined;
  /** Of the dictionary's values, as far as they came. */
  #texts: string[] = [];

  /** @param rows of the row group */
  constructor(file: ParquetBytes, column: ColumnMetaData, element: SchemaElement, text: ColumnText, rows: number) {
    this.#element = element;
    this.#text = text;
    this.#rows = rows;
    this.#pages = pagesOf(file, column, element.name);
  }

  /** The value of the next row. @throws Error if what is damaged, or missing, is met */
  next(): string {
    while (this.#left === 0) this.#nextPage();
    this.#left--;
    if (this.#levels !== undefined && this.#levels[this.#row++] === 0) return "null";
    const n = this.#value++;
    if (this.#indexes === undefined) return this.#text(this.#values[n]);
    const index = this.#indexes[n] as number;
    return this.#texts[index] ?? this.#textAt(index);
  }

  #textAt(index: number): string {
    const dictionary = this.#dictionary as Values;
    if (index >= dictionary.length) throw new Error(DAMAGED);
    const text = this.#text(dictionary[index]);
    this.#texts[index] = text;
    return text;
  }

  #nextPage(): void {
    const { value: page } = this.#pages.next();
    if (page === undefined) throw this.#wrongNumber(String(this.#read));
    if (page.header.type === "DICTIONARY_PAGE") this.#readDictionary(page);
    else if (page.header.type === "DATA_PAGE" || page.header.type === "DATA_PAGE_V2") this.#readValues(page);
  }

  #wrongNumber(values: string): Error {
    return new Error(`its column ${JSON.stringify(this.#element.name)} has ${values} of ${this.#rows} values`);
  }

  #readDictionary({ bytes, count }: Page): void {
    // Each has a byte at least; those of one bit are in no dictionary.
    if (count > bytes.length) throw new Error(DAMAGED);
    this.#dictionary = this.#plain(bytes, 0, count);
    this.#texts = new Array(count);
  }

  #readValues({ header, bytes, count, levels }: Page): void {
    this.#read += count;
    if (this.#read > this.#rows) throw this.#wrongNumber(`${this.#read} instead`);
    this.#left = count;
    this.#row = 0;
    this.#value = 0;
    this.#levels = undefined;
    let at = 0;
    let there = count;
    if (this.#element.repetition_type === "OPTIONAL") {
      this.#levels = new Uint32Array(count);
      if (levels !== undefined) {
        readRuns(levels, 0, levels.length, 1, this.#levels);
      } else {
        if (header.data_page_header?.definition_level_encoding === "BIT_PACKED")
          throw new Error("its levels are packed in a way that is not read");
        at = 4 + lengthAt(bytes, 0);
        readRuns(bytes, 4, at, 1, this.#levels);
      }
      there = 0;
      for (const level of this.#levels) there += level;
    }
    const encoding = (header.data_page_header ?? header.data_page_header_v2)?.encoding;
    this.#indexes = undefined;
    if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
      if (this.#dictionary === undefined && there > 0) throw new Error(DAMAGED);
      this.#indexes = new Uint32Array(there);
      // Without values there may be no width, either.
      if (there > 0) readRuns(bytes, at + 1, bytes.length, bytes[at] ?? 0, this.#indexes);
    } else if (there > 0) {
      this.#values = this.#decode(encoding, bytes, at, there);
      if (this.#values.length < there) throw new Error(DAMAGED);
    }
  }

  /** Each of these reads bytes for each value, or makes no more than `count`. */
  #decode(encoding: Encoding | undefined, bytes: Uint8Array, at: number, count: number): Values {
    const { type, type_length: fixed } = this.#element;
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: at };
    if (encoding === "PLAIN") return this.#plain(bytes, at, count);
    if (encoding === "RLE" && type === "BOOLEAN") {
      const values = new Uint32Array(count);
      readRuns(bytes, at + 4, at + 4 + lengthAt(bytes, at), 1, values);
      return Array.from(values, (value) => value === 1);
    }
    if (encoding === "BYTE_STREAM_SPLIT" && type !== undefined) {
      if (count * (fixed ?? 4) > bytes.length) throw new Error(DAMAGED);
      return byteStreamSplit(reader, count, type, fixed);
    }
    if (encoding === "ALP" && type !== undefined) return alpDecode(reader, count, type);
    if (encoding === "DELTA_BINARY_PACKED") {
      // Some writers have unsigned numbers of 32 bits begin with 33, which the library cuts off where it reads 32.
      const values = new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, values);
      return type === "INT32" ? Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value))) : values;
    }
    if (encoding === "DELTA_LENGTH_BYTE_ARRAY") {
      const values: Uint8Array[] = [];
      deltaLengthByteArray(reader, count, values);
      return values;
    }
    if (encoding === "DELTA_BYTE_ARRAY") return deltaTexts(reader, count);
    throw new Error(`its values are encoded in a way that is not read (${encoding ?? "unknown"})`);
  }

  #plain(bytes: Uint8Array, at: number, count: number): Values {
    const { type, type_length: fixed } = this.#element;
    if (type === undefined) throw new Error(DAMAGED);
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: at };
    return readPlain(reader, type, count, fixed);
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

/** Texts of which each says how many bytes it shares with the beginning of the one before; in all they fill a page at most. */
function deltaTexts(reader: { view: DataView; offset: number }, count: number): Uint8Array[] {
  const shared = new Int32Array(count);
  deltaBinaryUnpack(reader, count, shared);
  const ends: Uint8Array[] = [];
  deltaLengthByteArray(reader, count, ends);
  let before = new Uint8Array(0);
  let total = 0;
  return ends.map((rest, n) => {
    const prefix = shared[n] as number;
    total += prefix;
    if (!(prefix >= 0 && prefix <= before.length && total <= MOST_PAGE)) throw new Error(DAMAGED);
    const whole = new Uint8Array(prefix + rest.length);
    whole.set(before.subarray(0, prefix));
    whole.set(rest, prefix);
    before = whole;
    return whole;
  });
}
